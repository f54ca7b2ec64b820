// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <functional>

namespace H3K27M::Runs
{
  // Called with each event of a run, from the thread that runs it.
  using EventSink = std::function<void(const Json::Value&)>;
}
