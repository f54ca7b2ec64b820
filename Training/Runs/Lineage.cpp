// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/Lineage.h"

#include "Training/Data/SyntheticSubject.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr const char* PHANTOMS = "phantoms";

    std::uint64_t GetCount(const Json::Value& data, const char* field)
    {
      return data.isObject() && data[field].isUInt64() ? data[field].asUInt64() : 0;
    }

    // Seeds from and below which, in ascending order and apart from each other.
    using SeedRanges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

    SeedRanges Unite(SeedRanges ranges)
    {
      std::sort(ranges.begin(), ranges.end());
      SeedRanges united;
      for (const auto& [first, end] : ranges)
      {
        if (united.empty() || first > united.back().second)
        {
          united.emplace_back(first, end);
        }
        else
        {
          united.back().second = std::max(united.back().second, end);
        }
      }
      return united;
    }

    class LineageCounter
    {
    public:
      void Add(const Json::Value& data)
      {
        if (data.isObject() && IsGenerated(data))
        {
          const std::uint64_t first = GetCount(data, "first_seed");
          generated_.emplace_back(first, first + std::min(GetCount(data, "count"), UINT64_MAX - first));
        }
        else if (data.isObject() && data["images"].isObject())
        {
          AddImages(data);
        }
        else
        {
          Take(CountCases(data));
        }
      }

      CaseCounts Count() const
      {
        CaseCounts counts = counts_;
        for (const auto& [first, end] : Unite(generated_))
        {
          const auto inFolders = std::distance(seeds_.lower_bound(first), seeds_.lower_bound(end));
          counts.phantoms += end - first - static_cast<std::uint64_t>(inFolders);
        }
        return counts;
      }

    private:
      void Take(const CaseCounts& counts)
      {
        counts_.phantoms += counts.phantoms;
        counts_.others += counts.others;
      }

      void AddImages(const Json::Value& data)
      {
        std::uint64_t named = 0;
        CaseCounts fresh;
        for (const std::string& key : data["images"].getMemberNames())
        {
          const auto seed = Data::ReadPhantomSeed(Data::FindSubject(key));
          named += seed ? 1 : 0;
          if (seed)
          {
            seeds_.insert(*seed);
          }
          if (images_.insert(data["images"][key].asString()).second)
          {
            (seed ? fresh.phantoms : fresh.others)++;
          }
        }
        // The table of a data set may call others phantoms, too; which ones, its description does not tell.
        const std::uint64_t synthetic = CountCases(data).phantoms;
        const std::uint64_t unnamed = std::min(synthetic - std::min(synthetic, named), fresh.others);
        Take({fresh.phantoms + unnamed, fresh.others - unnamed});
      }

      CaseCounts counts_;
      SeedRanges generated_;
      std::set<std::uint64_t> seeds_;  // of phantoms in folders
      std::set<std::string> images_;   // their hashes
    };
  }

  bool IsGenerated(const Json::Value& data)
  {
    return data["kind"].asString() == PHANTOMS;
  }

  CaseCounts CountCases(const Json::Value& data)
  {
    const std::uint64_t count = GetCount(data, "count");
    const std::uint64_t phantoms =
      data.isObject() && IsGenerated(data) ? count : std::min(count, GetCount(data, "synthetic"));
    return {phantoms, count - phantoms};
  }

  void VisitLineage(const Json::Value& card, const std::function<void(const Json::Value&)>& visit)
  {
    visit(card["training_data"]);
    const Json::Value& run = card["run"];
    if (run.isObject() && run["from"].isObject())
    {
      VisitLineage(run["from"], visit);
    }
  }

  CaseCounts CountLineage(const Json::Value& card)
  {
    LineageCounter counter;
    VisitLineage(card, [&counter](const Json::Value& data) { counter.Add(data); });
    return counter.Count();
  }

  Json::Value DescribeLineage(const Json::Value& card)
  {
    const CaseCounts seen = CountLineage(card);
    Json::Value json;
    json["trained_on"] = card["trained_on"].isString() ? card["trained_on"] : Json::Value();
    json["phantoms"] = Json::UInt64{seen.phantoms};
    json["others"] = Json::UInt64{seen.others};
    return json;
  }
}
