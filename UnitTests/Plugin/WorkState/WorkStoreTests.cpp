// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"

#include <gmock/gmock.h>

namespace H3K27M::Testing
{
  using namespace WorkState;
  using std::chrono::milliseconds;

  namespace
  {
    ErrorCode GetThrownCode(const std::function<void()>& call)
    {
      try
      {
        call();
      }
      catch (const Error& e)
      {
        return e.GetCode();
      }

      ADD_FAILURE() << "nothing was thrown";
      return ErrorCode::Internal;
    }

    TaskResult MakeResult(double probability)
    {
      return TaskResult{"series", R"({"status":"altered"})", probability, 1234.5};
    }
  }

  class WorkStoreContract : public OpenWorkStoreTest
  {
  protected:
    Task Get(const std::string& study)
    {
      return store_->FindByStudy(study).value();
    }
  };

  TEST_P(WorkStoreContract, FindsTheStudiesWhoseResultWasMadeOfASeries)
  {
    for (const char* const study : {"a", "bb", "ccc"})
    {
      ASSERT_TRUE(
        store_->Finish(EnqueueAndClaim(study).GetTicket(), {std::string("series of ") + study, "{}", {}, {}}));
    }

    std::vector<std::string> series(1234, "another");
    EXPECT_TRUE(store_->FindStudiesOfSeries(series).empty());
    series[0] = "series of a";
    series[1233] = "series of ccc";
    EXPECT_THAT(store_->FindStudiesOfSeries(series), testing::ElementsAre("a", "ccc"));
    EXPECT_TRUE(store_->FindStudiesOfSeries({}).empty());
  }

  TEST_P(WorkStoreContract, TellsWhichOfManyStudiesHaveATask)
  {
    for (const char* const study : {"a", "bb", "ccc"})
    {
      store_->Enqueue(MakeRequest(study));
    }

    std::vector<std::string> studies(1234, "another");
    EXPECT_TRUE(store_->FindKnown(studies).empty());
    studies[0] = "a";
    studies[1233] = "ccc";
    EXPECT_THAT(store_->FindKnown(studies), testing::ElementsAre("a", "ccc"));
    EXPECT_TRUE(store_->FindKnown({}).empty());
  }

  TEST_P(WorkStoreContract, KeepsAllThatAFinishedTaskLeaves)
  {
    const Task claimed = EnqueueAndClaim("study");
    EXPECT_EQ(TaskState::Running, claimed.state);
    EXPECT_EQ("server", claimed.leaseOwner);
    EXPECT_EQ(clock_.NowMs() + LEASE.count(), claimed.leaseEnd);
    EXPECT_EQ(1u, claimed.attempts);

    clock_.Advance(milliseconds(500));
    ASSERT_TRUE(store_->Finish(claimed.GetTicket(), MakeResult(0.75)));

    const Task done = store_->Find(claimed.id).value();
    EXPECT_EQ(TaskState::Done, done.state);
    EXPECT_EQ("study", done.studyId);
    EXPECT_EQ("1.2.5", done.studyInstanceUid);
    EXPECT_EQ("series", done.seriesId);
    EXPECT_EQ("f1", done.fingerprint);
    EXPECT_EQ(R"({"status":"altered"})", done.resultJson);
    EXPECT_EQ(0.75, done.probabilityAltered);
    EXPECT_EQ(1234.5, done.volumeMm3);
    EXPECT_EQ("", done.leaseOwner);
    EXPECT_EQ(clock_.NowMs() - 500, done.createdAt);
    EXPECT_EQ(clock_.NowMs() - 500, done.startedAt);
    EXPECT_EQ(clock_.NowMs(), done.finishedAt);
  }

  TEST_P(WorkStoreContract, KeepsTextOfAnyKind)
  {
    const Task claimed = EnqueueAndClaim("study");
    const std::string awkward =
      "O'Neill \"x\" :name; DROP TABLE h3k27m_tasks; -- \xC3\xA4\xE8\x84\x91 \\ " + std::string(100000, 'x');
    store_->Refuse(claimed.GetTicket(), awkward, {"", awkward, {}, {}});
    EXPECT_EQ(awkward, Get("study").reason);
    EXPECT_EQ(awkward, Get("study").resultJson);
    EXPECT_FALSE(Get("study").probabilityAltered);
  }

