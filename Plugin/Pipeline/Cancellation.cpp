// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/Cancellation.h"

#include "Inference/Protocol/Error.h"

#include <utility>

namespace H3K27M::Pipeline
{
  Cancellation::Hook::Hook(Cancellation& cancellation, std::function<void()> interrupt) :
    cancellation_(cancellation)
  {
    const Support::MutexLock lock(cancellation_.mutex_);

    if (cancellation_.requested_)
    {
      interrupt();
    }

    cancellation_.interrupt_ = std::move(interrupt);
  }

  Cancellation::Hook::~Hook()
  {
    const Support::MutexLock lock(cancellation_.mutex_);
    cancellation_.interrupt_ = nullptr;
  }

  void Cancellation::Request()
  {
    const Support::MutexLock lock(mutex_);
    requested_ = true;

    if (interrupt_)
    {
      // Under the lock, so that what it interrupts cannot be destroyed meanwhile; it must not block.
      interrupt_();
    }
  }

  bool Cancellation::IsRequested() const
  {
    const Support::MutexLock lock(mutex_);
    return requested_;
  }

  void Cancellation::ThrowIfRequested() const
  {
    if (IsRequested())
    {
      throw Error(ErrorCode::Cancelled, "cancelled");
    }
  }
}
