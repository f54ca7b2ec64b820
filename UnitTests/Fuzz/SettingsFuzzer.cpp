// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Settings/SettingsReader.h"
#include "UnitTests/Fuzz/FuzzInput.h"

// The section H3K27M of the configuration.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  return Fuzz::Expect([&] { Settings::ToJson(Settings::ReadSettings(Protocol::ParseJson(Fuzz::ToText(data, size)))); });
}
