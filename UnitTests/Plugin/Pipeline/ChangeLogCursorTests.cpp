// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/ChangeLogCursor.h"
#include "UnitTests/Plugin/Pipeline/PipelineFixture.h"

namespace H3K27M::Pipeline
{
  namespace
  {
    using std::chrono::seconds;

    class ChangeLogCursorTest : public Testing::PipelineFixture
    {
    protected:
      ChangeLogCursor cursor_{archive_, *store_};
      std::chrono::steady_clock::time_point begin_;
    };
  }

  TEST_F(ChangeLogCursorTest, IsDueFromTimeToTimeWhenTheLogHasGrown)
  {
    cursor_.BeginAtEnd();
    EXPECT_FALSE(cursor_.IsDue(begin_));
    StoreSeries();
    EXPECT_FALSE(cursor_.IsDue(begin_ + seconds(1))) << "the log was read a moment ago";
    EXPECT_TRUE(cursor_.IsDue(begin_ + seconds(20)));
    cursor_.Advance(archive_.GetLastChange(), begin_ + seconds(20));
    EXPECT_FALSE(cursor_.IsDue(begin_ + seconds(40))) << "nothing came since";
  }

  TEST_F(ChangeLogCursorTest, IsDueAgainAfterAReadingThatFailed)
  {
    cursor_.BeginAtEnd();
    EXPECT_FALSE(cursor_.IsDue(begin_));
    StoreSeries();
    EXPECT_TRUE(cursor_.IsDue(begin_ + seconds(20)));
    EXPECT_TRUE(cursor_.IsDue(begin_ + seconds(40)));
  }

  // On PostgreSQL a change may appear after one of a higher number: what is read is read again for a minute.
  TEST_F(ChangeLogCursorTest, LagsByAMinute)
  {
    cursor_.BeginAtEnd();
    EXPECT_EQ(0, store_->GetCursor("changes"));
    cursor_.Advance(7, begin_);
    cursor_.Advance(9, begin_ + seconds(30));
    EXPECT_EQ(0, store_->GetCursor("changes"));
    cursor_.Advance(9, begin_ + seconds(60));
    EXPECT_EQ(7, store_->GetCursor("changes"));
    cursor_.IsDue(begin_);
    cursor_.IsDue(begin_ + seconds(120));
    EXPECT_EQ(9, store_->GetCursor("changes")) << "without anything new, too";
  }

  TEST_F(ChangeLogCursorTest, StartsSomeBeforeWhereItStands)
  {
    EXPECT_FALSE(cursor_.GetStart());
    store_->AdvanceCursor("changes", 100);
    EXPECT_EQ(0, cursor_.GetStart());
    store_->AdvanceCursor("changes", 1000);
    EXPECT_EQ(800, cursor_.GetStart());
  }
}
