// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/LeftOutTable.h"

#include <cstdint>
#include <utility>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr const char* NOBODY_KNOWS = "not known";

    std::uint64_t ReadNumber(const Json::Value& numbers, const char* genotype)
    {
      return numbers[genotype].isUInt64() ? numbers[genotype].asUInt64() : 0;
    }

    void AddNumbers(Table& table, const std::string& split, const std::string& reason, const Json::Value& numbers)
    {
      const std::uint64_t altered = ReadNumber(numbers, "altered");
      const std::uint64_t wildType = ReadNumber(numbers, "wild-type");
      table.AddRow({split, reason, std::to_string(altered + wildType + ReadNumber(numbers, NOBODY_KNOWS)),
                    std::to_string(altered), std::to_string(wildType)});
    }
  }

  std::optional<Table> MakeLeftOutTable(const Json::Value& leftOut, const std::string& split)
  {
    Table table{"left-out",
                "Labelled studies that the snapshot of the archive left out, by reason",
                {"Split", "Reason", "Studies", "Altered", "Wild type"},
                {},
                {}};
    if (!leftOut.isObject())
    {
      return std::nullopt;
    }
    for (const std::string& reason : leftOut.getMemberNames())
    {
      const Json::Value& splits = leftOut[reason];
      for (const std::string& name : splits.isObject() ? splits.getMemberNames() : Json::Value::Members())
      {
        if (splits[name].isObject() && (split.empty() || name == split || name == NOBODY_KNOWS))
        {
          AddNumbers(table, name, reason, splits[name]);
        }
      }
    }
    return table.rows.empty() ? std::nullopt : std::optional(std::move(table));
  }
}
