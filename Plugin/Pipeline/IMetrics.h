// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

namespace H3K27M::Pipeline
{
  // Where figures go: h3k27m_<what>_<unit>. Never holds a patient's data. Implementations are thread-safe.
  class IMetrics
  {
  public:
    virtual ~IMetrics() = default;

    virtual void Set(const char* name, double value) = 0;
  };
}
