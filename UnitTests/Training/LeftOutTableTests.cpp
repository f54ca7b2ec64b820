// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/LeftOutTable.h"

#include "Inference/Protocol/JsonText.h"
#include "Training/Data/BidsFolder.h"
#include "Training/Reports/RunRecord.h"
#include "Training/Runs/DescribePatients.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/RunFiles.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace H3K27M::Reports
{
  namespace
  {
    using testing::ElementsAre;

    constexpr const char* LEFT_OUT = R"({
      "no mask was drawn": {"development": {"altered": 2, "wild-type": 1}, "external": {"wild-type": 1}},
      "its label, its mask or its images cannot be read": {"not known": {"not known": 1}}})";

    TEST(LeftOutTable, CountsStudiesBySplitReasonAndGenotype)
    {
      const std::optional<Table> table = MakeLeftOutTable(Protocol::ParseJson(LEFT_OUT), "");
      ASSERT_TRUE(table);
      EXPECT_THAT(table->rows, ElementsAre(ElementsAre("not known", "its label, its mask or its images cannot be read",
                                                       "1", "0", "0"),
                                           ElementsAre("development", "no mask was drawn", "3", "2", "1"),
                                           ElementsAre("external", "no mask was drawn", "1", "0", "1")));
    }

    TEST(LeftOutTable, OfOneSplitHasThoseOfWhichNobodyKnowsToo)
    {
      const std::optional<Table> table = MakeLeftOutTable(Protocol::ParseJson(LEFT_OUT), "external");
      ASSERT_TRUE(table);
      ASSERT_EQ(table->rows.size(), 2U);
      EXPECT_EQ(table->rows[0][0], "not known");
      EXPECT_EQ(table->rows[1][0], "external");
    }

    TEST(LeftOutTable, IsNoneWhereNothingWasLeftOutOrNobodyCounted)
    {
      EXPECT_FALSE(MakeLeftOutTable(Json::Value(), ""));
      EXPECT_FALSE(
        MakeLeftOutTable(Protocol::ParseJson(R"({"no mask was drawn": {"development": {"altered": 1}}})"), "external"));
    }

    // By the way that the numbers take: the snapshot's manifest, the run's folder, the report.
    TEST(LeftOutTable, IsOfWhatTheSnapshotOfARunSays)
    {
      const Testing::TemporaryFolder folder;
      const std::filesystem::path dataset = folder.GetPath() / "dataset";
      const std::filesystem::path run = folder.GetPath() / "run";
      std::filesystem::create_directories(dataset);
      std::filesystem::create_directories(run);
      std::ofstream(dataset / "participants.tsv") << "participant_id\th3k27m_status\tsplit\nsub-a\taltered\texcluded\n";
      Json::Value config;
      config["kind"] = "evaluate";
      Runs::WriteJsonFile(run / Runs::CONFIG_FILE, config);
      Runs::WriteJsonFile(run / Runs::MANIFEST_FILE, Json::Value(Json::objectValue));
      Runs::WriteJsonFile(run / Runs::METRICS_FILE, Json::Value(Json::objectValue));
      const auto write = [&] { Runs::WritePatients(run, Data::BidsFolder(dataset, Data::Contrast::T2w)); };

      write();
      EXPECT_TRUE(RunRecord::Read(run).leftOut.isNull()) << "a folder that anybody wrote";

      std::ofstream(dataset / "manifest.json") << R"({"format": "h3k27m-dataset", "left_out": )" << LEFT_OUT << "}";
      write();
      const RunRecord record = RunRecord::Read(run);
      EXPECT_EQ(record.patients.size(), 1U);
      EXPECT_EQ(record.leftOut["no mask was drawn"]["development"]["altered"].asInt(), 2);
    }
  }
}
