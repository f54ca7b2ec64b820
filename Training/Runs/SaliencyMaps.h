// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/GenotypeNet.h"
#include "Training/Data/SliceDataset.h"
#include "Training/Evaluation/CaseOutcome.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace H3K27M::Runs
{
  // The paper's figure 4, for up to two cases of each genotype, taken evenly from those with a tumour whatever its size
  // (the file's metadata say so: RunFiles.h), each by its slice with the largest tumour: tensors image, saliency
  // (Network/GradCam.h: what speaks for "altered", each slice divided by its own maximum) and mask, [n, S, S] float32
  // in 0..1, and genotype [n] int64; of a network that draws masks also predicted (figure S2), where its segmentation
  // is tumour, like mask. Files of earlier releases lack it, and the patients' names in the metadata, which
  // `getPatient` gives for a case of the data set's source. The network should not have seen `dataset`; it is set to
  // eval mode and may be on a GPU. Nothing is written when no slice holds tumour.
  void SaveSaliencyMaps(const std::filesystem::path& path, Network::GenotypeNet network,
                        const Data::SliceDataset& dataset, const std::function<std::string(std::size_t)>& getPatient);

  // The paper's figure S5, for up to eight cases called wrongly or not at all, taken evenly: tensors image, mask and
  // predicted and the patients' names as above. `outcomes`: of all cases of the data set's source, in its order.
  // Nothing is written when no case is wrong or the network draws no masks.
  void SaveErrorSlices(const std::filesystem::path& path, const Network::GenotypeNet& network,
                       const Data::SliceDataset& dataset, const std::vector<Evaluation::CaseOutcome>& outcomes,
                       double threshold);
}
