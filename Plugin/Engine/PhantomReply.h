// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/BandAssembler.h"
#include "Plugin/Engine/IReply.h"

#include <memory>

namespace H3K27M::Engine
{
  // `phantom-begin`, `slice`..., `mask`..., `phantom-end`. The engine names the extents; volumes beyond 2^28 voxels are
  // refused before memory is taken.
  class PhantomReply : public IReply
  {
  public:
    bool Accept(const Protocol::ReceivedMessage& message) override;

    // Once complete.
    PhantomResult Take();

  private:
    void Begin(const Protocol::ReceivedMessage& message);
    void Complete();

    PhantomResult result_;
    std::size_t sliceCount_ = 0;
    std::unique_ptr<BandAssembler<std::uint16_t>> slices_;
    std::unique_ptr<BandAssembler<std::uint8_t>> masks_;
  };
}
