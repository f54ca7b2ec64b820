// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Mutex.h"

#include <set>
#include <string>

namespace H3K27M::Support
{
  // Which studies people are changing something in (a mask, a review), so that two requests at once do not each
  // overwrite what the other stored, or refer to what the other removes. The lock guards the list only; nothing waits.
  // Thread-safe.
  class StudyClaims
  {
  public:
    // Holds a study until it goes out of scope; the list must outlive it.
    class Claim
    {
    public:
      // Throws Error while another request holds the study. `refusal`: Busy when trying again is all there is to do,
      // Conflict when there will be something to look at first.
      Claim(StudyClaims& claims, const std::string& study, ErrorCode refusal = ErrorCode::Busy);

      Claim(const Claim&) = delete;
      Claim& operator=(const Claim&) = delete;

      ~Claim();

    private:
      StudyClaims& claims_;
      std::string study_;
    };

  private:
    Mutex mutex_;
    std::set<std::string> studies_ GUARDED_BY(mutex_);
  };
}
