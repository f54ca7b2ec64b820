// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/StudyExport.h"
#include "Plugin/WorkState/WorkStore.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace H3K27M::Datasets
{
  // Which of the names that a data set has for patients (NameSubject()) are those of one person, who has several
  // PatientIDs, or one with its issuer and without. By default nobody has.
  class SamePatients
  {
  public:
    SamePatients() = default;

    // Reads of each study whose it is: by its label where it has one, else by its images. Whoever has a study in two
    // groups joins these. Throws Error(BadInput) naming all studies that are not there, Error(Cancelled) once
    // `isStopped` says so, and what the archive throws.
    static SamePatients Resolve(const StudyGroups& groups, WorkState::WorkStore& store, const StudyExport& studies,
                                const std::string& key, const std::function<bool()>& isStopped);

    // The name of all of them: the first in the alphabet. `name` itself where it is the only one.
    std::string Find(const std::string& name) const;

    // The other names, by the name of all of them; ascending.
    std::map<std::string, std::vector<std::string>> ListOthers() const;

  private:
    void Join(const std::string& a, const std::string& b);

    std::map<std::string, std::string> earlier_;  // an earlier name of the same person; the first one is not in it
  };
}
