// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/OutcomeLog.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace H3K27M
{
  namespace
  {
    class OutcomeLogTest : public testing::Test
    {
    protected:
      OutcomeLogTest()
      {
        maker_["device"] = "cpu";
        const Runs::OutcomeLog log(path_, maker_, false);
        for (const char* id : {"sub-1", "sub-2"})
        {
          log.Append(MakeOutcome(id));
        }
        // The same file under a second name: it shows what becomes of it before another takes its place.
        std::filesystem::create_hard_link(path_, witness_);
      }

      static Evaluation::CaseOutcome MakeOutcome(const std::string& id)
      {
        Evaluation::CaseOutcome outcome;
        outcome.id = id;
        return outcome;
      }

      static std::string Read(const std::filesystem::path& path)
      {
        std::ifstream stream(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
      }

      void CutOff(std::size_t bytes) const
      {
        std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - bytes);
      }

      Testing::TemporaryFolder folder_;
      std::filesystem::path path_ = folder_.GetPath() / "outcomes.jsonl";
      std::filesystem::path witness_ = folder_.GetPath() / "witness";
      Json::Value maker_;
    };

    TEST_F(OutcomeLogTest, AWholeOneIsGoneOnWithAsItIs)
    {
      const std::string before = Read(path_);
      const Runs::OutcomeLog log(path_, maker_, true);
      ASSERT_EQ(log.GetKnown().size(), 2U);
      EXPECT_TRUE(std::filesystem::equivalent(path_, witness_)) << "not written anew";
      log.Append(MakeOutcome("sub-3"));
      EXPECT_TRUE(Read(path_).starts_with(before));
      const Runs::OutcomeLog again(path_, maker_, true);
      ASSERT_EQ(again.GetKnown().size(), 3U);
      EXPECT_EQ(again.GetKnown().back().id, "sub-3");
    }

    TEST_F(OutcomeLogTest, NoPatientIsLostWhileWhatWasCutOffIsTakenOut)
    {
      CutOff(5);
      const std::string before = Read(path_);
      const Runs::OutcomeLog log(path_, maker_, true);
      ASSERT_EQ(log.GetKnown().size(), 1U);
      EXPECT_EQ(Read(witness_), before) << "the old file was emptied before the new one stood";
      log.Append(MakeOutcome("sub-2"));
      const Runs::OutcomeLog again(path_, maker_, true);
      ASSERT_EQ(again.GetKnown().size(), 2U);
      EXPECT_EQ(again.GetKnown().back().id, "sub-2");
    }

    TEST_F(OutcomeLogTest, AnOutcomeThatLacksTheEndOfItsLineAloneIsKept)
    {
      CutOff(1);
      const Runs::OutcomeLog log(path_, maker_, true);
      ASSERT_EQ(log.GetKnown().size(), 2U);
      log.Append(MakeOutcome("sub-3"));
      EXPECT_EQ(Runs::OutcomeLog(path_, maker_, true).GetKnown().size(), 3U);
    }

    TEST_F(OutcomeLogTest, TakesOverNothingOfAnotherMaker)
    {
      Json::Value other;
      other["device"] = "cuda";
      EXPECT_TRUE(Runs::OutcomeLog(path_, other, true).GetKnown().empty());
      EXPECT_TRUE(Runs::OutcomeLog(path_, maker_, true).GetKnown().empty()) << "the log is that maker's now";
    }
  }
}
