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

    [[noreturn]] void RefuseReply(const std::string& what)
    {
      throw Error(ErrorCode::Corrupt, "The engine's result contradicts itself: " + what);
    }

    // The slices of `announced` and of `sent` are the same ones. `what`: of which there is one for each slice.
    void RequireAnnounced(const Json::Value& announced, const std::map<std::size_t, std::vector<std::uint8_t>>& sent,
                          const std::string& what)
    {
      std::vector<std::size_t> wanted;

      for (const Json::Value& slice : announced)
      {
        if (!slice.isUInt64())
        {
          RefuseReply("a slice of a " + what + " is no index");
        }

        wanted.push_back(static_cast<std::size_t>(slice.asUInt64()));
      }

      std::sort(wanted.begin(), wanted.end());

      if (!std::equal(wanted.begin(), wanted.end(), sent.begin(), sent.end(),
                      [](std::size_t index, const auto& slice) { return index == slice.first; }))
      {
        RefuseReply("it names " + std::to_string(wanted.size()) + " slices with a " + what + " and sent " +
                    std::to_string(sent.size()) + ", or others");
      }
    }
  }

  StudyReply::StudyReply(const Extents& extents) :
    extents_(extents),
    masks_(extents, "mask"),
    saliency_(extents, "saliency")
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

    if (verb == Protocol::Verb::SALIENCY && begun_)
    {
      saliency_.Accept(message);
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
      RefuseReply("'tumour' with 'voxels' and 'slices' is missing");
    }

    if (!json["saliency"].isObject() || !json["saliency"]["slices"].isArray())
    {
      RefuseReply("'saliency' with 'slices' is missing");
    }

    tumour_ = json["tumour"];
    salientSlices_ = json["saliency"]["slices"];
    begun_ = true;
  }

  void StudyReply::Complete()
  {
    result_.masks = masks_.Take();
    result_.saliency = saliency_.Take();
    RequireAnnounced(tumour_["slices"], result_.masks, "mask");
    RequireAnnounced(salientSlices_, result_.saliency, "map");
    std::uint64_t voxels = 0;

    for (const auto& [index, mask] : result_.masks)
    {
      if (std::any_of(mask.begin(), mask.end(), [](std::uint8_t value) { return value > MAX_CLASS; }))
      {
        RefuseReply("the mask of slice " + std::to_string(index) + " holds a class that does not exist");
      }

      voxels += static_cast<std::uint64_t>(mask.size()) -
                static_cast<std::uint64_t>(std::count(mask.begin(), mask.end(), std::uint8_t{0}));
    }

    if (voxels != tumour_["voxels"].asUInt64())
    {
      RefuseReply("it counts " + tumour_["voxels"].asString() + " tumour voxels, the masks hold " +
                  std::to_string(voxels));
    }
  }

  StudyResult StudyReply::Take()
  {
    return std::move(result_);
  }
}
