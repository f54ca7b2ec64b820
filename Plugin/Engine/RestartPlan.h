// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/SupervisorOptions.h"

#include <chrono>
#include <string>

namespace H3K27M::Engine
{
  // How the life of an engine ended.
  struct EngineEnding
  {
    std::string reason;        // empty: it was asked to
    bool canBeRetried = true;  // not for an engine of another release
    std::chrono::steady_clock::duration served = {};
    bool completed = false;         // a request, with a result
    bool endedOverRequest = false;  // which counts against the request first
  };

  // When an engine that failed starts again: soon, later with each failure in a row, seldom once it is given up.
  // Studies that end their engine become dead letters by themselves: only many of them in a row, without a result
  // between, are a sign that the engine can compute none. Not thread-safe.
  class RestartPlan
  {
  public:
    struct Step
    {
      bool givesUp = false;
      std::chrono::milliseconds delay{0};
    };

    // `options` must outlive this object.
    explicit RestartPlan(const SupervisorOptions& options) :
      options_(options)
    {
    }

    Step Fail(const EngineEnding& ending);

    // Somebody asks for a new beginning.
    void Forget();

    // Of all kinds, in a row.
    unsigned GetFailures() const noexcept
    {
      return failures_;
    }

  private:
    const SupervisorOptions& options_;
    unsigned failures_ = 0;
    unsigned withoutRequest_ = 0;  // since one of the other kind
    unsigned overRequest_ = 0;
    unsigned givenUp_ = 0;
  };
}
