// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Weights/InputReference.h"

#include "Inference/Network/TensorCopy.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/TensorMap.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace H3K27M::Weights
{
  namespace
  {
    const std::string MEAN = std::string(InputReference::PREFIX) + "mean";
    const std::string WHITENING = std::string(InputReference::PREFIX) + "whitening";
    const std::string DISTANCES = std::string(InputReference::PREFIX) + "distances";

    bool IsFinite(const std::vector<float>& values)
    {
      return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
    }

    torch::Tensor ToTensor(const std::vector<float>& values, at::IntArrayRef shape)
    {
      torch::Tensor tensor = torch::empty(shape);
      std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
      return tensor;
    }
  }

  InputReference::InputReference(std::vector<float> mean, std::vector<float> whitening, std::vector<float> distances) :
    mean_(std::move(mean)),
    whitening_(std::move(whitening)),
    distances_(std::move(distances))
  {
    if (mean_.empty() || distances_.empty() || whitening_.size() != mean_.size() * mean_.size() || !IsFinite(mean_) ||
        !IsFinite(whitening_) || !IsFinite(distances_))
    {
      throw Error(ErrorCode::BadInput, "The model's reference of known inputs is misshapen or not finite");
    }
    std::sort(distances_.begin(), distances_.end());
  }

  std::optional<InputReference> InputReference::FromTensors(const TensorMap& tensors, std::size_t dimension)
  {
    if (!tensors.Has(MEAN) && !tensors.Has(WHITENING) && !tensors.Has(DISTANCES))
    {
      return std::nullopt;
    }
    InputReference reference(Network::CopyToVector(tensors.Get(MEAN)), Network::CopyToVector(tensors.Get(WHITENING)),
                             Network::CopyToVector(tensors.Get(DISTANCES)));
    if (reference.mean_.size() != dimension)
    {
      throw Error(ErrorCode::BadInput, "The model's reference of known inputs has " +
                                         std::to_string(reference.mean_.size()) + " values, the network's signature " +
                                         std::to_string(dimension));
    }
    return reference;
  }

  void InputReference::AddTo(TensorMap& tensors) const
  {
    const auto size = static_cast<std::int64_t>(mean_.size());
    tensors.Set(MEAN, ToTensor(mean_, {size}));
    tensors.Set(WHITENING, ToTensor(whitening_, {size, size}));
    tensors.Set(DISTANCES, ToTensor(distances_, {static_cast<std::int64_t>(distances_.size())}));
  }

  double InputReference::Measure(std::span<const double> signature) const
  {
    if (signature.size() != mean_.size())
    {
      throw Error(ErrorCode::Internal, "A signature has " + std::to_string(signature.size()) + " values instead of " +
                                         std::to_string(mean_.size()));
    }
    double square = 0;
    for (std::size_t row = 0; row < mean_.size(); row++)
    {
      double sum = 0;
      for (std::size_t column = 0; column < mean_.size(); column++)
      {
        sum += whitening_[row * mean_.size() + column] * (signature[column] - mean_[column]);
      }
      square += sum * sum;
    }
    return std::sqrt(square);
  }

  std::size_t InputReference::CountAtLeast(double distance) const
  {
    return static_cast<std::size_t>(
      std::count_if(distances_.begin(), distances_.end(), [distance](float other) { return other >= distance; }));
  }
}
