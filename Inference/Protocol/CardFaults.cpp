// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/CardFaults.h"

#include "Inference/Protocol/Sha256.h"
#include "Inference/Protocol/StudyLimits.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace H3K27M::Protocol
{
  namespace
  {
    constexpr Json::ArrayIndex MAX_MEMBERS = 100;
    constexpr std::size_t MAX_LENGTH = 64;

    bool IsSha256(const Json::Value& json)
    {
      return json.isString() && json.asString().size() == 64 &&
             json.asString().find_first_not_of("0123456789abcdef") == std::string::npos;
    }

    bool IsText(const Json::Value& json)
    {
      return json.isString() && !json.asString().empty();
    }

    bool IsNumber(const Json::Value& json, double lowest, double highest)
    {
      const double value = json.isNumeric() ? json.asDouble() : std::nan("");
      return value >= lowest && value <= highest;
    }

    bool IsMember(const Json::Value& json)
    {
      return json.isObject() && json["folder"].isString() && IsModelName(json["folder"].asString()) &&
             IsSha256(json["weights_sha256"]);
    }

    std::string JudgeMembers(const Json::Value& members)
    {
      if (!members.isArray() || members.empty() || members.size() > MAX_MEMBERS)
      {
        return "'members' must be a list of 1 to 100 models";
      }

      std::set<std::string> folders;

      for (const Json::Value& member : members)
      {
        if (!IsMember(member))
        {
          return "'members' must be objects with folder (a name) and weights_sha256";
        }

        folders.insert(member["folder"].asString());
      }

      return folders.size() == members.size() ? "" : "'members' must be in folders of their own";
    }
  }

  bool IsModelName(const std::string& text)
  {
    const auto isAllowed = [](char c)
    {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
             c == '-';
    };
    return !text.empty() && text.size() <= MAX_LENGTH && text[0] != '.' &&
           std::all_of(text.begin(), text.end(), isAllowed);
  }

  bool IsModelVersion(const std::string& text)
  {
    return !text.empty() && text.size() <= MAX_LENGTH &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
  }

  std::string HashMembers(const Json::Value& members)
  {
    std::string hashes;

    for (const Json::Value& member : members)
    {
      hashes += member["weights_sha256"].asString() + "\n";
    }

    return Sha256::OfText(hashes);
  }

  std::vector<std::string> FindCardFaults(const Json::Value& card)
  {
    if (!card.isObject())
    {
      return {"the whole must be a JSON object"};
    }

    std::vector<std::string> faults;
    const auto Require = [&faults](bool isRight, const char* fault)
    {
      if (!isRight)
      {
        faults.emplace_back(fault);
      }
    };

    Require(card["name"].isString() && IsModelName(card["name"].asString()),
            "'name' must be of letters, digits, '.', '_' and '-', at most 64");
    Require(card["version"].isString() && IsModelVersion(card["version"].asString()),
            "'version' must be one line of ASCII without backslash, of 1 to 64 characters");
    Require(IsText(card["variant"]), "'variant' must be a text");
    Require(card["input_size"].isInt64(), "'input_size' must be a whole number");
    Require(card["width"].isInt64(), "'width' must be a whole number");
    Require(IsSha256(card["weights_sha256"]), "'weights_sha256' must be 64 lower-case hexadecimal digits");
    Require(IsNumber(card["threshold"], 0, 1), "'threshold' must be a number from 0 to 1");
    Require(IsNumber(card["minimum_tumour_area_mm2"], 0, StudyLimits::MAX_TUMOUR_AREA_MM2),
            "'minimum_tumour_area_mm2' must be a number from 0 to 1000000");
    Require(card["research_use_only"].isBool() && card["research_use_only"].asBool(),
            "'research_use_only' must be true: no model of this project is cleared for clinical use");

    if (!card["members"].isNull())
    {
      const std::string fault = JudgeMembers(card["members"]);
      Require(fault.empty(), fault.c_str());
      Require(!fault.empty() || Json::Value(HashMembers(card["members"])) == card["weights_sha256"],
              "'weights_sha256' must be the hash over those of the members");
    }

    return faults;
  }
}
