// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/QueryText.h"

namespace H3K27M::Rest
{
  bool ParseQueryFlag(const std::string& name, const std::string& text)
  {
    if (text == "true" || text == "1" || text.empty())
    {
      return true;
    }

    if (text == "false" || text == "0")
    {
      return false;
    }

    throw Error(ErrorCode::BadInput, "Query parameter '" + name + "' must be true or false");
  }
}
