// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Support/BoundedQueue.h"
#include "Plugin/WorkState/WorkStore.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <thread>

namespace H3K27M::Pipeline
{
  struct IntakeOptions
  {
    bool enabled = true;  // false (Triage: off): the log is followed, nothing is queued
    std::chrono::seconds stableAge{60};
    std::chrono::hours reconcileEvery{24};  // 0: never
    std::function<void()> onQueued;         // wakes the workers
  };

  // Turns what happens in the archive into tasks. The change callback only leaves an identifier here; one thread does
  // the rest: it reads the change log that was missed while the plugin was down (the memory of what is stable does not
  // survive a restart of Orthanc), handles events, moves the cursor in the log once all before it is safe in the work
  // store, and once a day compares the archive with the store.
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

    // Queues a study on request, whatever Triage says. Throws Error(NotFound) when it is not in the archive,
    // Error(BadInput) when it holds nothing but our own results.
    WorkState::EnqueueOutcome Request(const std::string& studyId, WorkState::Priority priority, bool force);

    // Queues studies of the past, from the thread of its own. Error(Busy) while another backfill runs.
    void Backfill(std::vector<std::string> studies);

    std::size_t GetBackfillPending() const;

  private:
    struct Event
    {
      enum class Kind
      {
        Stable,
        Deleted,
        Backfill
      };

      Kind kind;
      std::string studyId;
    };

    struct Checkpoint
    {
      std::chrono::steady_clock::time_point taken;
      std::int64_t sequence;
    };

    void Push(Event event) noexcept;
    void Run(const std::stop_token& stop);
    void Step();
    void Sweep();
    void SweepPage(const Archive::ChangePage& page);
    void Handle(const Event& event);
    void Examine(const std::string& studyId, WorkState::Priority priority, bool isStable);
    void MoveCursor();
    void ReconcileWhenDue(const std::stop_token& stop);
    bool IsResultMissing(const std::string& studyId);

    Archive::IArchive& archive_;
    WorkState::WorkStore& store_;
    const Support::IClock& clock_;
    IntakeOptions options_;
    Support::BoundedQueue<Event> events_;
    std::atomic<bool> sweepNeeded_ = true;  // at start, and when the queue overflowed
    std::atomic<std::size_t> backfillPending_ = 0;
    std::deque<Checkpoint> checkpoints_;  // of the thread alone
    std::jthread thread_;                 // last: joined before what it uses goes
  };
}
