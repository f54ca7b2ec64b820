// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Plugin/Archive/IArchive.h"

#include <utility>

namespace H3K27M::Archive
{
  // The study that a person or a script named. Throws Error(NotFound) naming it when the archive has none.
  inline StudySnapshot RequireStudy(IArchive& archive, const std::string& studyId)
  {
    std::optional<StudySnapshot> study = archive.GetStudy(studyId);

    if (!study)
    {
      throw Error(ErrorCode::NotFound, "There is no study " + studyId);
    }

    return std::move(*study);
  }
}
