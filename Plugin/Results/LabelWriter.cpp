// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/LabelWriter.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/ContentItem.h"
#include "Plugin/Results/ResultIdentity.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Results/SrDocument.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>

namespace H3K27M::Results
{
  namespace
  {
    using enum Relationship;

    constexpr std::size_t MAXIMUM_TEXT = 1024;
    constexpr std::size_t MAXIMUM_NAME = 64;  // of a person name's component group

    void RequireText(const std::string& value, const char* name, std::size_t longest)
    {
      const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
      if (value.empty() || value.size() > longest || std::any_of(value.begin(), value.end(), isControl))
      {
        throw Error(ErrorCode::BadInput,
                    std::string("A label needs ") + name + ": one line of 1 to " + std::to_string(longest) + " bytes");
      }
    }

    bool IsDateTime(const std::string& text)
    {
      if (text.size() != 14 || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
      {
        return false;
      }
      const auto part = [&](std::size_t from) { return std::stoi(text.substr(from, 2)); };
      return part(4) >= 1 && part(4) <= 12 && part(6) >= 1 && part(6) <= 31 && part(8) <= 23 && part(10) <= 59 &&
             part(12) <= 59;
    }

    void Validate(const GenotypeLabel& label)
    {
      if (label.status == GenotypeStatus::NotDetermined)
      {
        throw Error(ErrorCode::BadInput, "A label says altered or wild-type; without a status there is no label");
      }
      RequireText(label.assay, "an assay", MAXIMUM_TEXT);
      RequireText(label.source, "a source", MAXIMUM_TEXT);
      RequireText(label.recordedBy, "the name of who recorded it", MAXIMUM_NAME);
      if (label.recordedBy.find_first_of("\\=") != std::string::npos)
      {
        throw Error(ErrorCode::BadInput, "The name of who recorded a label holds neither backslash nor equals sign");
      }
      if (!IsDateTime(label.recordedAt))
      {
        throw Error(ErrorCode::BadInput, "A label needs the time of its recording as YYYYMMDDHHMMSS");
      }
    }

    // Lines part the ingredients: Validate() saw to it that none holds a line break.
    std::string MakeUid(const std::string& studyInstanceUid, const GenotypeLabel& label, const char* role)
    {
      return MakeNameBasedUid("label\nstudy " + studyInstanceUid + "\nstatus " + std::string(ToString(label.status)) +
                              "\nassay " + label.assay + "\nsource " + label.source + "\nby " + label.recordedBy +
                              "\nat " + label.recordedAt + "\nsynthetic " + (label.synthetic ? "1" : "0") + "\nrole " +
                              role + "\n");
    }

    void AddObserver(ContentItem& root, const SourceAttributes& source, const GenotypeLabel& label,
                     const std::string& deviceUid)
    {
      if (label.synthetic)
      {
        root.Add(HasObservationContext, ContentItem::MakeCode(Codes::OBSERVER_TYPE, Codes::DEVICE));
        root.Add(HasObservationContext, ContentItem::MakeUid(Codes::DEVICE_OBSERVER_UID, deviceUid));
      }
      else
      {
        root.Add(HasObservationContext, ContentItem::MakeCode(Codes::OBSERVER_TYPE, Codes::PERSON));
        root.Add(HasObservationContext,
                 ContentItem::MakePersonName(Codes::PERSON_OBSERVER_NAME, source.Encode(label.recordedBy)));
      }
    }

    ContentItem MakeTree(const SourceAttributes& source, const GenotypeLabel& label, const std::string& deviceUid)
    {
      ContentItem root = ContentItem::MakeContainer(Codes::LABEL_TITLE);
      root.Add(HasConceptModifier, ContentItem::MakeCode(Codes::LANGUAGE, Codes::ENGLISH));
      AddObserver(root, source, label, deviceUid);
      root.Add(Contains,
               ContentItem::MakeText(Codes::COMMENT, label.synthetic
                                                       ? "SYNTHETIC: the status was planted in a synthetic phantom. No "
                                                         "patient, no tissue, no assay."
                                                       : "Status as it was recorded from the source named here. For "
                                                         "research use; the source itself is what counts."));
      root.Add(Contains, ContentItem::MakeCode(Codes::KNOWN_STATUS, label.status == GenotypeStatus::Altered
                                                                      ? Codes::STATUS_ALTERED
                                                                      : Codes::STATUS_WILD_TYPE));
      root.Add(Contains, ContentItem::MakeCode(Codes::LABEL_ORIGIN,
                                               label.synthetic ? Codes::ORIGIN_SYNTHETIC : Codes::ORIGIN_MEASURED));
      root.Add(Contains, ContentItem::MakeText(Codes::LABEL_ASSAY, source.Encode(label.assay)));
      root.Add(Contains, ContentItem::MakeText(Codes::LABEL_SOURCE, source.Encode(label.source)));
      root.Add(Contains, ContentItem::MakeText(Codes::LABEL_RECORDED_BY, source.Encode(label.recordedBy)));
      root.Add(Contains, ContentItem::MakeDateTime(Codes::LABEL_RECORDED_AT, label.recordedAt));
      return root;
    }
  }

  DicomInstance WriteLabel(const DcmDataset& studyHeader, const GenotypeLabel& label, const ContentDateTime& made)
  {
    Validate(label);
    const SourceAttributes source(studyHeader);
    const std::string study = source.Get(DCM_StudyInstanceUID);
    if (study.empty())
    {
      throw Error(ErrorCode::BadInput, "The labelled image names no study");
    }

    SrDocument document;
    document.sopClassUid = UID_EnhancedSRStorage;
    document.sopInstanceUid = MakeUid(study, label, "instance");
    document.studyInstanceUid = study;
    document.series = {"SR", MakeUid(study, label, "series"), OwnSeriesNumber::Label,
                       label.synthetic ? "H3K27M label, SYNTHETIC" : "H3K27M label"};
    document.equipment = {"label writer", "labels", "1"};
    if (label.synthetic)
    {
      document.deviceUid = MakeNameBasedUid("device phantom generator");
    }
    else
    {
      document.personName = source.Encode(label.recordedBy);
    }
    return MakeInstance(WriteSrDocument(document, source, MakeTree(source, label, document.deviceUid), made));
  }
}
