// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/PhantomReply.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/StudyLimits.h"

#include <utility>

namespace H3K27M::Engine
{
  namespace
  {
    constexpr std::uint64_t MAX_VOXELS = std::uint64_t{1} << 28;

    std::uint64_t ReadExtent(const Json::Value& json, const char* key)
    {
      if (!json.isObject() || !json[key].isUInt64() || json[key].asUInt64() < 1 ||
          json[key].asUInt64() > Protocol::StudyLimits::MAX_EXTENT)
      {
        throw Error(ErrorCode::Corrupt, std::string("The engine's phantom has no usable '") + key + "'");
      }

      return json[key].asUInt64();
    }
  }

  bool PhantomReply::Accept(const Protocol::ReceivedMessage& message)
  {
    const std::string& verb = message.GetVerb();

    if (verb == Protocol::Verb::PHANTOM_BEGIN && !slices_)
    {
      Begin(message);
      return false;
    }

    if (verb == Protocol::Verb::SLICE && slices_)
    {
      slices_->Accept(message);
      return false;
    }

    if (verb == Protocol::Verb::MASK && masks_)
    {
      masks_->Accept(message);
      return false;
    }

    if (verb == Protocol::Verb::PHANTOM_END && slices_)
    {
      Complete();
      return true;
    }

    throw Error(ErrorCode::Corrupt, "The engine answered a phantom with '" + verb + "'");
  }

  void PhantomReply::Begin(const Protocol::ReceivedMessage& message)
  {
    result_.json = message.GetString("phantom");
    const Json::Value json = message.GetJson("phantom");
    const std::uint64_t rows = ReadExtent(json, "rows");
    const std::uint64_t columns = ReadExtent(json, "columns");
    const std::uint64_t slices = ReadExtent(json, "slices");

    if (rows * columns * slices > MAX_VOXELS)
    {
      throw Error(ErrorCode::Corrupt, "The engine's phantom is too large");
    }

    result_.rows = static_cast<std::uint32_t>(rows);
    result_.columns = static_cast<std::uint32_t>(columns);
    sliceCount_ = static_cast<std::size_t>(slices);

    const Extents extents = {sliceCount_, result_.rows, result_.columns};
    slices_ = std::make_unique<BandAssembler<std::uint16_t>>(extents, "voxels");
    masks_ = std::make_unique<BandAssembler<std::uint8_t>>(extents, "mask");
  }

  void PhantomReply::Complete()
  {
    auto slices = slices_->Take();

    if (slices.size() != sliceCount_)
    {
      throw Error(ErrorCode::Corrupt, "The engine's phantom has " + std::to_string(slices.size()) + " slices of " +
                                        std::to_string(sliceCount_));
    }

    for (auto& [index, values] : slices)
    {
      result_.slices.push_back(std::move(values));
    }

    result_.masks = masks_->Take();
  }

  PhantomResult PhantomReply::Take()
  {
    return std::move(result_);
  }
}
