// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/Faults.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Data
{
  void ThrowFaults(const std::string& title, const std::vector<std::string>& faults)
  {
    if (faults.empty())
    {
      return;
    }
    std::string text = title + ":";
    for (const std::string& fault : faults)
    {
      text += "\n  " + fault;
    }
    throw Error(ErrorCode::BadInput, text);
  }
}
