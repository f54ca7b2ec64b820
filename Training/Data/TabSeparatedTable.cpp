// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/TabSeparatedTable.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace H3K27M::Data
{
  namespace
  {
    std::vector<std::string> Split(std::string line)
    {
      if (line.ends_with('\r'))
      {
        line.pop_back();
      }
      std::vector<std::string> cells;
      std::size_t begin = 0;
      for (std::size_t end = line.find('\t'); end != std::string::npos; end = line.find('\t', begin))
      {
        cells.push_back(line.substr(begin, end - begin));
        begin = end + 1;
      }
      cells.push_back(line.substr(begin));
      return cells;
    }
  }

  TabSeparatedTable TabSeparatedTable::Load(const std::filesystem::path& path)
  {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file)
    {
      throw Error(ErrorCode::NotFound, "Cannot open " + path.string());
    }
    const auto Refuse = [&path](const std::string& reason)
    { return Error(ErrorCode::BadInput, path.filename().string() + ": " + reason); };
    if (size > MAX_BYTES)
    {
      throw Refuse("larger than " + std::to_string(MAX_BYTES) + " bytes");
    }
    TabSeparatedTable table;
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); number++)
    {
      if (number == 1)
      {
        if (line.starts_with("\xEF\xBB\xBF"))
        {
          line.erase(0, 3);  // some programs begin a UTF-8 file with a byte order mark
        }
        table.columns_ = Split(line);
        std::vector<std::string> sorted = table.columns_;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        {
          throw Refuse("two columns have the same name");
        }
        continue;
      }
      if (line.empty() || line == "\r")
      {
        continue;
      }
      std::vector<std::string> cells = Split(line);
      if (cells.size() != table.columns_.size())
      {
        throw Refuse("line " + std::to_string(number) + " has " + std::to_string(cells.size()) +
                     " cells, the first has " + std::to_string(table.columns_.size()));
      }
      table.rows_.push_back(std::move(cells));
    }
    return table;
  }

  bool TabSeparatedTable::HasColumn(std::string_view name) const
  {
    return std::find(columns_.begin(), columns_.end(), name) != columns_.end();
  }

  const std::string& TabSeparatedTable::Get(std::size_t row, std::string_view column) const
  {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    if (found == columns_.end())
    {
      throw Error(ErrorCode::Internal, "The table has no column " + std::string(column));
    }
    return rows_.at(row)[static_cast<std::size_t>(found - columns_.begin())];
  }

  std::map<std::string, std::string> TabSeparatedTable::GetRow(std::size_t row) const
  {
    std::map<std::string, std::string> cells;
    for (std::size_t i = 0; i < columns_.size(); i++)
    {
      if (rows_.at(row)[i] != "n/a")
      {
        cells.emplace(columns_[i], rows_[row][i]);
      }
    }
    return cells;
  }
}
