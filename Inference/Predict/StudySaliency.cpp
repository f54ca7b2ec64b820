// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/StudySaliency.h"

#include "Inference/Network/Axes.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace H3K27M::Predict
{
  namespace
  {
    constexpr float FULL = 255;

    // Whether `a` explains the call better than `b`; the lower slice where they are alike.
    bool IsStronger(const SliceScore& a, const SliceScore& b, GenotypeCall call)
    {
      if (a.tumourAreaMm2 != b.tumourAreaMm2)
      {
        return a.tumourAreaMm2 > b.tumourAreaMm2;
      }
      return call == GenotypeCall::Altered ? a.probabilityAltered > b.probabilityAltered
                                           : a.probabilityAltered < b.probabilityAltered;
    }

    std::vector<std::uint8_t> Quantise(const std::vector<float>& values, float highest)
    {
      std::vector<std::uint8_t> bytes(values.size());
      std::transform(values.begin(), values.end(), bytes.begin(), [highest](float value)
      {
        const float share = highest > 0 ? std::clamp(value / highest, 0.0f, 1.0f) : 0.0f;
        return static_cast<std::uint8_t>(std::lround(share * FULL));
      });
      return bytes;
    }
  }

  std::optional<SaliencyChoice> ParseSaliencyChoice(std::string_view text)
  {
    if (text == "none")
    {
      return SaliencyChoice::None;
    }
    if (text == "key")
    {
      return SaliencyChoice::Key;
    }
    if (text == "all")
    {
      return SaliencyChoice::All;
    }
    return std::nullopt;
  }

  std::vector<std::size_t> ChooseSalientSlices(SaliencyChoice choice, const PatientScore& patient,
                                               const std::vector<SliceScore>& scores)
  {
    std::vector<std::size_t> slices;
    if (choice == SaliencyChoice::None || patient.call == GenotypeCall::NotDetermined)
    {
      return slices;
    }
    if (choice == SaliencyChoice::All)
    {
      std::transform(patient.chosen.begin(), patient.chosen.end(), std::back_inserter(slices),
                     [&scores](std::size_t index) { return scores[index].slice; });
      return slices;
    }
    const auto key = std::max_element(patient.chosen.begin(), patient.chosen.end(), [&](std::size_t a, std::size_t b)
    { return IsStronger(scores[b], scores[a], patient.call); });
    return {scores[*key].slice};
  }

  SaliencyMaps ComputeSaliencyMaps(IBackend& backend, const Preprocess::SliceTensor& study,
                                   const std::vector<std::size_t>& slices, GenotypeCall call,
                                   const std::function<void()>& onBatch)
  {
    const std::size_t plane = study.GetTargetSize();
    const std::int64_t genotype =
      call == GenotypeCall::Altered ? Network::GENOTYPE_ALTERED : Network::GENOTYPE_WILD_TYPE;
    std::vector<float> grid;
    for (std::size_t first = 0; first < slices.size(); first += backend.GetInfo().batchSize)
    {
      onBatch();
      const std::size_t count = std::min(backend.GetInfo().batchSize, slices.size() - first);
      std::vector<float> images(count * plane);
      for (std::size_t i = 0; i < count; ++i)
      {
        study.WriteSlice(slices[first + i], std::span(images).subspan(i * plane, plane));
      }
      const std::vector<float> maps = backend.ComputeSaliency(images, count, genotype);
      grid.insert(grid.end(), maps.begin(), maps.end());
    }
    const float highest = grid.empty() ? 0.0f : *std::max_element(grid.begin(), grid.end());
    SaliencyMaps result;
    std::vector<float> native(study.GetVolume().GetSliceSize());
    for (std::size_t i = 0; i < slices.size(); ++i)
    {
      study.RestoreMap(std::span(grid).subspan(i * plane, plane), native);
      result.emplace(slices[i], Quantise(native, highest));
    }
    return result;
  }
}
