// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/CardFaults.h"
#include "Inference/Protocol/JsonText.h"
#include "UnitTests/Fuzz/FuzzInput.h"

// The card of a model that someone uploads.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  return Fuzz::Expect([&] { Protocol::FindCardFaults(Protocol::ParseJson(Fuzz::ToText(data, size))); });
}
