// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/IMetrics.h"

#include <orthanc/OrthancCPlugin.h>

namespace H3K27M::OrthancBinding
{
  // Figures on the core's own page /tools/metrics-prometheus. Thread-safe, as the core's service is.
  class MetricsSink : public Pipeline::IMetrics
  {
  public:
    explicit MetricsSink(OrthancPluginContext* context) noexcept :
      context_(context)
    {
    }

    void Set(const char* name, double value) override
    {
      OrthancPluginSetMetricsValue(context_, name, static_cast<float>(value), OrthancPluginMetricsType_Default);
    }

  private:
    OrthancPluginContext* context_;
  };
}
