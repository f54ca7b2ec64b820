// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/StudyReply.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <utility>

namespace H3K27M::Engine
{
  namespace
  {
    constexpr std::uint8_t MAX_CLASS = 2;

    [[noreturn]] void Refuse(const std::string& what)
    {
      throw Error(ErrorCode::Corrupt, "The engine's result contradicts itself: " + what);
    }
  }

  StudyReply::StudyReply(const Extents& extents) :
    extents_(extents),
    masks_(extents, "mask")
  {
  }

  bool StudyReply::Accept(const Protocol::ReceivedMessage& message)
  {
    const std::string& verb = message.GetVerb();

    if (verb == Protocol::Verb::RESULT_BEGIN && !begun_)
    {
      Begin(message);
      return false;
    }

    if (verb == Protocol::Verb::MASK && begun_)
    {
      masks_.Accept(message);
      return false;
    }

    if (verb == Protocol::Verb::RESULT_END && begun_)
    {
      Complete();
      return true;
    }

    throw Error(ErrorCode::Corrupt, "The engine answered a study with '" + verb + "'");
  }

  void StudyReply::Begin(const Protocol::ReceivedMessage& message)
  {
    result_.json = message.GetString("result");
    const Json::Value json = message.GetJson("result");

    if (!json.isObject() || !json["tumour"].isObject() || !json["tumour"]["voxels"].isUInt64() ||
        !json["tumour"]["slices"].isArray())
    {
      Refuse("'tumour' with 'voxels' and 'slices' is missing");
    }

    tumour_ = json["tumour"];
    begun_ = true;
  }

  void StudyReply::Complete()
  {
    result_.masks = masks_.Take();

    std::vector<std::size_t> announced;

    for (const Json::Value& slice : tumour_["slices"])
    {
      if (!slice.isUInt64())
      {
        Refuse("a tumour slice is no index");
      }

      announced.push_back(static_cast<std::size_t>(slice.asUInt64()));
    }

    std::sort(announced.begin(), announced.end());
    std::vector<std::size_t> sent;
    std::uint64_t voxels = 0;

    for (const auto& [index, mask] : result_.masks)
    {
      sent.push_back(index);

      if (std::any_of(mask.begin(), mask.end(), [](std::uint8_t value) { return value > MAX_CLASS; }))
      {
        Refuse("the mask of slice " + std::to_string(index) + " holds a class that does not exist");
      }

      voxels += static_cast<std::uint64_t>(mask.size()) -
                static_cast<std::uint64_t>(std::count(mask.begin(), mask.end(), std::uint8_t{0}));
    }

    if (announced != sent)
    {
      Refuse("it names " + std::to_string(announced.size()) + " tumour slices and sent " + std::to_string(sent.size()) +
             " masks, or others");
    }

    if (voxels != tumour_["voxels"].asUInt64())
    {
      Refuse("it counts " + tumour_["voxels"].asString() + " tumour voxels, the masks hold " + std::to_string(voxels));
    }
  }

  StudyResult StudyReply::Take()
  {
    return std::move(result_);
  }
}
