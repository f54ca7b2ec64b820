// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace H3K27M::Labels
{
  // What is larger is refused before a record is read. Lines count as a text editor counts them, the header too.
  struct CsvLimits
  {
    std::size_t maxBytes = std::size_t{8} << 20;
    std::size_t maxLines = 10'001;
    std::size_t maxColumns = 32;
    std::size_t maxFieldBytes = 4096;
  };

  struct CsvRecord
  {
    std::size_t line = 0;  // where it begins, from 1
    std::vector<std::string> fields;
  };

  // RFC 4180: commas, CRLF or LF, fields in quotes with quotes doubled and line breaks inside; UTF-8 with or without a
  // byte-order mark. Empty lines are skipped. One record is held at a time. Every fault is Error(BadInput) that names
  // the line: a stray quote, an open one at the end, a carriage return without a line feed, a NUL.
  class CsvReader
  {
  public:
    // `text` must outlive this object. Throws when it is larger than `limits` or no UTF-8.
    explicit CsvReader(std::string_view text, const CsvLimits& limits = {});

    // Empty at the end.
    std::optional<CsvRecord> Next();

  private:
    std::string ReadField();
    std::string ReadQuoted();
    std::string ReadPlain();
    void AppendTo(std::string& field, char c) const;
    bool SkipLineBreak();
    [[noreturn]] void Refuse(std::size_t line, const std::string& fault) const;

    std::string_view text_;
    CsvLimits limits_;
    std::size_t position_ = 0;
    std::size_t line_ = 1;
  };
}
