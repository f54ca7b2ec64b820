// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/MaskOrigin.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/FieldFault.h"

namespace H3K27M::Masks
{
  namespace
  {
    void RequireText(const std::string& value, const char* name, const char* forbidden)
    {
      if (!Results::IsOneLine(value, Results::MAXIMUM_NAME) || value.find_first_of(forbidden) != std::string::npos)
      {
        throw Error(ErrorCode::BadInput, std::string("'") + name + "' must be one line of at most " +
                                           std::to_string(Results::MAXIMUM_NAME) + " bytes of UTF-8 without any of " +
                                           forbidden);
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
