// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the worklist knows of masks follows the archive, and files are read only where something changed.

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Masks/MaskService.h"
#include "Plugin/Masks/MaskWatcher.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "UnitTests/Plugin/Masks/MaskComparison.h"
#include "UnitTests/Plugin/Masks/NiftiFile.h"
#include "UnitTests/Plugin/Pipeline/WorkerPoolFixture.h"

namespace H3K27M::Masks
{
  namespace
  {
    class MaskWatcherTest : public Testing::WorkerPoolFixture
    {
    protected:
      MaskWatcherTest() :
        service_(archive_, triage_, claims_),
        watcher_(archive_, *store_, {})
      {
      }

      // Draws a block of so many voxels; the identifier of its SEG.
      std::string Draw(std::size_t voxels, const std::string& creator = "Expert^One")
      {
        const Archive::StudySnapshot study = archive_.GetStudy(STUDY).value();
        const auto reading = triage_.ReadSeries(Pipeline::GetSourceSeries(study).front(), study.id);
        const Volume::SourceSeries& source = reading.GetVolume().series;
        Results::MaskVolume mask(source);
        std::vector<std::uint8_t> values(static_cast<std::size_t>(source.rows) * source.columns, 0);
        std::fill_n(values.begin() + 100, voxels, std::uint8_t{1});
        mask.SetSlice(0, values);
        const std::string file = Tests::MakeNifti(Tests::MakeGrid(source), Tests::ListVoxels(mask));
        MaskUpload upload;
        upload.body = file;
        upload.creator = creator;
        return service_.Put(STUDY, upload)["segmentation"].asString();
      }

      std::optional<WorkState::StudyMask> Look()
      {
        watcher_.OnStudy(archive_.GetStudy(STUDY).value());
        return store_->GetMasks().Find(STUDY);
      }

      // What the audit says of the study, oldest first: what happened, and who drew the mask.
      std::vector<std::string> ListAudit()
      {
        std::vector<std::string> lines;

        for (const WorkState::AuditEntry& entry : store_->ListAudit({STUDY}))
        {
          EXPECT_EQ("archive", entry.who);
          lines.insert(lines.begin(), entry.what + " " + Protocol::ParseJson(entry.details)["creator"].asString());
        }

        return lines;
      }

      Support::StudyClaims claims_;
      MaskService service_;
      MaskWatcher watcher_;
    };
  }

  TEST_F(MaskWatcherTest, AStudyWithoutMaskHasNoRow)
  {
    EXPECT_FALSE(Look());
    EXPECT_TRUE(watcher_.ListStudies({}).empty());
  }

  TEST_F(MaskWatcherTest, AMaskIsKnownWithItsCreator)
  {
    const std::string segmentation = Draw(10);
    const std::optional<WorkState::StudyMask> row = Look();
    ASSERT_TRUE(row);
    EXPECT_EQ(segmentation, row->instanceId);
    EXPECT_EQ("Expert^One", row->creator);
    EXPECT_EQ("MANUAL", row->algorithmType);
    EXPECT_FALSE(row->synthetic);
    EXPECT_EQ(std::vector<std::string>{STUDY}, watcher_.ListStudies({}));
  }

  TEST_F(MaskWatcherTest, NothingIsReadWhereNothingChanged)
  {
    Draw(10);
    ASSERT_TRUE(Look());
    std::size_t reads = 0;
    archive_.SetHook([&reads](const std::string& call, const std::string&)
    { reads += call == "ReadInstance" ? 1 : 0; });
    EXPECT_TRUE(Look());
    EXPECT_EQ(0u, reads);
  }

  TEST_F(MaskWatcherTest, AMaskInItsPlaceReplacesTheRow)
  {
    Draw(10);
    ASSERT_TRUE(Look());
    const std::string second = Draw(20, "Expert^Two");
    const std::optional<WorkState::StudyMask> row = Look();
    ASSERT_TRUE(row);
    EXPECT_EQ(second, row->instanceId);
    EXPECT_EQ("Expert^Two", row->creator);
  }

  TEST_F(MaskWatcherTest, AMaskThatCameEarlierCountsOnceTheLaterOneWasWithdrawn)
  {
    archive_.SetSourceTime(std::chrono::system_clock::time_point(std::chrono::hours(2)));
    Draw(20);
    ASSERT_TRUE(Look());
    service_.Withdraw(STUDY, "");
    archive_.SetSourceTime(std::chrono::system_clock::time_point(std::chrono::hours(1)));
    const std::string first = Draw(10);
    const std::optional<WorkState::StudyMask> row = Look();
    ASSERT_TRUE(row);
    EXPECT_EQ(first, row->instanceId);
  }

  TEST_F(MaskWatcherTest, TheAuditSaysWhatCameAndWentAndNothingWhereNothingChanged)
  {
    archive_.SetSourceTime(std::chrono::system_clock::time_point(std::chrono::hours(1)));
    Draw(10);
    Look();
    Look();
    EXPECT_EQ(std::vector<std::string>{"mask-received Expert^One"}, ListAudit());

    archive_.SetSourceTime(std::chrono::system_clock::time_point(std::chrono::hours(2)));
    Draw(20, "Expert^Two");
    Look();
    archive_.DeleteSeries(store_->GetMasks().Find(STUDY).value().seriesId);
    Look();
    Look();
    EXPECT_EQ(
      (std::vector<std::string>{"mask-received Expert^One", "mask-received Expert^Two", "mask-removed Expert^Two"}),
      ListAudit());
  }

  TEST_F(MaskWatcherTest, AMaskThatIsDeletedIsForgotten)
  {
    Draw(10);
    const std::optional<WorkState::StudyMask> row = Look();
    ASSERT_TRUE(row);
    archive_.DeleteSeries(row->seriesId);
    watcher_.OnSeriesDeleted(row->seriesId);
    EXPECT_FALSE(store_->GetMasks().Find(STUDY));
    EXPECT_NO_THROW(watcher_.OnSeriesDeleted(row->seriesId)) << "nothing of it is known any more";
  }

  TEST_F(MaskWatcherTest, AMaskGoesWithItsStudy)
  {
    Draw(10);
    const std::optional<WorkState::StudyMask> row = Look();
    ASSERT_TRUE(row);
    archive_.DeleteStudy(STUDY);
    watcher_.OnSeriesDeleted(row->seriesId);
    EXPECT_FALSE(store_->GetMasks().Find(STUDY));
  }

  TEST_F(MaskWatcherTest, TheStoreForgetsTheMaskOfAForgottenStudy)
  {
    Draw(10);
    ASSERT_TRUE(Look());
    store_->Forget(STUDY);
    EXPECT_FALSE(store_->GetMasks().Find(STUDY));
  }
}