  TEST_P(WorkStoreContract, ClaimsUrgentFirstThenOldest)
  {
    store_->Enqueue(MakeRequest("backfill", "f", Priority::Backfill));
    store_->Enqueue(MakeRequest("routine-1"));
    clock_.Advance(milliseconds(1));
    store_->Enqueue(MakeRequest("urgent", "f", Priority::Urgent));
    store_->Enqueue(MakeRequest("routine-2"));

    std::vector<std::string> order;

    while (const auto task = store_->Claim("server", LEASE))
    {
      order.push_back(task->studyId);
    }

    EXPECT_THAT(order, ::testing::ElementsAre("urgent", "routine-1", "routine-2", "backfill"));
  }

  TEST_P(WorkStoreContract, DoesNotHandOutBeforeTheStudyIsStable)
  {
    EnqueueRequest request = MakeRequest("study");
    request.notBefore = clock_.NowMs() + 3000;
    store_->Enqueue(request);

    EXPECT_FALSE(store_->Claim("server", LEASE));
    EXPECT_EQ(request.notBefore, store_->GetNextDue());
    EXPECT_EQ(0, store_->GetCounters().oldestWaitingSince);
    clock_.Advance(milliseconds(3000));
    EXPECT_NE(0, store_->GetCounters().oldestWaitingSince);
    EXPECT_TRUE(store_->Claim("server", LEASE));
    EXPECT_FALSE(store_->GetNextDue());
  }

  TEST_P(WorkStoreContract, HandlesTheSameContentOnce)
  {
    EXPECT_EQ(EnqueueOutcome::Inserted, store_->Enqueue(MakeRequest("study")));
    EXPECT_EQ(EnqueueOutcome::Unchanged, store_->Enqueue(MakeRequest("study")));
    const auto task = store_->Claim("server", LEASE);
    EXPECT_EQ(EnqueueOutcome::Unchanged, store_->Enqueue(MakeRequest("study")));
    store_->Finish(task->GetTicket(), MakeResult(0.1));
    EXPECT_EQ(EnqueueOutcome::Unchanged, store_->Enqueue(MakeRequest("study")));
    EXPECT_FALSE(store_->Claim("server", LEASE));
  }

  TEST_P(WorkStoreContract, HandlesLateSlicesAfterTheEnd)
  {
    const Task task = EnqueueAndClaim("study");
    store_->Finish(task.GetTicket(), MakeResult(0.1));

    EXPECT_EQ(EnqueueOutcome::Requeued, store_->Enqueue(MakeRequest("study", "f2")));
    const auto again = store_->Claim("server", LEASE);
    ASSERT_TRUE(again);
    EXPECT_EQ(task.id, again->id);
    EXPECT_EQ("f2", again->fingerprint);
    EXPECT_EQ(1u, again->attempts);
    EXPECT_NE("", again->resultJson) << "the last result stays visible while it is redone";
  }

  TEST_P(WorkStoreContract, HandlesLateSlicesThatComeWhileItRuns)
  {
    const Task task = EnqueueAndClaim("study");
    EnqueueRequest late = MakeRequest("study", "f2");
    late.notBefore = clock_.NowMs() + 3000;
    EXPECT_EQ(EnqueueOutcome::AfterThisRun, store_->Enqueue(late));
    EXPECT_FALSE(store_->Claim("server", LEASE)) << "never two workers on one study";

    EXPECT_TRUE(store_->Finish(task.GetTicket(), MakeResult(0.1)));
    EXPECT_EQ(TaskState::Queued, Get("study").state);
    EXPECT_FALSE(store_->Claim("server", LEASE)) << "not stable yet";
    clock_.Advance(milliseconds(3000));
    const auto again = store_->Claim("server", LEASE);
    ASSERT_TRUE(again);
    EXPECT_EQ("f2", again->fingerprint);
    store_->Finish(again->GetTicket(), MakeResult(0.2));
    EXPECT_EQ(TaskState::Done, Get("study").state);
  }

