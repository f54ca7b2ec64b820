// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/EnsembleBackend.h"

#include "Inference/Network/Axes.h"
#include "Inference/Predict/Softmax.h"
#include "Inference/Predict/Stopwatch.h"
#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace H3K27M::Predict
{
  namespace
  {
    constexpr std::size_t GENOTYPES = Network::GENOTYPE_CLASSES;

    // Adds the softmax over the middle axis of [outer, CLASSES, inner] to `sums`. A value that is not finite passes
    // into the sum: it must not be averaged away.
    template <std::size_t CLASSES>
    void AddSoftmax(const std::vector<float>& logits, std::size_t inner, std::vector<double>& sums)
    {
      sums.resize(logits.size());
      for (std::size_t first = 0; first < logits.size(); first += CLASSES * inner)
      {
        for (std::size_t i = first; i < first + inner; i++)
        {
          const auto softmax = GetSoftmax<CLASSES>(logits.data() + i, inner);
          for (std::size_t k = 0; k < CLASSES; k++)
          {
            sums[i + k * inner] += softmax[k];
          }
        }
      }
    }

    // The softmax of the class head, of each slice.
    std::vector<double> GetAltered(const std::vector<float>& logits)
    {
      std::vector<double> sums;
      AddSoftmax<GENOTYPES>(logits, 1, sums);
      std::vector<double> altered;
      for (std::size_t i = Network::GENOTYPE_ALTERED; i < sums.size(); i += GENOTYPES)
      {
        altered.push_back(sums[i]);
      }
      return altered;
    }

    // Of one member's logits: NaN compares as "no tumour", and the mean of softmaxes hides an infinity.
    bool AreFinite(const std::vector<float>& logits)
    {
      return std::all_of(logits.begin(), logits.end(), [](float logit) { return std::isfinite(logit); });
    }

    // Logarithms of the means; of 0 the smallest one that float has.
    std::vector<float> ToLogits(const std::vector<double>& sums, std::size_t members)
    {
      std::vector<float> logits(sums.size());
      std::transform(sums.begin(), sums.end(), logits.begin(), [members](double sum)
      {
        const double mean = sum / static_cast<double>(members);
        return std::isnan(mean)
                 ? std::numeric_limits<float>::quiet_NaN()
                 : static_cast<float>(std::log(std::max(mean, static_cast<double>(std::numeric_limits<float>::min()))));
      });
      return logits;
    }
  }

  EnsembleBackend::EnsembleBackend(std::vector<std::unique_ptr<IBackend>> members) :
    members_(std::move(members))
  {
    if (members_.empty())
    {
      throw Error(ErrorCode::BadInput, "An ensemble needs a model");
    }
    info_ = members_.front()->GetInfo();
    for (const auto& member : members_)
    {
      const BackendInfo& info = member->GetInfo();
      if (info.inputSize != info_.inputSize || info.hasSegmentation != info_.hasSegmentation)
      {
        throw Error(ErrorCode::BadInput, "The models of an ensemble must have the same input size and the same heads");
      }
      info_.batchSize = std::min(info_.batchSize, info.batchSize);
    }
    info_.usesOwnKernels = false;
  }

  NetworkOutput EnsembleBackend::RunNetwork(std::span<const float> images, std::size_t count)
  {
    return RunMembers(images, count, false);
  }

  NetworkOutput EnsembleBackend::RunMembers(std::span<const float> images, std::size_t count, bool requiresFinite)
  {
    NetworkOutput combined;
    std::vector<double> classes;
    std::vector<double> pixels;
    for (const auto& member : members_)
    {
      const NetworkOutput output = member->RunNetwork(images, count);
      if (requiresFinite && !(AreFinite(output.classLogits) && AreFinite(output.segmentationLogits)))
      {
        throw Error(ErrorCode::Internal, "A network of the ensemble answered with values that are not finite: its "
                                         "weights are broken or the precision overflows");
      }
      AddSoftmax<GENOTYPES>(output.classLogits, 1, classes);
      combined.memberAltered.push_back(GetAltered(output.classLogits));
      combined.signatures.insert(combined.signatures.end(), output.signatures.begin(), output.signatures.end());
      if (info_.hasSegmentation)
      {
        AddSoftmax<Network::SEGMENTATION_CLASSES>(output.segmentationLogits, info_.inputSize * info_.inputSize, pixels);
      }
    }
    combined.classLogits = ToLogits(classes, members_.size());
    combined.segmentationLogits = ToLogits(pixels, members_.size());
    return combined;
  }

  std::vector<float> EnsembleBackend::ComputeSaliency(std::span<const float> images, std::size_t count,
                                                      std::int64_t genotype)
  {
    std::vector<float> mean(images.size(), 0.0F);
    for (const auto& member : members_)
    {
      const std::vector<float> maps = member->ComputeSaliency(images, count, genotype);
      std::transform(mean.begin(), mean.end(), maps.begin(), mean.begin(),
                     [this](float sum, float value) { return sum + value / static_cast<float>(members_.size()); });
    }
    return mean;
  }

  BatchResult EnsembleBackend::RunBatch(const SliceBatch& batch)
  {
    const std::size_t plane = info_.inputSize * info_.inputSize;
    const std::size_t native = batch.study->GetVolume().GetSliceSize();
    const std::size_t count = batch.slices.size();
    Stopwatch stopwatch;
    std::vector<float> images(count * plane);
    for (std::size_t i = 0; i < count; i++)
    {
      batch.study->WriteSlice(batch.slices[i], std::span(images).subspan(i * plane, plane));
    }
    BatchResult result;
    result.preprocessMs = stopwatch.TakeMilliseconds();
    const NetworkOutput output = RunMembers(images, count, true);
    result.networkMs = stopwatch.TakeMilliseconds();
    result.probabilityAltered = GetAltered(output.classLogits);
    result.memberAltered = output.memberAltered;
    result.signatures = output.signatures;
    result.tumourPixels.assign(count, 0);
    for (std::size_t i = 0; info_.hasSegmentation && i < count; i++)
    {
      const std::size_t pixels = plane * Network::SEGMENTATION_CLASSES;
      result.tumourPixels[i] = batch.study->RestoreMask(
        std::span(output.segmentationLogits).subspan(i * pixels, pixels), batch.masks.subspan(i * native, native));
    }
    result.postprocessMs = stopwatch.TakeMilliseconds();
    return result;
  }
}
