// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/PendingRequest.h"

#include <utility>

namespace H3K27M::Engine
{
  PendingRequest::PendingRequest(std::string id, IReply& reply) :
    id_(std::move(id)),
    reply_(reply)
  {
  }

  bool PendingRequest::Accept(const Protocol::ReceivedMessage& message)
  {
    // Under the lock, so that the session cannot go while its reply is being filled.
    const Support::MutexLock lock(mutex_);

    if (isComplete_ || failure_)
    {
      return true;
    }

    try
    {
      if (message.GetVerb() == Protocol::Verb::ERROR)
      {
        failure_ = message.ToError();
      }
      else
      {
        isComplete_ = reply_.Accept(message);
      }
    }
    catch (const Error& e)
    {
      failure_ = e;
    }

    const bool over = isComplete_ || failure_.has_value();

    if (over)
    {
      over_.notify_all();
    }

    return over;
  }

  void PendingRequest::Fail(const Error& error)
  {
    const Support::MutexLock lock(mutex_);

    if (!isComplete_ && !failure_)
    {
      failure_ = error;
      over_.notify_all();
    }
  }

  bool PendingRequest::IsOver() const
  {
    const Support::MutexLock lock(mutex_);
    return isComplete_ || failure_.has_value();
  }

  bool PendingRequest::IsComplete() const
  {
    const Support::MutexLock lock(mutex_);
    return isComplete_;
  }

  void PendingRequest::ThrowIfFailed() const
  {
    const Support::MutexLock lock(mutex_);

    if (failure_)
    {
      throw Error(*failure_);
    }
  }

  bool PendingRequest::Wait(TimePoint limit) const
  {
    Support::MutexLock lock(mutex_);

    while (!isComplete_ && !failure_)
    {
      if (!lock.WaitUntil(over_, limit) && !isComplete_ && !failure_)
      {
        return false;
      }
    }

    if (failure_)
    {
      throw Error(*failure_);
    }

    return true;
  }
}
