// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <orthanc/OrthancCPlugin.h>

namespace H3K27M::OrthancBinding
{
  // Sends the plugin's log to Orthanc's for as long as it lives.
  class LogSink
  {
  public:
    explicit LogSink(OrthancPluginContext* context);
    LogSink(const LogSink&) = delete;
    LogSink& operator=(const LogSink&) = delete;
    ~LogSink();
  };
}
