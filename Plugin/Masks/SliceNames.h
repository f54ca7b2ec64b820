// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace H3K27M::Volume
{
  struct SourceSeries;
}

namespace H3K27M::Masks
{
  // By what people name a slice: its SOPInstanceUID or its InstanceNumber; a frame of a multi-frame instance by
  // "<SOPInstanceUID>_<frame>", or by its number where the series is one instance. Immutable.
  class SliceNames
  {
  public:
    explicit SliceNames(const Volume::SourceSeries& series);

    // Index of the slice that `fileName` names, with or without an extension and folders before it. Throws
    // Error(BadInput) when there is none, or an InstanceNumber occurs several times.
    std::size_t Find(const std::string& fileName) const;

  private:
    std::map<std::string, std::size_t> slices_;
    std::set<std::string> ambiguous_;
  };
}
