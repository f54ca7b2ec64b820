// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/ProcessLaunch.h"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace H3K27M::Engine
{
  // Everything that a forked child needs to become the program, prepared by the parent: the child of a process with
  // threads must not allocate, lock or throw.
  class ChildSetup
  {
  public:
    struct Descriptors
    {
      int inherited;  // becomes ChildProcess::CHILD_DESCRIPTOR
      int output;     // becomes standard output and error
      int failure;    // takes errno when the program cannot be started
    };

    // `temporary`: the folder of the child's temporary files; empty: this process's own.
    ChildSetup(const ProcessLaunch& launch, Descriptors descriptors, const std::filesystem::path& temporary);

    ChildSetup(const ChildSetup&) = delete;
    ChildSetup& operator=(const ChildSetup&) = delete;

    ~ChildSetup() = default;

    // In the child, right after fork(). Only async-signal-safe calls.
    [[noreturn]] void Become() const noexcept;

  private:
    void PassOn(const char* name);
    bool PlaceDescriptors() const noexcept;
    void ResetSignals() const noexcept;
    void LowerClaims() const noexcept;

    Descriptors descriptors_;
    ProcessPriority priority_;
    pid_t parent_;
    std::uint64_t memoryBytes_;
    std::uint64_t cpuSeconds_;
    std::uint64_t fileBytes_;
    std::string oomScore_;
    std::vector<std::string> arguments_;
    std::vector<std::string> environment_;
    std::vector<char*> argumentPointers_;
    std::vector<char*> environmentPointers_;
  };
}
