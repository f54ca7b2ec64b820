// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/BandAssembler.h"
#include "Plugin/Engine/IReply.h"

namespace H3K27M::Engine
{
  // `result-begin`, `mask`..., `saliency`..., `result-end`.
  class StudyReply : public IReply
  {
  public:
    explicit StudyReply(const Extents& extents);

    bool Accept(const Protocol::ReceivedMessage& message) override;

    // Once complete.
    StudyResult Take();

  private:
    void Begin(const Protocol::ReceivedMessage& message);
    void Complete();

    Extents extents_;
    BandAssembler<std::uint8_t> masks_;
    BandAssembler<std::uint8_t> saliency_;
    StudyResult result_;
    Json::Value tumour_;
    Json::Value salientSlices_;
    bool begun_ = false;
  };
}
