// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Delivery/DeliverySender.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Delivery/DeliveryObjects.h"
#include "Plugin/Delivery/DeliveryPlan.h"
#include "Plugin/Delivery/WebhookMessage.h"
#include "Plugin/Support/Log.h"

#include <algorithm>
#include <iterator>

namespace H3K27M::Delivery
{
  namespace
  {
    using Clock = std::chrono::steady_clock;

    // Another Orthanc on the same database, or a worker of this one, may have ordered something.
    constexpr std::chrono::milliseconds IDLE_INTERVAL(2000);
    constexpr std::chrono::milliseconds JOB_INTERVAL(100);
    constexpr std::chrono::hours JOB_LIMIT(1);  // of a job that a person paused, or that hangs
    constexpr Support::UnixMs SHORTEST_LOOK_MS = 1000;
    constexpr Support::UnixMs LONGEST_LOOK_MS = 60000;

    constexpr const char* GONE = "its objects are no longer in the study: deleted, or replaced by a later result";

    // Ever later with what was delivered long ago, so that the archive is not asked the same each second.
    Support::UnixMs GetNextLook(const WorkState::Delivery& delivery, Support::UnixMs now)
    {
      return now + std::clamp((now - delivery.deliveredAt) / 4, SHORTEST_LOOK_MS, LONGEST_LOOK_MS);
    }

    std::string Describe(const WorkState::Delivery& delivery)
    {
      return "delivery " + std::to_string(delivery.id) + " (study " + delivery.studyId + ", rule " + delivery.rule +
             ")";
    }

    std::string DescribeState(const WorkState::Delivery& delivery)
    {
      const bool isAwaited = delivery.isPending && delivery.state == WorkState::DeliveryState::Delivered;
      return std::string(ToString(delivery.state)) + (isAwaited ? ", to be confirmed" : "") +
             (delivery.reason.empty() ? "" : ": " + delivery.reason);
    }
  }

  DeliverySender::DeliverySender(WorkState::WorkStore& store, Archive::IArchive& archive, ITransport& transport,
                                 const Support::IClock& clock, SenderOptions options) :
    store_(store),
    archive_(archive),
    transport_(transport),
    clock_(clock),
    options_(std::move(options))
  {
  }

  DeliverySender::~DeliverySender()
  {
    Stop();
  }

  void DeliverySender::Start()
  {
    store_.GetDeliveries().ReleaseHeld(options_.owner);

    if (!options_.sharesStore)
    {
      GiveUpRemovedRules();
    }

    for (const Rule& rule : options_.rules)
    {
      threads_.emplace_back([this, &rule](const std::stop_token& stop) { Run(rule, stop); });
    }
  }

  void DeliverySender::GiveUpRemovedRules()
  {
    std::vector<std::string> names;
    std::transform(options_.rules.begin(), options_.rules.end(), std::back_inserter(names),
                   [](const Rule& rule) { return rule.name; });
    const std::size_t count =
      store_.GetDeliveries().GiveUpOthers(names, "the rule is not in the configuration any more");

    if (count > 0)
    {
      Support::Log::Warning(std::to_string(count) +
                            " deliveries are given up: their rules are not in the configuration "
                            "any more");
    }
  }

  void DeliverySender::Stop() noexcept
  {
    for (std::jthread& thread : threads_)
    {
      thread.request_stop();
    }

    threads_.clear();
  }

  void DeliverySender::Wake() noexcept
  {
    const std::lock_guard lock(mutex_);
    wakes_++;
    wake_.notify_all();
  }

  std::uint64_t DeliverySender::GetWakes()
  {
    const std::lock_guard lock(mutex_);
    return wakes_;
  }

