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
      std::chrono::steady_clock::time_point begin_;
    };
  }

  TEST_F(ChangeLogCursorTest, WaitsForTheLongerOfTheTwoStableAges)
  {
    for (const auto& [own, core] : {std::pair(seconds(3), seconds(60)), std::pair(seconds(60), seconds(3))})
    {
      StoreSeries();
      const std::int64_t last = archive_.GetLastChange();
      store_->AdvanceCursor("changes", last - 6);
      ChangeLogCursor cursor(archive_, *store_, own, core);
      cursor.Move(begin_, true);
      cursor.Move(begin_ + seconds(60), true);
      EXPECT_EQ(last - 6, store_->GetCursor("changes"));
      cursor.Move(begin_ + seconds(91), true);
      EXPECT_EQ(last, store_->GetCursor("changes"));
      archive_.DeleteStudy(STUDY);
    }
  }

  TEST_F(ChangeLogCursorTest, DoesNotMoveWhileAnEventWaits)
  {
    StoreSeries();
    store_->AdvanceCursor("changes", 0);
    ChangeLogCursor cursor(archive_, *store_, seconds(3), seconds(3));
    cursor.Move(begin_, true);
    cursor.Move(begin_ + seconds(100), false);
    EXPECT_EQ(0, store_->GetCursor("changes"));
    cursor.Move(begin_ + seconds(101), true);
    EXPECT_EQ(archive_.GetLastChange(), store_->GetCursor("changes"));
  }

  TEST_F(ChangeLogCursorTest, StartsSomeBeforeWhereItStands)
  {
    ChangeLogCursor cursor(archive_, *store_, seconds(3), seconds(3));
    EXPECT_FALSE(cursor.GetStart());
    store_->AdvanceCursor("changes", 100);
    EXPECT_EQ(0, cursor.GetStart());
    store_->AdvanceCursor("changes", 1000);
    EXPECT_EQ(800, cursor.GetStart());
  }
}
