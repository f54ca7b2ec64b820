// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/ModelCard.h"
#include "Training/Data/SliceDataset.h"
#include "Training/Evaluation/HeldOutEvaluation.h"

#include <json/value.h>
#include <torch/types.h>

#include <filesystem>
#include <utility>
#include <vector>

namespace H3K27M::Runs
{
  // Adds to the model in `folder` (one network) the reference of known inputs: the studies of `trained`, and how far
  // the patients of `heldOut` lie from them, whom the network has not seen. Computes on `device`. Gives the model
  // another hash. Does nothing where there are too few of either (Evaluation/InputReferenceFit.h), or where those
  // learned from are too much alike.
  void LearnInputs(const std::filesystem::path& folder, const Data::SliceDataset& trained,
                   const std::vector<Evaluation::CaseOutcome>& heldOut, torch::Device device);

  // Halves of the studies, the first with one more where they are odd: seeded, and of each genotype, and of those
  // without tumour, one half each, too. Every other study would be of one genotype: phantoms alternate.
  std::pair<std::vector<Evaluation::CaseOutcome>, std::vector<Evaluation::CaseOutcome>> DivideStudies(
    const std::vector<Evaluation::CaseOutcome>& studies);

  // The same for a model whose training is past: of `studies`, none of which it has seen, the first half of
  // DivideStudies() stands for those learned from. `data` (their ICaseSource::Describe()) goes into the card as
  // `input_reference_data`: what is usual is no finding where it was learned. Returns the card as written. Throws
  // Error(BadInput) for an ensemble, fewer than five studies that show a head, or studies too much alike.
  Weights::ModelCard LearnInputsAfterwards(const std::filesystem::path& folder,
                                           const std::vector<Evaluation::CaseOutcome>& studies,
                                           const Json::Value& data);
}
