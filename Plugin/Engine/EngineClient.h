// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/FrameChannel.h"
#include "Plugin/Engine/EngineStatus.h"
#include "Plugin/Engine/PendingRequest.h"
#include "Plugin/Support/BoundedQueue.h"
#include "Plugin/Support/Mutex.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace H3K27M::Engine
{
  // What the heartbeats say, and since when.
  struct EngineHealth
  {
    TimePoint lastSign;       // any message
    TimePoint progressSince;  // progress or busy changed
    std::uint64_t progress = 0;
    std::string busy;
    std::uint64_t rssBytes = 0;
    std::uint64_t peakRssBytes = 0;
    std::size_t openRequests = 0;
    std::uint64_t completed = 0;  // requests that it answered with a result
  };

  // The plugin's end of one engine's socket: a reader and a writer thread, several requests open at once. It lives as
  // long as its engine; shared, because a session may outlive the engine that it was begun with. Thread-safe.
  class EngineClient
  {
  public:
    // Owns the descriptor. `onClosed` is called once from one of its threads when the connection ends.
    EngineClient(int descriptor, std::function<void()> onClosed);

    EngineClient(const EngineClient&) = delete;
    EngineClient& operator=(const EngineClient&) = delete;

    // Closes and joins.
    ~EngineClient();

    // Throws Error(Unavailable) when `hello` does not come by `limit`, Error(BadInput) when it is wrong (another
    // protocol version), and why the connection ended when it did.
    EngineInfo WaitForHello(TimePoint limit);

    // Gives the request its id. Throws Error(Busy, retry) when the connection is closed.
    std::shared_ptr<PendingRequest> Open(IReply& reply);

    // Waits for room in the queue until `limit`; throws what the request failed with, or Error(Unavailable, retry).
    void Send(const PendingRequest& request, const Protocol::Message& message, TimePoint limit);

    // The same for its last message: the engine takes up requests in the order in which they are whole.
    void SendLast(const PendingRequest& request, const Protocol::Message& message, TimePoint limit);

    // The session wants no more of it: fails the request with `why`, and tells the engine when it was still open.
    void Abandon(PendingRequest& request, const Error& why) noexcept;

    EngineHealth GetHealth() const;

    // It is stopped or replaced: every open request fails with Error(Busy, retry) that holds the reason, because none
    // of them is at fault. The first reason counts.
    void Close(const Error& reason) noexcept;

    // It failed: as Close(), but the request that it worked on (all of them, when none was whole) fails with
    // Error(Unavailable, retry).
    void Fail(const Error& reason) noexcept;

    bool HasSaidHello() const;

    // Whether it ended over what it was asked for: a request was with it when it failed, or its device failed in one.
    bool EndedOverRequest() const
    {
      const Support::MutexLock lock(mutex_);
      return endedOverRequest_;
    }

    // What `hello` said; empty before it came.
    std::optional<EngineInfo> GetEngine() const
    {
      const Support::MutexLock lock(mutex_);
      return hello_;
    }

    // Why it closed; empty while open.
    std::optional<Error> GetClosingReason() const;

    // After Close(): its threads have ended when this returns. Called by its owner only.
    void Join();

  private:
    void Read();
    void Write();

    enum class Cause
    {
      Asked,    // it is stopped or replaced
      Device,   // it left, and has answered the request that met the fault
      Failure,  // it ended, hung or babbled
    };
    void End(const Error& reason, Cause cause) noexcept;
    bool IsWithEngine(const std::string& id) const REQUIRES(mutex_);
    std::string FindSuspect() const REQUIRES(mutex_);
    void Accept(const Protocol::ReceivedMessage& message);
    void AcceptHeartbeat(const Protocol::ReceivedMessage& message);
    std::shared_ptr<PendingRequest> FindRequest(const std::string& id);

    Protocol::FrameChannel channel_;
    Support::BoundedQueue<std::vector<std::byte>> outbox_;
    std::function<void()> onClosed_;
    mutable Support::Mutex mutex_;
    std::condition_variable changed_;
    std::optional<EngineInfo> hello_ GUARDED_BY(mutex_);
    std::optional<Error> closed_ GUARDED_BY(mutex_);
    EngineHealth health_ GUARDED_BY(mutex_);
    std::map<std::string, std::shared_ptr<PendingRequest>> requests_ GUARDED_BY(mutex_);
    std::deque<std::string> turns_ GUARDED_BY(mutex_);    // ids of whole requests, in order; some are over
    std::set<std::string> abandoned_ GUARDED_BY(mutex_);  // ids that the engine has not answered yet
    std::uint64_t lastId_ GUARDED_BY(mutex_) = 0;
    bool endedOverRequest_ GUARDED_BY(mutex_) = false;
    std::thread reader_;
    std::thread writer_;
  };
}
