// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/SliceDataset.h"

#include "Inference/Network/Axes.h"
#include "Inference/Preprocess/Normalisation.h"
#include "Inference/Preprocess/SliceTensor.h"
#include "Training/Data/CheckedCases.h"

#include <algorithm>
#include <cmath>

namespace H3K27M::Data
{
  namespace
  {
    constexpr std::size_t MIN_TUMOUR_PIXELS = 10;  // below this a slice says neither tumour nor no tumour: left out

    std::vector<std::uint8_t> ToBytes(const std::vector<float>& normalised)
    {
      std::vector<std::uint8_t> bytes(normalised.size());
      std::transform(normalised.begin(), normalised.end(), bytes.begin(), [](float value)
      {
        const double unit = value * Preprocess::INTENSITY_DEVIATION + Preprocess::INTENSITY_MEAN;
        return static_cast<std::uint8_t>(std::lround(std::clamp(unit, 0.0, 1.0) * 255));
      });
      return bytes;
    }

    // The case must outlive it.
    Preprocess::SliceTensor PreprocessCase(const TrainingCase& loaded, const SliceDatasetOptions& dataset)
    {
      Preprocess::PreprocessOptions options;
      options.inputSize = dataset.inputSize;
      options.channels = 1;
      options.framing = dataset.framing;
      return {loaded.GetView(), options};
    }

    std::vector<StoredSlice> MakeSlices(const TrainingCase& loaded, std::size_t caseIndex,
                                        const SliceDatasetOptions& dataset)
    {
      const std::size_t inputSize = dataset.inputSize;
      const Preprocess::SliceTensor study = PreprocessCase(loaded, dataset);
      const std::size_t plane = loaded.rows * loaded.columns;
      std::vector<float> image(study.GetTargetSize());
      std::vector<StoredSlice> slices;
      for (std::size_t z = 0; z < loaded.slices; z++)
      {
        if (!study.HasHead(z))
        {
          continue;
        }
        StoredSlice slice;
        slice.caseIndex = caseIndex;
        slice.genotype = loaded.genotype;
        slice.mask.resize(inputSize * inputSize);
        study.WriteLabels(std::span(loaded.mask).subspan(z * plane, plane), slice.mask);
        slice.tumourPixels = static_cast<std::size_t>(std::count(slice.mask.begin(), slice.mask.end(), 1));
        if (slice.tumourPixels > 0 && slice.tumourPixels < MIN_TUMOUR_PIXELS)
        {
          continue;
        }
        if (slice.tumourPixels == 0)
        {
          slice.mask = {};
        }
        study.WriteSlice(z, image);
        slice.image = ToBytes(image);
        slices.push_back(std::move(slice));
      }
      return slices;
    }

    // The slices by case, so that the order does not depend on which thread was faster.
    std::vector<std::vector<StoredSlice>> LoadAll(const ICaseSource& source, const SliceDatasetOptions& options,
                                                  const std::function<void(std::size_t)>& onLoaded)
    {
      std::vector<std::vector<StoredSlice>> byCase(source.GetCount());
      UseAllCases(source, options.threads, [&](std::size_t i, const TrainingCase& loaded)
      { byCase[i] = MakeSlices(loaded, i, options); }, onLoaded);
      return byCase;
    }
  }

  void CheckCases(const ICaseSource& source, const SliceDatasetOptions& options,
                  const std::function<void(std::size_t)>& onChecked)
  {
    UseAllCases(source, options.threads,
                [&options](std::size_t, const TrainingCase& loaded) { PreprocessCase(loaded, options); }, onChecked);
  }

  SliceDataset::SliceDataset(const ICaseSource& source, const SliceDatasetOptions& options,
                             const std::function<void(std::size_t)>& onLoaded) :
    inputSize_(options.inputSize)
  {
    std::vector<StoredSlice> all;
    for (std::vector<StoredSlice>& slices : LoadAll(source, options, onLoaded))
    {
      std::move(slices.begin(), slices.end(), std::back_inserter(all));
    }
    for (std::size_t i = 0; i < all.size(); i++)
    {
      const StoredSlice& slice = all[i];
      (slice.tumourPixels == 0                       ? tumourFree_
       : slice.genotype == Network::GENOTYPE_ALTERED ? altered_
                                                     : wildType_)
        .push_back(i);
    }
    slices_ = std::make_shared<const std::vector<StoredSlice>>(std::move(all));
  }

  std::vector<std::size_t> SliceDataset::ListTumourSlices() const
  {
    std::vector<std::size_t> list(altered_.size() + wildType_.size());
    std::merge(altered_.begin(), altered_.end(), wildType_.begin(), wildType_.end(), list.begin());
    return list;
  }

  std::vector<std::size_t> SliceDataset::ListSlices() const
  {
    const std::vector<std::size_t> tumour = ListTumourSlices();
    std::vector<std::size_t> list(tumour.size() + tumourFree_.size());
    std::merge(tumour.begin(), tumour.end(), tumourFree_.begin(), tumourFree_.end(), list.begin());
    return list;
  }

  SliceDataset SliceDataset::Select(const std::vector<bool>& keeps) const
  {
    SliceDataset selection = *this;
    for (std::vector<std::size_t>* const list : {&selection.altered_, &selection.wildType_, &selection.tumourFree_})
    {
      std::erase_if(*list, [&](std::size_t slice) { return !keeps.at((*slices_)[slice].caseIndex); });
    }
    return selection;
  }

  const std::vector<std::size_t>& SliceDataset::GetTumourSlices(std::int64_t genotype) const
  {
    return genotype == Network::GENOTYPE_ALTERED ? altered_ : wildType_;
  }
}
