// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <memory>
#include <string>

class DcmDataset;
class DcmItem;
class DcmTagKey;

namespace H3K27M::Results
{
  // What a result takes over from its source: patient, study, frame of reference and the scanner's name. Texts are
  // converted to UTF-8 (ISO_IR 192), so that names in Chinese, Japanese and Korean survive; where the source's bytes
  // contradict its character set they are kept as they are, with the source's character set. A time zone's offset
  // that is none is left out. Own copy: the header that it was built from is not touched. Not thread-safe (DCMTK's
  // getters change their object).
  class SourceAttributes
  {
  public:
    explicit SourceAttributes(const DcmDataset& header);

    ~SourceAttributes();

    // Patient, clinical trial subject, general study and patient study modules with SpecificCharacterSet and without
    // private elements; attributes of type 2 that the source lacks become empty. StudyInstanceUID is the caller's.
    void CopyPatientAndStudy(DcmItem& target) const;

    // Whether a result holds what CopyPatientAndStudy() would write into it now. What is absent counts as empty.
    bool AgreesWith(DcmItem& result) const;

    // Names what CopyPatientAndStudy() writes: the same as long as patient and study are the same, where what is absent
    // counts as empty too. So short that it tells a correction, and is of little use to who guesses at names.
    std::string Digest() const;

    // First value without padding; empty when absent.
    std::string Get(const DcmTagKey& tag) const;

    // Attribute as it is, when it is there and not empty.
    void Copy(const DcmTagKey& tag, DcmItem& target) const;

    // Text of our own (UTF-8) in the result's character set: as it is in UTF-8; else each character beyond ASCII
    // becomes <U+XXXX>, since the source's character set may lack it.
    std::string Encode(const std::string& text) const;

    // The same for PN and LO, which hold no more than 64 characters: what is beyond is cut off between two characters
    // or escapes.
    std::string EncodeName(const std::string& text) const;

  private:
    std::string EncodeUpTo(const std::string& text, std::size_t longest) const;

    std::unique_ptr<DcmDataset> selected_;
    bool isUtf8_;
  };

  // Takes back what SourceAttributes::Encode() did: each <U+XXXX> beyond ASCII becomes its character.
  std::string DecodeText(const std::string& text);
}
