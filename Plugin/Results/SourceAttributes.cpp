// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/SourceAttributes.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"
#include "Plugin/Results/ContentDateTime.h"
#include "Plugin/Results/FieldFault.h"
#include "Plugin/Support/Utf8.h"
#include "Plugin/Volume/JapaneseText.h"
#include "Plugin/Volume/PrivateElements.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcostrmb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string_view>

namespace H3K27M::Results
{
  namespace
  {
    // Type 2 in the modules Patient (PS3.3 C.7.1.1) and General Study (C.7.2.1): present, if only empty.
    const std::initializer_list<DcmTagKey> REQUIRED = {
      DCM_PatientName, DCM_PatientID, DCM_PatientBirthDate,       DCM_PatientSex,     DCM_StudyDate,
      DCM_StudyTime,   DCM_StudyID,   DCM_ReferringPhysicianName, DCM_AccessionNumber};

    const std::initializer_list<DcmTagKey> OPTIONAL = {
      // Patient
      DCM_IssuerOfPatientID, DCM_TypeOfPatientID, DCM_IssuerOfPatientIDQualifiersSequence, DCM_OtherPatientIDsSequence,
      DCM_OtherPatientNames, DCM_PatientBirthTime, DCM_EthnicGroup, DCM_PatientComments, DCM_QualityControlSubject,
      DCM_PatientSpeciesDescription, DCM_PatientSpeciesCodeSequence, DCM_PatientBreedDescription,
      DCM_PatientBreedCodeSequence, DCM_BreedRegistrationSequence, DCM_ResponsiblePerson, DCM_ResponsiblePersonRole,
      DCM_ResponsibleOrganization, DCM_PatientIdentityRemoved, DCM_DeidentificationMethod,
      DCM_DeidentificationMethodCodeSequence,
      // Clinical trial subject and study
      DCM_ClinicalTrialSponsorName, DCM_ClinicalTrialProtocolID, DCM_ClinicalTrialProtocolName, DCM_ClinicalTrialSiteID,
      DCM_ClinicalTrialSiteName, DCM_ClinicalTrialSubjectID, DCM_ClinicalTrialSubjectReadingID,
      DCM_ClinicalTrialTimePointID, DCM_ClinicalTrialTimePointDescription,
      // General study
      DCM_StudyDescription, DCM_IssuerOfAccessionNumberSequence, DCM_PhysiciansOfRecord, DCM_ReferencedStudySequence,
      DCM_ProcedureCodeSequence, DCM_TimezoneOffsetFromUTC,
      // Patient study
      DCM_AdmittingDiagnosesDescription, DCM_PatientAge, DCM_PatientSize, DCM_PatientWeight, DCM_Occupation,
      DCM_AdditionalPatientHistory, DCM_PatientSexNeutered};

    // Of those, type 1 or 1C: an empty one is a fault of the source that a result need not repeat. All others (2, 2C,
    // 3) may be empty, and some must be there if only empty.
    const std::initializer_list<DcmTagKey> NEVER_EMPTY = {DCM_PatientSpeciesDescription,
                                                          DCM_PatientSpeciesCodeSequence,
                                                          DCM_ResponsiblePersonRole,
                                                          DCM_DeidentificationMethod,
                                                          DCM_DeidentificationMethodCodeSequence,
                                                          DCM_ClinicalTrialSponsorName,
                                                          DCM_ClinicalTrialProtocolID,
                                                          DCM_ClinicalTrialSubjectID,
                                                          DCM_ClinicalTrialSubjectReadingID};

    // Type 2 in the module Clinical Trial Subject (C.7.1.3), which is there when its sponsor is named.
    const std::initializer_list<DcmTagKey> REQUIRED_IN_TRIALS = {DCM_ClinicalTrialProtocolName, DCM_ClinicalTrialSiteID,
                                                                 DCM_ClinicalTrialSiteName};

    bool MayBeEmpty(const DcmTagKey& tag)
    {
      return std::find(NEVER_EMPTY.begin(), NEVER_EMPTY.end(), tag) == NEVER_EMPTY.end();
    }

