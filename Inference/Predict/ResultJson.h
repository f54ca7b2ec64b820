// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/SelfTest.h"
#include "Inference/Predict/StudyPredictor.h"

#include <json/value.h>

#include <string>

namespace H3K27M::Predict
{
  // What the engine is: device, precision, model. Equal for all answers of one process.
  struct EngineDescription
  {
    BackendInfo backend;
    Json::Value modelCard;
    std::string modelHash;  // SHA-256 of the weights' file, hexadecimal
    SelfTestReport selfTest;
  };

  // Metadata `info` of the verb `hello` (Resources/Notes/Protocol.md): of the card all but whose images were learned
  // from, so that it fits into a frame.
  Json::Value DescribeEngine(const EngineDescription& engine);

  // Metadata `result` of the verb `result-begin`, and what `h3k27m predict` prints.
  Json::Value DescribeResult(const StudyResult& result);
}
