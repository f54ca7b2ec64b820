// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/StudyIntake.h"
#include "UnitTests/Plugin/Pipeline/PipelineFixture.h"

#include <set>

namespace H3K27M::Pipeline
{
  using WorkState::TaskState;

  namespace
  {
    // Notes what it is shown, and keeps something of the studies it is told of beforehand.
    class FakeWatcher : public IStudyWatcher
    {
    public:
      explicit FakeWatcher(std::vector<std::string> known = {}) :
        known_(std::move(known))
      {
      }

      void OnStudy(const Archive::StudySnapshot& study) override
      {
        const std::lock_guard lock(mutex_);
        seen_.insert(study.id);

        if (failures_ > 0)
        {
          failures_--;
          throw Error(fault_, "the watcher fails");
        }
      }

      void OnSeriesDeleted(const std::string& seriesId) override
      {
        const std::lock_guard lock(mutex_);
        seen_.insert(seriesId);
      }

      std::vector<std::string> ListStudies(const std::string& after) override
      {
        return after.empty() ? known_ : std::vector<std::string>();
      }

      std::set<std::string> GetSeen()
      {
        const std::lock_guard lock(mutex_);
        return seen_;
      }

      void Clear()
      {
        const std::lock_guard lock(mutex_);
        seen_.clear();
      }

      void FailOnce(ErrorCode fault)
      {
        const std::lock_guard lock(mutex_);
        failures_ = 1;
        fault_ = fault;
      }

    private:
      const std::vector<std::string> known_;
      std::mutex mutex_;
      std::set<std::string> seen_;
      int failures_ = 0;
      ErrorCode fault_ = ErrorCode::Internal;
    };

    class StudyWatchTest : public Testing::PipelineFixture
    {
    protected:
      std::unique_ptr<StudyIntake> Start(FakeWatcher& watcher, bool enabled = true)
      {
        return Start(std::vector<IStudyWatcher*>{&watcher}, enabled);
      }

      std::unique_ptr<StudyIntake> Start(std::vector<IStudyWatcher*> watchers, bool enabled = true)
      {
        IntakeOptions options;
        options.enabled = enabled;
        options.stableAge = std::chrono::seconds(3);
        options.coreStableAge = std::chrono::seconds(3);
        options.retryDelay = std::chrono::milliseconds(10);
        options.onQueued = [] {};
        options.watchers = std::move(watchers);
        auto intake = std::make_unique<StudyIntake>(archive_, *store_, clock_, options);
        intake->Start();
        EXPECT_TRUE(Eventually([this] { return store_->GetValue("all_studies_shown").has_value(); }));
        return intake;
      }
    };
  }

  // A label that is set in an old study makes the archive tell of it.
  TEST_F(StudyWatchTest, AnOldStudyThatOnlyWeAddedToIsShownAndNotQueued)
  {
    FakeWatcher watcher;
    const auto intake = Start(watcher);
    StoreSeries();
    archive_.SetSourceTime(std::chrono::system_clock::now() - std::chrono::hours(1));
    intake->OnStableStudy(STUDY);
    ASSERT_TRUE(Eventually([&] { return watcher.GetSeen().contains(STUDY); }));
    EXPECT_FALSE(store_->FindByStudy(STUDY));

    archive_.SetSourceTime(std::chrono::system_clock::now());  // a late slice
    intake->OnStableStudy(STUDY);
    EXPECT_TRUE(EventuallyIn(TaskState::Queued));
  }

  TEST_F(StudyWatchTest, WhatStoodThereBeforeTheFirstStartIsShownOnceAndNotQueued)
  {
    StoreSeries();
    archive_.AddOtherChanges(1000);  // a log that is read again with an overlap does not reach back to the study
    FakeWatcher watcher;
    Start(watcher).reset();
    EXPECT_EQ(std::set<std::string>{STUDY}, watcher.GetSeen());
    EXPECT_FALSE(store_->FindByStudy(STUDY));

    watcher.Clear();
    const auto again = Start(watcher);
    again->OnDeletedSeries("E1");  // is handled after the start
    ASSERT_TRUE(Eventually([&] { return watcher.GetSeen().contains("E1"); }));
    EXPECT_EQ(std::set<std::string>{"E1"}, watcher.GetSeen());
  }

  // A release that learns to watch for one more kind of report.
  TEST_F(StudyWatchTest, WithOneMoreWatcherAllIsShownOnceMore)
  {
    StoreSeries();
    FakeWatcher labels;
    Start(labels).reset();
    FakeWatcher reviews;
    const auto intake = Start(std::vector<IStudyWatcher*>{&labels, &reviews});
    EXPECT_TRUE(Eventually([&] { return reviews.GetSeen() == std::set<std::string>{STUDY}; }));
  }

  TEST_F(StudyWatchTest, StudiesAreShownAlthoughTriageIsOff)
  {
    FakeWatcher watcher;
    const auto intake = Start(watcher, false);
    StoreSeries();
    intake->OnStableStudy(STUDY);
    EXPECT_TRUE(Eventually([&] { return watcher.GetSeen().contains(STUDY); }));
    EXPECT_FALSE(store_->FindByStudy(STUDY));
  }

  TEST_F(StudyWatchTest, WhatItKnowsIsShownAtEachStartAndForgottenWhereItIsGone)
  {
    StoreSeries();
    store_->Enqueue({"S-gone", "1.2", "f"});
    FakeWatcher watcher({"S-gone", STUDY});
    store_->SetValue("all_studies_shown", "1");
    const auto intake = Start(watcher);
    EXPECT_TRUE(Eventually([&] { return watcher.GetSeen() == std::set<std::string>{STUDY}; }));
    EXPECT_FALSE(store_->FindByStudy("S-gone"));
  }

  TEST_F(StudyWatchTest, AStudyThatItCannotBeShownHoldsUpNeitherTriageNorTheOthers)
  {
    FakeWatcher watcher;
    const auto intake = Start(watcher);
    StoreSeries();
    watcher.FailOnce(ErrorCode::BadInput);
    intake->OnStableStudy(STUDY);
    EXPECT_TRUE(EventuallyIn(TaskState::Queued));

    watcher.Clear();
    watcher.FailOnce(ErrorCode::Unavailable);  // is shown again
    intake->OnStableStudy(STUDY);
    EXPECT_TRUE(Eventually([&] { return watcher.GetSeen().contains(STUDY); }));
    watcher.Clear();
    EXPECT_TRUE(Eventually([&] { return watcher.GetSeen().contains(STUDY); }));
  }
}
