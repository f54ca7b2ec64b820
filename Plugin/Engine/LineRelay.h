// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/Descriptor.h"

#include <chrono>
#include <string>
#include <thread>

namespace H3K27M::Engine
{
  // Reads a child's standard error on its own thread and writes it to the log, line by line. Lines that begin with
  // "warning:" or "error:" keep that level. Long lines are cut, and a child that floods is cut down to a line count per
  // second: the log is the administrator's, not the child's.
  class LineRelay
  {
  public:
    explicit LineRelay(Descriptor source);

    LineRelay(const LineRelay&) = delete;
    LineRelay& operator=(const LineRelay&) = delete;

    // As Finish().
    ~LineRelay();

    // Relays what is in the pipe still, and leaves even when a grandchild holds it open. Returns the last line: what a
    // program that fails says of it.
    std::string Finish();

  private:
    void Run();
    void Accept(const char* data, std::size_t size);
    void EmitLine();

    Descriptor source_;
    Descriptor stop_;  // eventfd
    std::string line_;
    std::string lastLine_;  // read once the thread has ended
    std::chrono::steady_clock::time_point second_;
    unsigned linesThisSecond_ = 0;
    unsigned leftOut_ = 0;
    std::thread thread_;
  };
}
