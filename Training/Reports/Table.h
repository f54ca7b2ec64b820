// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace H3K27M::Reports
{
  // A table of a report: text cells, and which of them are printed bold (the best of a column).
  struct Table
  {
    std::string name;  // of its CSV file
    std::string caption;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    std::set<std::pair<std::size_t, std::size_t>> bold;  // (row, column)

    void AddRow(std::vector<std::string> cells);

    // RFC 4180, UTF-8; what a spreadsheet program would run as a formula gets an apostrophe in front.
    void WriteCsv(const std::filesystem::path& path) const;
  };
}
