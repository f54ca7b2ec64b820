// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/RunCommand.h"

#include "Inference/Commands/CommandLine.h"
#include "Inference/Network/TranslateTorch.h"
#include "Inference/Protocol/Error.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <exception>
#include <new>
#include <ostream>
#include <string>

namespace H3K27M::Commands
{
  namespace
  {
    int ToExitCode(ErrorCode code)
    {
      switch (code)
      {
        case ErrorCode::BadInput:
        case ErrorCode::Corrupt:
        case ErrorCode::Conflict:
          return ExitCode::BAD_INPUT;
        case ErrorCode::NotFound:
          return ExitCode::NOT_FOUND;
        case ErrorCode::Busy:
        case ErrorCode::Unavailable:
          return ExitCode::UNAVAILABLE;
        case ErrorCode::Cancelled:
          return ExitCode::CANCELLED;
        case ErrorCode::Internal:
          break;
      }
      return ExitCode::INTERNAL;
    }

    // A newline and the indent after it become one blank: whoever runs this program reads its last line, and a text
    // with a line for each fault would come down to its last fault.
    std::string ToOneLine(std::string text)
    {
      for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at))
      {
        const std::size_t next = text.find_first_not_of(" \t\r\n", at);
        text.replace(at, std::min(next, text.size()) - at, next == std::string::npos ? "" : " ");
      }
      return text;
    }
  }

  int RunCommand(const Command& command, const std::vector<std::string>& arguments, std::ostream& errors)
  {
    const std::string name = std::string("h3k27m ") + command.name + ": ";
    try
    {
      return command.run(arguments);
    }
    catch (const UsageError& error)
    {
      errors << name << ToOneLine(error.what()) << "\n";
      return ExitCode::USAGE;
    }
    catch (const Error& error)
    {
      errors << name << ToOneLine(error.what()) << "\n";
      return ToExitCode(error.GetCode());
    }
    catch (const c10::Error& error)
    {
      // A training works with LibTorch itself, and its own text ends with a backtrace.
      const Error translated = Network::ToError(error);
      errors << name << ToOneLine(translated.what()) << "\n";
      return ToExitCode(translated.GetCode());
    }
    catch (const std::bad_alloc&)
    {
      errors << name << "the memory is exhausted\n";
      return ExitCode::UNAVAILABLE;
    }
    catch (const std::exception& error)
    {
      errors << name << ToOneLine(error.what()) << "\n";
      return ExitCode::INTERNAL;
    }
  }
}