    // Read by the writers, in the same character set.
    const std::initializer_list<DcmTagKey> OTHERS = {
      DCM_PositionReferenceIndicator, DCM_Manufacturer,         DCM_InstitutionName,   DCM_ManufacturerModelName,
      DCM_DeviceSerialNumber,         DCM_SoftwareVersions,     DCM_SeriesDescription, DCM_SeriesNumber,
      DCM_StudyInstanceUID,           DCM_MagneticFieldStrength};

    void CopyElement(DcmItem& source, const DcmTagKey& tag, DcmItem& target)
    {
      if (source.tagExists(tag) && source.findAndInsertCopyOfElement(tag, &target).bad())
      {
        throw Error(ErrorCode::Internal, "Cannot copy " + std::string(tag.toString().c_str()) + " of the source");
      }
    }

    bool AreEqual(DcmItem& one, DcmItem& other, const DcmTagKey& tag)
    {
      if (!one.tagExistsWithValue(tag) || !other.tagExistsWithValue(tag))
      {
        return one.tagExistsWithValue(tag) == other.tagExistsWithValue(tag);
      }
      DcmElement* value = nullptr;
      DcmElement* otherValue = nullptr;
      return one.findAndGetElement(tag, value).good() && other.findAndGetElement(tag, otherValue).good() &&
             value->compare(*otherValue) == 0;
    }

    bool ConvertToUtf8(DcmDataset& dataset)
    {
      OFString value;
      dataset.findAndGetOFStringArray(DCM_SpecificCharacterSet, value);
      const std::string characterSets(value.c_str());
      return Volume::IsJapanese(characterSets)
               ? Volume::ConvertJapaneseItem(dataset, Volume::FindUpperHalf(characterSets))
               : dataset.convertToUTF8().good();
    }

    std::string Escape(std::uint32_t character)
    {
      std::array<char, 16> buffer = {};
      std::snprintf(buffer.data(), buffer.size(), "<U+%04X>", static_cast<unsigned>(character));
      return buffer.data();
    }

    // Payload bits of the first byte of a UTF-8 sequence; continuation bytes never come first in text of our own.
    std::uint32_t GetLeadBits(std::uint8_t byte)
    {
      return byte >= 0xF0 ? byte & 0x07u : (byte >= 0xE0 ? byte & 0x0Fu : byte & 0x1Fu);
    }
  }

  SourceAttributes::SourceAttributes(const DcmDataset& header) :
    selected_(std::make_unique<DcmDataset>())
  {
    DcmDataset copy(header);
    for (const auto& list : {REQUIRED, OPTIONAL, OTHERS, {DCM_SpecificCharacterSet}})
    {
      for (const DcmTagKey& tag : list)
      {
        CopyElement(copy, tag, *selected_);
      }
    }

    Volume::RemovePrivateElements(*selected_);  // of copied sequences

    // Our own times stand beside it, so that it must mean something.
    if (!IsTimezoneOffset(Get(DCM_TimezoneOffsetFromUTC)))
    {
      selected_->findAndDeleteElement(DCM_TimezoneOffsetFromUTC);
    }

    // A conversion gives up half-way where bytes contradict the character set, so it works on a copy.
    const auto converted = std::make_unique<DcmDataset>(*selected_);
    isUtf8_ = ConvertToUtf8(*converted);
    if (isUtf8_)
    {
      *selected_ = *converted;
      selected_->putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 192");
    }
  }

  SourceAttributes::~SourceAttributes() = default;

  void SourceAttributes::CopyPatientAndStudy(DcmItem& target) const
  {
    Copy(DCM_SpecificCharacterSet, target);
    for (const DcmTagKey& tag : OPTIONAL)
    {
      if (MayBeEmpty(tag))
      {
        CopyElement(*selected_, tag, target);
      }
      Copy(tag, target);
    }
    if (target.tagExists(DCM_ClinicalTrialSponsorName))
    {
      for (const DcmTagKey& tag : REQUIRED_IN_TRIALS)
      {
        target.insertEmptyElement(tag, OFFalse);  // what is there stays
      }
    }
    for (const DcmTagKey& tag : REQUIRED)
    {
      target.insertEmptyElement(tag, OFTrue);
      Copy(tag, target);
    }
  }

