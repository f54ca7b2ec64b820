// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/NetworkOptions.h"
#include "Inference/Weights/TensorMap.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace H3K27M::Weights
{
  // Weights under the published names, out of one file or several (backbone and decoder in one, a head in another).
  // Knows what the authors' files differ in: models trained from scratch lack the prefix `model.` and say `cls.` for
  // `classifier.`; the pre-training network lacks the prefix too.
  class WeightsImport
  {
  public:
    // Reads and merges. Throws Error(BadInput) naming a tensor that two files hold with different values, and whatever
    // reading a file throws.
    explicit WeightsImport(const std::vector<std::filesystem::path>& files);

    // The variant that the tensors make up, and the size and width that their shapes say. Throws Error(BadInput) when
    // the tensors are of no variant, or of several: then the caller must name one.
    Network::Variant DetectVariant() const;
    Network::NetworkOptions DetectOptions(Network::Variant variant) const;

    // The variant's tensors under the names of its state dict. Those of another variant's parts are left aside (so that
    // one file with both heads serves both). Throws Error(BadInput) naming tensors that no variant has, or that are
    // missing or misshapen for this one.
    TensorMap Select(const Network::NetworkOptions& options) const;

  private:
    TensorMap all_;  // names with `model.` and `classifier.`
  };
}
