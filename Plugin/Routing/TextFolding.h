// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Routing
{
  // A description made comparable: lower case, accents stripped, full-width letters narrowed, punctuation to single
  // blanks, a blank at both ends; "T2*" becomes " t2 star ". Input and output are UTF-8; broken bytes become blanks.
  std::string FoldText(std::string_view text);

  // Whether `folded` (from FoldText) holds `word`: see RoutingWords for the wildcards.
  bool HoldsWord(const std::string& folded, std::string_view word);

  // The first of `words` that `folded` holds, or an empty string.
  std::string FindWord(const std::string& folded, const std::vector<std::string>& words);

  // `folded` without any of `words`: a blank stands where one was, and an open end takes the rest of its word along.
  std::string RemoveWords(std::string folded, const std::vector<std::string>& words);
}
