// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/CsvReader.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Utf8.h"

#include <algorithm>

namespace H3K27M::Labels
{
  namespace
  {
    constexpr std::string_view BYTE_ORDER_MARK = "\xEF\xBB\xBF";
  }

  CsvReader::CsvReader(std::string_view text, const CsvLimits& limits) :
    text_(text),
    limits_(limits)
  {
    if (text.size() > limits.maxBytes)
    {
      throw Error(ErrorCode::BadInput, "The CSV has " + std::to_string(text.size()) + " bytes, the limit is " +
                                         std::to_string(limits.maxBytes) + ": send it in parts");
    }

    if (!Support::IsUtf8(text))
    {
      throw Error(ErrorCode::BadInput, "The CSV is not UTF-8: a spreadsheet program saves it as \"CSV UTF-8\"");
    }

    if (text.substr(0, BYTE_ORDER_MARK.size()) == BYTE_ORDER_MARK)
    {
      text_.remove_prefix(BYTE_ORDER_MARK.size());
    }

    // Unless it ends with a line break, the last line has none.
    const std::size_t lines = static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n')) +
                              (text_.empty() || text_.back() == '\n' ? 0 : 1);

    if (lines > limits.maxLines)
    {
      throw Error(ErrorCode::BadInput, "The CSV has " + std::to_string(lines) + " lines, the limit is " +
                                         std::to_string(limits.maxLines) + ": send it in parts");
    }
  }

  std::optional<CsvRecord> CsvReader::Next()
  {
    while (SkipLineBreak())
    {
    }

    if (position_ == text_.size())
    {
      return std::nullopt;
    }

    CsvRecord record;
    record.line = line_;

    while (true)
    {
      record.fields.push_back(ReadField());

      if (record.fields.size() > limits_.maxColumns)
      {
        Refuse(record.line, "more than " + std::to_string(limits_.maxColumns) + " columns");
      }

      if (position_ == text_.size() || SkipLineBreak())
      {
        return record;
      }

      if (text_[position_] != ',')
      {
        Refuse(line_, "a field in quotes ends before a comma or the end of the line");
      }

      position_++;
    }
  }

  std::string CsvReader::ReadField()
  {
    return position_ < text_.size() && text_[position_] == '"' ? ReadQuoted() : ReadPlain();
  }

  std::string CsvReader::ReadQuoted()
  {
    const std::size_t opened = line_;
    std::string field;
    position_++;

    while (position_ < text_.size())
    {
      const char c = text_[position_++];

      if (c == '"')
      {
        if (position_ == text_.size() || text_[position_] != '"')
        {
          return field;
        }

        position_++;
      }

      line_ += c == '\n' ? 1 : 0;
      AppendTo(field, c);
    }

    Refuse(opened, "a quote is opened and never closed");
  }

  std::string CsvReader::ReadPlain()
  {
    std::string field;

    while (position_ < text_.size() && text_[position_] != ',' && text_[position_] != '\n')
    {
      const char c = text_[position_];

      if (c == '\r')
      {
        if (text_.substr(position_, 2) == "\r\n")
        {
          break;
        }

        Refuse(line_, "a carriage return without a line feed");
      }

      if (c == '"')
      {
        Refuse(line_, "a quote inside of a field that does not begin with one");
      }

      AppendTo(field, c);
      position_++;
    }

    return field;
  }

  void CsvReader::AppendTo(std::string& field, char c) const
  {
    if (c == '\0')
    {
      Refuse(line_, "a NUL character");
    }

    if (field.size() == limits_.maxFieldBytes)
    {
      Refuse(line_, "a field of more than " + std::to_string(limits_.maxFieldBytes) + " bytes");
    }

    field.push_back(c);
  }

  bool CsvReader::SkipLineBreak()
  {
    const std::size_t size = text_.substr(position_, 2) == "\r\n" ? 2 : (text_.substr(position_, 1) == "\n" ? 1 : 0);
    position_ += size;
    line_ += size == 0 ? 0 : 1;
    return size != 0;
  }

  void CsvReader::Refuse(std::size_t line, const std::string& fault) const
  {
    throw Error(ErrorCode::BadInput, "CSV, line " + std::to_string(line) + ": " + fault);
  }
}
