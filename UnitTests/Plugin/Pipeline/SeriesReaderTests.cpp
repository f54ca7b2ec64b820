// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/SeriesReader.h"
#include "UnitTests/Plugin/Pipeline/FakeArchive.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <gmock/gmock.h>

namespace H3K27M::Pipeline
{
  namespace
  {
    const std::string STUDY = "S2.25.1001";
    const std::string SERIES = "E2.25.2001";
    const std::string THIRD = "I2.25.2001.3";

    class SeriesReaderTest : public testing::Test
    {
    protected:
      SeriesReaderTest()
      {
        archive_.SetHook([this](const std::string& call, const std::string& argument)
        {
          reads_ += call == "ReadInstance" ? 1 : 0;

          if (call == "ReadInstance" && argument == lost_)
          {
            throw Error(ErrorCode::Corrupt, "the file of " + argument + " is lost");
          }
        });
      }

      void StoreSeries(const H3K27M::Support::DicomSeriesOptions& options = {})
      {
        archive_.StoreAll(H3K27M::Support::DicomSeriesBuilder(options).MakeFiles());
      }

      SeriesReading Read(const std::optional<HandChoice>& choice = std::nullopt)
      {
        InstanceCache files(archive_, 0, limits_.maxBytes);
        return SeriesReader({}, limits_).Read(archive_.GetStudy(STUDY)->series.front(), STUDY, files, choice);
      }

      static std::vector<std::string> GetFailed(const SeriesReading& reading)
      {
        std::vector<std::string> names;

        for (const Routing::RoutingCriterion& criterion : reading.decision.criteria)
        {
          if (!criterion.passed)
          {
            names.push_back(criterion.name);
          }
        }

        return names;
      }

      Testing::FakeArchive archive_;
      Volume::VolumeLimits limits_;
      std::string lost_;
      unsigned reads_ = 0;
    };
  }

  TEST_F(SeriesReaderTest, ASeriesOfAnotherModalityIsRefusedWithoutReadingAFile)
  {
    H3K27M::Support::DicomSeriesOptions options;
    options.edit = [](DcmDataset& dataset, std::size_t) { dataset.putAndInsertString(DCM_Modality, "CT"); };
    StoreSeries(options);
    const SeriesReading reading = Read();

    EXPECT_FALSE(reading.decision.accepted);
    EXPECT_THAT(reading.decision.reasons, testing::ElementsAre("modality: CT (wanted: MR)"));
    EXPECT_EQ(0u, reads_);
  }

  TEST_F(SeriesReaderTest, AFileOverTheLimitIsRefusedWithoutReadingIt)
  {
    StoreSeries();
    limits_.maxBytes = 100;
    const SeriesReading reading = Read();

    EXPECT_THAT(GetFailed(reading), testing::ElementsAre("file"));
    EXPECT_THAT(reading.decision.reasons.front(), testing::HasSubstr("limit of 100"));
    EXPECT_EQ(0u, reads_);
  }

  TEST_F(SeriesReaderTest, ASeriesOfTooManyInstancesIsRefusedByOneHeader)
  {
    StoreSeries();
    limits_.maxSlices = 5;
    const SeriesReading reading = Read();

    EXPECT_THAT(GetFailed(reading), testing::ElementsAre("volume"));
    EXPECT_THAT(reading.decision.reasons.front(), testing::HasSubstr("6 instances"));
    EXPECT_EQ(1u, reads_);
  }

  TEST_F(SeriesReaderTest, AFileThatTheArchiveLostIsAVerdictOnItsSeries)
  {
    StoreSeries();
    lost_ = THIRD;
    const SeriesReading reading = Read();

    EXPECT_THAT(GetFailed(reading), testing::ElementsAre("file"));
    EXPECT_THAT(reading.decision.reasons.front(), testing::HasSubstr("is lost"));
    EXPECT_FALSE(reading.candidate);
  }

  TEST_F(SeriesReaderTest, OneBadInstanceLeavesTheCriteriaThatWereJudgedBefore)
  {
    StoreSeries();
    const std::size_t judged = Read().decision.criteria.size() - 1;  // all but the volume
    lost_ = THIRD;
    const SeriesReading reading = Read();

    ASSERT_EQ(judged + 1, reading.decision.criteria.size());
    EXPECT_EQ("modality", reading.decision.criteria.front().name);
    EXPECT_EQ("file", reading.decision.criteria.back().name);
    EXPECT_EQ(1u, reading.decision.reasons.size());
  }

