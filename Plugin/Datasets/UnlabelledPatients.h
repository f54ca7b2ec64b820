// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/LabelledPatients.h"
#include "Plugin/Datasets/StudyExport.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace H3K27M::Datasets
{
  // The patients of whom no study is labelled, with the studies of each that have a series of the contrast, the
  // earliest first: what an encoder may learn from without having seen anybody who is measured later.
  class UnlabelledPatients
  {
  public:
    struct Counts
    {
      std::size_t studies = 0;   // in the archive
      std::size_t labelled = 0;  // of these, of a patient who has a label
      std::size_t refused = 0;   // and without a series that is taken
    };

    // Reads the headers of all `studyIds`. `key` names patients, and `labelled` knows who of them is one. Throws
    // Error(Cancelled) once `isStopped` says so.
    static UnlabelledPatients Collect(const std::vector<std::string>& studyIds, const StudyExport& studies,
                                      const LabelledPatients& labelled, Routing::Contrast contrast,
                                      const std::string& key, const std::function<bool()>& isStopped);

    // By subject: "sub-...".
    const std::map<std::string, std::vector<UnlabelledStudy>>& Get() const noexcept
    {
      return patients_;
    }

    const Counts& GetCounts() const noexcept
    {
      return counts_;
    }

  private:
    std::map<std::string, std::vector<UnlabelledStudy>> patients_;
    Counts counts_;
  };
}
