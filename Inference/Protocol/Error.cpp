// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"

#include <array>
#include <utility>

namespace H3K27M
{
  namespace
  {
    constexpr std::array<std::pair<ErrorCode, std::string_view>, 8> NAMES = {{{ErrorCode::BadInput, "BadInput"},
                                                                              {ErrorCode::NotFound, "NotFound"},
                                                                              {ErrorCode::Conflict, "Conflict"},
                                                                              {ErrorCode::Busy, "Busy"},
                                                                              {ErrorCode::Unavailable, "Unavailable"},
                                                                              {ErrorCode::Corrupt, "Corrupt"},
                                                                              {ErrorCode::Cancelled, "Cancelled"},
                                                                              {ErrorCode::Internal, "Internal"}}};
  }

  Error::Error(ErrorCode code, const std::string& message) :
    Error(code, message, code == ErrorCode::Busy || code == ErrorCode::Unavailable)
  {
  }

  Error::Error(ErrorCode code, const std::string& message, bool canRetry) :
    std::runtime_error(message),
    code_(code),
    canRetry_(canRetry)
  {
  }

  std::string_view ToString(ErrorCode code) noexcept
  {
    for (const auto& [value, name] : NAMES)
    {
      if (value == code)
      {
        return name;
      }
    }

    return "Internal";
  }

  ErrorCode ParseErrorCode(std::string_view name) noexcept
  {
    for (const auto& [value, known] : NAMES)
    {
      if (known == name)
      {
        return value;
      }
    }

    return ErrorCode::Internal;
  }
}