  TEST_P(WorkStoreContract, QueuesKnownContentAgainWhenForced)
  {
    const Task task = EnqueueAndClaim("study");
    store_->Finish(task.GetTicket(), MakeResult(0.1));
    EnqueueRequest request = MakeRequest("study", "f1", Priority::Urgent);
    request.force = true;
    EXPECT_EQ(EnqueueOutcome::Requeued, store_->Enqueue(request));
    EXPECT_EQ(Priority::Urgent, Get("study").priority);
    EXPECT_TRUE(store_->Claim("server", LEASE));
  }

  TEST_P(WorkStoreContract, RaisesAPriorityAndNeverLowersIt)
  {
    store_->Enqueue(MakeRequest("study", "f1", Priority::Backfill));
    EXPECT_EQ(EnqueueOutcome::Unchanged, store_->Enqueue(MakeRequest("study", "f1", Priority::Urgent)));
    EXPECT_EQ(Priority::Urgent, Get("study").priority);
    store_->Enqueue(MakeRequest("study", "f2", Priority::Backfill));
    EXPECT_EQ(Priority::Urgent, Get("study").priority);
  }

  TEST_P(WorkStoreContract, RetriesWithGrowingDelayUntilDead)
  {
    store_->Enqueue(MakeRequest("study"));

    for (const std::int64_t delay : {30000, 60000})
    {
      const auto task = store_->Claim("server", LEASE);
      ASSERT_TRUE(task);
      store_->Fail(task->GetTicket(), "engine died", true, POLICY);
      EXPECT_EQ(TaskState::Failed, Get("study").state);
      EXPECT_EQ("engine died", Get("study").reason);
      clock_.Advance(milliseconds(delay - 1));
      EXPECT_FALSE(store_->Claim("server", LEASE)) << delay;
      clock_.Advance(milliseconds(1));
    }

    const auto last = store_->Claim("server", LEASE);
    ASSERT_TRUE(last);
    EXPECT_EQ(3u, last->attempts);
    store_->Fail(last->GetTicket(), "engine died", true, POLICY);
    EXPECT_EQ(TaskState::Dead, Get("study").state);
    EXPECT_FALSE(store_->GetNextDue());
  }

  TEST_P(WorkStoreContract, DoesNotRetryWhatNoRetryHelps)
  {
    const Task task = EnqueueAndClaim("study");
    store_->Fail(task.GetTicket(), "the voxels are NaN", false, POLICY);
    EXPECT_EQ(TaskState::Dead, Get("study").state);
  }

  TEST_P(WorkStoreContract, RerunsAfterAFailureWhenTheStudyChanged)
  {
    const Task task = EnqueueAndClaim("study");
    store_->Enqueue(MakeRequest("study", "f2"));
    store_->Fail(task.GetTicket(), "a slice was cut off", false, POLICY);
    EXPECT_EQ(TaskState::Queued, Get("study").state);
    EXPECT_EQ(0u, Get("study").attempts);
  }

  TEST_P(WorkStoreContract, ARetryByAPersonStartsAfresh)
  {
    const Task task = EnqueueAndClaim("study");
    EXPECT_EQ(ErrorCode::Conflict, GetThrownCode([&] { store_->Retry(task.id); }));
    store_->Fail(task.GetTicket(), "no", false, POLICY);
    const Task again = store_->Retry(task.id);
    EXPECT_EQ(TaskState::Queued, again.state);
    EXPECT_EQ(0u, again.attempts);
    EXPECT_EQ(1u, store_->Claim("server", LEASE)->attempts);
    EXPECT_EQ(ErrorCode::NotFound, GetThrownCode([&] { store_->Retry(task.id + 1000); }));
  }

  TEST_P(WorkStoreContract, CancelsWaitingTasksAtOnce)
  {
    store_->Enqueue(MakeRequest("study"));
    const Task task = store_->Cancel(Get("study").id, "by admin");
    EXPECT_EQ(TaskState::Cancelled, task.state);
    EXPECT_EQ("by admin", Get("study").reason);
    EXPECT_FALSE(store_->Claim("server", LEASE));
    EXPECT_EQ(ErrorCode::Conflict, GetThrownCode([&] { store_->Cancel(task.id, "again"); }));
  }

