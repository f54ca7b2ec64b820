// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/SamePatients.h"
#include "Plugin/Datasets/StudyExport.h"
#include "Plugin/WorkState/WorkStore.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace H3K27M::Datasets
{
  // The split of a label whose study is no part of any data set.
  inline constexpr const char* EXCLUDED = "excluded";

  struct LabelledStudy
  {
    WorkState::StudyLabel label;
    std::string date;
  };

  // "sub-" and digits: how a data set names a patient. `key` as in KeyedHash.h, `id` of PatientIdentity.
  std::string NameSubject(const std::string& key, const std::string& id);

  // A study whose label's report cannot be read: nobody knows whose it is.
  struct UnreadableLabel
  {
    std::string studyId;
    std::string reason;
  };

  // The labelled studies of each patient, the earliest first.
  class LabelledPatients
  {
  public:
    // Reads all labels, and from each label's report who the patient is. `key` names patients (KeyedHash.h), `same` who
    // of them is one. A study that is gone, or whose label was withdrawn meanwhile, is passed over. Throws
    // Error(Cancelled) once `isStopped` says so.
    static LabelledPatients Collect(WorkState::WorkStore& store, const StudyExport& studies, const std::string& key,
                                    SamePatients same, const std::function<bool()>& isStopped);

    // How a data set names whoever has this identity.
    std::string NamePatient(const std::string& key, const PatientIdentity& patient) const;

    // By subject: "sub-...".
    const std::map<std::string, std::vector<LabelledStudy>>& Get() const noexcept
    {
      return patients_;
    }

    const std::vector<UnreadableLabel>& GetUnreadable() const noexcept
    {
      return unreadable_;
    }

    // Whether a label is of this patient, or of whoever has the same PatientID where one of both lacks the issuer; and
    // of whoever is one person with that one.
    bool Holds(const std::string& key, const PatientIdentity& patient) const;

    // Patients whose studies are labelled with different genotypes, or are in training and test at once, and who may be
    // one or two, since an issuer stands beside a PatientID in one study and not in another: one sentence each, with
    // the studies.
    std::vector<std::string> FindContradictions() const;

  private:
    void Place(const WorkState::StudyLabel& label, const PatientIdentity& patient, const std::string& key);

    void Add(WorkState::WorkStore& store, const StudyExport& studies, const std::string& key,
             const WorkState::StudyLabel& listed);

    std::map<std::string, std::vector<LabelledStudy>> patients_;
    struct IssuedStudies
    {
      std::string first;
      std::set<std::string> subjects;  // of all issuers
    };

    SamePatients same_;
    std::map<std::string, IssuedStudies> issued_;  // those with an issuer, by what the subject were without one
    std::set<std::string> withoutIssuer_;          // the same names, as NamePatient() has them
    std::vector<UnreadableLabel> unreadable_;
  };
}
