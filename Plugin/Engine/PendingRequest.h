// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Engine/IReply.h"
#include "Plugin/Support/Mutex.h"

#include <condition_variable>
#include <optional>
#include <string>

namespace H3K27M::Engine
{
  // A request that the engine works on: shared by the session that waits for it and the client's reader that fills it,
  // because either may end first. Thread-safe.
  class PendingRequest
  {
  public:
    // `reply` must outlive the request's being open: it belongs to the session, which closes the request before it
    // goes.
    PendingRequest(std::string id, IReply& reply);

    const std::string& GetId() const noexcept
    {
      return id_;
    }

    // Reader thread: a message for this request. True when it is over, completed or failed.
    bool Accept(const Protocol::ReceivedMessage& message);

    // The first end counts; later ones change nothing.
    void Fail(const Error& error);

    bool IsOver() const;

    // Over, and answered with a result.
    bool IsComplete() const;

    // Throws the error when it failed.
    void ThrowIfFailed() const;

    // False when it is still open at `limit`. Throws the error when it failed.
    bool Wait(TimePoint limit) const;

  private:
    const std::string id_;
    IReply& reply_;
    mutable Support::Mutex mutex_;
    mutable std::condition_variable over_;
    bool isComplete_ GUARDED_BY(mutex_) = false;
    std::optional<Error> failure_ GUARDED_BY(mutex_);
  };
}
