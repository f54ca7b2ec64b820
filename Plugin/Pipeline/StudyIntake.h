// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Pipeline/ChangeLogSweep.h"
#include "Plugin/Pipeline/ClockGuard.h"
#include "Plugin/Pipeline/DeletedSeries.h"
#include "Plugin/Pipeline/IntakeQueue.h"
#include "Plugin/Pipeline/StudyEnqueuer.h"
#include "Plugin/Pipeline/StudyWatch.h"
#include "Plugin/WorkState/WorkStore.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace H3K27M::Pipeline
{
  struct IntakeOptions
  {
    bool enabled = true;  // false (Triage: off): the log is followed, nothing is queued
    std::chrono::seconds stableAge{60};
    std::chrono::seconds coreStableAge{60};                       // after which the archive tells of a stable study
    std::chrono::hours reconcileEvery{24};                        // 0: never
    std::chrono::milliseconds deletionWait{60000};                // then it is looked whose deleted series were
    std::chrono::milliseconds retryWait = std::chrono::hours(1);  // longest, of what failed
    std::chrono::milliseconds retryDelay{2000};                   // after a failure; doubled with each one in a row
    std::function<void()> onQueued;                               // wakes the workers
    std::vector<IStudyWatcher*> watchers;                         // follow the studies too; they outlive the intake
  };

  // Turns what happens in the archive into tasks. The change callback only leaves an identifier here; one thread does
  // the rest: it handles events, reads the change log at the start and from time to time (the memory of what is stable
  // does not survive a restart of Orthanc, and what another Orthanc on the same database received is told to that one
  // alone), and once a day compares the archive with the store. Live events go first, also between the steps of these.
  class StudyIntake
  {
  public:
    // The references must outlive this object.
    StudyIntake(Archive::IArchive& archive, WorkState::WorkStore& store, const Support::IClock& clock,
                IntakeOptions options);

    StudyIntake(const StudyIntake&) = delete;
    StudyIntake& operator=(const StudyIntake&) = delete;

    ~StudyIntake();

    void Start();
    void Stop() noexcept;

    // From the change callback: never block, never throw.
    void OnStableStudy(const std::string& studyId) noexcept;
    void OnDeletedStudy(const std::string& studyId) noexcept;
    void OnDeletedSeries(const std::string& seriesId) noexcept;

    // Queues a study on request, now and whatever Triage says. Throws Error(NotFound) when it is not in the archive,
    // Error(BadInput) when it holds nothing but our own results.
    WorkState::EnqueueOutcome Request(const std::string& studyId, WorkState::Priority priority, bool force);

    // Queues studies of the past, from the thread of its own. Error(Conflict) while another backfill runs,
    // Error(BadInput) when they are too many.
    void Backfill(std::vector<std::string> studies);

    std::size_t GetBackfillPending() const;

    // Drops what the backfill has not queued yet. Returns how many studies.
    std::size_t StopBackfill();

  private:
    void Push(IntakeEvent event) noexcept;
    void Run(const std::stop_token& stop);
    void Step(const std::stop_token& stop);
    void Sweep(const std::stop_token& stop);
    bool ReadLog(const std::stop_token& stop);
    void ServeLive(const std::stop_token& stop);
    void Serve(const IntakeEvent& event);
    void Handle(const IntakeEvent& event);
    std::optional<Archive::StudySnapshot> Examine(const std::string& studyId);
    void Examine(const Archive::StudySnapshot& study);
    void FollowClock();
    bool IsOfThePast(const Archive::StudySnapshot& study);
    void ReconcileWhenDue(const std::stop_token& stop);

    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    const Support::IClock& clock_;
    IntakeOptions options_;
    StudyEnqueuer enqueuer_;
    StudyWatch watch_;
    ClockGuard clockGuard_;
    bool hasFollowedClock_ = false;         // of the thread alone, as the next
    std::chrono::milliseconds setBack_{0};  // and not followed yet
    IntakeQueue events_;
    std::atomic<std::uint64_t> sweepsAsked_ = 1;  // at start, and when an event did not fit into the queue
    std::uint64_t sweepsDone_ = 0;                // of the thread alone, as the next
    DeletedSeries deletedSeries_;
    ChangeLogCursor cursor_;
    ChangeLogSweep sweep_;
    std::jthread thread_;  // last: joined before what it uses goes
  };
}
