// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/SrDocument.h"

#include "Plugin/Results/ContentItem.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Routing/OwnResults.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

namespace H3K27M::Results
{
  namespace
  {
    void SetAuthor(DcmDataset& dataset, const SrDocument& document)
    {
      ItemWriter author = ItemWriter(dataset).AddItem(DCM_AuthorObserverSequence);
      if (document.deviceUid.empty())
      {
        author.Text(DCM_ObserverType, "PSN").Text(DCM_PersonName, document.personName);
        author.EmptySequence(DCM_PersonIdentificationCodeSequence);
      }
      else
      {
        author.Text(DCM_ObserverType, "DEV")
          .Text(DCM_StationName, "")
          .Text(DCM_DeviceUID, document.deviceUid)
          .Text(DCM_Manufacturer, std::string(Routing::OWN_MANUFACTURER))
          .Text(DCM_ManufacturerModelName, document.equipment.modelName);
      }
      author.Text(DCM_InstitutionName, "").EmptySequence(DCM_InstitutionCodeSequence);
    }

    // Hierarchical SOP Instance Reference Macro (PS3.3 C.17.2.1): all of it lies in the document's own study.
    void SetReferences(DcmDataset& dataset, const DcmTag& sequence, const std::string& studyInstanceUid,
                       const Evidence& evidence)
    {
      if (evidence.empty())
      {
        return;
      }
      ItemWriter study = ItemWriter(dataset).AddItem(sequence);
      study.Text(DCM_StudyInstanceUID, studyInstanceUid);
      for (const auto& [seriesUid, instances] : evidence)
      {
        ItemWriter series = study.AddItem(DCM_ReferencedSeriesSequence);
        series.Text(DCM_SeriesInstanceUID, seriesUid);
        for (const auto& [sopClassUid, sopInstanceUid] : instances)
        {
          series.AddItem(DCM_ReferencedSOPSequence)
            .Text(DCM_ReferencedSOPClassUID, sopClassUid)
            .Text(DCM_ReferencedSOPInstanceUID, sopInstanceUid);
        }
      }
    }

    void SetVerification(DcmDataset& dataset, const std::optional<Verification>& verification)
    {
      ItemWriter(dataset)
        .Text(DCM_CompletionFlag, "COMPLETE")
        .Text(DCM_VerificationFlag, verification ? "VERIFIED" : "UNVERIFIED");
      if (verification)
      {
        ItemWriter(dataset)
          .AddItem(DCM_VerifyingObserverSequence)
          .Text(DCM_VerifyingObserverName, verification->personName)
          .EmptySequence(DCM_VerifyingObserverIdentificationCodeSequence)
          .Text(DCM_VerifyingOrganization, verification->organisation)
          .Text(DCM_VerificationDateTime, verification->dateTime);
      }
    }
  }

  std::unique_ptr<DcmDataset> WriteSrDocument(const SrDocument& document, const SourceAttributes& source,
                                              const ContentItem& root, const ContentDateTime& made)
  {
    auto dataset = std::make_unique<DcmDataset>();
    source.CopyPatientAndStudy(*dataset);
    SetSeries(*dataset, document.series, made);
    SetEquipment(*dataset, document.equipment);
    SetContributingEquipment(*dataset, source, document.equipment, made);
    SetInstance(*dataset, document.sopClassUid, document.sopInstanceUid, made);
    DeclarePrivateScheme(*dataset);

    ItemWriter(*dataset)
      .Text(DCM_StudyInstanceUID, document.studyInstanceUid)
      .EmptySequence(DCM_ReferencedPerformedProcedureStepSequence)
      .EmptySequence(DCM_PerformedProcedureCodeSequence);
    SetVerification(*dataset, document.verification);
    SetAuthor(*dataset, document);
    SetReferences(*dataset, DCM_CurrentRequestedProcedureEvidenceSequence, document.studyInstanceUid,
                  document.evidence);
    SetReferences(*dataset, DCM_PredecessorDocumentsSequence, document.studyInstanceUid, document.predecessors);
    root.WriteTo(*dataset);
    return dataset;
  }
}
