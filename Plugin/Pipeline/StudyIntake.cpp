// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/StudyIntake.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Support/Log.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

namespace H3K27M::Pipeline
{
  namespace
  {
    constexpr std::chrono::milliseconds MAX_RETRY_DELAY = std::chrono::seconds(30);
    constexpr std::chrono::seconds EVENT_LIMIT(1);  // then the rest is looked after

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
    enqueuer_(archive, store, options_.stableAge, options_.onQueued),
    watch_(archive, store, options_.watchers, [this](const std::stop_token& stop) { ServeLive(stop); }),
    clockGuard_(store, clock, options_.stableAge + std::chrono::seconds(1), options_.retryWait),
    deletedSeries_(store, options_.deletionWait),
    cursor_(archive, store),
    sweep_(archive, cursor_, [this](const std::string& id) { return Examine(id); },
           [this](const std::stop_token& stop) { ServeLive(stop); })
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

  void StudyIntake::Push(IntakeEvent event) noexcept
  {
    try
    {
      if (!events_.TryPush(std::move(event)))
      {
        sweepsAsked_++;
      }
    }
    catch (...)
    {
      // No memory for an identifier: the change log still has it.
      sweepsAsked_++;
    }
  }

  void StudyIntake::OnStableStudy(const std::string& studyId) noexcept
  {
    Push({IntakeEvent::Kind::Stable, studyId});
  }

  void StudyIntake::OnDeletedStudy(const std::string& studyId) noexcept
  {
    Push({IntakeEvent::Kind::Deleted, studyId});
  }

  void StudyIntake::OnDeletedSeries(const std::string& seriesId) noexcept
  {
    Push({IntakeEvent::Kind::SeriesDeleted, seriesId});
  }

  WorkState::EnqueueOutcome StudyIntake::Request(const std::string& studyId, WorkState::Priority priority, bool force)
  {
    return enqueuer_.EnqueueNow(studyId, priority, force);
  }

  void StudyIntake::Backfill(std::vector<std::string> studies)
  {
    events_.PushBackfill(std::move(studies));
  }

  std::size_t StudyIntake::GetBackfillPending() const
  {
    return events_.CountBackfill();
  }

  std::size_t StudyIntake::StopBackfill()
  {
    return events_.DropBackfill();
  }

  void StudyIntake::Run(const std::stop_token& stop)
  {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock wait(mutex);
    std::chrono::milliseconds delay = options_.retryDelay;

    while (!stop.stop_requested())
    {
      try
      {
        Step(stop);
        delay = options_.retryDelay;
      }
      catch (const std::exception& e)
      {
        // Archive or work store are away. What was in hand is in the queue again, what was swept is swept again.
        Support::Log::Warning(std::string("intake: ") + e.what());
        wake.wait_for(wait, stop, delay, [&stop] { return stop.stop_requested(); });
        delay = std::min(2 * delay, MAX_RETRY_DELAY);
      }
    }
  }

  void StudyIntake::Step(const std::stop_token& stop)
  {
    FollowClock();
    const std::uint64_t asked = sweepsAsked_;

    if (asked != sweepsDone_)
    {
      Sweep(stop);
      sweepsDone_ = asked;
    }

    if (const std::optional<IntakeEvent> event = events_.Take(std::chrono::steady_clock::now() + EVENT_LIMIT))
    {
      FollowClock();
      Serve(*event);
    }

    if (!stop.stop_requested())
    {
      for (const std::string& studyId : deletedSeries_.TakeStudies())
      {
        OnStableStudy(studyId);
      }

      if (cursor_.IsDue(std::chrono::steady_clock::now()))
      {
        ReadLog(stop);
      }

      ReconcileWhenDue(stop);
    }
  }

  void StudyIntake::Sweep(const std::stop_token& stop)
  {
    if (!ReadLog(stop))
    {
      store_.SetValue(FIRST_START, std::to_string(clock_.NowMs()));
      cursor_.BeginAtEnd();
      Support::Log::Info("intake: first start, begins at the end of the change log (backfill does the past)");
    }

    watch_.ShowKnown(stop);
    watch_.ShowAllOnce(stop);
  }

  // False on the first start, which reads nothing.
  bool StudyIntake::ReadLog(const std::stop_token& stop)
  {
    const std::optional<std::int64_t> start = cursor_.GetStart();

    if (start)
    {
      sweep_.Run(*start, stop);
    }

    return start.has_value();
  }

