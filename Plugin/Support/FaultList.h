// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace H3K27M::Support
{
  // Everything that is wrong with an upload, so that a person mends it in one go. Beyond MAX_TOLD faults are counted
  // only. One thread.
  class FaultList
  {
  public:
    static constexpr std::size_t MAX_TOLD = 50;

    void Add(const std::string& fault);

    bool IsEmpty() const noexcept
    {
      return count_ == 0;
    }

    // Throws Error(BadInput) with all faults behind `what`; returns when there is none.
    void ThrowIfAny(const std::string& what) const;

  private:
    std::size_t count_ = 0;
    std::vector<std::string> told_;
  };
}
