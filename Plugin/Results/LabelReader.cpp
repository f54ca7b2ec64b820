// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/LabelReader.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/Code.h"
#include "Plugin/Results/Codes.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcistrmb.h>

namespace H3K27M::Results
{
  namespace
  {
    std::string GetText(DcmItem& item, const DcmTagKey& tag)
    {
      OFString value;
      return item.findAndGetOFStringArray(tag, value).good() ? std::string(value.c_str(), value.size()) : std::string();
    }

    bool HoldsCode(DcmItem& item, const DcmTagKey& sequence, const Code& code)
    {
      DcmItem* held = nullptr;
      return item.findAndGetSequenceItem(sequence, held, 0).good() && held != nullptr &&
             GetText(*held, DCM_CodeValue) == code.value && GetText(*held, DCM_CodingSchemeDesignator) == code.scheme;
    }

    // First item of the root's content under this concept name.
    DcmItem& RequireItem(DcmItem& root, const Code& name)
    {
      for (long i = 0;; i++)
      {
        DcmItem* item = nullptr;
        if (root.findAndGetSequenceItem(DCM_ContentSequence, item, i).bad() || item == nullptr)
        {
          throw Error(ErrorCode::Corrupt, "A label report lacks \"" + name.meaning + "\"");
        }
        if (HoldsCode(*item, DCM_ConceptNameCodeSequence, name))
        {
          return *item;
        }
      }
    }

    std::string RequireText(DcmItem& root, const Code& name, const DcmTagKey& valueTag)
    {
      const std::string value = GetText(RequireItem(root, name), valueTag);
      if (value.empty())
      {
        throw Error(ErrorCode::Corrupt, "A label report has an empty \"" + name.meaning + "\"");
      }
      return value;
    }

    // Which of two codes the item holds: true for the first.
    bool ChooseCode(DcmItem& root, const Code& name, const Code& first, const Code& second)
    {
      DcmItem& item = RequireItem(root, name);
      if (HoldsCode(item, DCM_ConceptCodeSequence, first))
      {
        return true;
      }
      if (!HoldsCode(item, DCM_ConceptCodeSequence, second))
      {
        throw Error(ErrorCode::Corrupt, "A label report has an unknown \"" + name.meaning + "\"");
      }
      return false;
    }
  }

  std::optional<GenotypeLabel> ReadLabel(const DcmDataset& dataset)
  {
    DcmDataset copy(dataset);  // DCMTK's getters are not const, and the texts are converted
    if (GetText(copy, DCM_Modality) != "SR" || !HoldsCode(copy, DCM_ConceptNameCodeSequence, Codes::LABEL_TITLE))
    {
      return std::nullopt;
    }
    if (copy.tagExistsWithValue(DCM_SpecificCharacterSet) && copy.convertToUTF8().bad())
    {
      throw Error(ErrorCode::Corrupt, "The texts of a label report contradict its character set");
    }

    GenotypeLabel label;
    label.status = ChooseCode(copy, Codes::KNOWN_STATUS, Codes::STATUS_ALTERED, Codes::STATUS_WILD_TYPE)
                     ? GenotypeStatus::Altered
                     : GenotypeStatus::WildType;
    label.synthetic = ChooseCode(copy, Codes::LABEL_ORIGIN, Codes::ORIGIN_SYNTHETIC, Codes::ORIGIN_MEASURED);
    label.assay = RequireText(copy, Codes::LABEL_ASSAY, DCM_TextValue);
    label.source = RequireText(copy, Codes::LABEL_SOURCE, DCM_TextValue);
    label.recordedBy = RequireText(copy, Codes::LABEL_RECORDED_BY, DCM_TextValue);
    label.recordedAt = RequireText(copy, Codes::LABEL_RECORDED_AT, DCM_DateTime);
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