  // True when a stop was asked for within `limit`.
  bool DeliverySender::WaitForStop(const std::stop_token& stop, std::chrono::milliseconds limit)
  {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, limit, [] { return false; });
    return stop.stop_requested();
  }

  void DeliverySender::Run(const Rule& rule, const std::stop_token& stop)
  {
    while (!stop.stop_requested())
    {
      // Read before looking for work, so that what comes meanwhile is not slept over.
      const std::uint64_t seen = GetWakes();

      try
      {
        if (Step(rule, stop))
        {
          continue;
        }
      }
      catch (const std::exception& e)
      {
        Support::Log::Warning("deliveries of rule " + rule.name + ": " + e.what());
      }

      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, IDLE_INTERVAL, [this, seen] { return wakes_ != seen; });
    }
  }

  bool DeliverySender::Step(const Rule& rule, const std::stop_token& stop)
  {
    std::optional<WorkState::Delivery> delivery =
      store_.GetDeliveries().Claim(rule.name, options_.owner, options_.lease, options_.commitmentLimit);

    if (!delivery)
    {
      return false;
    }

    const WorkState::DeliveryState before = delivery->state;

    try
    {
      Attempt(rule, *delivery, stop);
    }
    catch (const Error& e)
    {
      if (e.GetCode() == ErrorCode::Cancelled)
      {
        delivery->Release(clock_.NowMs());
      }
      else
      {
        // Whatever it was, an administrator can mend it: the next attempt tries.
        delivery->Fail(e.what(), true, options_.retry, clock_.NowMs());
      }
    }
    catch (const std::exception& e)
    {
      delivery->Fail(e.what(), true, options_.retry, clock_.NowMs());
    }

    // Where this cannot be written the lease runs out, and it is sent once more.
    if (!store_.GetDeliveries().Update(*delivery))
    {
      Support::Log::Info(Describe(*delivery) + ": its claim was lost");
    }
    else if (delivery->state == WorkState::DeliveryState::Dead)
    {
      Support::Log::Warning(Describe(*delivery) + " is given up: " + delivery->reason);
    }
    else if (delivery->state != before)
    {
      Support::Log::Info(Describe(*delivery) + " is " + DescribeState(*delivery));
    }

    return true;
  }

  void DeliverySender::Attempt(const Rule& rule, WorkState::Delivery& delivery, const std::stop_token& stop)
  {
    if (delivery.state == WorkState::DeliveryState::Delivered)
    {
      LookAtCommitment(rule, delivery);
    }
    else if (delivery.attempts > options_.retry.maxAttempts)
    {
      throw Error(ErrorCode::Unavailable, "Orthanc ended while it was sent, at its last attempt");
    }
    else if (rule.target == Settings::DeliveryTarget::Webhook)
    {
      Post(rule, delivery);
    }
    else
    {
      Store(rule, delivery, stop);
    }
  }

  // What a review names stays in the study although another result took its place: only the task says which one stands.
  bool DeliverySender::IsOfLastResult(const WorkState::Delivery& delivery)
  {
    const std::optional<WorkState::Task> task = store_.FindByStudy(delivery.studyId);
    return task && MakeResultKey(task->resultJson) == delivery.resultKey;
  }

  void DeliverySender::Post(const Rule& rule, WorkState::Delivery& delivery)
  {
    // A receiver believes what it was told last. One that was away is told of the last result alone, whichever of its
    // messages waits longer.
    if (!IsOfLastResult(delivery))
    {
      delivery.Supersede("another result of the study, or a refusal, has taken its place", clock_.NowMs());
      return;
    }

    if (!FindResources(rule, archive_.GetStudy(delivery.studyId), delivery))
    {
      delivery.Supersede(GONE, clock_.NowMs());
      return;
    }

    const WebhookMessage message = WebhookMessage::Make(delivery, rule.secret, clock_.NowMs());
    const unsigned status = transport_.Post(rule.address, message.headers, message.body, options_.webhookLimit);

    if (status < 200 || status > 299)
    {
      throw Error(ErrorCode::Unavailable, "the webhook answered " + std::to_string(status) +
                                            (status >= 300 && status < 400 ? ": redirections are not followed" : ""));
    }

    delivery.MarkDelivered(clock_.NowMs());
  }

  void DeliverySender::Store(const Rule& rule, WorkState::Delivery& delivery, const std::stop_token& stop)
  {
    const auto resources = FindResources(rule, archive_.GetStudy(delivery.studyId), delivery);

    if (!resources)
    {
      delivery.Supersede(GONE, clock_.NowMs());
      return;
    }

    WaitForJob(transport_.StartStore(rule, *resources), delivery, stop);
    delivery.MarkDelivered(clock_.NowMs());

    if (rule.storageCommitment)
    {
      AskForCommitment(rule, delivery);
    }
  }

  void DeliverySender::WaitForJob(const std::string& job, const WorkState::Delivery& delivery,
                                  const std::stop_token& stop)
  {
    const Clock::time_point begun = Clock::now();
    Clock::time_point renewed = begun;

    for (;;)
    {
      const Progress progress = transport_.LookAtJob(job);

      if (progress.state == Progress::State::Success)
      {
        return;
      }

      if (progress.state != Progress::State::Running)
      {
        throw Error(ErrorCode::Unavailable, progress.state == Progress::State::Unknown
                                              ? "Orthanc no longer knows the job that sent it"
                                              : progress.reason);
      }

      if (WaitForStop(stop, JOB_INTERVAL))
      {
        transport_.CancelJob(job);
        throw Error(ErrorCode::Cancelled, "Orthanc is stopping");
      }

      if (Clock::now() - begun > JOB_LIMIT)
      {
        transport_.CancelJob(job);
        throw Error(ErrorCode::Unavailable, "the job that sent it did not end within an hour");
      }

      if (Clock::now() - renewed > options_.lease / 3)
      {
        renewed = Clock::now();

        if (!store_.GetDeliveries().Renew(delivery, options_.lease))
        {
          transport_.CancelJob(job);
          throw Error(ErrorCode::Conflict, "its claim was lost");
        }
      }
    }
  }

  void DeliverySender::AskForCommitment(const Rule& rule, WorkState::Delivery& delivery)
  {
    const Support::UnixMs now = clock_.NowMs();
    const auto resources = FindResources(rule, archive_.GetStudy(delivery.studyId), delivery);

    if (!resources)
    {
      delivery.Supersede("delivered; its objects were deleted or replaced before the receiver confirmed them", now);
      return;
    }

    // One more would push an earlier one out of the archive's memory, which would then be asked for anew, and so on.
    if (options_.maxAwaited > 0 &&
        store_.GetDeliveries().CountAwaited(options_.owner, delivery.id) >= options_.maxAwaited)
    {
      delivery.AwaitCommitment("", now + LONGEST_LOOK_MS, now);
      delivery.reason = "delivered; the receiver is asked to confirm it once it has confirmed others";
      return;
    }

    try
    {
      const std::string transaction = transport_.RequestCommitment(rule.address, *resources);
      delivery.AwaitCommitment(WorkState::Delivery::NameAsker(options_.owner) + transaction, GetNextLook(delivery, now),
                               now);
    }
    catch (const Error& e)
    {
      // It was delivered all the same: only the question is repeated.
      delivery.AwaitCommitment("", now + LONGEST_LOOK_MS, now);
      delivery.reason = std::string("delivered, but the receiver cannot be asked to confirm it: ") + e.what();
    }
  }

  void DeliverySender::LookAtCommitment(const Rule& rule, WorkState::Delivery& delivery)
  {
    const Support::UnixMs now = clock_.NowMs();
    const Support::UnixMs age = now - delivery.deliveredAt;

    if (!rule.storageCommitment)
    {
      delivery.MarkDelivered(now);  // no longer wanted
      return;
    }

    const std::string transaction = delivery.GetTransactionUid();
    const Progress progress =
      transaction.empty() ? Progress{Progress::State::Unknown, {}} : transport_.LookAtCommitment(transaction);

    if (progress.state == Progress::State::Success)
    {
      delivery.Confirm(now);
    }
    else if (progress.state == Progress::State::Failure)
    {
      throw Error(ErrorCode::Unavailable, "delivered, but the receiver does not confirm it: " + progress.reason);
    }
    else if (age > std::chrono::milliseconds(options_.commitmentLimit).count())
    {
      throw Error(ErrorCode::Unavailable,
                  "delivered, but not confirmed within " + std::to_string(options_.commitmentLimit.count()) + " s");
    }
    else if (progress.state == Progress::State::Unknown)
    {
      AskForCommitment(rule, delivery);  // Orthanc forgets transactions: restarted, or asked for too many
    }
    else
    {
      delivery.AwaitCommitment(delivery.commitment, GetNextLook(delivery, now), now);
    }
  }
}
