// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/LabelReader.h"

#include "Plugin/Results/LabelTerms.h"
#include "Plugin/Results/ReportCodes.h"
#include "Plugin/Results/SrContent.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcistrmb.h>

namespace H3K27M::Results
{
  std::optional<GenotypeLabel> ReadLabel(const DcmDataset& dataset)
  {
    const std::optional<SrContent> sr = SrContent::Open(dataset, Codes::LABEL_TITLE, "label report");
    if (!sr)
    {
      return std::nullopt;
    }

    GenotypeLabel label;
    label.status = sr->RequireTerm<GenotypeStatus>(Codes::KNOWN_STATUS);
    label.synthetic = sr->ChooseCode(Codes::LABEL_ORIGIN, Codes::ORIGIN_SYNTHETIC, Codes::ORIGIN_MEASURED);
    label.assay = sr->RequireTerm<Assay>(Codes::LABEL_ASSAY);
    label.gene = sr->FindTerm<HistoneGene>(Codes::LABEL_GENE);
    label.site = sr->FindText(Codes::LABEL_SITE);
    label.preOperative = sr->ChooseCode(Codes::LABEL_PRE_OPERATIVE, Codes::YES, Codes::NO);
    label.split = sr->RequireTerm<DatasetSplit>(Codes::LABEL_SPLIT);
    label.exclusion = sr->FindTerm<ExclusionReason>(Codes::LABEL_EXCLUSION);
    label.annotator = sr->FindText(Codes::LABEL_ANNOTATOR);
    label.reviser = sr->FindText(Codes::LABEL_REVISER);
    label.source = sr->FindText(Codes::LABEL_SOURCE);
    label.recordedAtMs = sr->FindTime(Codes::RECORDED_AT);
    ThrowIfAny(FindFaults(label), ErrorCode::Corrupt, "A label report holds what no label may");
    return label;
  }

  std::optional<GenotypeLabel> ReadLabel(std::string_view dicomFile)
  {
    DcmInputBufferStream stream;
    stream.setBuffer(dicomFile.data(), static_cast<offile_off_t>(dicomFile.size()));
    stream.setEos();
    DcmFileFormat file;
    file.transferInit();
    const OFCondition condition = file.read(stream);
    file.transferEnd();
    if (condition.bad())
    {
      throw Error(ErrorCode::BadInput, std::string("A label report cannot be read as DICOM: ") + condition.text());
    }
    return ReadLabel(*file.getDataset());
  }
}
