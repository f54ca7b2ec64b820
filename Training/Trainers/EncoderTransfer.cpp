// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/EncoderTransfer.h"

#include "Inference/Protocol/Error.h"
#include "Training/Trainers/InputResize.h"

#include <string>

namespace H3K27M::Trainers
{
  namespace
  {
    constexpr const char* BACKBONE = "model.";  // in the names of the genotype networks; the autoencoder has no prefix
    constexpr const char* DECODER = "decoder.";
  }

  Weights::TensorMap TransferEncoder(const Weights::TensorMap& autoencoder, std::int64_t encoderSize,
                                     const Network::NetworkOptions& layout, Weights::TensorMap drawn)
  {
    const Weights::TensorMap resized = ResizeInput(autoencoder, encoderSize, layout.inputSize);
    std::size_t taken = 0;
    for (const auto& [name, tensor] : resized.GetAll())
    {
      if (name.starts_with(DECODER))
      {
        continue;
      }
      const std::string target = BACKBONE + name;
      if (!drawn.Has(target) || drawn.Get(target).sizes() != tensor.sizes())
      {
        throw Error(ErrorCode::BadInput, "The encoder's tensor '" + name +
                                           "' does not fit the network; its width must be " +
                                           std::to_string(layout.width));
      }
      drawn.Set(target, tensor);
      taken++;
    }
    std::size_t wanted = 0;
    for (const auto& [name, tensor] : drawn.GetAll())
    {
      wanted += name.starts_with(BACKBONE) ? 1 : 0;
    }
    if (taken != wanted)
    {
      throw Error(ErrorCode::BadInput, "The encoder holds " + std::to_string(taken) + " of the " +
                                         std::to_string(wanted) + " tensors of the backbone");
    }
    return drawn;
  }
}
