// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/StudyIntake.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Support/Log.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace H3K27M::Pipeline
{
  namespace
  {
    constexpr std::size_t MAX_EVENTS = 200'000;
    constexpr unsigned CHANGES_PER_PAGE = 1000;

    // On PostgreSQL sequence numbers may commit out of order: read some again.
    constexpr std::int64_t CURSOR_OVERLAP = 200;

    constexpr std::chrono::seconds CHECKPOINT_EVERY(10);

    // Beyond StableAge: Orthanc looks for stable studies every few seconds, and the event must get through our queue.
    constexpr std::chrono::seconds CHECKPOINT_MARGIN(30);

    constexpr const char* CURSOR = "changes";
    constexpr const char* FIRST_START = "first_start_ms";
    constexpr const char* LAST_RECONCILE = "last_reconcile_ms";

    Support::UnixMs ParseMs(const std::optional<std::string>& text)
    {
      Support::UnixMs value = 0;

      if (text)
      {
        std::from_chars(text->data(), text->data() + text->size(), value);
      }

      return value;
    }

    Support::UnixMs ToUnixMs(std::chrono::system_clock::time_point time)
    {
      return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    }
  }

  StudyIntake::StudyIntake(Archive::IArchive& archive, WorkState::WorkStore& store, const Support::IClock& clock,
                           IntakeOptions options) :
    archive_(archive),
    store_(store),
    clock_(clock),
    options_(std::move(options)),
    events_(MAX_EVENTS)
  {
  }

  StudyIntake::~StudyIntake()
  {
    Stop();
  }

  void StudyIntake::Start()
  {
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }

  void StudyIntake::Stop() noexcept
  {
    thread_.request_stop();
    events_.Close();

    if (thread_.joinable())
    {
      thread_.join();
    }
  }

  void StudyIntake::Push(Event event) noexcept
  {
    try
    {
      if (!events_.TryPush(std::move(event)))
      {
        sweepNeeded_ = true;
      }
    }
    catch (...)
    {
      // No memory for an identifier: the change log still has it.
      sweepNeeded_ = true;
    }
  }

  void StudyIntake::OnStableStudy(const std::string& studyId) noexcept
  {
    Push({Event::Kind::Stable, studyId});
  }

  void StudyIntake::OnDeletedStudy(const std::string& studyId) noexcept
  {
    Push({Event::Kind::Deleted, studyId});
  }

  WorkState::EnqueueOutcome StudyIntake::Request(const std::string& studyId, WorkState::Priority priority, bool force)
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);

    if (!study)
    {
      throw Error(ErrorCode::NotFound, "There is no study " + studyId);
    }

    const std::string fingerprint = ComputeFingerprint(*study);

    if (fingerprint.empty())
    {
      throw Error(ErrorCode::BadInput, "Study " + studyId + " holds nothing but results");
    }

    const WorkState::EnqueueOutcome outcome =
      store_.Enqueue({studyId, study->studyInstanceUid, fingerprint, priority, 0, force});
    options_.onQueued();
    return outcome;
  }

  void StudyIntake::Backfill(std::vector<std::string> studies)
  {
    std::size_t none = 0;

    if (!backfillPending_.compare_exchange_strong(none, studies.size()))
    {
      throw Error(ErrorCode::Busy, "A backfill is under way: " + std::to_string(none) + " studies to go");
    }

    for (std::string& study : studies)
    {
      if (!events_.TryPush({Event::Kind::Backfill, std::move(study)}))
      {
        backfillPending_--;
      }
    }
  }

  std::size_t StudyIntake::GetBackfillPending() const
  {
    return backfillPending_;
  }

  void StudyIntake::Run(const std::stop_token& stop)
  {
    while (!stop.stop_requested())
    {
      try
      {
        Step();
        ReconcileWhenDue(stop);
      }
      catch (const std::exception& e)
      {
        // What was in hand is read again from the change log, so nothing is lost.
        Support::Log::Warning(std::string("intake: ") + e.what());
        sweepNeeded_ = true;
        events_.Pop(std::chrono::steady_clock::now() + std::chrono::seconds(2));
      }
    }
  }

  void StudyIntake::Step()
  {
    if (sweepNeeded_.exchange(false))
    {
      Sweep();
    }

    if (const std::optional<Event> event = events_.Pop(std::chrono::steady_clock::now() + std::chrono::seconds(1)))
    {
      Handle(*event);
    }

    MoveCursor();
  }

  void StudyIntake::Sweep()
  {
    const std::optional<std::int64_t> cursor = store_.GetCursor(CURSOR);

    if (!cursor)
    {
      store_.SetValue(FIRST_START, std::to_string(clock_.NowMs()));
      store_.AdvanceCursor(CURSOR, archive_.GetLastChange());
      Support::Log::Info("intake: first start, begins at the end of the change log (backfill does the past)");
      return;
    }

    std::int64_t since = std::max<std::int64_t>(0, *cursor - CURSOR_OVERLAP);
    Archive::ChangePage page;

    do
    {
      page = archive_.ReadChanges(since, CHANGES_PER_PAGE);
      SweepPage(page);
      since = page.last;
    } while (!page.done);
  }

  void StudyIntake::SweepPage(const Archive::ChangePage& page)
  {
    std::set<std::string> studies;

    for (const Archive::Change& change : page.changes)
    {
      if (change.kind == Archive::ChangeKind::StudyTouched)
      {
        if (const std::optional<std::string> study = archive_.GetParentStudy(change.resourceType, change.resourceId))
        {
          studies.insert(*study);
        }
      }
    }

    for (const std::string& study : studies)
    {
      // IsStable is true for everything after a restart, so only the time of the last change counts.
      Examine(study, WorkState::Priority::Routine, false);
    }
  }

  void StudyIntake::Handle(const Event& event)
  {
    switch (event.kind)
    {
      case Event::Kind::Stable:
        Examine(event.studyId, WorkState::Priority::Routine, true);
        break;

      case Event::Kind::Deleted:
        // It may have been sent again since.
        if (!archive_.GetStudy(event.studyId))
        {
          store_.Forget(event.studyId);
        }

        break;

      case Event::Kind::Backfill:
        backfillPending_--;

        try
        {
          Request(event.studyId, WorkState::Priority::Backfill, false);
        }
        catch (const Error& e)
        {
          if (e.CanRetry())
          {
            throw;
          }

          Support::Log::Info("backfill: " + std::string(e.what()));
        }

        break;
    }
  }

  bool StudyIntake::IsResultMissing(const std::string& studyId)
  {
    const std::optional<WorkState::Task> task = store_.FindByStudy(studyId);

    if (!task || task->state != WorkState::TaskState::Done || task->resultJson.empty())
    {
      return false;
    }

    const Json::Value result = Protocol::ParseJson(task->resultJson);
    return !result["shadow"].asBool() && !archive_.FindInstance(result["report_instance_uid"].asString());
  }

  void StudyIntake::Examine(const std::string& studyId, WorkState::Priority priority, bool isStable)
  {
    if (!options_.enabled)
    {
      return;
    }

    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);

    if (!study)
    {
      store_.Forget(studyId);
      return;
    }

    WorkState::EnqueueRequest request;
    request.studyId = studyId;
    request.studyInstanceUid = study->studyInstanceUid;
    request.fingerprint = ComputeFingerprint(*study);
    request.priority = priority;

    if (request.fingerprint.empty())
    {
      return;
    }

    if (!isStable)
    {
      request.notBefore = GetStableTime(*study, options_.stableAge);
    }

    WorkState::EnqueueOutcome outcome = store_.Enqueue(request);

    if (outcome == WorkState::EnqueueOutcome::Unchanged && IsResultMissing(studyId))
    {
      // The study was deleted and sent again, or somebody removed our report.
      request.force = true;
      outcome = store_.Enqueue(request);
    }

    if (outcome != WorkState::EnqueueOutcome::Unchanged)
    {
      options_.onQueued();
    }
  }

  // A change before a checkpoint belongs to a study that has become stable since, and its event was handled; or to one
  // that changed again, and then the log has it behind the checkpoint too.
  void StudyIntake::MoveCursor()
  {
    const auto now = std::chrono::steady_clock::now();

    if (checkpoints_.empty() || now - checkpoints_.back().taken >= CHECKPOINT_EVERY)
    {
      checkpoints_.push_back({now, archive_.GetLastChange()});
    }

    while (!checkpoints_.empty() && now - checkpoints_.front().taken >= options_.stableAge + CHECKPOINT_MARGIN &&
           events_.GetSize() == 0)
    {
      store_.AdvanceCursor(CURSOR, checkpoints_.front().sequence);
      checkpoints_.pop_front();
    }
  }

  void StudyIntake::ReconcileWhenDue(const std::stop_token& stop)
  {
    const Support::UnixMs now = clock_.NowMs();
    const Support::UnixMs last = ParseMs(store_.GetValue(LAST_RECONCILE));
    const Support::UnixMs first = ParseMs(store_.GetValue(FIRST_START));

    if (options_.reconcileEvery.count() == 0 || !options_.enabled)
    {
      return;
    }

    if (now - std::max(last, first) <
        std::chrono::duration_cast<std::chrono::milliseconds>(options_.reconcileEvery).count())
    {
      return;
    }

    Support::Log::Info("intake: compares the archive with the work store");

    for (const std::string& id : archive_.ListStudies({}))
    {
      if (stop.stop_requested())
      {
        return;
      }

      const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(id);

      // What was there before the first start is the backfill's business.
      if (study && ToUnixMs(study->lastUpdate) >= first)
      {
        Examine(id, WorkState::Priority::Routine, false);
      }
    }

    store_.SetValue(LAST_RECONCILE, std::to_string(now));
  }
}
