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
    constexpr int OLDEST_YEARS = 130;
    constexpr int MONTHS_PER_YEAR = 12;
    constexpr int MONTHS_OF_AN_INFANT = 24;

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
    std::optional<std::chrono::year_month_day> ParseDate(std::string_view text)
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
      return date.ok() ? std::optional(date) : std::nullopt;
    }

    // Completed ones.
    int CountMonths(const std::chrono::year_month_day& from, const std::chrono::year_month_day& to)
    {
      const int years = static_cast<int>(to.year()) - static_cast<int>(from.year());
      const int months =
        static_cast<int>(static_cast<unsigned>(to.month())) - static_cast<int>(static_cast<unsigned>(from.month()));
      return MONTHS_PER_YEAR * years + months - (to.day() < from.day() ? 1 : 0);
    }
  }

  std::optional<double> FindAgeYears(const AgeAttributes& attributes)
  {
    if (const std::optional<double> stated = ParseAge(attributes.patientAge))
    {
      return stated;
    }

    const std::optional<std::chrono::year_month_day> birth = ParseDate(attributes.patientBirthDate);
    const std::optional<std::chrono::year_month_day> study = ParseDate(attributes.studyDate);

    if (!birth || !study || *study < *birth)
    {
      return std::nullopt;
    }

    // No finer than PatientAge would have been: beside a date of the study it would tell the birthday.
    const int months = CountMonths(*birth, *study);
    const int years = months / MONTHS_PER_YEAR;

    if (years > OLDEST_YEARS)
    {
      return std::nullopt;
    }

    return months < MONTHS_OF_AN_INFANT ? static_cast<double>(months) / MONTHS_PER_YEAR : years;
  }
}
