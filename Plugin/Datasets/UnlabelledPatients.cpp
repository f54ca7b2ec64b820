// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/UnlabelledPatients.h"

#include <algorithm>
#include <tuple>
#include <variant>

namespace H3K27M::Datasets
{
  UnlabelledPatients UnlabelledPatients::Collect(const std::vector<std::string>& studyIds, const StudyExport& studies,
                                                 const LabelledPatients& labelled, Routing::Contrast contrast,
                                                 const std::string& key, const std::function<bool()>& isStopped)
  {
    UnlabelledPatients collected;

    for (const std::string& studyId : studyIds)
    {
      ThrowIfStopped(isStopped);
      collected.counts_.studies++;
      const auto found = studies.FindUnlabelled(studyId, contrast);

      if (std::holds_alternative<LeftOut>(found))
      {
        collected.counts_.refused++;
        continue;
      }

      const UnlabelledStudy& study = std::get<UnlabelledStudy>(found);

      if (labelled.Holds(key, study.patient))
      {
        collected.counts_.labelled++;
      }
      else
      {
        collected.patients_[labelled.NamePatient(key, study.patient)].push_back(study);
      }
    }

    for (auto& [subject, found] : collected.patients_)
    {
      std::sort(found.begin(), found.end(), [](const UnlabelledStudy& a, const UnlabelledStudy& b)
      { return std::tie(a.patient.date, a.studyInstanceUid) < std::tie(b.patient.date, b.studyInstanceUid); });
    }

    return collected;
  }
}
