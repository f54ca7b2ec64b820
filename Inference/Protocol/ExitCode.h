// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

// Exit codes of h3k27m, documented in `h3k27m --help`; the plugin judges by them what became of a command.
namespace H3K27M::Protocol::ExitCode
{
  constexpr int OK = 0;
  constexpr int INTERNAL = 1;
  constexpr int USAGE = 2;        // unknown command or option, missing argument
  constexpr int BAD_INPUT = 3;    // data, model or request at fault: again will not help
  constexpr int NOT_FOUND = 4;    // a file or folder that is not there
  constexpr int UNAVAILABLE = 5;  // disk full, device busy, peer gone: may go through later
  constexpr int CANCELLED = 6;
  constexpr int SELF_TEST = 7;  // the device's answer differs from fp32 by more than the tolerance
}
