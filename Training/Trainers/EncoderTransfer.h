// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/NetworkOptions.h"
#include "Inference/Weights/TensorMap.h"

namespace H3K27M::Trainers
{
  // What pre-training has learned, put under a network that answers the genotype: the backbone of a masked autoencoder
  // made for images of `encoderSize` pixels takes the place of the backbone in `drawn`, the weights of a network of
  // layout `layout`; its decoder is left behind (paper, section 2.3). Nothing is skipped: throws Error(BadInput) naming
  // a tensor that either side lacks or whose shape is another (a different width).
  Weights::TensorMap TransferEncoder(const Weights::TensorMap& autoencoder, std::int64_t encoderSize,
                                     const Network::NetworkOptions& layout, Weights::TensorMap drawn);
}
