// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the dashboard draws, over an archive in memory.

#include "Plugin/Masks/HumanMask.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Results/CommonModules.h"
#include "Plugin/Review/CaseView.h"
#include "UnitTests/Plugin/Pipeline/WorkerPoolFixture.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

namespace H3K27M::Review
{
  namespace
  {
    class CaseViewTest : public Testing::WorkerPoolFixture
    {
    protected:
      CaseViewTest() :
        view_(archive_, triage_, decoder_, *store_)
      {
      }

      // How many files are read for one piece of the stack.
      std::size_t CountReads(std::size_t first, std::size_t count)
      {
        std::size_t reads = 0;
        archive_.SetHook([&reads](const std::string& call, const std::string&)
        { reads += call == "ReadInstance" ? 1 : 0; });
        view_.ReadVoxels(STUDY, first, count);
        archive_.SetHook({});
        return reads;
      }

      CaseView view_;
    };
  }

  TEST_F(CaseViewTest, TheHeadersAreReadOnceForAllPieces)
  {
    const std::size_t slices = view_.Describe(STUDY)["slices"].asUInt();
    ASSERT_GT(slices, 2u);
    EXPECT_EQ(1u, CountReads(0, 1)) << "only the slice itself";
    EXPECT_EQ(2u, CountReads(1, 2));
  }

  TEST_F(CaseViewTest, PiecesAreTheWhole)
  {
    const std::size_t slices = view_.Describe(STUDY)["slices"].asUInt();
    std::string pieces;

    for (std::size_t slice = 0; slice < slices; slice++)
    {
      pieces += view_.ReadVoxels(STUDY, slice, 1);
    }

    EXPECT_EQ(view_.ReadVoxels(STUDY, 0, slices), pieces);
    EXPECT_TRUE(view_.ReadVoxels(STUDY, slices, 1).empty());
  }

  TEST_F(CaseViewTest, NamesTheSlicesAsTheReportDoes)
  {
    const Json::Value view = view_.Describe(STUDY);
    ASSERT_EQ(view["slices"].asUInt(), view["slice_names"]["numbers"].size());
    EXPECT_EQ(2, view["slice_names"]["numbers"][1].asInt());
    EXPECT_TRUE(view["slice_names"]["are_shown"].asBool());

    // All images are number 1: no viewer tells them apart by it, and the report counts from the lowest.
    archive_.DeleteSeries("E2.25.2001");
    H3K27M::Support::DicomSeriesOptions options;
    options.edit = [](DcmDataset& dataset, std::size_t) { dataset.putAndInsertString(DCM_InstanceNumber, "1"); };
    StoreSeries(options);
    const Json::Value unnumbered = CaseView(archive_, triage_, decoder_, *store_).Describe(STUDY);
    ASSERT_EQ(view["slices"], unnumbered["slice_names"]["numbers"].size());
    EXPECT_FALSE(unnumbered["slice_names"]["are_shown"].asBool());
    EXPECT_EQ(2, unnumbered["slice_names"]["numbers"][1].asInt());
  }

  // A page that was opened shows no slice, and no mask, of other images under the names of those that it knows.
  TEST_F(CaseViewTest, ImagesThatCameOrWentMeanwhileAreNotTakenForThoseThatWereOpened)
  {
    const std::string stack = view_.Describe(STUDY)["stack"].asString();
    EXPECT_EQ(view_.ReadVoxels(STUDY, 0, 1), view_.ReadVoxels(STUDY, 0, 1, stack));

    archive_.DeleteSeries("E2.25.2001");
    H3K27M::Support::DicomSeriesOptions other;
    other.seriesInstanceUid = "2.25.2003";
    StoreSeries(other);
    EXPECT_NE(stack, view_.Describe(STUDY)["stack"].asString());

    try
    {
      view_.ReadVoxels(STUDY, 0, 1, stack);
      FAIL() << "voxels of other images";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Conflict, e.GetCode());
    }
  }

  TEST_F(CaseViewTest, SaysHowAMaskWasDrawn)
  {
    const Volume::SourceSeries source =
      triage_.ReadSeries(Pipeline::GetSourceSeries(archive_.GetStudy(STUDY).value()).front(), STUDY).GetVolume().series;
    Results::MaskVolume mask(source);
    std::vector<std::uint8_t> values(static_cast<std::size_t>(source.rows) * source.columns, 0);
    values[7] = 1;
    mask.SetSlice(0, values);
    Masks::MaskOrigin origin;
    origin.algorithmType = Results::SegmentAlgorithmType::SemiAutomatic;
    const Results::DicomInstance file =
      Masks::WriteHumanMask(source, mask, origin, "test", Results::GetContentDateTime(source));
    archive_.Store(std::span(file.bytes));
    EXPECT_EQ("SEMIAUTOMATIC", view_.Describe(STUDY)["masks"]["human"]["algorithm_type"].asString());
  }

  TEST_F(CaseViewTest, AnotherStateOfTheStudyIsReadAnew)
  {
    const std::size_t before = view_.Describe(STUDY)["slices"].asUInt();
    const Archive::StudySnapshot study = archive_.GetStudy(STUDY).value();
    // A copy: the list of series does not outlive this line.
    const std::vector<std::string> instances = Pipeline::GetSourceSeries(study).front().instances;
    archive_.DeleteInstance(instances.back());
    EXPECT_EQ(before - 1, view_.Describe(STUDY)["slices"].asUInt());
  }
}
