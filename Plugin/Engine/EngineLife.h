// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/ChildProcess.h"
#include "Plugin/Engine/EngineClient.h"
#include "Plugin/Engine/SupervisorOptions.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace H3K27M::Engine
{
  // One engine from spawn to end: its process and its client. Made and used by the supervisor's thread; the client may
  // be handed to others.
  class EngineLife
  {
  public:
    // Spawns. `onClosed` is called from another thread when the connection ends. Throws Error(Unavailable).
    EngineLife(const SupervisorOptions& options, std::function<void()> onClosed);

    EngineLife(const EngineLife&) = delete;
    EngineLife& operator=(const EngineLife&) = delete;

    // As End().
    ~EngineLife();

    const std::shared_ptr<EngineClient>& GetClient() const noexcept
    {
      return client_;
    }

    int GetPid() const noexcept
    {
      return static_cast<int>(child_->GetPid());
    }

    // Throws what EngineClient::WaitForHello() does, and Error(Unavailable) when the self-test failed.
    EngineInfo WaitForHello();

    // Why it hangs; empty when it does not.
    std::optional<Error> CheckHealth() const;

    // Fails what is open, stops the process within the limits. Returns why it ended, with its exit in words; the
    // code is that of the cause.
    Error End();

  private:
    const SupervisorOptions& options_;
    std::unique_ptr<ChildProcess> child_;
    std::shared_ptr<EngineClient> client_;  // shared with the sessions that are open on it
  };
}
