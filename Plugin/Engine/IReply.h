// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Message.h"

namespace H3K27M::Engine
{
  // Gathers the messages that answer one request. Called by the client's reader thread only, until complete.
  class IReply
  {
  public:
    virtual ~IReply() = default;

    // True when the answer is complete. Throws Error(Corrupt or BadInput) when the engine contradicts the protocol or
    // itself; that fails the request.
    virtual bool Accept(const Protocol::ReceivedMessage& message) = 0;
  };
}
