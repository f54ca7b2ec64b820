// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/LearnInputs.h"

#include "Inference/Network/Axes.h"
#include "Inference/Phantom/RandomSource.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Evaluation/InputReferenceFit.h"
#include "Training/Trainers/SliceImage.h"
#include "Training/Trainers/TrainingDevice.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::size_t SLICES_AT_ONCE = 8;
    constexpr std::size_t LEAST_STUDIES = 5;  // of which DivideStudies() gives three to learn from
    constexpr std::uint64_t DIVISION_SEED = 1;
    constexpr std::int64_t NO_TUMOUR = Network::GENOTYPE_CLASSES;  // in the place of a genotype

    // [study, 4W] of all studies, by the slices that show the head. Computed where the network is.
    torch::Tensor ComputeSignatures(Network::GenotypeNet network, const Data::SliceDataset& dataset)
    {
      const torch::NoGradGuard noGradient;
      const torch::Device device = network->parameters().front().device();
      std::map<std::size_t, std::vector<std::size_t>> studies;
      for (const std::size_t slice : dataset.ListSlices())
      {
        studies[dataset.GetSlices()[slice].caseIndex].push_back(slice);
      }
      std::vector<torch::Tensor> means;
      for (const auto& [study, slices] : studies)
      {
        std::vector<torch::Tensor> signatures;
        for (std::size_t i = 0; i < slices.size(); i += SLICES_AT_ONCE)
        {
          const auto begin = slices.begin() + static_cast<std::ptrdiff_t>(i);
          const auto end = begin + static_cast<std::ptrdiff_t>(std::min(SLICES_AT_ONCE, slices.size() - i));
          signatures.push_back(network->ComputeSignature(Trainers::MakeImages(dataset, {begin, end}).to(device)).cpu());
        }
        means.push_back(torch::cat(signatures).to(torch::kFloat64).mean(0));
      }
      return means.empty() ? torch::empty({0, 1}) : torch::stack(means);
    }

    torch::Tensor Stack(const std::vector<Evaluation::CaseOutcome>& outcomes)
    {
      std::vector<torch::Tensor> rows;
      for (const Evaluation::CaseOutcome& outcome : outcomes)
      {
        if (!outcome.signature.empty())
        {
          rows.push_back(torch::tensor(outcome.signature, torch::kFloat64));
        }
      }
      return rows.empty() ? torch::empty({0, 1}) : torch::stack(rows);
    }
  }

  void LearnInputs(const std::filesystem::path& folder, const Data::SliceDataset& trained,
                   const std::vector<Evaluation::CaseOutcome>& heldOut, torch::Device device)
  {
    const auto package = Weights::ModelPackage::Open(folder);
    auto network = package.MakeNetwork();
    Trainers::MoveTo(*network, device);
    const torch::Tensor learned = ComputeSignatures(network, trained);
    const torch::Tensor others = Stack(heldOut);
    if (learned.size(0) < Evaluation::LEAST_LEARNED_STUDIES || others.size(0) == 0)
    {
      return;
    }
    if (const auto reference = Evaluation::FitInputReference(learned, others))
    {
      package.WriteWithReference(folder, *reference);
    }
  }

  std::pair<std::vector<Evaluation::CaseOutcome>, std::vector<Evaluation::CaseOutcome>> DivideStudies(
    const std::vector<Evaluation::CaseOutcome>& studies)
  {
    std::map<std::int64_t, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < studies.size(); i++)
    {
      groups[studies[i].hasTumour ? studies[i].genotype : NO_TUMOUR].push_back(i);
    }
    std::pair<std::vector<Evaluation::CaseOutcome>, std::vector<Evaluation::CaseOutcome>> halves;
    bool isFirst = true;
    for (auto& [group, indices] : groups)
    {
      Phantom::RandomSource random(DIVISION_SEED, static_cast<std::uint64_t>(group));
      for (std::size_t i = indices.size(); i > 1; i--)
      {
        std::swap(indices[i - 1], indices[random.Index(static_cast<unsigned int>(i))]);
      }
      for (const std::size_t index : indices)
      {
        (isFirst ? halves.first : halves.second).push_back(studies[index]);
        isFirst = !isFirst;
      }
    }
    return halves;
  }

  Weights::ModelCard LearnInputsAfterwards(const std::filesystem::path& folder,
                                           const std::vector<Evaluation::CaseOutcome>& studies, const Json::Value& data)
  {
    if (!Weights::ModelCard::Load(folder / Weights::ModelPackage::CARD_FILE).GetMembers().empty())
    {
      throw Error(ErrorCode::BadInput, "The model is an ensemble: its networks know their inputs from their training");
    }
    std::vector<Evaluation::CaseOutcome> showHead = studies;
    std::erase_if(showHead, [](const Evaluation::CaseOutcome& study) { return study.signature.empty(); });
    if (showHead.size() < LEAST_STUDIES)
    {
      throw Error(ErrorCode::BadInput, "A reference of known inputs needs at least " + std::to_string(LEAST_STUDIES) +
                                         " studies that show a head, not " + std::to_string(showHead.size()));
    }
    const auto& [learned, heldOut] = DivideStudies(showHead);
    const auto reference = Evaluation::FitInputReference(Stack(learned), Stack(heldOut));
    if (!reference)
    {
      throw Error(ErrorCode::BadInput, "The studies look too much alike to the model to tell what is usual");
    }
    // Before: a reference of which nobody knows where it comes from is worse than a note too many.
    const std::filesystem::path path = folder / Weights::ModelPackage::CARD_FILE;
    Weights::ModelCard card = Weights::ModelCard::Load(path);
    card.Set("input_reference_data", data);
    card.Save(path);
    return Weights::ModelPackage::Open(folder).WriteWithReference(folder, *reference);
  }
}
