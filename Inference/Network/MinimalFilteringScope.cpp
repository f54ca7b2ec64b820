// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/MinimalFilteringScope.h"

namespace H3K27M::Network
{
  namespace
  {
    thread_local bool isFilteringOn = false;
  }

  MinimalFilteringScope::MinimalFilteringScope(bool isOn) noexcept :
    before_(isFilteringOn)
  {
    isFilteringOn = isOn;
  }

  MinimalFilteringScope::~MinimalFilteringScope()
  {
    isFilteringOn = before_;
  }

  bool MinimalFilteringScope::IsOn() noexcept
  {
    return isFilteringOn;
  }
}
