// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace H3K27M::Weights
{
  class TensorMap;

  // What the studies that a network learned from look like to it, and how far from them patients lie that it has not
  // seen: what tells an input of another kind, by the Mahalanobis distance (Lee et al. 2018, "A simple unified
  // framework for detecting out-of-distribution samples and adversarial attacks"). A study's signature is the mean over
  // its slices of GenotypeOutput::signature. Lies beside the weights in their file, so that one hash covers both.
  class InputReference
  {
  public:
    // Tensors of this prefix are not the network's.
    static constexpr const char* PREFIX = "input_reference.";

    // `mean` [D], `whitening` [D, D] (row-major) and `distances` (of patients not seen, at least one). Throws
    // Error(BadInput) when the sizes do not fit or a value is not finite.
    InputReference(std::vector<float> mean, std::vector<float> whitening, std::vector<float> distances);

    // Empty when the file holds none. `dimension`: of the network's signature, 4W.
    static std::optional<InputReference> FromTensors(const TensorMap& tensors, std::size_t dimension);

    void AddTo(TensorMap& tensors) const;

    // | whitening * (signature - mean) |. The signature has D values; Error(Internal) otherwise.
    double Measure(std::span<const double> signature) const;

    // Of the patients not seen, how many lie at least as far as `distance`.
    std::size_t CountAtLeast(double distance) const;

    std::size_t CountPatients() const noexcept
    {
      return distances_.size();
    }

  private:
    std::vector<float> mean_;
    std::vector<float> whitening_;
    std::vector<float> distances_;  // ascending
  };
}
