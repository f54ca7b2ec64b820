// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/FieldFault.h"

#include "Plugin/Support/Utf8.h"

#include <algorithm>

namespace H3K27M::Results
{
  namespace
  {
    constexpr std::int64_t END_OF_TIME_MS = 253'402'300'800'000;  // 10000-01-01

    bool IsTrimmed(const std::string& value)
    {
      return value.empty() || (value.front() != ' ' && value.back() != ' ');
    }
  }

  bool IsOneLine(const std::string& value, std::size_t longest)
  {
    const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    return value.size() <= longest && Support::IsUtf8(value) && std::none_of(value.begin(), value.end(), isControl);
  }

  void CheckLine(std::vector<FieldFault>& faults, const char* key, const std::string& value, std::size_t longest)
  {
    if (value.empty() || !IsTrimmed(value) || !IsOneLine(value, longest))
    {
      faults.push_back({key, "one line of 1 to " + std::to_string(longest) + " bytes of UTF-8"});
    }
  }

  void CheckName(std::vector<FieldFault>& faults, const char* key, const std::string& value)
  {
    if (value.empty() || !IsTrimmed(value) || !IsOneLine(value, MAXIMUM_NAME) ||
        value.find_first_of("\\=") != std::string::npos)
    {
      faults.push_back({key, "a name: one line of 1 to " + std::to_string(MAXIMUM_NAME) +
                               " bytes of UTF-8 without backslash and equals sign"});
    }
  }

  void CheckTime(std::vector<FieldFault>& faults, const char* key, std::int64_t ms)
  {
    if (ms < 0 || ms >= END_OF_TIME_MS)
    {
      faults.push_back({key, "a time from 1970 to 9999"});
    }
  }

  void ThrowIfAny(const std::vector<FieldFault>& faults, ErrorCode code, const std::string& what)
  {
    if (faults.empty())
    {
      return;
    }

    std::string text = what;
    const char* separator = ": ";

    for (const FieldFault& fault : faults)
    {
      text += separator + fault.key + " must be " + fault.wanted;
      separator = "; ";
    }

    throw Error(code, text);
  }
}
