// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Ranks/RankEnvironment.h"

#include "Inference/Protocol/Error.h"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <string_view>
#include <vector>

namespace H3K27M::Ranks
{
  namespace
  {
    constexpr std::size_t MAXIMUM_SIZE = 4096;

    // Empty when it is not set.
    std::string Get(const char* name)
    {
      const char* const value = std::getenv(name);
      return value == nullptr ? std::string() : std::string(value);
    }

    std::size_t GetNumber(const char* name, std::size_t minimum, std::size_t maximum)
    {
      const std::string text = Get(name);
      std::size_t value = 0;
      const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
      if (result.ec != std::errc() || result.ptr != text.data() + text.size() || value < minimum || value > maximum)
      {
        throw Error(ErrorCode::BadInput, std::string("The environment variable ") + name +
                                           " must be a whole number from " + std::to_string(minimum) + " to " +
                                           std::to_string(maximum) + (text.empty() ? "" : ", not '" + text + "'"));
      }
      return value;
    }

    std::vector<std::string> SplitAtCommas(const std::string& text)
    {
      std::vector<std::string> parts;
      std::istringstream stream(text);
      std::string part;
      while (std::getline(stream, part, ','))
      {
        parts.push_back(part);
      }
      return parts;
    }
  }

  RankEnvironment RankEnvironment::Read()
  {
    RankEnvironment environment;
    if (Get("WORLD_SIZE").empty())
    {
      return environment;
    }
    environment.size = GetNumber("WORLD_SIZE", 1, MAXIMUM_SIZE);
    if (environment.size == 1)
    {
      return environment;
    }
    environment.rank = GetNumber("RANK", 0, environment.size - 1);
    environment.masterAddress = Get("MASTER_ADDR");
    if (environment.masterAddress.empty())
    {
      throw Error(ErrorCode::BadInput,
                  "The environment variable MASTER_ADDR must name the machine of the process with RANK 0");
    }
    environment.masterPort =
      static_cast<std::uint16_t>(GetNumber("MASTER_PORT", 1, std::numeric_limits<std::uint16_t>::max()));
    return environment;
  }

  void RankEnvironment::ChooseOwnGpu()
  {
    if (Get("LOCAL_RANK").empty())
    {
      return;
    }
    const std::size_t index = GetNumber("LOCAL_RANK", 0, MAXIMUM_SIZE);
    const std::string visible = Get("CUDA_VISIBLE_DEVICES");
    const std::vector<std::string> devices = SplitAtCommas(visible);
    if (devices.size() == 1)
    {
      return;  // the launcher has chosen
    }
    const std::string own =
      devices.empty() ? std::to_string(index) : (index < devices.size() ? devices[index] : std::string());
    setenv("CUDA_VISIBLE_DEVICES", own.c_str(), 1);
  }

  void RankEnvironment::RequireOne(const std::string& command)
  {
    const std::size_t size = Read().size;
    if (size > 1)
    {
      throw Error(ErrorCode::BadInput, command + " runs in one process, but WORLD_SIZE says " + std::to_string(size) +
                                         ": its units (--unit) are independent of each other and need no common "
                                         "environment; `train` and `pretrain` run in several processes");
    }
  }
}
