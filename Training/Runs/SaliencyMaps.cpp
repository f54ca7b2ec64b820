// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/SaliencyMaps.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/GradCam.h"
#include "Inference/Weights/TensorMap.h"
#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Runs/RunFiles.h"
#include "Training/Trainers/SliceImage.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::size_t CASES_PER_GENOTYPE = 2;
    constexpr std::size_t MOST_ERRORS = 8;

    // Of each case the one with the largest tumour, in the order of the cases.
    std::vector<std::size_t> FindLargest(const Data::SliceDataset& dataset, const std::vector<std::size_t>& indices)
    {
      const std::vector<Data::StoredSlice>& slices = dataset.GetSlices();
      std::map<std::size_t, std::size_t> ofCase;  // case -> slice
      for (const std::size_t index : indices)
      {
        const auto [entry, isNew] = ofCase.try_emplace(slices[index].caseIndex, index);
        if (slices[index].tumourPixels > slices[entry->second].tumourPixels)
        {
          entry->second = index;
        }
      }
      std::vector<std::size_t> largest;
      largest.reserve(ofCase.size());
      for (const auto& [id, index] : ofCase)
      {
        largest.push_back(index);
      }
      return largest;
    }

    // So many cases of each genotype, evenly from all that there are: the largest tumours would show the network at
    // its best.
    std::vector<std::size_t> ChooseSlices(const Data::SliceDataset& dataset)
    {
      std::vector<std::size_t> chosen;
      for (const std::int64_t genotype : {Network::GENOTYPE_ALTERED, Network::GENOTYPE_WILD_TYPE})
      {
        const std::vector<std::size_t> candidates = FindLargest(dataset, dataset.GetTumourSlices(genotype));
        const std::vector<std::size_t> picked = Trainers::PickEvenly(candidates, CASES_PER_GENOTYPE);
        chosen.insert(chosen.end(), picked.begin(), picked.end());
      }
      return chosen;
    }

    torch::Tensor ToDeviceOf(const Network::GenotypeNet& network, const torch::Tensor& images)
    {
      return images.to(network->parameters().front().device());
    }

    // Each slice divided by its own maximum: the figure shows cases that have nothing to do with each other.
    torch::Tensor MakeMaps(Network::GenotypeNet network, const torch::Tensor& images)
    {
      network->eval();
      const torch::Tensor maps =
        Network::ComputeGradCam(network, ToDeviceOf(network, images), Network::GENOTYPE_ALTERED);
      const torch::Tensor highest = maps.amax({1, 2}, true);
      return torch::where(highest > 0, maps / highest, torch::zeros_like(maps)).contiguous().cpu();
    }

    // Undefined of a network that draws none. On its own grid, whatever the area: nothing is left out.
    torch::Tensor PredictMasks(Network::GenotypeNet network, const torch::Tensor& images)
    {
      const torch::NoGradGuard noGradient;
      network->eval();
      const torch::Tensor logits = network(ToDeviceOf(network, images)).seg_logits;
      return logits.defined() ? logits.argmax(Network::AXIS_CHANNEL)
                                  .ne(Network::SEGMENTATION_BACKGROUND)
                                  .to(torch::kFloat32)
                                  .contiguous()
                                  .cpu()
                              : torch::Tensor();
    }

    torch::Tensor MakeMasks(const Data::SliceDataset& dataset, const std::vector<std::size_t>& indices)
    {
      const auto side = static_cast<std::int64_t>(dataset.GetInputSize());
      const torch::Tensor masks = torch::zeros({static_cast<std::int64_t>(indices.size()), side, side});
      float* out = masks.data_ptr<float>();
      for (const std::size_t index : indices)
      {
        const std::vector<std::uint8_t>& mask = dataset.GetSlices()[index].mask;
        out =
          std::transform(mask.begin(), mask.end(), out, [](std::uint8_t value) { return value != 0 ? 1.0F : 0.0F; });
      }
      return masks;
    }

    torch::Tensor MakeGenotypes(const Data::SliceDataset& dataset, const std::vector<std::size_t>& indices)
    {
      const torch::Tensor genotypes = torch::empty({static_cast<std::int64_t>(indices.size())}, torch::kInt64);
      auto* out = genotypes.data_ptr<std::int64_t>();
      for (const std::size_t index : indices)
      {
        *out++ = dataset.GetSlices()[index].genotype;
      }
      return genotypes;
    }

    // Image, hand contour and, of a network that draws them, predicted mask. `images`: MakeImages() of the slices.
    Weights::TensorMap MakeShown(const Network::GenotypeNet& network, const Data::SliceDataset& dataset,
                                 const std::vector<std::size_t>& indices, const torch::Tensor& images)
    {
      Weights::TensorMap tensors;
      tensors.Set("image", Trainers::ToIntensity(images));
      tensors.Set("mask", MakeMasks(dataset, indices));
      if (const torch::Tensor predicted = PredictMasks(network, images); predicted.defined())
      {
        tensors.Set(SALIENCY_PREDICTED, predicted);
      }
      return tensors;
    }
  }

  void SaveSaliencyMaps(const std::filesystem::path& path, Network::GenotypeNet network,
                        const Data::SliceDataset& dataset, const std::function<std::string(std::size_t)>& getPatient)
  {
    const std::vector<std::size_t> chosen = ChooseSlices(dataset);
    if (chosen.empty())
    {
      return;
    }
    const torch::Tensor images = Trainers::MakeImages(dataset, chosen);
    Weights::TensorMap tensors = MakeShown(network, dataset, chosen, images);
    tensors.Set("saliency", MakeMaps(std::move(network), images));
    tensors.Set("genotype", MakeGenotypes(dataset, chosen));
    std::string patients;
    for (const std::size_t index : chosen)
    {
      patients += getPatient(dataset.GetSlices()[index].caseIndex) + "\n";
    }
    tensors.Save(path, Weights::StoredPrecision::F32, {{SALIENCY_CASES, CASES_EVENLY}, {SALIENCY_PATIENTS, patients}});
  }

  void SaveErrorSlices(const std::filesystem::path& path, const Network::GenotypeNet& network,
                       const Data::SliceDataset& dataset, const std::vector<Evaluation::CaseOutcome>& outcomes,
                       double threshold)
  {
    const auto getOutcome = [&](std::size_t index) -> const Evaluation::CaseOutcome&
    { return outcomes.at(dataset.GetSlices()[index].caseIndex); };
    std::vector<std::size_t> wrong = FindLargest(dataset, dataset.ListTumourSlices());
    std::erase_if(wrong, [&](std::size_t index)
    {
      return Evaluation::IsCalledRightly(getOutcome(index), threshold, &Evaluation::CaseOutcome::probabilityAltered);
    });
    const std::vector<std::size_t> chosen = Trainers::PickEvenly(wrong, MOST_ERRORS);
    if (chosen.empty())
    {
      return;
    }
    const Weights::TensorMap tensors = MakeShown(network, dataset, chosen, Trainers::MakeImages(dataset, chosen));
    if (!tensors.Has(SALIENCY_PREDICTED))
    {
      return;
    }
    std::string patients;
    for (const std::size_t index : chosen)
    {
      patients += getOutcome(index).id + "\n";
    }
    tensors.Save(path, Weights::StoredPrecision::F32, {{SALIENCY_PATIENTS, patients}});
  }
}
