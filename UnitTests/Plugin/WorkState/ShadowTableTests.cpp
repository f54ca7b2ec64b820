// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"

namespace H3K27M::Testing
{
  using namespace WorkState;

  class ShadowTableContract : public OpenWorkStoreTest
  {
  protected:
    void Finish(const std::string& study, const std::string& fingerprint = "f1")
    {
      store_->Enqueue(MakeRequest(study, fingerprint));
      const Task task = store_->Claim("server", LEASE).value();
      TaskResult result;
      result.json = "{}";
      ASSERT_TRUE(store_->Finish(task.GetTicket(), result));
      clock_.Advance(std::chrono::seconds(1));
    }

    static ShadowResult MakeResult(const std::string& study, const std::string& hash = "h1")
    {
      ShadowResult result;
      result.studyId = study;
      result.studyInstanceUid = "2.25.1";
      result.candidate = {{"candidate", hash}, "altered", 0.75, 1200.5};
      result.current = {{"current", "h0"}, "not determined", std::nullopt, 0};
      return result;
    }

    std::string FindNext(const std::string& hash = "h1", UnixMs since = 0)
    {
      const std::optional<Task> task = store_->GetShadows().FindNext({"candidate", hash}, since);
      return task ? task->studyId : std::string();
    }
  };

  TEST_P(ShadowTableContract, EachFinishedStudyIsComparedOnceByEachCandidate)
  {
    EXPECT_EQ("", FindNext());
    Finish("a");
    const UnixMs between = clock_.NowMs();
    Finish("b");
    store_->Enqueue(MakeRequest("c"));
    EXPECT_EQ("a", FindNext());
    EXPECT_EQ("b", FindNext("h1", between)) << "what was finished before the candidate came is left alone";
    store_->GetShadows().Put(MakeResult("a"));
    EXPECT_EQ("b", FindNext());
    EXPECT_EQ("a", FindNext("h2")) << "another candidate has not seen it";
    store_->GetShadows().Put(MakeResult("b"));
    EXPECT_EQ("", FindNext()) << "what still waits is no result";
  }

  TEST_P(ShadowTableContract, AStudyThatIsFinishedAgainIsComparedAgain)
  {
    Finish("a");
    store_->GetShadows().Put(MakeResult("a"));
    clock_.Advance(std::chrono::seconds(1));
    Finish("a", "f2");
    EXPECT_EQ("a", FindNext());
    ShadowResult again = MakeResult("a");
    again.candidate.status = "";
    again.candidate.probabilityAltered = std::nullopt;
    again.fault = "no slice shows the head";
    store_->GetShadows().Put(again);
    EXPECT_EQ("", FindNext());
    const auto rows = store_->GetShadows().List({"candidate", "h1"}, 10);
    ASSERT_EQ(1u, rows.size());
    EXPECT_EQ("no slice shows the head", rows[0].fault);
    EXPECT_FALSE(rows[0].candidate.probabilityAltered);
  }

  TEST_P(ShadowTableContract, KeepsWhatBothModelsSaidTheNewestFirst)
  {
    store_->GetShadows().Put(MakeResult("a"));
    clock_.Advance(std::chrono::seconds(1));
    store_->GetShadows().Put(MakeResult("b"));
    store_->GetShadows().Put(MakeResult("c", "h2"));
    const auto rows = store_->GetShadows().List({"candidate", "h1"}, 10);
    ASSERT_EQ(2u, rows.size());
    EXPECT_EQ("b", rows[0].studyId);
    EXPECT_EQ("candidate", rows[0].candidate.model.name);
    EXPECT_EQ("altered", rows[0].candidate.status);
    EXPECT_DOUBLE_EQ(0.75, *rows[0].candidate.probabilityAltered);
    EXPECT_DOUBLE_EQ(1200.5, *rows[0].candidate.volumeMm3);
    EXPECT_EQ("h0", rows[0].current.model.hash);
    EXPECT_FALSE(rows[0].current.probabilityAltered);
    EXPECT_DOUBLE_EQ(0, *rows[0].current.volumeMm3);
    EXPECT_EQ(clock_.NowMs(), rows[0].comparedAt);
    EXPECT_EQ(1u, store_->GetShadows().List({"candidate", "h1"}, 1).size());
  }

  TEST_P(ShadowTableContract, NothingIsKeptOfAStudyThatWasDeleted)
  {
    Finish("a");
    store_->GetShadows().Put(MakeResult("a"));
    store_->Forget("a");
    EXPECT_TRUE(store_->GetShadows().List({"candidate", "h1"}, 10).empty());
  }

  INSTANTIATE_TEST_SUITE_P(Databases, ShadowTableContract, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
