// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/LabelChoice.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Masks
{
  std::string QuoteAll(const std::set<std::string>& names)
  {
    constexpr std::size_t MAX_NAMES = 30;
    std::string text;
    std::size_t told = 0;

    for (const std::string& name : names)
    {
      if (told++ == MAX_NAMES)
      {
        return text + ", ...";
      }

      text += (text.empty() ? "\"" : ", \"") + name + "\"";
    }

    return text;
  }

  void LabelChoice::Check(const std::set<std::string>& labels) const
  {
    if (labels.empty())
    {
      throw Error(ErrorCode::BadInput, "It marks nothing: a mask without a voxel says nothing; DELETE withdraws one");
    }

    if (wanted_.empty() && labels.size() > 1)
    {
      throw Error(ErrorCode::BadInput,
                  "It holds several labels, and which is the tumour is not ours to guess: name one "
                  "as 'label' (or * for all): " +
                    QuoteAll(labels));
    }

    if (!wanted_.empty() && wanted_ != "*" && !labels.contains(wanted_))
    {
      throw Error(ErrorCode::BadInput, "It has no label \"" + wanted_ + "\"; it has " + QuoteAll(labels));
    }
  }
}
