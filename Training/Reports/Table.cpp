// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/Table.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"

#include <span>

namespace H3K27M::Reports
{
  namespace
  {
    std::string QuoteCell(const std::string& cell)
    {
      constexpr const char* FORMULA = "=+-@\t\r";
      const bool isNumber = cell.find_first_not_of("+-.0123456789eE") == std::string::npos;
      std::string text =
        !cell.empty() && !isNumber && std::string(FORMULA).find(cell[0]) != std::string::npos ? "'" + cell : cell;
      if (text.find_first_of(",\"\r\n") == std::string::npos)
      {
        return text;
      }
      std::string quoted = "\"";
      for (const char c : text)
      {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
      }
      return quoted + "\"";
    }

    std::string MakeLine(const std::vector<std::string>& cells)
    {
      std::string line;
      for (const std::string& cell : cells)
      {
        line += line.empty() ? "" : ",";
        line += QuoteCell(cell);
      }
      return line + "\r\n";
    }
  }

  void Table::AddRow(std::vector<std::string> cells)
  {
    if (cells.size() != columns.size())
    {
      throw Error(ErrorCode::Internal, "The table " + name + " has rows of different lengths");
    }
    rows.push_back(std::move(cells));
  }

  void Table::WriteCsv(const std::filesystem::path& path) const
  {
    std::string text = MakeLine(columns);
    for (const std::vector<std::string>& row : rows)
    {
      text += MakeLine(row);
    }
    Protocol::WriteFileAtomically(path, std::as_bytes(std::span(text)));
  }
}
