// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/LogSink.h"

#include "Plugin/Support/Log.h"

namespace H3K27M::OrthancBinding
{
  LogSink::LogSink(OrthancPluginContext* context)
  {
    Support::Log::SetSink([context](Support::LogLevel level, const std::string& text)
    {
      const std::string line = "H3K27M: " + text;

      switch (level)
      {
        case Support::LogLevel::Info:
          OrthancPluginLogInfo(context, line.c_str());
          break;

        case Support::LogLevel::Warning:
          OrthancPluginLogWarning(context, line.c_str());
          break;

        case Support::LogLevel::Error:
          OrthancPluginLogError(context, line.c_str());
          break;
      }
    });
  }

  LogSink::~LogSink()
  {
    Support::Log::SetSink({});
  }
}
