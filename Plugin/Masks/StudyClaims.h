// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Support/Mutex.h"

#include <set>
#include <string>

namespace H3K27M::Masks
{
  // Which studies a mask is being changed in, so that two requests at once do not each remove what the other stored.
  // The lock guards the list only; nothing waits. Thread-safe.
  class StudyClaims
  {
  public:
    // Holds a study until it goes out of scope; the list must outlive it.
    class Claim
    {
    public:
      // Throws Error(Busy) while another request holds the study.
      Claim(StudyClaims& claims, const std::string& study);

      Claim(const Claim&) = delete;
      Claim& operator=(const Claim&) = delete;

      ~Claim();

    private:
      StudyClaims& claims_;
      std::string study_;
    };

  private:
    Support::Mutex mutex_;
    std::set<std::string> studies_ GUARDED_BY(mutex_);
  };
}