  void StudyIntake::ServeLive(const std::stop_token& stop)
  {
    while (!stop.stop_requested())
    {
      FollowClock();
      const std::optional<IntakeEvent> event = events_.TakeLive();

      if (!event)
      {
        return;
      }

      Serve(*event);
    }
  }

  // An event that failed goes behind the others: what is wrong with one study does not hold up the rest.
  void StudyIntake::Serve(const IntakeEvent& event)
  {
    try
    {
      Handle(event);
    }
    catch (const Error& e)
    {
      if (e.CanRetry())
      {
        events_.PutBack();
        throw;
      }

      Support::Log::Warning("intake: " + event.resourceId + ": " + e.what());
    }
    catch (...)
    {
      events_.PutBack();
      throw;
    }

    events_.Finish();
  }

  void StudyIntake::Handle(const IntakeEvent& event)
  {
    switch (event.kind)
    {
      case IntakeEvent::Kind::Stable:
        Examine(event.resourceId);
        break;

      case IntakeEvent::Kind::Deleted:
        // It may have been sent again since.
        if (!archive_.GetStudy(event.resourceId))
        {
          store_.Forget(event.resourceId);
        }

        break;

      case IntakeEvent::Kind::SeriesDeleted:
        watch_.ShowDeletedSeries(event.resourceId);

        if (options_.enabled)
        {
          deletedSeries_.Add(event.resourceId);
        }

        break;

      case IntakeEvent::Kind::Backfill:
        // Asked for by a person, so whatever Triage says.
        enqueuer_.EnqueuePast(event.resourceId);
        break;
    }
  }

  std::optional<Archive::StudySnapshot> StudyIntake::Examine(const std::string& studyId)
  {
    if (!options_.enabled && !watch_.IsOn())
    {
      return std::nullopt;
    }

    std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);

    if (study)
    {
      Examine(*study);
    }
    else
    {
      store_.Forget(studyId);
    }

    return study;
  }

  void StudyIntake::Examine(const Archive::StudySnapshot& study)
  {
    if (options_.enabled && !IsOfThePast(study))
    {
      enqueuer_.EnqueueIfNew(study);
    }

    watch_.Show(study);
  }

  // What the store remembers never lies ahead: with a clock that was set back since, whatever comes would be of the
  // past, and the daily comparison would wait for years.
  void StudyIntake::FollowClock()
  {
    setBack_ += clockGuard_.Check();

    if (hasFollowedClock_ && setBack_.count() == 0)
    {
      return;
    }

    for (const char* const key : {FIRST_START, LAST_RECONCILE})
    {
      const Support::UnixMs time = ParseMs(store_.GetValue(key));

      if (time > clock_.NowMs())
      {
        store_.SetValue(key, std::to_string(std::min(time - setBack_.count(), clock_.NowMs())));
      }
    }

    setBack_ = std::chrono::milliseconds(0);
    hasFollowedClock_ = true;
  }

  // A label that is set in an old study makes it change, and is no reason to look at its images. What became stable
  // after the first start is not old.
  bool StudyIntake::IsOfThePast(const Archive::StudySnapshot& study)
  {
    constexpr std::chrono::seconds RESOLUTION(1);  // the archive's times are whole seconds
    const auto stable = GetSourceTime(study) + std::max(options_.stableAge, options_.coreStableAge) + RESOLUTION;
    return GetSourceTime(study) != std::chrono::system_clock::time_point() &&
           ToUnixMs(stable) < ParseMs(store_.GetValue(FIRST_START)) && !store_.FindByStudy(study.id);
  }

  void StudyIntake::ReconcileWhenDue(const std::stop_token& stop)
  {
    if (options_.reconcileEvery.count() == 0 || (!options_.enabled && !watch_.IsOn()))
    {
      return;
    }

    const Support::UnixMs now = clock_.NowMs();
    const Support::UnixMs last = ParseMs(store_.GetValue(LAST_RECONCILE));
    const Support::UnixMs first = ParseMs(store_.GetValue(FIRST_START));

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

      ServeLive(stop);
      const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(id);

      // What was there before the first start is the backfill's business.
      if (study && ToUnixMs(study->lastUpdate) >= first)
      {
        Examine(*study);
      }
      else if (study)
      {
        watch_.Show(*study);
      }
    }

    watch_.ShowKnown(stop);

    store_.SetValue(LAST_RECONCILE, std::to_string(now));
  }
}