  TEST_F(SeriesReaderTest, TheSeriesThatAPersonChoseIsReadAgainstTheRules)
  {
    H3K27M::Support::DicomSeriesOptions options;
    options.seriesDescription = "AX FLAIR";
    StoreSeries(options);
    ASSERT_FALSE(Read().decision.accepted);
    const SeriesReading reading = Read(HandChoice{SERIES, "ann"});

    EXPECT_TRUE(reading.decision.accepted);
    EXPECT_TRUE(reading.candidate);
    EXPECT_EQ(6u, reading.GetVolume().series.slices.size());
    EXPECT_THAT(reading.choice, testing::StartsWith("The series was chosen by hand by ann; the rules speak against it: "
                                                    "description: \"AX FLAIR\""));
    EXPECT_THAT(GetFailed(reading), testing::ElementsAre("description"));
  }

  TEST_F(SeriesReaderTest, AChoiceIsOfOneSeriesAlone)
  {
    H3K27M::Support::DicomSeriesOptions options;
    options.seriesDescription = "AX FLAIR";
    StoreSeries(options);
    const SeriesReading reading = Read(HandChoice{"E2.25.2002", "ann"});

    EXPECT_FALSE(reading.decision.accepted);
    EXPECT_EQ("", reading.choice);
  }

  TEST_F(SeriesReaderTest, AChosenSeriesThatCannotBeReadIsNoCandidate)
  {
    StoreSeries();
    lost_ = THIRD;
    const SeriesReading reading = Read(HandChoice{SERIES, ""});

    EXPECT_FALSE(reading.candidate);
    EXPECT_THAT(GetFailed(reading), testing::ElementsAre("file"));
    EXPECT_EQ("The series was chosen by hand", reading.choice);
  }

  TEST_F(SeriesReaderTest, AMultiFrameFileThatIsTooLargeToBeKeptIsReadOnceForAllItsFrames)
  {
    const std::string file = H3K27M::Support::DicomSeriesBuilder({}).MakeEnhancedFile();
    archive_.Store(std::span(file));
    InstanceCache files(archive_, 0, limits_.maxBytes);
    const SeriesReading reading =
      SeriesReader({}, limits_).Read(archive_.GetStudy(STUDY)->series.front(), STUDY, files);
    ASSERT_TRUE(reading.decision.accepted) << reading.decision.reasons.front();

    for (const Volume::SourceSlice& slice : reading.GetVolume().series.slices)
    {
      EXPECT_EQ(file, *std::get<std::shared_ptr<const std::string>>(files.Get(slice.orthancInstanceId)));
    }

    EXPECT_EQ(1u, reads_);
    files.Drop(reading.GetVolume().series.slices.front().orthancInstanceId);
    files.Get(reading.GetVolume().series.slices.front().orthancInstanceId);
    EXPECT_EQ(2u, reads_) << "it was sent";
  }

  TEST_F(SeriesReaderTest, ARefusedSeriesLeavesItsRoomInMemoryToTheOthers)
  {
    H3K27M::Support::DicomSeriesOptions refused;
    refused.seriesInstanceUid = "2.25.2000";  // comes first
    refused.seriesDescription = "T1 TSE TRA";
    refused.echoTime = "10";
    StoreSeries(refused);
    StoreSeries();
    const Archive::StudySnapshot study = *archive_.GetStudy(STUDY);
    std::uint64_t room = 0;

    for (const std::string& instance : study.series.at(1).instances)
    {
      room += archive_.GetInstanceSize(instance);
    }

    InstanceCache files(archive_, room, limits_.maxBytes);
    const SeriesReader reader({}, limits_);
    ASSERT_FALSE(reader.Read(study.series.at(0), STUDY, files).decision.accepted);
    ASSERT_TRUE(reader.Read(study.series.at(1), STUDY, files).decision.accepted);
    const unsigned before = reads_;

    for (const std::string& instance : study.series.at(1).instances)
    {
      files.Get(instance);
    }

    files.Get(study.series.at(0).instances.front());
    EXPECT_EQ(before + 1, reads_) << "the refused one alone";
  }
}
