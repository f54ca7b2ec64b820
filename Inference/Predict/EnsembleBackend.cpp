// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/EnsembleBackend.h"

#include "Inference/Network/Axes.h"
#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace H3K27M::Predict
{
  namespace
  {
    using Clock = std::chrono::steady_clock;

    constexpr std::size_t GENOTYPES = 2;

    double GetMilliseconds(Clock::time_point begin, Clock::time_point end)
    {
      return std::chrono::duration<double, std::milli>(end - begin).count();
    }

    // Adds the softmax over the middle axis of [outer, classes, inner] to `sums`. A value that is not finite passes
    // into the sum: it must not be averaged away.
    void AddSoftmax(const std::vector<float>& logits, std::size_t classes, std::size_t inner, std::vector<double>& sums)
    {
      sums.resize(logits.size());
      for (std::size_t first = 0; first < logits.size(); first += classes * inner)
      {
        for (std::size_t i = first; i < first + inner; i++)
        {
          double highest = -std::numeric_limits<double>::infinity();
          for (std::size_t k = 0; k < classes; k++)
          {
            highest = std::max(highest, static_cast<double>(logits[i + k * inner]));
          }
          double total = 0;
          for (std::size_t k = 0; k < classes; k++)
          {
            total += std::exp(logits[i + k * inner] - highest);
          }
          for (std::size_t k = 0; k < classes; k++)
          {
            sums[i + k * inner] += std::exp(logits[i + k * inner] - highest) / total;
          }
        }
      }
    }

    // The softmax of the class head, of each slice.
    std::vector<double> GetAltered(const std::vector<float>& logits)
    {
      std::vector<double> sums;
      AddSoftmax(logits, GENOTYPES, 1, sums);
      std::vector<double> altered;
      for (std::size_t i = Network::GENOTYPE_ALTERED; i < sums.size(); i += GENOTYPES)
      {
        altered.push_back(sums[i]);
      }
      return altered;
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
    NetworkOutput combined;
    std::vector<double> classes;
    std::vector<double> pixels;
    for (const auto& member : members_)
    {
      const NetworkOutput output = member->RunNetwork(images, count);
      AddSoftmax(output.classLogits, GENOTYPES, 1, classes);
      combined.memberAltered.push_back(GetAltered(output.classLogits));
      combined.signatures.insert(combined.signatures.end(), output.signatures.begin(), output.signatures.end());
      if (info_.hasSegmentation)
      {
        AddSoftmax(output.segmentationLogits, Network::SEGMENTATION_CLASSES, info_.inputSize * info_.inputSize, pixels);
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
    const auto begin = Clock::now();
    std::vector<float> images(count * plane);
    for (std::size_t i = 0; i < count; i++)
    {
      batch.study->WriteSlice(batch.slices[i], std::span(images).subspan(i * plane, plane));
    }
    const auto made = Clock::now();
    const NetworkOutput output = RunNetwork(images, count);
    const auto computed = Clock::now();
    BatchResult result;
    result.probabilityAltered = GetAltered(output.classLogits);
    result.memberAltered = output.memberAltered;
    result.signatures = output.signatures;
    if (!std::all_of(result.probabilityAltered.begin(), result.probabilityAltered.end(),
                     [](double probability) { return std::isfinite(probability); }))
    {
      throw Error(ErrorCode::Internal, "A network of the ensemble answered with values that are not finite");
    }
    result.tumourPixels.assign(count, 0);
    for (std::size_t i = 0; info_.hasSegmentation && i < count; i++)
    {
      const std::size_t pixels = plane * Network::SEGMENTATION_CLASSES;
      result.tumourPixels[i] = batch.study->RestoreMask(
        std::span(output.segmentationLogits).subspan(i * pixels, pixels), batch.masks.subspan(i * native, native));
    }
    const auto done = Clock::now();
    result.preprocessMs = GetMilliseconds(begin, made);
    result.networkMs = GetMilliseconds(made, computed);
    result.postprocessMs = GetMilliseconds(computed, done);
    return result;
  }
}
