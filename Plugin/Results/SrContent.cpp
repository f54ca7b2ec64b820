// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/SrContent.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Results/UtcDateTime.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

namespace H3K27M::Results
{
  namespace
  {
    std::string GetText(DcmItem& item, const DcmTagKey& tag)
    {
      OFString value;
      return item.findAndGetOFStringArray(tag, value).good() ? std::string(value.c_str(), value.size()) : std::string();
    }

    // Null beyond the end.
    DcmItem* GetItem(DcmItem& parent, const DcmTagKey& sequence, long index)
    {
      DcmItem* item = nullptr;
      return parent.findAndGetSequenceItem(sequence, item, index).good() ? item : nullptr;
    }

    bool ItemHoldsCode(DcmItem& item, const DcmTagKey& sequence, const Code& code)
    {
      DcmItem* const held = GetItem(item, sequence, 0);
      return held != nullptr && GetText(*held, DCM_CodeValue) == code.value &&
             GetText(*held, DCM_CodingSchemeDesignator) == code.scheme;
    }

    bool RefersTo(DcmItem& series, const std::string& sopInstanceUid)
    {
      for (long i = 0; DcmItem* const instance = GetItem(series, DCM_ReferencedSOPSequence, i); i++)
      {
        if (GetText(*instance, DCM_ReferencedSOPInstanceUID) == sopInstanceUid)
        {
          return true;
        }
      }

      return false;
    }
  }

  SrContent::SrContent(std::unique_ptr<DcmDataset> dataset, const std::string& what) :
    dataset_(std::move(dataset)),
    what_(what)
  {
  }

  SrContent::SrContent(SrContent&& other) noexcept = default;

  SrContent::~SrContent() = default;

  std::optional<SrContent> SrContent::Open(const DcmDataset& dataset, const Code& title, const std::string& what)
  {
    auto original = std::make_unique<DcmDataset>(dataset);

    if (GetText(*original, DCM_Modality) != "SR" || !ItemHoldsCode(*original, DCM_ConceptNameCodeSequence, title))
    {
      return std::nullopt;
    }

    // A conversion gives up half-way where a patient's name contradicts the character set; our texts are ASCII then.
    auto converted = std::make_unique<DcmDataset>(*original);
    return SrContent(converted->convertToUTF8().good() ? std::move(converted) : std::move(original), what);
  }

  // The first of the root's content under this name; null when there is none.
  DcmItem* SrContent::FindItem(const Code& name) const
  {
    for (long i = 0; DcmItem* const item = GetItem(*dataset_, DCM_ContentSequence, i); i++)
    {
      if (ItemHoldsCode(*item, DCM_ConceptNameCodeSequence, name))
      {
        return item;
      }
    }

    return nullptr;
  }

  bool SrContent::HoldsCode(const Code& name, const Code& value) const
  {
    DcmItem* const item = FindItem(name);
    return item != nullptr && ItemHoldsCode(*item, DCM_ConceptCodeSequence, value);
  }

  std::string SrContent::FindText(const Code& name) const
  {
    DcmItem* const item = FindItem(name);
    return item == nullptr ? std::string() : DecodeText(GetText(*item, DCM_TextValue));
  }

  std::int64_t SrContent::FindTime(const Code& name) const
  {
    DcmItem* const item = FindItem(name);
    return item == nullptr ? -1 : ParseDateTime(GetText(*item, DCM_DateTime)).value_or(-1);
  }

  std::pair<std::string, std::string> SrContent::FindReference(const Code& name) const
  {
    DcmItem* const item = FindItem(name);

    if (item == nullptr)
    {
      return {};
    }

    DcmItem* const reference = GetItem(*item, DCM_ReferencedSOPSequence, 0);

    if (reference == nullptr)
    {
      RefuseLackOf(name);
    }

    return {GetText(*reference, DCM_ReferencedSOPClassUID), GetText(*reference, DCM_ReferencedSOPInstanceUID)};
  }

  std::string SrContent::FindEvidenceSeries(const std::string& sopInstanceUid) const
  {
    for (long i = 0; DcmItem* const study = GetItem(*dataset_, DCM_CurrentRequestedProcedureEvidenceSequence, i); i++)
    {
      for (long j = 0; DcmItem* const series = GetItem(*study, DCM_ReferencedSeriesSequence, j); j++)
      {
        if (RefersTo(*series, sopInstanceUid))
        {
          return GetText(*series, DCM_SeriesInstanceUID);
        }
      }
    }

    return {};
  }

  bool SrContent::ChooseCode(const Code& name, const Code& first, const Code& second) const
  {
    if (FindItem(name) == nullptr)
    {
      RefuseLackOf(name);
    }

    const bool isFirst = HoldsCode(name, first);

    if (!isFirst && !HoldsCode(name, second))
    {
      RefuseCode(name);
    }

    return isFirst;
  }

  void SrContent::RefuseLackOf(const Code& name) const
  {
    throw Error(ErrorCode::Corrupt, "A " + what_ + " lacks \"" + name.meaning + "\"");
  }

  void SrContent::RefuseCode(const Code& name) const
  {
    throw Error(ErrorCode::Corrupt, "A " + what_ + " has an unknown \"" + name.meaning + "\"");
  }
}
