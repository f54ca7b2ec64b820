// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/LabelWriter.h"

#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/LabelTerms.h"
#include "Plugin/Results/PersonReport.h"
#include "Plugin/Results/ReportCodes.h"
#include "Plugin/Results/ResultIdentity.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Results/SrDocument.h"
#include "Plugin/Results/UtcDateTime.h"
#include "Plugin/Routing/OwnResults.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcuid.h>

namespace H3K27M::Results
{
  namespace
  {
    using enum Relationship;

    // Lines part the ingredients: FindFaults() saw to it that none holds a line break.
    std::string MakeUid(const std::string& studyInstanceUid, const GenotypeLabel& label, const char* role)
    {
      return MakeNameBasedUid(
        "label\nstudy " + studyInstanceUid + "\nstatus " + GetTerm(label.status).name + "\nassay " +
        GetTerm(label.assay).name + "\ngene " + (label.gene ? GetTerm(*label.gene).name : "") + "\nsite " + label.site +
        "\npre-operative " + (label.preOperative ? "1" : "0") + "\nsplit " + GetTerm(label.split).name + "\nreason " +
        (label.exclusion ? GetTerm(*label.exclusion).name : "") + "\nannotator " + label.annotator + "\nreviser " +
        label.reviser + "\nsource " + label.source + "\nat " + std::to_string(label.recordedAtMs) + "\nsynthetic " +
        (label.synthetic ? "1" : "0") + "\nrole " + role + "\n");
    }

    bool IsBySoftware(const GenotypeLabel& label)
    {
      return label.annotator == Routing::OWN_MANUFACTURER;
    }

    void AddObserver(ContentItem& root, const SourceAttributes& source, const GenotypeLabel& label,
                     const std::string& deviceUid)
    {
      if (IsBySoftware(label))
      {
        root.Add(HasObservationContext, ContentItem::MakeCode(Codes::OBSERVER_TYPE, Codes::DEVICE));
        root.Add(HasObservationContext, ContentItem::MakeUid(Codes::DEVICE_OBSERVER_UID, deviceUid));
      }
      else
      {
        AddPersonObserver(root, source, label.annotator);
      }
    }

    ContentItem MakeTree(const SourceAttributes& source, const GenotypeLabel& label, const std::string& deviceUid)
    {
      ContentItem root = ContentItem::MakeContainer(Codes::LABEL_TITLE);
      root.Add(HasConceptModifier, ContentItem::MakeCode(Codes::LANGUAGE, Codes::ENGLISH));
      AddObserver(root, source, label, deviceUid);
      root.Add(Contains,
               ContentItem::MakeText(Codes::COMMENT, label.synthetic
                                                       ? "SYNTHETIC: the label of a synthetic phantom. No patient, no "
                                                         "tissue, no assay. For research use only."
                                                       : "Status as it was recorded from the source named here. For "
                                                         "research use; the source itself is what counts."));
      AddTerm(root, Codes::KNOWN_STATUS, label.status);
      root.Add(Contains, ContentItem::MakeCode(Codes::LABEL_ORIGIN,
                                               label.synthetic ? Codes::ORIGIN_SYNTHETIC : Codes::ORIGIN_MEASURED));
      AddTerm(root, Codes::LABEL_ASSAY, label.assay);
      if (label.gene)
      {
        AddTerm(root, Codes::LABEL_GENE, *label.gene);
      }
      AddText(root, source, Codes::LABEL_SITE, label.site);
      root.Add(Contains,
               ContentItem::MakeCode(Codes::LABEL_PRE_OPERATIVE, label.preOperative ? Codes::YES : Codes::NO));
      AddTerm(root, Codes::LABEL_SPLIT, label.split);
      if (label.exclusion)
      {
        AddTerm(root, Codes::LABEL_EXCLUSION, *label.exclusion);
      }
      AddText(root, source, Codes::LABEL_ANNOTATOR, label.annotator);
      if (!label.reviser.empty())
      {
        AddText(root, source, Codes::LABEL_REVISER, label.reviser);
      }
      AddText(root, source, Codes::LABEL_SOURCE, label.source);
      root.Add(Contains, ContentItem::MakeDateTime(Codes::RECORDED_AT, ToUtcDateTime(label.recordedAtMs)));
      return root;
    }
  }

  DicomInstance WriteLabel(const DcmDataset& studyHeader, const GenotypeLabel& label, const ContentDateTime& made)
  {
    ThrowIfAny(FindFaults(label), ErrorCode::BadInput, "This is no label");
    const SourceAttributes source(studyHeader);
    const std::string study = RequireStudy(source);

    SrDocument document;
    document.sopClassUid = UID_EnhancedSRStorage;
    document.sopInstanceUid = MakeUid(study, label, "instance");
    document.studyInstanceUid = study;
    document.series = {"SR", MakeUid(study, label, "series"), OwnSeriesNumber::Label,
                       label.synthetic ? "H3K27M label, SYNTHETIC" : "H3K27M label"};
    document.equipment = {"label writer", "labels", "1"};
    if (IsBySoftware(label))
    {
      document.deviceUid = MakeNameBasedUid("device phantom generator");
    }
    else
    {
      document.personName = source.EncodeName(label.annotator);
    }
    return MakeInstance(WriteSrDocument(document, source, MakeTree(source, label, document.deviceUid), made));
  }
}
