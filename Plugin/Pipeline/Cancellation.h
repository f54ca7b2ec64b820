// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Mutex.h"

#include <functional>
#include <string>

namespace H3K27M::Pipeline
{
  // Tells the worker of one study to stop: by a person, by a lost lease, by the plugin's end. Thread-safe.
  class Cancellation
  {
  public:
    // Registers what interrupts a blocking call for as long as it lives.
    class Hook
    {
    public:
      Hook(Cancellation& cancellation, std::function<void()> interrupt);
      Hook(const Hook&) = delete;
      Hook& operator=(const Hook&) = delete;
      ~Hook();

    private:
      Cancellation& cancellation_;
    };

    void Request();

    bool IsRequested() const;

    // Throws Error(Cancelled).
    void ThrowIfRequested() const;

  private:
    mutable Support::Mutex mutex_;
    bool requested_ GUARDED_BY(mutex_) = false;
    std::function<void()> interrupt_ GUARDED_BY(mutex_);
  };
}
