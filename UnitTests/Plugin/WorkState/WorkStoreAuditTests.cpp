// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"
#include "UnitTests/Support/LogRecorder.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace H3K27M::Testing
{
  using namespace WorkState;
  using std::chrono::hours;

  namespace
  {
    constexpr hours AUDIT_DAY(24);
  }

  // How long entries of the audit are kept. `store_` keeps them for ever, and lists whatever is there.
  class WorkStoreAuditContract : public OpenWorkStoreTest
  {
  protected:
    std::unique_ptr<WorkStore> OpenFor(unsigned days)
    {
      StoreOptions options = GetOptions();
      options.auditDays = days;
      return WorkStore::Open(options, clock_);
    }

    static void Append(WorkStore& store, const std::string& subject)
    {
      store.AppendAudit({0, 0, "ann", "putLabel", subject, ""});
    }

    // The oldest first.
    static std::vector<std::string> ListSubjects(WorkStore& store)
    {
      std::vector<std::string> subjects;

      for (const AuditEntry& entry : store.ListAudit({}))
      {
        subjects.insert(subjects.begin(), entry.subject);
      }

      return subjects;
    }

    std::vector<std::string> ListKept()
    {
      return ListSubjects(*store_);
    }
  };

  using ::testing::ElementsAre;
  using ::testing::HasSubstr;
  using ::testing::IsEmpty;

  TEST_P(WorkStoreAuditContract, KeepsAuditForAsManyDaysAsAreWanted)
  {
    Append(*store_, "old");
    clock_.Advance(AUDIT_DAY * 4);
    Append(*store_, "new");
    EXPECT_THAT(ListKept(), ElementsAre("old", "new")) << "for ever by default";

    const auto store = OpenFor(2);
    EXPECT_THAT(ListSubjects(*store), ElementsAre("new")) << "what is too old is not listed";
    clock_.Advance(AUDIT_DAY + hours(1));
    Append(*store, "newest");
    EXPECT_THAT(ListKept(), ElementsAre("new", "newest")) << "removed, not only hidden";
  }

  TEST_P(WorkStoreAuditContract, RemovesAtTheStartToo)
  {
    Append(*store_, "old");
    clock_.Advance(AUDIT_DAY * 4);
    Append(*store_, "new");
    clock_.Advance(AUDIT_DAY + hours(1));
    OpenFor(2);
    EXPECT_THAT(ListKept(), ElementsAre("new"));
  }

  // A clock that was once in 2099 had removed the whole audit with the next entry.
  TEST_P(WorkStoreAuditContract, AClockThatIsSetForwardAndBackRemovesNothing)
  {
    const LogRecorder log;
    const auto store = OpenFor(30);
    Append(*store, "before");
    clock_.Advance(AUDIT_DAY * 2);
    Append(*store, "last");
    clock_.Advance(AUDIT_DAY * 26'000);
    Append(*store, "in 2097");
    OpenFor(30);
    clock_.Advance(hours(2));
    Append(*store, "in 2097");
    EXPECT_THAT(ListKept(), ElementsAre("before", "last", "in 2097", "in 2097"));
    ASSERT_FALSE(log.GetLines().empty());
    EXPECT_EQ(Support::LogLevel::Warning, log.GetLines().front().first);
    EXPECT_THAT(log.GetLines().front().second, HasSubstr("newest entry is 26000 days old"));

    clock_.Advance(AUDIT_DAY * -26'000);
    Append(*store, "after");
    EXPECT_THAT(ListSubjects(*store), ElementsAre("before", "last", "in 2097", "in 2097", "after"));

    // And again, some days later by that wrong clock: what it left behind the first time vouches for nothing.
    clock_.Advance(AUDIT_DAY * 26'005);
    Append(*store, "in 2097 again");
    EXPECT_THAT(ListKept(), ElementsAre("before", "last", "in 2097", "in 2097", "after", "in 2097 again"));
  }

  TEST_P(WorkStoreAuditContract, AfterAMonthWithoutEntriesItTakesADayUntilOldOnesGo)
  {
    const auto store = OpenFor(10);
    Append(*store, "before");
    clock_.Advance(AUDIT_DAY * 40);
    Append(*store, "first");
    clock_.Advance(hours(12));
    Append(*store, "second");
    EXPECT_THAT(ListKept(), ElementsAre("before", "first", "second"));
    clock_.Advance(hours(13));
    Append(*store, "third");
    EXPECT_THAT(ListKept(), ElementsAre("first", "second", "third"));
  }

  TEST_P(WorkStoreAuditContract, GoesOnRemovingWhenTheClockWasSetBack)
  {
    const auto store = OpenFor(10);
    clock_.Advance(AUDIT_DAY * 400);
    Append(*store, "ahead");
    clock_.Advance(AUDIT_DAY * -400);
    Append(*store, "old");
    clock_.Advance(AUDIT_DAY * 20);
    Append(*store, "new");
    clock_.Advance(AUDIT_DAY * 2);
    Append(*store, "newest");
    EXPECT_THAT(ListKept(), ElementsAre("ahead", "new", "newest"));
  }

  TEST_P(WorkStoreAuditContract, SaysNothingWhereEntriesAreMadeNowAndThen)
  {
    const LogRecorder log;
    const auto store = OpenFor(30);

    for (int i = 0; i < 5; i++)
    {
      Append(*store, "entry");
      clock_.Advance(AUDIT_DAY * 20);
    }

    EXPECT_THAT(log.GetLines(), IsEmpty());
    EXPECT_EQ(3u, ListKept().size());
  }

  INSTANTIATE_TEST_SUITE_P(Database, WorkStoreAuditContract, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
