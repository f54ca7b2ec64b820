// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/PatientAge.h"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace H3K27M::Datasets
{
  namespace
  {
    constexpr double DAYS_PER_YEAR = 365.2425;
    constexpr double OLDEST_YEARS = 130;

    // Digits alone, all of them.
    std::optional<unsigned int> ParseDigits(std::string_view text)
    {
      unsigned int number = 0;
      const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
      return fault == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
    }

    // Years from DICOM's AS: "045Y", "018M", "010W", "003D".
    std::optional<double> ParseAge(const std::string& text)
    {
      if (text.size() != 4)
      {
        return std::nullopt;
      }

      const std::optional<unsigned int> count = ParseDigits(std::string_view(text).substr(0, 3));
      const std::string units = "YMWD";
      const double perYear[] = {1, 12, 52.1775, DAYS_PER_YEAR};
      const std::size_t unit = units.find(text[3]);

      if (!count || unit == std::string::npos)
      {
        return std::nullopt;
      }

      return *count / perYear[unit];
    }

    // DICOM's DA, "YYYYMMDD". One without a day or a month, as some archives keep it, is none.
    std::optional<std::chrono::sys_days> ParseDate(std::string_view text)
    {
      if (text.size() != 8)
      {
        return std::nullopt;
      }

      const std::optional<unsigned int> year = ParseDigits(text.substr(0, 4));
      const std::optional<unsigned int> month = ParseDigits(text.substr(4, 2));
      const std::optional<unsigned int> day = ParseDigits(text.substr(6, 2));

      if (!year || !month || !day)
      {
        return std::nullopt;
      }

      const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                             std::chrono::day(*day)};
      return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
    }
  }

  std::optional<double> FindAgeYears(const AgeAttributes& attributes)
  {
    if (const std::optional<double> stated = ParseAge(attributes.patientAge))
    {
      return stated;
    }

    const std::optional<std::chrono::sys_days> birth = ParseDate(attributes.patientBirthDate);
    const std::optional<std::chrono::sys_days> study = ParseDate(attributes.studyDate);

    if (!birth || !study)
    {
      return std::nullopt;
    }

    const double years = static_cast<double>((*study - *birth).count()) / DAYS_PER_YEAR;
    return years >= 0 && years <= OLDEST_YEARS ? std::optional(years) : std::nullopt;
  }
}
