// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Commands/StandardOutput.h"

#include <json/value.h>

namespace H3K27M::Commands
{
  // A run's events on standard output: a line of text each for people, or the JSON itself for programs.
  class EventPrinter
  {
  public:
    // `output` must outlive this object.
    EventPrinter(const StandardOutput& output, bool asJson);

    void Print(const Json::Value& event) const;

  private:
    const StandardOutput& output_;
    bool asJson_;
  };
}
