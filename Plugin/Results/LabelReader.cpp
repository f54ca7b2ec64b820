// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/LabelReader.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/Code.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/LabelTerms.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Results/UtcDateTime.h"

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

    // First item of the root's content under this concept name; null when there is none.
    DcmItem* FindItem(DcmItem& root, const Code& name)
    {
      for (long i = 0;; i++)
      {
        DcmItem* item = nullptr;
        if (root.findAndGetSequenceItem(DCM_ContentSequence, item, i).bad() || item == nullptr)
        {
          return nullptr;
        }
        if (HoldsCode(*item, DCM_ConceptNameCodeSequence, name))
        {
          return item;
        }
      }
    }

    [[noreturn]] void RefuseLackOf(const Code& name)
    {
      throw Error(ErrorCode::Corrupt, "A label report lacks \"" + name.meaning + "\"");
    }

    DcmItem& RequireItem(DcmItem& root, const Code& name)
    {
      DcmItem* const item = FindItem(root, name);
      if (item == nullptr)
      {
        RefuseLackOf(name);
      }
      return *item;
    }

    // Empty when the item is not there.
    std::string FindText(DcmItem& root, const Code& name, const DcmTagKey& valueTag)
    {
      DcmItem* const item = FindItem(root, name);
      return item == nullptr ? std::string() : DecodeText(GetText(*item, valueTag));
    }

    [[noreturn]] void RefuseCode(const Code& name)
    {
      throw Error(ErrorCode::Corrupt, "A label report has an unknown \"" + name.meaning + "\"");
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
        RefuseCode(name);
      }
      return false;
    }

    template <typename T>
    std::optional<T> FindTerm(DcmItem& root, const Code& name)
    {
      DcmItem* const item = FindItem(root, name);
      if (item == nullptr)
      {
        return std::nullopt;
      }
      for (const LabelTerm<T>& term : GetTerms<T>())
      {
        if (HoldsCode(*item, DCM_ConceptCodeSequence, term.code))
        {
          return term.value;
        }
      }
      RefuseCode(name);
    }

    template <typename T>
    T RequireTerm(DcmItem& root, const Code& name)
    {
      const std::optional<T> value = FindTerm<T>(root, name);
      if (!value)
      {
        RefuseLackOf(name);
      }
      return *value;
    }

    void RequireNoFaults(const GenotypeLabel& label)
    {
      std::string keys;
      for (const LabelFault& fault : FindFaults(label))
      {
        keys += (keys.empty() ? "" : ", ") + fault.key;
      }
      if (!keys.empty())
      {
        throw Error(ErrorCode::Corrupt, "A label report holds what no label may: " + keys);
      }
    }
  }

  std::optional<GenotypeLabel> ReadLabel(const DcmDataset& dataset)
  {
    DcmDataset original(dataset);  // DCMTK's getters are not const
    if (GetText(original, DCM_Modality) != "SR" ||
        !HoldsCode(original, DCM_ConceptNameCodeSequence, Codes::LABEL_TITLE))
    {
      return std::nullopt;
    }
    // A conversion gives up half-way where a patient's name contradicts the character set; our texts are ASCII then.
    DcmDataset converted(original);
    DcmDataset& sr = converted.convertToUTF8().good() ? converted : original;

    GenotypeLabel label;
    label.status = RequireTerm<GenotypeStatus>(sr, Codes::KNOWN_STATUS);
    label.synthetic = ChooseCode(sr, Codes::LABEL_ORIGIN, Codes::ORIGIN_SYNTHETIC, Codes::ORIGIN_MEASURED);
    label.assay = RequireTerm<Assay>(sr, Codes::LABEL_ASSAY);
    label.gene = FindTerm<HistoneGene>(sr, Codes::LABEL_GENE);
    label.site = FindText(sr, Codes::LABEL_SITE, DCM_TextValue);
    label.preOperative = ChooseCode(sr, Codes::LABEL_PRE_OPERATIVE, Codes::YES, Codes::NO);
    label.split = RequireTerm<DatasetSplit>(sr, Codes::LABEL_SPLIT);
    label.exclusion = FindTerm<ExclusionReason>(sr, Codes::LABEL_EXCLUSION);
    label.annotator = FindText(sr, Codes::LABEL_ANNOTATOR, DCM_TextValue);
    label.reviser = FindText(sr, Codes::LABEL_REVISER, DCM_TextValue);
    label.source = FindText(sr, Codes::LABEL_SOURCE, DCM_TextValue);
    label.recordedAtMs = ParseDateTime(FindText(sr, Codes::LABEL_RECORDED_AT, DCM_DateTime)).value_or(-1);
    RequireNoFaults(label);
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
