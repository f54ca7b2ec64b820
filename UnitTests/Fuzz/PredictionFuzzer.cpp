// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/Prediction.h"
#include "UnitTests/Fuzz/FuzzInput.h"

// The JSON of a result, as an engine that lost its mind would send it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  return Fuzz::Expect([&] { Results::ParsePrediction(Fuzz::ToText(data, size), 24); });
}
