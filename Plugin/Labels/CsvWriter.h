// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Labels
{
  // Appends one record (RFC 4180, CRLF). A text that a spreadsheet program would run as a formula is guarded.
  void AppendCsvRecord(std::string& target, const std::vector<std::string>& fields);

  // Formula injection: a field that begins with = + - @ (full-width ones too, which East Asian spreadsheets take), a
  // tab or a carriage return may be run when the file is opened. An apostrophe in front makes it text. Texts that look
  // guarded already get another one, so that RemoveFormulaGuard() gives back exactly what was written.
  std::string GuardFormula(const std::string& text);

  std::string RemoveFormulaGuard(const std::string& text);
}
