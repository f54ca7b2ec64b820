// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/MaskOrigin.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/Codes.h"

#include <algorithm>

namespace H3K27M::Masks
{
  namespace
  {
    constexpr std::size_t MAX_TEXT = 64;  // of LO, and of a component group of PN

    void RequireText(const std::string& value, const char* name, const char* forbidden)
    {
      const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };

      if (value.size() > MAX_TEXT || std::any_of(value.begin(), value.end(), isControl) ||
          value.find_first_of(forbidden) != std::string::npos)
      {
        throw Error(ErrorCode::BadInput, std::string("'") + name + "' must be one line of at most " +
                                           std::to_string(MAX_TEXT) + " bytes without any of " + forbidden);
      }
    }
  }

  MaskOrigin::MaskOrigin() :
    site(Results::Codes::BRAIN)
  {
  }

  void MaskOrigin::Check() const
  {
    RequireText(creator, "creator", "\\=");
    RequireText(algorithmName, "algorithm-name", "\\");

    if (algorithmType == Results::SegmentAlgorithmType::Automatic)
    {
      throw Error(ErrorCode::BadInput, "A person's mask is MANUAL or SEMIAUTOMATIC");
    }
  }
}
