// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/SliceNames.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Volume/SourceSeries.h"

#include <algorithm>

namespace H3K27M::Masks
{
  namespace
  {
    // "0012" -> "12": people pad numbers so that files sort.
    std::string Unpad(const std::string& name)
    {
      const bool isNumber =
        !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
      const std::size_t first = name.find_first_not_of('0');
      return isNumber && first != std::string::npos ? name.substr(first) : name;
    }
  }

  SliceNames::SliceNames(const Volume::SourceSeries& series)
  {
    const bool isOneInstance =
      std::all_of(series.slices.begin(), series.slices.end(), [&series](const Volume::SourceSlice& slice)
    { return slice.isMultiFrame && slice.sopInstanceUid == series.slices.front().sopInstanceUid; });

    for (std::size_t i = 0; i < series.slices.size(); i++)
    {
      const Volume::SourceSlice& slice = series.slices[i];
      const std::string frame = std::to_string(slice.frameNumber);
      slices_.emplace(slice.isMultiFrame ? slice.sopInstanceUid + "_" + frame : slice.sopInstanceUid, i);

      if (isOneInstance || (!slice.isMultiFrame && slice.instanceNumber > 0))
      {
        const std::string number = isOneInstance ? frame : std::to_string(slice.instanceNumber);

        if (!slices_.emplace(number, i).second)
        {
          ambiguous_.insert(number);
        }
      }
    }
  }

  std::size_t SliceNames::Find(const std::string& fileName) const
  {
    const std::string base = fileName.substr(fileName.find_last_of("/\\") + 1);
    // A UID holds dots itself, so the whole name is tried first.
    for (const std::string& name : {Unpad(base), Unpad(base.substr(0, base.rfind('.')))})
    {
      if (ambiguous_.contains(name))
      {
        throw Error(ErrorCode::BadInput, "several slices have the InstanceNumber " + name + "; use the SOPInstanceUID");
      }

      const auto found = slices_.find(name);

      if (found != slices_.end())
      {
        return found->second;
      }
    }

    throw Error(ErrorCode::BadInput, "no slice of the series has this SOPInstanceUID or InstanceNumber");
  }
}
