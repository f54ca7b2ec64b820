// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/ImageSidecars.h"

#include "Inference/Protocol/Sha256.h"
#include "Training/Reports/PatientTables.h"
#include "Training/Runs/DescribePatients.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace H3K27M
{
  namespace
  {
    using testing::AllOf;
    using testing::HasSubstr;

    // Two subjects whom nobody has looked at, so that neither images nor masks are opened.
    class ImageSidecarsTest : public testing::Test
    {
    protected:
      ImageSidecarsTest()
      {
        Write("participants.tsv", "participant_id\th3k27m_status\nsub-a\tn/a\nsub-b\tn/a\n");
        Write("sub-a/ses-pre/anat/sub-a_ses-pre_T2w.nii.gz", "the image of a");
        Write("sub-b/anat/sub-b_T2w.nii", "the image of b");
      }

      void Write(const std::string& name, const std::string& text)
      {
        const std::filesystem::path path = folder_.GetPath() / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
      }

      Data::BidsFolder Open() const
      {
        return Data::BidsFolder(folder_.GetPath(), Data::Contrast::T2w);
      }

      std::map<std::string, std::string> GetColumns(std::size_t subject) const
      {
        std::map<std::string, std::string> columns = Open().GetSubjects().at(subject).columns;
        columns.erase("participant_id");
        return columns;
      }

      std::string Hash(const std::string& name) const
      {
        return name + " " + Protocol::Sha256::OfFile(folder_.GetPath() / name) + "\n";
      }

      using Columns = std::map<std::string, std::string>;

      Testing::TemporaryFolder folder_;
    };

    TEST_F(ImageSidecarsTest, TellTheReportHowTheImagesWereAcquired)
    {
      Write("sub-b/anat/sub-b_T2w.json", R"({"Manufacturer": "Siemens", "ManufacturersModelName": "Skyra",
        "MagneticFieldStrength": 3, "RepetitionTime": 5.2, "EchoTime": 0.0935, "SliceThickness": 4.5,
        "FlipAngle": 150})");
      EXPECT_EQ(GetColumns(1), (Columns{{"manufacturer", "Siemens"},
                                        {"model", "Skyra"},
                                        {"field_strength_t", "3"},
                                        {"repetition_time_ms", "5200"},
                                        {"echo_time_ms", "93.5"},
                                        {"slice_thickness_mm", "4.5"}}));
      EXPECT_EQ(GetColumns(0), Columns{}) << "it is the other one's";
      const auto row = Reports::MakeAcquisitionTable(Runs::DescribePatients(Open())).rows.at(0);
      EXPECT_EQ(row, (std::vector<std::string>{"not known", "2", "Siemens (1)", "Skyra (1)", "3 (1)", "5200 (1)",
                                               "93.5 (1)", "4.5 (1)"}));
    }

    TEST_F(ImageSidecarsTest, SayNothingWhereTheTableDoes)
    {
      Write("participants.tsv", "participant_id\th3k27m_status\tmanufacturer\techo_time_ms\n"
                                "sub-a\tn/a\tGE\tn/a\nsub-b\tn/a\tn/a\t90\n");
      Write("T2w.json", R"({"Manufacturer": "Siemens", "EchoTime": 0.1})");
      EXPECT_EQ(GetColumns(0), (Columns{{"manufacturer", "GE"}, {"echo_time_ms", "100"}}));
      EXPECT_EQ(GetColumns(1), (Columns{{"manufacturer", "Siemens"}, {"echo_time_ms", "90"}}));
    }

    TEST_F(ImageSidecarsTest, AreInheritedFromTheFoldersAbove)
    {
      Write("T2w.json", R"({"Manufacturer": "root", "ManufacturersModelName": "root", "SliceThickness": 1,
                            "EchoTime": 0.001, "RepetitionTime": 1})");
      Write("ses-pre_T2w.json", R"({"RepetitionTime": 2, "EchoTime": 0.002})");
      Write("sub-a/sub-a_T2w.json", R"({"EchoTime": 0.003, "SliceThickness": 3, "Manufacturer": "subject"})");
      Write("sub-a/ses-pre/anat/sub-a_ses-pre_T2w.json", R"({"Manufacturer": "image"})");
      // These tell of other images.
      Write("T1w.json", R"({"MagneticFieldStrength": 7})");
      Write("acq-fast_T2w.json", R"({"MagneticFieldStrength": 7})");
      Write("sub-a/ses-post_T2w.json", R"({"MagneticFieldStrength": 7})");
      EXPECT_EQ(GetColumns(0), (Columns{{"manufacturer", "image"},
                                        {"model", "root"},
                                        {"slice_thickness_mm", "3"},
                                        {"echo_time_ms", "3"},
                                        {"repetition_time_ms", "2000"}}));
      EXPECT_EQ(GetColumns(1), (Columns{{"manufacturer", "root"},
                                        {"model", "root"},
                                        {"slice_thickness_mm", "1"},
                                        {"echo_time_ms", "1"},
                                        {"repetition_time_ms", "1000"}}));
    }

    TEST_F(ImageSidecarsTest, AValueThatMeansNothingIsNotKnown)
    {
      Write("T2w.json", R"({"Manufacturer": 5, "ManufacturersModelName": "n/a", "MagneticFieldStrength": "3",
                            "RepetitionTime": -1, "EchoTime": [0.1, 0.2], "SliceThickness": null})");
      EXPECT_EQ(GetColumns(0), Columns{});
    }

    TEST_F(ImageSidecarsTest, ABrokenOneIsNamedOnceAmongTheOtherFaults)
    {
      Write("participants.tsv", "participant_id\th3k27m_status\nsub-a\tmutant\nsub-b\tn/a\n");
      Write("T2w.json", "{\"EchoTime\": ");
      Write("sub-a/sub-a_T2w.json", "[1]");
      Write("sub-b/sub-b_T2w.json", "{\"Manufacturer\": \"" + std::string(Data::ImageSidecars::MAX_BYTES, 'x') + "\"}");
      const std::string refusal = Tests::GetRefusal([this] { Open(); });
      EXPECT_THAT(refusal, AllOf(HasSubstr("h3k27m_status is 'mutant'"), HasSubstr("\n  T2w.json: Not valid JSON"),
                                 HasSubstr("\n  sub-a/sub-a_T2w.json: it holds no JSON object"),
                                 HasSubstr("\n  sub-b/sub-b_T2w.json: it is larger than 1048576 bytes")));
      EXPECT_EQ(refusal.find("\n  T2w.json"), refusal.rfind("\n  T2w.json"));
    }

    TEST_F(ImageSidecarsTest, OnlyThoseThatSayWhatTheTableDoesNotAreInTheHash)
    {
      const std::string images = Hash("sub-a/ses-pre/anat/sub-a_ses-pre_T2w.nii.gz") + Hash("sub-b/anat/sub-b_T2w.nii");
      const std::string without = Protocol::Sha256::OfText(Hash("participants.tsv") + images);
      EXPECT_EQ(Open().ComputeHashes().whole, without) << "as earlier releases had it";
      Write("T1w.json", R"({"EchoTime": 0.1})");
      Write("T2w.json", R"({"FlipAngle": 150})");
      EXPECT_EQ(Open().ComputeHashes().whole, without) << "nothing of them is in the report";

      Write("T2w.json", R"({"EchoTime": 0.1})");
      EXPECT_EQ(Open().ComputeHashes().whole,
                Protocol::Sha256::OfText(Hash("participants.tsv") + images + Hash("T2w.json")));

      Write("participants.tsv", "participant_id\th3k27m_status\techo_time_ms\nsub-a\tn/a\t90\nsub-b\tn/a\t90\n");
      EXPECT_EQ(Open().ComputeHashes().whole, Protocol::Sha256::OfText(Hash("participants.tsv") + images));
    }
  }
}
