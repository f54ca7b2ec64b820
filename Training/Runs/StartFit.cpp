// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/StartFit.h"

#include "Inference/Protocol/Error.h"

#include <string>

namespace H3K27M::Runs
{
  namespace
  {
    bool IsMaskedAutoencoder(const Weights::ModelCard& card)
    {
      return card.GetNetwork().variant == Network::Variant::MaskedAutoencoder;
    }

    std::string DescribeFitLayout(const Network::NetworkOptions& network)
    {
      return "of the variant " + std::string(Network::ToString(network.variant)) + " and the width " +
             std::to_string(network.width);
    }
  }

  void RequireFit(const Weights::ModelCard& card, const Network::NetworkOptions& wanted)
  {
    const Network::NetworkOptions& made = card.GetNetwork();
    if (made.width != wanted.width || (!IsMaskedAutoencoder(card) && made.variant != wanted.variant))
    {
      throw Error(ErrorCode::BadInput, "The run cannot start from " + card.GetName() + ", which is " +
                                         DescribeFitLayout(made) + ": its own network is " + DescribeFitLayout(wanted) +
                                         " (network.variant, network.width)");
    }
  }

  void RequireEncoderFit(const Weights::ModelCard& card, const Network::NetworkOptions& wanted)
  {
    if (!IsMaskedAutoencoder(card))
    {
      throw Error(ErrorCode::BadInput,
                  card.GetName() + " is no encoder (variant mae): it is " + DescribeFitLayout(card.GetNetwork()));
    }
    RequireFit(card, wanted);
  }
}
