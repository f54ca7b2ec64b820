// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Code.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Results
{
  // One value of a coded field of a report: in memory, in REST, CSV and work store, and in the SR.
  template <typename T>
  struct Term
  {
    T value;
    std::string name;
    Code code;
  };

  // Every value that the field may have. Each type has a specialisation: LabelTerms.h, ReviewTerms.h.
  template <typename T>
  const std::vector<Term<T>>& GetTerms();

  // The value of a name; empty when no value has it.
  template <typename T>
  std::optional<T> FindByName(std::string_view name)
  {
    const auto& terms = GetTerms<T>();
    const auto found =
      std::find_if(terms.begin(), terms.end(), [name](const Term<T>& term) { return term.name == name; });
    return found == terms.end() ? std::nullopt : std::optional<T>(found->value);
  }

  // `value` must be one that GetTerms() lists.
  template <typename T>
  const Term<T>& GetTerm(T value)
  {
    const auto& terms = GetTerms<T>();
    return *std::find_if(terms.begin(), terms.end(), [value](const Term<T>& term) { return term.value == value; });
  }

  // "'altered' or 'wild-type'": for messages.
  template <typename T>
  std::string ListNames()
  {
    const auto& terms = GetTerms<T>();
    std::string text;
    for (std::size_t i = 0; i < terms.size(); i++)
    {
      text += (i == 0 ? "'" : (i + 1 < terms.size() ? ", '" : " or '")) + terms[i].name + "'";
    }
    return text;
  }
}
