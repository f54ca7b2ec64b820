// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/LabelledPatients.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/KeyedHash.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace H3K27M::Datasets
{
  namespace
  {
    constexpr std::size_t SUBJECT_DIGITS = 16;  // 64 bits: two patients of a million share one with a chance of 1e-7
    constexpr unsigned MAX_LOOKS = 3;
  }

  std::string NameSubject(const std::string& key, const std::string& id)
  {
    return "sub-" + Support::ComputeKeyedHash(key, id).substr(0, SUBJECT_DIGITS);
  }

  void LabelledPatients::Place(const WorkState::StudyLabel& label, const PatientIdentity& patient,
                               const std::string& key)
  {
    const std::string subject = NamePatient(key, patient);
    patients_[subject].push_back({label, patient.date});

    if (patient.id != patient.bareId)
    {
      const std::string bare = NameSubject(key, patient.bareId);
      issued_.try_emplace(bare, IssuedStudies{label.studyId, {}}).first->second.subjects.insert(subject);
      withoutIssuer_.insert(same_.Find(bare));
    }
  }

  void LabelledPatients::Add(WorkState::WorkStore& store, const StudyExport& studies, const std::string& key,
                             const WorkState::StudyLabel& listed)
  {
    std::optional<WorkState::StudyLabel> label = listed;
    std::string fault;

    // A label that is replaced while labels are read has another report.
    for (unsigned look = 0; look < MAX_LOOKS; look++)
    {
      try
      {
        if (look > 0)
        {
          label = studies.FindLabel(store, listed.studyId);
        }

        if (label)
        {
          Place(*label, studies.ReadIdentity(*label), key);
        }

        return;
      }
      catch (const Error& e)
      {
        if (e.GetCode() != ErrorCode::Corrupt && e.GetCode() != ErrorCode::NotFound)
        {
          throw;
        }

        fault = e.what();
      }
    }

    unreadable_.push_back({listed.studyId, fault});
  }

  LabelledPatients LabelledPatients::Collect(WorkState::WorkStore& store, const StudyExport& studies,
                                             const std::string& key, SamePatients same,
                                             const std::function<bool()>& isStopped)
  {
    LabelledPatients collected;
    collected.same_ = std::move(same);
    WorkState::ReportQuery query;
    std::vector<WorkState::StudyLabel> page;

    do
    {
      page = store.GetLabels().List(query);

      for (const WorkState::StudyLabel& label : page)
      {
        ThrowIfStopped(isStopped);
        query.after = label.studyId;
        collected.Add(store, studies, key, label);
      }
    } while (!page.empty());

    for (auto& [id, labelled] : collected.patients_)
    {
      std::sort(labelled.begin(), labelled.end(), [](const LabelledStudy& a, const LabelledStudy& b)
      { return std::tie(a.date, a.label.studyInstanceUid) < std::tie(b.date, b.label.studyInstanceUid); });
    }

    return collected;
  }

  std::string LabelledPatients::NamePatient(const std::string& key, const PatientIdentity& patient) const
  {
    return same_.Find(NameSubject(key, patient.id));
  }

  bool LabelledPatients::Holds(const std::string& key, const PatientIdentity& patient) const
  {
    const std::string subject = NamePatient(key, patient);
    return patients_.contains(subject) || patients_.contains(same_.Find(NameSubject(key, patient.bareId))) ||
           withoutIssuer_.contains(subject);
  }

  std::vector<std::string> LabelledPatients::FindContradictions() const
  {
    std::vector<std::string> faults;

    for (const auto& [id, studies] : patients_)
    {
      std::set<std::string> genotypes;
      std::set<std::string> splits;
      std::string names;

      for (const LabelledStudy& study : studies)
      {
        genotypes.insert(study.label.genotype);
        splits.insert(study.label.split);
        names += " " + study.label.studyId;
      }

      splits.erase(EXCLUDED);

      if (genotypes.size() > 1)
      {
        faults.push_back("one patient with different genotypes:" + names);
      }

      if (splits.size() > 1)
      {
        faults.push_back("one patient in development and external:" + names);
      }
    }

    for (const auto& [bare, issued] : issued_)
    {
      if (const auto found = patients_.find(same_.Find(bare));
          found != patients_.end() && !issued.subjects.contains(found->first))
      {
        faults.push_back("one PatientID with its issuer and without, of one patient or of two: " + issued.first + " " +
                         found->second.front().label.studyId);
      }
    }

    return faults;
  }
}
