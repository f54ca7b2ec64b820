// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/SamePatients.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Datasets/LabelledPatients.h"

#include <algorithm>
#include <optional>

namespace H3K27M::Datasets
{
  SamePatients SamePatients::Resolve(const StudyGroups& groups, WorkState::WorkStore& store, const StudyExport& studies,
                                     const std::string& key, const std::function<bool()>& isStopped)
  {
    SamePatients same;
    std::string absent;

    for (const std::vector<std::string>& group : groups)
    {
      std::string first;

      for (const std::string& studyId : group)
      {
        ThrowIfStopped(isStopped);
        const std::optional<PatientIdentity> patient = studies.FindIdentity(store, studyId);

        if (!patient)
        {
          absent += " " + studyId;
          continue;
        }

        const std::string name = NameSubject(key, patient->id);
        first = first.empty() ? name : first;
        same.Join(first, name);
      }
    }

    if (!absent.empty())
    {
      throw Error(ErrorCode::BadInput, "'same_patient' names studies that are not stored:" + absent);
    }

    return same;
  }

  void SamePatients::Join(const std::string& a, const std::string& b)
  {
    const std::string first = Find(a);
    const std::string second = Find(b);

    if (first != second)
    {
      earlier_.emplace(std::max(first, second), std::min(first, second));
    }
  }

  std::string SamePatients::Find(const std::string& name) const
  {
    std::string found = name;

    for (auto earlier = earlier_.find(found); earlier != earlier_.end(); earlier = earlier_.find(found))
    {
      found = earlier->second;
    }

    return found;
  }

  std::map<std::string, std::vector<std::string>> SamePatients::ListOthers() const
  {
    std::map<std::string, std::vector<std::string>> others;

    for (const auto& [name, earlier] : earlier_)
    {
      others[Find(name)].push_back(name);
    }

    return others;
  }
}
