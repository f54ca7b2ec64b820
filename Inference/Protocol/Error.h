// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace H3K27M
{
  enum class ErrorCode
  {
    BadInput,  // the data or the request are at fault; a retry cannot help
    NotFound,
    Conflict,     // the state changed under the caller
    Busy,         // a limit is reached; later it may go through
    Unavailable,  // a peer (engine, database, archive) cannot be reached now
    Corrupt,      // stored data contradict themselves
    Cancelled,
    Internal
  };

  // The one exception of plugin and engine (both processes share it). Thrown by value, caught at the guard
  // round each C callback, the first function of each thread, each engine request and each main().
  // Messages name the cause for the person who made it; they never hold a patient's name.
  class Error : public std::runtime_error
  {
  public:
    Error(ErrorCode code, const std::string& message);

    // `canRetry` overrides the default of the code (Busy and Unavailable: yes; all others: no).
    Error(ErrorCode code, const std::string& message, bool canRetry);

    ErrorCode GetCode() const noexcept
    {
      return code_;
    }

    bool CanRetry() const noexcept
    {
      return canRetry_;
    }

  private:
    ErrorCode code_;
    bool canRetry_;
  };

  // "BadInput", "NotFound", ...: the names used on the wire and in the work store.
  std::string_view ToString(ErrorCode code) noexcept;

  // Inverse of ToString(); an unknown name is `Internal`, because a peer of another version may have more codes.
  ErrorCode ParseErrorCode(std::string_view name) noexcept;
}