  TEST_P(WorkStoreContract, CancelsAllThatWaitsAtOnePriority)
  {
    constexpr int MANY = 8;
    constexpr std::size_t STEP = 3;

    for (int i = 0; i < MANY; i++)
    {
      store_->Enqueue(MakeRequest("past-" + std::to_string(i), "f", Priority::Backfill));
    }

    const Task running = store_->Claim("server", LEASE).value();
    store_->Enqueue(MakeRequest("live"));

    EXPECT_EQ(MANY - 1u, store_->CancelWaiting(Priority::Backfill, "stopped", STEP));
    EXPECT_EQ(0u, store_->CancelWaiting(Priority::Backfill, "stopped", STEP));

    EXPECT_EQ(TaskState::Running, store_->Find(running.id)->state);
    EXPECT_EQ("live", store_->Claim("server", LEASE).value().studyId);
    EXPECT_FALSE(store_->Claim("server", LEASE));
    const Task cancelled = store_->FindByStudy("past-7").value();
    EXPECT_EQ(TaskState::Cancelled, cancelled.state);
    EXPECT_EQ("stopped", cancelled.reason);
    EXPECT_FALSE(cancelled.requested);

    EXPECT_EQ(EnqueueOutcome::Unchanged, store_->Enqueue(MakeRequest("past-7", "f"))) << "it came by itself";
    EXPECT_EQ(EnqueueOutcome::Requeued, store_->Enqueue(MakeRequest("past-7", "f", Priority::Backfill)));
    EXPECT_EQ("past-7", store_->Claim("server", LEASE, ClaimScope::Requested).value().studyId);
  }

  TEST_P(WorkStoreContract, TellsTheWorkerOfACancellation)
  {
    const Task task = EnqueueAndClaim("study");
    EXPECT_EQ(LeaseState::Held, store_->Renew(task.GetTicket(), LEASE));
    EXPECT_EQ(TaskState::Running, store_->Cancel(task.id, "by admin").state);
    EXPECT_EQ(LeaseState::CancelRequested, store_->Renew(task.GetTicket(), LEASE));
    EXPECT_TRUE(store_->FinishCancelled(task.GetTicket(), "cancelled"));
    EXPECT_EQ(TaskState::Cancelled, Get("study").state);
    EXPECT_EQ("by admin", Get("study").reason);
    EXPECT_EQ(LeaseState::Lost, store_->Renew(task.GetTicket(), LEASE));
  }

  TEST_P(WorkStoreContract, AFailureDoesNotReviveWhatWasCancelled)
  {
    const Task task = EnqueueAndClaim("study");
    store_->Cancel(task.id, "by admin");
    store_->Fail(task.GetTicket(), "engine died", true, POLICY);
    EXPECT_EQ(TaskState::Cancelled, Get("study").state);
  }

  TEST_P(WorkStoreContract, LeasesExpireUnlessRenewed)
  {
    const Task task = EnqueueAndClaim("study");
    clock_.Advance(milliseconds(59000));
    EXPECT_EQ(LeaseState::Held, store_->Renew(task.GetTicket(), LEASE));
    clock_.Advance(milliseconds(59000));
    EXPECT_EQ(0u, store_->RecoverLeases(std::nullopt, 10));
    clock_.Advance(milliseconds(2000));
    EXPECT_EQ(1u, store_->RecoverLeases(std::nullopt, 10));

    const auto successor = store_->Claim("other", LEASE);
    ASSERT_TRUE(successor);
    EXPECT_EQ(LeaseState::Lost, store_->Renew(task.GetTicket(), LEASE));
    EXPECT_FALSE(store_->Finish(task.GetTicket(), MakeResult(0.9))) << "a late worker overwrote its successor";
    EXPECT_FALSE(store_->Fail(task.GetTicket(), "late", true, POLICY));
    EXPECT_EQ("other", Get("study").leaseOwner);
    EXPECT_TRUE(store_->Finish(successor->GetTicket(), MakeResult(0.2)));
    EXPECT_EQ(0.2, Get("study").probabilityAltered);
  }

