// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/EngineClient.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Log.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace H3K27M::Engine
{
  namespace
  {
    // Times MAX_FRAME_BYTES: the memory that slices may take while the engine is behind.
    constexpr std::size_t OUTBOX_FRAMES = 8;
    constexpr std::chrono::milliseconds LOOK_INTERVAL{250};

    std::uint64_t ParseId(const std::string& id)
    {
      std::uint64_t value = 0;
      const char* const end = id.data() + id.size();
      const auto [position, fault] = std::from_chars(id.data(), end, value);
      return fault == std::errc() && position == end ? value : 0;
    }

    // Whatever ended the engine, another one may do the work.
    Error MakeRetryable(const Error& reason, bool isSuspect)
    {
      return Error(isSuspect ? ErrorCode::Unavailable : ErrorCode::Busy,
                   std::string("The engine is gone: ") + reason.what(), true);
    }
  }

  EngineClient::EngineClient(int descriptor, std::function<void()> onClosed) :
    channel_(descriptor),
    outbox_(OUTBOX_FRAMES),
    onClosed_(std::move(onClosed))
  {
    health_.lastSign = std::chrono::steady_clock::now();
    health_.progressSince = health_.lastSign;
    reader_ = std::thread(&EngineClient::Read, this);

    try
    {
      writer_ = std::thread(&EngineClient::Write, this);
    }
    catch (const std::exception&)
    {
      // A constructor that throws has no destructor, and a thread that nobody joins ends the process.
      channel_.Shutdown();
      reader_.join();
      throw;
    }
  }

  EngineClient::~EngineClient()
  {
    Close(Error(ErrorCode::Unavailable, "it is stopped"));
    Join();
  }

  void EngineClient::Read()
  {
    try
    {
      while (auto frame = channel_.Read())
      {
        Accept(Protocol::ReceivedMessage(std::move(*frame)));
      }

      Fail(Error(ErrorCode::Unavailable, "it closed the connection"));
    }
    catch (const Error& e)
    {
      // Of itself the engine says Busy when it leaves because its device failed: who met that has its answer already.
      End(e, e.GetCode() == ErrorCode::Busy ? Cause::Device : Cause::Failure);
    }
    catch (const std::exception& e)
    {
      Fail(Error(ErrorCode::Internal, e.what()));
    }
  }

  void EngineClient::Write()
  {
    try
    {
      while (const auto frame = outbox_.Pop())
      {
        channel_.Write(*frame);
      }
    }
    catch (const Error& e)
    {
      Fail(e);
    }
    catch (const std::exception& e)
    {
      Fail(Error(ErrorCode::Internal, e.what()));
    }
  }

  void EngineClient::Accept(const Protocol::ReceivedMessage& message)
  {
    const std::string& verb = message.GetVerb();

    {
      const Support::MutexLock lock(mutex_);
      health_.lastSign = std::chrono::steady_clock::now();
    }

    if (verb == Protocol::Verb::HELLO)
    {
      EngineInfo info = ParseEngineInfo(message.GetJson("info"));
      const Support::MutexLock lock(mutex_);
      hello_ = std::move(info);
      changed_.notify_all();
    }
    else if (verb == Protocol::Verb::HEARTBEAT)
    {
      AcceptHeartbeat(message);
    }
    else if (verb == Protocol::Verb::ERROR && message.GetId().empty())
    {
      throw message.ToError();
    }
    else if (verb != Protocol::Verb::PONG)
    {
      const std::shared_ptr<PendingRequest> request = FindRequest(message.GetId());

      if (request && request->Accept(message))
      {
        const Support::MutexLock lock(mutex_);
        requests_.erase(message.GetId());
        health_.completed += request->IsComplete() ? 1 : 0;
      }
    }
  }

  void EngineClient::AcceptHeartbeat(const Protocol::ReceivedMessage& message)
  {
    const std::uint64_t progress = message.GetCount("progress");
    const std::string& busy = message.GetString("busy");
    const Support::MutexLock lock(mutex_);

    if (busy.empty() || busy != health_.busy || progress != health_.progress)
    {
      health_.progressSince = health_.lastSign;
    }

    health_.progress = progress;
    health_.busy = busy;
    health_.rssBytes = message.GetCount("rss_bytes");
    health_.peakRssBytes = message.GetCount("peak_rss_bytes");
  }

  std::shared_ptr<PendingRequest> EngineClient::FindRequest(const std::string& id)
  {
    const Support::MutexLock lock(mutex_);
    const auto found = requests_.find(id);

    if (found != requests_.end())
    {
      return found->second;
    }

    // A request that was cancelled may be answered still; one that never was is a sign of a confused engine.
    const std::uint64_t number = ParseId(id);

    if (number == 0 || number > lastId_)
    {
      throw Error(ErrorCode::Corrupt, "it answered a request that was never made", true);
    }

    abandoned_.erase(id);
    return nullptr;
  }

  EngineInfo EngineClient::WaitForHello(TimePoint limit)
  {
    Support::MutexLock lock(mutex_);

    while (!hello_ && !closed_)
    {
      if (!lock.WaitUntil(changed_, limit) && !hello_ && !closed_)
      {
        throw Error(ErrorCode::Unavailable, "it did not say hello in time");
      }
    }

    if (closed_)
    {
      throw Error(*closed_);
    }

    return *hello_;
  }

  std::shared_ptr<PendingRequest> EngineClient::Open(IReply& reply)
  {
    const Support::MutexLock lock(mutex_);

    if (closed_)
    {
      throw MakeRetryable(*closed_, false);
    }

    auto request = std::make_shared<PendingRequest>(std::to_string(++lastId_), reply);
    requests_.emplace(request->GetId(), request);
    return request;
  }

  void EngineClient::Send(const PendingRequest& request, const Protocol::Message& message, TimePoint limit)
  {
    std::vector<std::byte> frame = message.Serialize();

    for (;;)
    {
      request.ThrowIfFailed();
      const TimePoint now = std::chrono::steady_clock::now();

      // In short waits, so that a cancelled session does not stay here.
      if (outbox_.Push(frame, std::min(limit, now + LOOK_INTERVAL)))
      {
        return;
      }

      if (outbox_.IsEnded())
      {
        request.ThrowIfFailed();
        throw Error(ErrorCode::Unavailable, "The engine is gone");
      }

      if (now >= limit)
      {
        throw Error(ErrorCode::Unavailable, "The engine did not take the study in time");
      }
    }
  }

  void EngineClient::SendLast(const PendingRequest& request, const Protocol::Message& message, TimePoint limit)
  {
    {
      const Support::MutexLock lock(mutex_);

      // What is over at the front is done with: the engine works in this order.
      while (!turns_.empty() && !IsWithEngine(turns_.front()))
      {
        turns_.pop_front();
      }

      // Before it is sent: the engine may end over it at once.
      turns_.push_back(request.GetId());
    }

    Send(request, message, limit);
  }

  void EngineClient::Abandon(PendingRequest& request, const Error& why) noexcept
  {
    try
    {
      const bool wasOpen = !request.IsOver();
      request.Fail(why);

      {
        const Support::MutexLock lock(mutex_);
        requests_.erase(request.GetId());

        if (wasOpen)
        {
          abandoned_.insert(request.GetId());
        }
      }

      if (wasOpen)
      {
        outbox_.ForcePush(Protocol::Message(Protocol::Verb::CANCEL, request.GetId()).Serialize());
      }
    }
    catch (const std::exception& e)
    {
      // Out of memory: the engine computes for nobody, which costs time and nothing else.
      Support::Log::Warning(std::string("Engine: a request could not be cancelled: ") + e.what());
    }
  }

  EngineHealth EngineClient::GetHealth() const
  {
    const Support::MutexLock lock(mutex_);
    EngineHealth health = health_;
    health.openRequests = requests_.size();
    return health;
  }

  void EngineClient::Close(const Error& reason) noexcept
  {
    End(reason, Cause::Asked);
  }

  void EngineClient::Fail(const Error& reason) noexcept
  {
    End(reason, Cause::Failure);
  }

  // Also when nobody waits for its answer any more.
  bool EngineClient::IsWithEngine(const std::string& id) const
  {
    return requests_.contains(id) || abandoned_.contains(id);
  }

  // Id of the request that the engine worked on. Empty when it was only receiving: any of the open ones may have been
  // too much for it.
  std::string EngineClient::FindSuspect() const
  {
    // Heartbeats are a second apart: the last one may name a request that was answered since, or none.
    if (IsWithEngine(health_.busy))
    {
      return health_.busy;
    }

    for (const std::string& id : turns_)
    {
      if (IsWithEngine(id))
      {
        return id;
      }
    }

    return {};
  }

  void EngineClient::End(const Error& reason, Cause cause) noexcept
  {
    const bool isFault = cause == Cause::Failure;
    std::map<std::string, std::shared_ptr<PendingRequest>> requests;
    std::string suspect;

    {
      const Support::MutexLock lock(mutex_);

      if (closed_)
      {
        return;
      }

      closed_ = reason;

      if (isFault)
      {
        suspect = FindSuspect();
      }

      endedOverRequest_ = cause == Cause::Device || (isFault && !(requests_.empty() && abandoned_.empty()));
      requests.swap(requests_);
      changed_.notify_all();
    }

    for (const auto& [id, request] : requests)
    {
      request->Fail(MakeRetryable(reason, isFault && (suspect.empty() || suspect == id)));
    }

    outbox_.Close();
    channel_.Shutdown();

    if (onClosed_)
    {
      onClosed_();
    }
  }

  bool EngineClient::HasSaidHello() const
  {
    const Support::MutexLock lock(mutex_);
    return hello_.has_value();
  }

  std::optional<Error> EngineClient::GetClosingReason() const
  {
    const Support::MutexLock lock(mutex_);
    return closed_;
  }

  void EngineClient::Join()
  {
    for (std::thread* thread : {&reader_, &writer_})
    {
      if (thread->joinable())
      {
        thread->join();
      }
    }
  }
}