  bool SourceAttributes::AgreesWith(DcmItem& result) const
  {
    DcmDataset expected;
    CopyPatientAndStudy(expected);
    for (const auto& list : {REQUIRED, OPTIONAL, REQUIRED_IN_TRIALS, {DCM_SpecificCharacterSet}})
    {
      if (!std::all_of(list.begin(), list.end(), [&](const DcmTagKey& tag) { return AreEqual(expected, result, tag); }))
      {
        return false;
      }
    }
    return true;
  }

  std::string SourceAttributes::Digest() const
  {
    constexpr E_TransferSyntax SYNTAX = EXS_LittleEndianExplicit;
    constexpr std::size_t RESERVE = 1024;  // group lengths may add a little
    constexpr std::size_t DIGITS = 8;
    DcmDataset header;
    CopyPatientAndStudy(header);
    // As in AgreesWith(): a result that lacks what is empty now needs no correction, and none that is sent again.
    for (const DcmTagKey& tag : OPTIONAL)
    {
      if (!header.tagExistsWithValue(tag))
      {
        header.findAndDeleteElement(tag);
      }
    }
    std::string bytes(header.calcElementLength(SYNTAX, EET_ExplicitLength) + RESERVE, '\0');
    DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
    header.transferInit();
    const OFCondition condition = header.write(stream, SYNTAX, EET_ExplicitLength, nullptr);
    header.transferEnd();
    if (condition.bad())
    {
      throw Error(ErrorCode::Internal, std::string("Cannot write patient and study: ") + condition.text());
    }
    void* start = nullptr;
    offile_off_t length = 0;
    stream.flushBuffer(start, length);
    bytes.resize(static_cast<std::size_t>(length));
    return Protocol::Sha256::OfText(bytes).substr(0, DIGITS);
  }

  std::string SourceAttributes::Get(const DcmTagKey& tag) const
  {
    OFString value;
    if (selected_->findAndGetOFString(tag, value).bad())
    {
      return std::string();
    }
    return std::string(value.c_str(), value.size());
  }

  void SourceAttributes::Copy(const DcmTagKey& tag, DcmItem& target) const
  {
    if (selected_->tagExistsWithValue(tag))
    {
      CopyElement(*selected_, tag, target);
    }
  }

  std::string SourceAttributes::Encode(const std::string& text) const
  {
    return EncodeUpTo(text, std::string::npos);
  }

  std::string SourceAttributes::EncodeName(const std::string& text) const
  {
    return EncodeUpTo(text, MAXIMUM_NAME);
  }

  std::string SourceAttributes::EncodeUpTo(const std::string& text, std::size_t longest) const
  {
    std::string encoded;
    std::size_t length = 0;
    for (std::size_t i = 0; i < text.size();)
    {
      const std::size_t first = i;
      const auto byte = static_cast<std::uint8_t>(text[i++]);
      std::uint32_t character = GetLeadBits(byte);
      while (byte >= 0x80 && i < text.size() && (static_cast<std::uint8_t>(text[i]) & 0xC0u) == 0x80u)
      {
        character = (character << 6) | (static_cast<std::uint8_t>(text[i++]) & 0x3Fu);
      }
      const bool isEscaped = !isUtf8_ && byte >= 0x80;
      const std::string one = isEscaped ? Escape(character) : text.substr(first, i - first);
      length += isEscaped ? one.size() : 1;
      if (length > longest)
      {
        break;
      }
      encoded += one;
    }
    return encoded;
  }

  std::string DecodeText(const std::string& text)
  {
    constexpr std::string_view OPENING = "<U+";
    constexpr std::uint32_t UNICODE_END = 0x110000;
    std::string decoded;
    for (std::size_t i = 0; i < text.size();)
    {
      std::uint32_t character = 0;
      const std::size_t digits = i + OPENING.size();
      const std::size_t end =
        text.compare(i, OPENING.size(), OPENING) == 0 ? text.find('>', digits) : std::string::npos;
      if (end != std::string::npos)
      {
        const auto [last, fault] = std::from_chars(text.data() + digits, text.data() + end, character, 16);
        const bool isSurrogate = character >= 0xD800 && character < 0xE000;
        if (fault == std::errc() && last == text.data() + end && character >= 0x80 && character < UNICODE_END &&
            !isSurrogate)
        {
          Support::AppendUtf8(decoded, character);
          i = end + 1;
          continue;
        }
      }
      decoded.push_back(text[i++]);
    }
    return decoded;
  }
}