  TEST_P(WorkStoreContract, GivesUpAStudyThatEndsItsWorkerEachTime)
  {
    store_->Enqueue(MakeRequest("study"));

    for (int i = 0; i < 3; i++)
    {
      ASSERT_TRUE(store_->Claim("server", LEASE));
      EXPECT_EQ(1u, store_->RecoverLeases("server", 3));
    }

    EXPECT_EQ(TaskState::Dead, Get("study").state);
    EXPECT_NE("", Get("study").reason);
  }

  TEST_P(WorkStoreContract, AnOrderlyStopCostsNothing)
  {
    const Task task = EnqueueAndClaim("study");
    EXPECT_TRUE(store_->Release(task.GetTicket()));
    EXPECT_EQ(TaskState::Queued, Get("study").state);
    EXPECT_EQ(0u, Get("study").attempts);
    EXPECT_EQ(0u, Get("study").interruptions);
    EXPECT_EQ(1u, store_->Claim("server", LEASE)->attempts);
  }

  TEST_P(WorkStoreContract, AStudyThatIsDeletedAndSentAgainIsNewWork)
  {
    const Task task = EnqueueAndClaim("study");
    store_->SetValue(MakeChoiceKey("study"), "a series");
    store_->SetValue(MakeChoiceKey("other"), "a series");
    EXPECT_TRUE(store_->Forget("study"));
    EXPECT_FALSE(store_->GetValue(MakeChoiceKey("study")));
    EXPECT_TRUE(store_->GetValue(MakeChoiceKey("other")));
    EXPECT_FALSE(store_->Forget("study"));
    EXPECT_EQ(LeaseState::Lost, store_->Renew(task.GetTicket(), LEASE));
    EXPECT_EQ(EnqueueOutcome::Inserted, store_->Enqueue(MakeRequest("study")));
    EXPECT_FALSE(store_->Finish(task.GetTicket(), MakeResult(0.5))) << "the old worker wrote into the new task";
    EXPECT_TRUE(store_->Claim("server", LEASE));
  }

  TEST_P(WorkStoreContract, ListsByStateProbabilityAndPage)
  {
    for (int i = 0; i < 5; i++)
    {
      const Task task = EnqueueAndClaim("study-" + std::to_string(i));
      store_->Finish(task.GetTicket(), MakeResult(0.1 * i));
    }

    store_->Enqueue(MakeRequest("waiting"));

    TaskQuery query;
    query.order = TaskOrder::Probability;
    query.limit = 2;
    TaskPage page = store_->List(query);
    EXPECT_EQ(6u, page.total);
    ASSERT_EQ(2u, page.tasks.size());
    EXPECT_EQ("study-4", page.tasks[0].studyId);

    query.offset = 5;
    page = store_->List(query);
    ASSERT_EQ(1u, page.tasks.size());
    EXPECT_EQ("waiting", page.tasks[0].studyId) << "tasks without a score come last";

    query = TaskQuery();
    query.states = {TaskState::Done};
    query.minimumProbability = 0.25;
    query.descending = false;
    query.order = TaskOrder::Created;
    page = store_->List(query);
    EXPECT_EQ(2u, page.total);
    EXPECT_EQ("study-3", page.tasks.at(0).studyId);

    query.limit = 1001;
    EXPECT_EQ(ErrorCode::BadInput, GetThrownCode([&] { store_->List(query); }));
  }

  TEST_P(WorkStoreContract, CountsEveryState)
  {
    store_->Enqueue(MakeRequest("a"));
    store_->Enqueue(MakeRequest("b"));
    const auto task = store_->Claim("server", LEASE);
    store_->Refuse(task->GetTicket(), "no axial T2 series", {});
    const TaskCounters counters = store_->GetCounters();
    EXPECT_EQ(7u, counters.byState.size());
    EXPECT_EQ(1u, counters.byState.at(TaskState::Refused));
    EXPECT_EQ(1u, counters.byState.at(TaskState::Queued));
    EXPECT_EQ(0u, counters.byState.at(TaskState::Dead));
  }

