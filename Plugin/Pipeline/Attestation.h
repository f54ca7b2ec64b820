// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"

#include <set>
#include <span>
#include <string>

namespace H3K27M::Pipeline
{
  // What the reviews of a study name, as they stand in the archive: a verified document must not point at what is gone.
  // A review that cannot be read may name anything. The study is read anew until it shows no review that was not looked
  // at, because another Orthanc on the same archive may store one at any moment: ask just before you remove. Both throw
  // Error when the archive fails.

  // Those of `uids` (of instances or of series) that a review names.
  std::set<std::string> FindAttested(Archive::IArchive& archive, const std::string& studyId,
                                     const std::set<std::string>& uids);

  // Of our results of triage, the SeriesInstanceUIDs of those that a review names, and of the segmentation and the
  // saliency that such a report refers to.
  std::set<std::string> FindAttestedResults(Archive::IArchive& archive, const std::string& studyId,
                                            std::span<const Archive::SeriesSnapshot> results);
}
