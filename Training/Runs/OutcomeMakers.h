// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"

#include <json/value.h>

#include <string>

namespace H3K27M::Runs
{
  // Which sets of outcomes were computed with what. The units of a run may be computed on any machine, in bf16 on a GPU
  // and in fp32 on a CPU: nothing is refused for that, but whoever reads their figures is told.
  class OutcomeMakers
  {
  public:
    // One of them: {device, precision, torch}; the precision is the one that `auto` stands for. Throws what
    // TorchDevice::Choose() throws.
    static Json::Value Describe(const Predict::BackendOptions& backend);

    // `maker`: Describe()'s; null where none was written down, as by a release before this one.
    void Add(const std::string& set, const Json::Value& maker);

    // All of a ToJson(), its sets named "PREFIX/SET".
    void AddAll(const std::string& prefix, const Json::Value& makers);

    // [{device, precision, torch, of: [set, ...]}, ...] in the order in which they came, null where nothing is known.
    const Json::Value& ToJson() const noexcept
    {
      return makers_;
    }

    // Sentences for a reader; none when all known sets were computed alike.
    Json::Value MakeRemarks() const;

  private:
    Json::Value makers_{Json::arrayValue};
  };
}