  // SQLite keeps the numbers by triggers: whatever happens to tasks, they must be those that counting gives.
  TEST_P(WorkStoreContract, CountsWhatIsThereAfterEveryChange)
  {
    const auto session = ConnectDirectly();
    const auto ExpectCounted = [&](const char* after)
    {
      for (const auto& [state, count] : store_->GetCounters().byState)
      {
        const std::string name(ToString(state));
        long long counted = -1;
        *session << "SELECT COUNT(*) FROM h3k27m_tasks WHERE state = :state", soci::into(counted), soci::use(name);
        EXPECT_EQ(static_cast<std::uint64_t>(counted), count) << name << " after " << after;
        TaskQuery query;
        query.states = {state};
        EXPECT_EQ(count, store_->List(query).total) << name << " after " << after;
      }
    };

    ExpectCounted("nothing");

    for (const char* study : {"a", "b", "c", "d"})
    {
      store_->Enqueue(MakeRequest(study));
      store_->Enqueue(MakeRequest(study));
    }

    ExpectCounted("arrivals, each twice");
    store_->Refuse(store_->Claim("server", LEASE)->GetTicket(), "no axial T2 series", {});
    const auto failing = store_->Claim("server", LEASE);
    store_->Fail(failing->GetTicket(), "reason", true, POLICY);
    ExpectCounted("a refusal and a failure");
    store_->Claim("server", LEASE);
    ExpectCounted("a claim");
    EXPECT_TRUE(store_->Forget("d"));
    EXPECT_TRUE(store_->Forget("a"));
    EXPECT_FALSE(store_->Forget("a"));
    ExpectCounted("deletions");
  }

  TEST_P(WorkStoreContract, CursorsNeverGoBack)
  {
    EXPECT_FALSE(store_->GetCursor("changes"));
    store_->AdvanceCursor("changes", 99);
    store_->AdvanceCursor("changes", 1000000000000);
    store_->AdvanceCursor("changes", 100);
    EXPECT_EQ(1000000000000, store_->GetCursor("changes"));
    EXPECT_FALSE(store_->GetCursor("other"));
  }

  TEST_P(WorkStoreContract, KeepsValuesAndAudit)
  {
    EXPECT_FALSE(store_->GetValue("a"));
    store_->SetValue("a", "1");
    store_->SetValue("a", "2");
    EXPECT_EQ("2", store_->GetValue("a"));
    EXPECT_EQ("2", store_->SetValueOnce("a", "3"));
    EXPECT_EQ("1", store_->SetValueOnce("b", "1"));
    EXPECT_EQ("1", store_->GetValue("b"));

    store_->AppendAudit({0, 0, "admin", "retry", "task-1", "{}"});
    clock_.Advance(milliseconds(5));
    store_->AppendAudit({0, 0, "admin", "cancel", "task-2", "{}"});
    const auto all = store_->ListAudit({});
    ASSERT_EQ(2u, all.size());
    EXPECT_EQ("cancel", all[0].what);
    EXPECT_EQ(clock_.NowMs(), all[0].at);
    EXPECT_EQ(1u, store_->ListAudit({"task-1", 0, 100}).size());
  }

  TEST_P(WorkStoreContract, FindsAuditByUserActionTimeAndPage)
  {
    store_->AppendAudit({0, 0, "ann", "putLabel", "s1", "", "annotator", "done"});
    clock_.Advance(milliseconds(5));
    const UnixMs second = clock_.NowMs();
    store_->AppendAudit({0, 0, "bob", "putLabel", "s1", "", "viewer", "refused"});
    store_->AppendAudit({0, 0, "ann", "startRun", "r1", "", "annotator", "refused"});
    const auto all = store_->ListAudit({});
    ASSERT_EQ(3u, all.size());
    EXPECT_EQ("refused", all[1].outcome);
    EXPECT_EQ("viewer", all[1].role);
    EXPECT_EQ(2u, store_->ListAudit({"", 0, 100, "ann"}).size());
    EXPECT_EQ(1u, store_->ListAudit({"", 0, 100, "ann", "startRun"}).size());
    EXPECT_EQ(2u, store_->ListAudit({"", 0, 100, "", "", second}).size());
    EXPECT_EQ(all[2].id, store_->ListAudit({"", all[1].id, 1}).at(0).id);
  }

  INSTANTIATE_TEST_SUITE_P(Database, WorkStoreContract, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
