// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Message.h"
#include "UnitTests/Fuzz/FuzzInput.h"

#include <vector>

// A frame of the engine protocol, with the fields that either side asks for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  return Fuzz::Expect([&]
  {
    const auto bytes = Fuzz::ToBytes(data, size);
    const Protocol::ReceivedMessage message(std::vector<std::byte>(bytes.begin(), bytes.end()));
    Fuzz::Expect([&] { message.GetJson("result"); });
    Fuzz::Expect([&] { message.GetCount("rows"); });
    Fuzz::Expect([&] { message.GetNumber("threshold"); });
    Fuzz::Expect([&] { message.GetTensor("voxels"); });
    Fuzz::Expect([&] { message.ToError(); });
  });
}
