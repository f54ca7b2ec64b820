// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/PatientTables.h"

#include "Training/Statistics/ChiSquaredTest.h"
#include "Training/Statistics/FisherTest.h"
#include "Training/Statistics/PValue.h"
#include "Training/Statistics/WelchTest.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr const char* UNKNOWN = "not known";

    std::optional<double> ParseNumber(const Json::Value& text)
    {
      const std::string value = text.asString();
      double number = 0;
      const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), number);
      const bool isWhole = fault == std::errc() && end == value.data() + value.size() && std::isfinite(number);
      return isWhole ? std::optional<double>(number) : std::nullopt;
    }

    std::string DescribeMean(const std::vector<double>& values)
    {
      if (values.empty())
      {
        return UNKNOWN;
      }
      double sum = 0;
      for (const double value : values)
      {
        sum += value;
      }
      const double mean = sum / static_cast<double>(values.size());
      char text[64];
      if (values.size() == 1)
      {
        std::snprintf(text, sizeof(text), "%.1f (n = 1)", mean);  // one value has no spread
        return text;
      }
      double squares = 0;
      for (const double value : values)
      {
        squares += (value - mean) * (value - mean);
      }
      const double deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
      std::snprintf(text, sizeof(text), "%.1f (SD %.1f, n = %zu)", mean, deviation, values.size());
      return text;
    }

    // "T2 (3), T3 (1)": the values seen with their counts, ascending; numbers as a range.
    std::string DescribeValues(const std::vector<const Json::Value*>& patients, const char* field)
    {
      std::map<std::string, std::size_t> counts;
      std::vector<double> numbers;
      std::size_t known = 0;
      for (const Json::Value* const patient : patients)
      {
        const Json::Value& value = (*patient)[field];
        if (!value.isString())
        {
          continue;
        }
        known++;
        counts[value.asString()]++;
        if (const auto number = ParseNumber(value))
        {
          numbers.push_back(*number);
        }
      }
      if (counts.empty())
      {
        return UNKNOWN;
      }
      if (numbers.size() == known && counts.size() > 3)
      {
        const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
        char text[64];
        std::snprintf(text, sizeof(text), "%g to %g", *low, *high);
        return text;
      }
      std::string text;
      for (const auto& [value, count] : counts)
      {
        text += (text.empty() ? "" : ", ") + value + " (" + std::to_string(count) + ")";
      }
      return text;
    }

    // 'f', 'm' or 'o': BIDS has the words and their first letters, in small letters or not; ' ' for all else.
    char ReadSex(std::string text)
    {
      std::transform(text.begin(), text.end(), text.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      for (const std::string_view word : {"female", "male", "other"})
      {
        if (text == word || text == word.substr(0, 1))
        {
          return word.front();
        }
      }
      return ' ';
    }

    struct Group
    {
      std::vector<double> ages;
      std::size_t female = 0;
      std::size_t male = 0;
      std::size_t other = 0;
      std::size_t count = 0;
      std::map<std::string, std::size_t> sites;  // where they are known

      std::size_t CountAt(const std::string& site) const
      {
        const auto found = sites.find(site);
        return found == sites.end() ? 0 : found->second;
      }
    };

    void AddPatient(Group& group, const Json::Value& patient)
    {
      group.count++;
      if (const auto age = ParseNumber(patient["age"]))
      {
        group.ages.push_back(*age);
      }
      if (const std::string site = patient["site"].asString(); !site.empty())
      {
        group.sites[site]++;
      }
      const char sex = ReadSex(patient["sex"].asString());
      group.female += sex == 'f' ? 1 : 0;
      group.male += sex == 'm' ? 1 : 0;
      group.other += sex == 'o' ? 1 : 0;
    }

    Group CollectGroup(const Json::Value& patients, const std::string& split, const std::string& genotype)
    {
      Group group;
      for (const Json::Value& patient : patients)
      {
        if (patient["split"] == split && patient["genotype"] == genotype)
        {
          AddPatient(group, patient);
        }
      }
      return group;
    }

    // Those with a genotype by their site, which is empty where it is not known.
    std::map<std::string, Group> CollectSites(const Json::Value& patients, const std::string& split)
    {
      std::map<std::string, Group> sites;
      for (const Json::Value& patient : patients)
      {
        if (patient["split"] == split && patient["genotype"].isString())
        {
          AddPatient(sites[patient["site"].asString()], patient);
        }
      }
      return sites;
    }

    constexpr const char* NOT_TESTED = "not tested";

    std::string CompareAges(const Group& first, const Group& second)
    {
      if (first.ages.size() < 2 || second.ages.size() < 2)
      {
        return NOT_TESTED;
      }
      const auto p = Statistics::WelchTest::Run(first.ages, second.ages).comparison.pValue;
      return p ? Statistics::FormatPValue(*p) : "not defined";
    }

    std::string CompareSexes(const Group& first, const Group& second)
    {
      if (first.female + first.male == 0 || second.female + second.male == 0)
      {
        return NOT_TESTED;
      }
      return Statistics::FormatPValue(
        Statistics::FisherTest::Run({{{first.female, first.male}, {second.female, second.male}}}).pValue);
    }

    std::string TestByChiSquared(const std::vector<std::vector<std::size_t>>& counts)
    {
      const auto test = Statistics::ChiSquaredTest::Run(counts);
      return !test.pValue ? "not defined"
                          : Statistics::FormatPValue(*test.pValue) +
                              (test.smallestExpected < 5 ? " (an expected count is below 5)" : "");
    }

    std::string CompareSexes(const std::vector<const Group*>& sites)
    {
      if (sites.size() == 2)
      {
        return CompareSexes(*sites[0], *sites[1]);
      }
      std::vector<std::vector<std::size_t>> counts;
      for (const Group* const site : sites)
      {
        if (site->female + site->male > 0)
        {
          counts.push_back({site->female, site->male});
        }
      }
      return counts.size() < 2 ? NOT_TESTED : TestByChiSquared(counts);
    }

    std::string CompareSites(const Group& altered, const Group& wildType)
    {
      std::set<std::string> sites;
      for (const Group* group : {&altered, &wildType})
      {
        for (const auto& [site, count] : group->sites)
        {
          sites.insert(site);
        }
      }
      std::vector<std::vector<std::size_t>> counts;
      counts.reserve(sites.size());
      for (const std::string& site : sites)
      {
        counts.push_back({altered.CountAt(site), wildType.CountAt(site)});
      }
      if (counts.size() < 2 || altered.sites.empty() || wildType.sites.empty())
      {
        return NOT_TESTED;
      }
      if (counts.size() == 2)
      {
        return Statistics::FormatPValue(
          Statistics::FisherTest::Run({{{counts[0][0], counts[0][1]}, {counts[1][0], counts[1][1]}}}).pValue);
      }
      return TestByChiSquared(counts);
    }

    std::string DescribeSites(const Group& group)
    {
      std::string text;
      for (const auto& [site, count] : group.sites)
      {
        text += (text.empty() ? "" : ", ") + site + " (" + std::to_string(count) + ")";
      }
      return text.empty() ? UNKNOWN : text;
    }

    std::string DescribeSexes(const Group& group)
    {
      if (group.female + group.male + group.other == 0)
      {
        return UNKNOWN;
      }
      return std::to_string(group.female) + " female, " + std::to_string(group.male) + " male" +
             (group.other > 0 ? ", " + std::to_string(group.other) + " other" : "");
    }
  }

  Table MakeFlowTable(const Json::Value& patients)
  {
    Table table{"flow", "Patients: included and left out", {"Group", "Patients", "Altered", "Wild type"}, {}, {}};
    std::map<std::string, std::array<std::size_t, 3>> groups;
    for (const Json::Value& patient : patients)
    {
      std::string group = patient["split"].asString();
      if (group == "excluded")
      {
        const std::string reason = patient["reason"].asString();
        group = "excluded: " + (reason.empty() ? "no reason given" : reason);
      }
      else if (!patient["has_mask"].asBool())
      {
        group += ", without a mask: not used";
      }
      else if (patient["genotype"].isNull())
      {
        group += ", tumour-free";
      }
      std::array<std::size_t, 3>& counts = groups[group];
      counts[0]++;
      counts[1] += patient["genotype"] == "altered" ? 1 : 0;
      counts[2] += patient["genotype"] == "wild-type" ? 1 : 0;
    }
    for (const auto& [group, counts] : groups)
    {
      table.AddRow({group, std::to_string(counts[0]), std::to_string(counts[1]), std::to_string(counts[2])});
    }
    return table;
  }

  Table MakeDemographicsTable(const Json::Value& patients)
  {
    Table table{"demographics",
                "Age (years), sex and site per genotype",
                {"Split", "Quantity", "Altered", "Wild type", "p (two-sided)"},
                {},
                {}};
    for (const char* split : {"development", "external"})
    {
      const Group altered = CollectGroup(patients, split, "altered");
      const Group wildType = CollectGroup(patients, split, "wild-type");
      if (altered.count + wildType.count > 0)
      {
        table.AddRow({split, "age, mean", DescribeMean(altered.ages), DescribeMean(wildType.ages),
                      CompareAges(altered, wildType)});
        table.AddRow({split, "sex", DescribeSexes(altered), DescribeSexes(wildType), CompareSexes(altered, wildType)});
        table.AddRow({split, "site", DescribeSites(altered), DescribeSites(wildType), CompareSites(altered, wildType)});
      }
    }
    return table;
  }

  std::optional<Table> MakeSiteTable(const Json::Value& patients)
  {
    Table table{
      "sites",
      "Age (years) and sex per site, of the patients with a genotype. Between two sites age by Welch's t, sex "
      "by Fisher's exact test; between more sex by chi-squared, age is not tested",
      {"Split", "Site", "Patients", "Age, mean", "Sex"},
      {},
      {}};
    std::set<std::string> known;
    for (const char* split : {"development", "external"})
    {
      const std::map<std::string, Group> sites = CollectSites(patients, split);
      std::vector<const Group*> named;
      for (const auto& [site, group] : sites)
      {
        table.AddRow({split, site.empty() ? UNKNOWN : site, std::to_string(group.count), DescribeMean(group.ages),
                      DescribeSexes(group)});
        if (!site.empty())
        {
          known.insert(site);
          named.push_back(&group);
        }
      }
      if (named.size() > 1)
      {
        table.AddRow({split, "p (two-sided)", "", named.size() == 2 ? CompareAges(*named[0], *named[1]) : NOT_TESTED,
                      CompareSexes(named)});
      }
    }
    return known.size() > 1 ? std::optional(std::move(table)) : std::nullopt;
  }

  Table MakeAcquisitionTable(const Json::Value& patients)
  {
    constexpr std::array FIELDS{"manufacturer",       "model",        "field_strength_t",
                                "repetition_time_ms", "echo_time_ms", "slice_thickness_mm"};
    Table table{"acquisition",
                "Acquisition per site",
                {"Site", "Patients", "Vendor", "Model", "Field (T)", "TR (ms)", "TE (ms)", "Slice thickness (mm)"},
                {},
                {}};
    std::set<std::string> sites;
    for (const Json::Value& patient : patients)
    {
      sites.insert(patient["site"].asString());
    }
    for (const std::string& site : sites)
    {
      std::vector<const Json::Value*> members;
      for (const Json::Value& patient : patients)
      {
        if (patient["site"].asString() == site && patient["split"] != "excluded")
        {
          members.push_back(&patient);
        }
      }
      std::vector<std::string> row{site.empty() ? UNKNOWN : site, std::to_string(members.size())};
      for (const char* const field : FIELDS)
      {
        row.push_back(DescribeValues(members, field));
      }
      table.AddRow(std::move(row));
    }
    return table;
  }
}
