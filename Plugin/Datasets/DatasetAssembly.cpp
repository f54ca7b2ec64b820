// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/DatasetAssembly.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Datasets/LabelledPatients.h"

#include <variant>

namespace H3K27M::Datasets
{
  namespace
  {
    void SetLabelColumns(const WorkState::StudyLabel& label, std::map<std::string, std::string>& columns)
    {
      columns["h3k27m_status"] = label.genotype;
      columns["split"] = label.split;
      columns["reason"] = label.reason;
      columns["site"] = label.synthetic && label.site.empty() ? "phantom" : label.site;
      columns["assay"] = label.assay;
      columns["gene"] = label.gene;
      columns["synthetic"] = label.synthetic ? "yes" : "";
    }

    // Why the same images stand under two patients; empty when they do not.
    std::string FindConflict(BidsWriter& writer, const DatasetSubject& subject)
    {
      try
      {
        writer.Add(subject);
        return "";
      }
      catch (const Error& e)
      {
        if (e.GetCode() != ErrorCode::Conflict)
        {
          throw;
        }

        return e.what();
      }
    }
  }

  DatasetAssembly::DatasetAssembly(const StudyExport& studies, BidsWriter& writer, Routing::Contrast contrast) :
    studies_(studies),
    writer_(writer),
    contrast_(contrast)
  {
    report_["left_out"] = Json::arrayValue;
    report_["left_out_by_reason"] = Json::objectValue;
    report_["counts"] = Json::objectValue;
  }

  void DatasetAssembly::AddLabelled(const std::string& subject, const std::vector<LabelledStudy>& studies)
  {
    const WorkState::StudyLabel* excluded = nullptr;
    bool isDone = false;

    for (const LabelledStudy& study : studies)
    {
      if (isDone)
      {
        LeaveOut(study.label, {"another study of the same patient is used"});
      }
      else if (study.label.split == EXCLUDED)
      {
        excluded = excluded == nullptr ? &study.label : excluded;
      }
      else if (!study.label.preOperative)
      {
        LeaveOut(study.label, {"it is not pre-operative"});
      }
      else
      {
        isDone = AddStudy(subject, study.label);
      }
    }

    if (!isDone && excluded != nullptr)
    {
      AddExcluded(subject, *excluded);
    }
  }

  bool DatasetAssembly::AddStudy(const std::string& subject, const WorkState::StudyLabel& label)
  {
    auto exported = studies_.Export(label, contrast_);

    if (const LeftOut* const leftOut = std::get_if<LeftOut>(&exported))
    {
      LeaveOut(label, *leftOut);
      return false;
    }

    DatasetSubject& row = std::get<DatasetSubject>(exported);
    row.id = subject;
    SetLabelColumns(label, row.columns);

    if (const std::string conflict = FindConflict(writer_, row); !conflict.empty())
    {
      faults_.push_back(conflict + " (study " + label.studyId + ")");
    }

    Count(label);
    cases_++;
    return true;
  }

  void DatasetAssembly::AddExcluded(const std::string& subject, const WorkState::StudyLabel& label)
  {
    DatasetSubject row;
    row.id = subject;
    SetLabelColumns(label, row.columns);
    writer_.Add(row);
    Count(label);
  }

  void DatasetAssembly::AddUnlabelled(const std::string& subject, const std::vector<UnlabelledStudy>& studies)
  {
    for (const UnlabelledStudy& study : studies)
    {
      if (AddImages(subject, study))
      {
        return;
      }
    }
  }

  bool DatasetAssembly::AddImages(const std::string& subject, const UnlabelledStudy& study)
  {
    auto exported = studies_.ExportImages(study, contrast_);

    if (const LeftOut* const leftOut = std::get_if<LeftOut>(&exported))
    {
      ListLeftOut(study.studyId, leftOut->reason);
      return false;
    }

    DatasetSubject& row = std::get<DatasetSubject>(exported);
    row.id = subject;

    if (const std::string conflict = FindConflict(writer_, row); !conflict.empty())
    {
      ListLeftOut(study.studyId, conflict);
      return false;
    }

    cases_++;
    return true;
  }

  void DatasetAssembly::LeaveOut(const UnreadableLabel& label)
  {
    constexpr const char* NOBODY_KNOWS = "not known";
    ListLeftOut(label.studyId, label.reason);
    CountLeftOut({label.reason, CANNOT_BE_READ}, NOBODY_KNOWS, NOBODY_KNOWS);
  }

  void DatasetAssembly::LeaveOut(const WorkState::StudyLabel& label, const LeftOut& why)
  {
    ListLeftOut(label.studyId, why.reason);
    CountLeftOut(why, label.split, label.genotype);
  }

  void DatasetAssembly::CountLeftOut(const LeftOut& why, const std::string& split, const std::string& genotype)
  {
    Json::Value& count = report_["left_out_by_reason"][why.GetKind()][split][genotype];
    count = count.asUInt() + 1;
  }

  void DatasetAssembly::ListLeftOut(const std::string& studyId, const std::string& reason)
  {
    Json::Value item;
    item["study"] = studyId;
    item["reason"] = reason;
    report_["left_out"].append(item);
  }

  void DatasetAssembly::Count(const WorkState::StudyLabel& label)
  {
    Json::Value& count = report_["counts"][label.split][label.genotype];
    count = count.asUInt() + 1;
  }
}
