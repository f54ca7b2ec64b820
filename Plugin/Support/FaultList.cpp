// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/FaultList.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Support
{
  void FaultList::Add(const std::string& fault)
  {
    count_++;

    if (told_.size() < MAX_TOLD)
    {
      told_.push_back(fault);
    }
  }

  void FaultList::ThrowIfAny(const std::string& what) const
  {
    if (count_ == 0)
    {
      return;
    }

    std::string text = what;
    const char* separator = ": ";

    for (const std::string& fault : told_)
    {
      text += separator + fault;
      separator = "; ";
    }

    if (count_ > told_.size())
    {
      text += "; and " + std::to_string(count_ - told_.size()) + " more";
    }

    throw Error(ErrorCode::BadInput, text);
  }
}
