// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Data
{
  // A table as BIDS has them: UTF-8, tabs between the cells, the first line names the columns, `n/a` for what is not
  // known. No quoting, so no cell holds a tab.
  class TabSeparatedTable
  {
  public:
    static constexpr std::size_t MAX_BYTES = std::size_t{64} << 20;

    // Throws Error(NotFound) when the file cannot be opened, Error(BadInput) with the line when a row has more or fewer
    // cells than the first line, a column is named twice, or the file is larger than MAX_BYTES.
    static TabSeparatedTable Load(const std::filesystem::path& path);

    std::size_t GetRowCount() const noexcept
    {
      return rows_.size();
    }

    bool HasColumn(std::string_view name) const;

    // `row` from 0; the column must exist.
    const std::string& Get(std::size_t row, std::string_view column) const;

    // By column, without the cells that are `n/a`.
    std::map<std::string, std::string> GetRow(std::size_t row) const;

  private:
    std::vector<std::string> columns_;
    std::vector<std::vector<std::string>> rows_;
  };
}
