// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/LabelFields.h"

#include "Plugin/Results/LabelTerms.h"

#include <set>
#include <utility>

namespace H3K27M::Labels
{
  using namespace Results;

  namespace
  {
    constexpr const char* REPLACES = "replaces";

    Reports::FieldReader MakeReader(std::set<std::string> more)
    {
      more.insert(FIELDS.begin(), FIELDS.end());
      return {"label", std::move(more), {"pre_operative"}};
    }

    GenotypeLabel Read(Reports::FieldReader& reader)
    {
      GenotypeLabel label;
      label.status = reader.ReadTerm<GenotypeStatus>("genotype", true).value_or(GenotypeStatus::NotDetermined);
      label.assay = reader.ReadTerm<Assay>("assay", true).value_or(Assay::Other);
      label.gene = reader.ReadTerm<HistoneGene>("gene", false);
      label.site = reader.GetText("site");
      label.preOperative = reader.ReadFlag("pre_operative");
      label.split = reader.ReadTerm<DatasetSplit>("split", true).value_or(DatasetSplit::Development);
      label.exclusion = reader.ReadTerm<ExclusionReason>("reason", false);
      label.annotator = reader.GetText("annotator");
      label.reviser = reader.GetText("reviser");

      // A gene cannot be wrong for an assay that is none, nor a reason for a split.
      std::vector<FieldFault> faults = FindFaults(label);
      std::erase_if(faults, [&reader](const FieldFault& fault)
      {
        return (fault.key == "gene" && reader.HasRefused("assay")) ||
               (fault.key == "reason" && reader.HasRefused("split"));
      });
      reader.Refuse(faults);
      reader.ThrowFaults();
      return label;
    }
  }

  LabelRequest ParseLabelRequest(const Json::Value& body)
  {
    Reports::FieldReader reader = MakeReader({REPLACES});
    reader.Take(body);
    LabelRequest request;

    if (!body[REPLACES].isNull())
    {
      request.replaces = reader.GetText(REPLACES);
    }

    request.label = Read(reader);
    return request;
  }

  GenotypeLabel ParseLabel(const Reports::FieldTexts& texts)
  {
    Reports::FieldReader reader = MakeReader({});
    reader.Take(texts);
    return Read(reader);
  }

  WorkState::StudyLabel ToStudyLabel(const GenotypeLabel& label)
  {
    WorkState::StudyLabel row;
    row.genotype = GetTerm(label.status).name;
    row.assay = GetTerm(label.assay).name;
    row.gene = label.gene ? GetTerm(*label.gene).name : std::string();
    row.site = label.site;
    row.preOperative = label.preOperative;
    row.split = GetTerm(label.split).name;
    row.reason = label.exclusion ? GetTerm(*label.exclusion).name : std::string();
    row.annotator = label.annotator;
    row.reviser = label.reviser;
    row.source = label.source;
    row.synthetic = label.synthetic;
    row.recordedAt = label.recordedAtMs;
    return row;
  }

  std::vector<std::string> ListFields(const WorkState::StudyLabel& label)
  {
    return {label.genotype, label.assay,  label.gene,      label.site,   label.preOperative ? "true" : "false",
            label.split,    label.reason, label.annotator, label.reviser};
  }

  bool HaveEqualFields(const WorkState::StudyLabel& a, const WorkState::StudyLabel& b)
  {
    return ListFields(a) == ListFields(b);
  }
}
