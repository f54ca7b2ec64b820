// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/GenotypeNet.h"
#include "Inference/Protocol/StoredNames.h"
#include "Inference/Weights/InputReference.h"
#include "Inference/Weights/ModelCard.h"
#include "Inference/Weights/TensorMap.h"

#include <filesystem>
#include <optional>

namespace H3K27M::Weights
{
  // A model on disk: a folder with `card.json` and `model.safetensors`: the weights (fp16 or fp32, the published names)
  // and, where it is known, the reference of known inputs.
  class ModelPackage
  {
  public:
    static constexpr const char* CARD_FILE = Protocol::StoredNames::CARD_FILE;
    static constexpr const char* WEIGHTS_FILE = Protocol::StoredNames::WEIGHTS_FILE;

    // The weights of a model that is written again, until its card stands.
    static constexpr const char* NEXT_WEIGHTS_FILE = Protocol::StoredNames::NEXT_WEIGHTS_FILE;

    // Reads card and weights and compares the weights' SHA-256 with the card's. Moves nothing: a model that another
    // process writes again meanwhile is found whole, the old one or the new. Throws Error(NotFound) when a file is not
    // there, Error(BadInput) for a card or a reference that is not valid, Error(Corrupt) when the hash is another.
    static ModelPackage Open(const std::filesystem::path& folder);

    // One network of the ensemble in `folder`. Throws as Open() does, and Error(Corrupt) when it is not the one that
    // the ensemble's card lists.
    static ModelPackage OpenMember(const std::filesystem::path& folder, const ModelCard::Member& member);

    // Does what a Write() that was killed left to do: where the card speaks of the next weights, they take the place of
    // the others. For the process that writes the model alone, as Write() is: of another, it could move weights whose
    // card does not stand yet. Nothing is thrown where the folder cannot be written.
    static void Settle(const std::filesystem::path& folder);

    // Writes the folder (made when it is not there): the weights first, then the card with their hash, each by rename.
    // Where a model stands already, its weights stay until the new card does: at every moment Open() finds the whole
    // model or the one before. Returns the card as written.
    static ModelCard Write(const std::filesystem::path& folder, ModelCard card, const TensorMap& weights,
                           StoredPrecision precision);

    const ModelCard& GetCard() const noexcept
    {
      return card_;
    }

    // Without the reference of known inputs.
    const TensorMap& GetWeights() const noexcept
    {
      return weights_;
    }

    const std::optional<InputReference>& GetReference() const noexcept
    {
      return reference_;
    }

    // Writes the model again, in the same precision, with this reference in the place of its own, if any. Returns the
    // card as written: the hash is another.
    ModelCard WriteWithReference(const std::filesystem::path& folder, const InputReference& reference) const;

    // The network with the weights in it: float32, on the CPU, in eval mode. Throws Error(BadInput) naming the tensors
    // that do not fit, or when the model is an autoencoder.
    Network::GenotypeNet MakeNetwork() const;

  private:
    ModelPackage(ModelCard card, const TensorMap& tensors);

    ModelCard card_;
    TensorMap weights_;
    std::optional<InputReference> reference_;
  };
}
