// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace H3K27M::Commands
{
  // Points standard output to standard error for the life of the process, because libraries print there (oneDNN with
  // ONEDNN_VERBOSE); what the command itself prints still goes to where standard output was, or to another descriptor
  // that whoever started the program left open for it.
  class StandardOutput
  {
  public:
    explicit StandardOutput(int descriptor = 1);
    StandardOutput(const StandardOutput&) = delete;
    StandardOutput& operator=(const StandardOutput&) = delete;
    ~StandardOutput();

    // Writes the text and a line feed. Throws Error(Unavailable) when nobody reads any more.
    void WriteLine(const std::string& text) const;

  private:
    int descriptor_;
  };
}
