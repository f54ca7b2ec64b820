// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/BidsWriter.h"
#include "Plugin/Datasets/LabelledPatients.h"
#include "Plugin/Datasets/StudyExport.h"

#include <json/value.h>

#include <cstddef>
#include <string>
#include <vector>

namespace H3K27M::Datasets
{
  // A data set on its way into its folder, patient by patient: of several studies the first one that can be used.
  class DatasetAssembly
  {
  public:
    // Both must outlive this object.
    DatasetAssembly(const StudyExport& studies, BidsWriter& writer, Routing::Contrast contrast);

    // `subject`: NameSubject(). The patient stands in the table alone when all usable studies are excluded.
    void AddLabelled(const std::string& subject, const std::vector<LabelledStudy>& studies);

    // Images that stand under another patient already are passed over.
    void AddUnlabelled(const std::string& subject, const std::vector<UnlabelledStudy>& studies);

    // Of a study that is not in the data set, since its label cannot be read.
    void LeaveOut(const UnreadableLabel& label);

    // What forbids the data set, a sentence each.
    const std::vector<std::string>& GetFaults() const noexcept
    {
      return faults_;
    }

    // {left_out: [{study, reason}], left_out_by_reason: {kind of reason: {split: {genotype: number}}},
    // counts: {split: {genotype: number}}}; counts are of labelled patients, what is left out is of studies, by reason
    // of labelled ones alone.
    const Json::Value& GetReport() const noexcept
    {
      return report_;
    }

    // Patients with images.
    std::size_t CountCases() const noexcept
    {
      return cases_;
    }

  private:
    void LeaveOut(const WorkState::StudyLabel& label, const LeftOut& why);
    void ListLeftOut(const std::string& studyId, const std::string& reason);
    void CountLeftOut(const LeftOut& why, const std::string& split, const std::string& genotype);
    bool AddStudy(const std::string& subject, const WorkState::StudyLabel& label);
    bool AddImages(const std::string& subject, const UnlabelledStudy& study);
    void AddExcluded(const std::string& subject, const WorkState::StudyLabel& label);
    void Count(const WorkState::StudyLabel& label);

    const StudyExport& studies_;
    BidsWriter& writer_;
    Routing::Contrast contrast_;
    Json::Value report_;
    std::vector<std::string> faults_;
    std::size_t cases_ = 0;
  };
}
