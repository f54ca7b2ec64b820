// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/BatchNormScope.h"

namespace H3K27M::Network
{
  namespace
  {
    thread_local const IBatchNormRule* currentRule = nullptr;
  }

  BatchNormScope::BatchNormScope(const IBatchNormRule* rule) noexcept :
    before_(currentRule)
  {
    currentRule = rule;
  }

  BatchNormScope::~BatchNormScope()
  {
    currentRule = before_;
  }

  const IBatchNormRule* BatchNormScope::GetRule() noexcept
  {
    return currentRule;
  }
}
