// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Results/DicomReading.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcsequen.h>

#include <stdexcept>

namespace H3K27M::Tests
{
  std::unique_ptr<DcmFileFormat> ReadDicom(const std::string& bytes)
  {
    DcmInputBufferStream stream;
    stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
    stream.setEos();
    auto file = std::make_unique<DcmFileFormat>();
    file->transferInit();
    const OFCondition condition = file->read(stream);
    file->transferEnd();
    if (condition.bad() || file->loadAllDataIntoMemory().bad())
    {
      throw std::runtime_error(condition.text());
    }
    return file;
  }

  std::string GetText(DcmItem& item, const DcmTagKey& tag)
  {
    OFString value;
    return item.findAndGetOFStringArray(tag, value).good() ? std::string(value.c_str(), value.size()) : std::string();
  }

  std::vector<std::uint8_t> ReadSegVoxels(DcmDataset& seg)
  {
    const std::size_t count = std::stoul(GetText(seg, DCM_NumberOfFrames)) * std::stoul(GetText(seg, DCM_Rows)) *
                              std::stoul(GetText(seg, DCM_Columns));
    const Uint8* pixels = nullptr;
    unsigned long length = 0;
    if (seg.findAndGetUint8Array(DCM_PixelData, pixels, &length).bad())
    {
      throw std::runtime_error("no pixels");
    }
    const bool isBinary = GetText(seg, DCM_SegmentationType) == "BINARY";
    std::vector<std::uint8_t> voxels;
    for (std::size_t i = 0; i < count; i++)
    {
      const std::size_t byte = isBinary ? i / 8 : i;
      if (byte >= length)
      {
        throw std::runtime_error("too few pixels");
      }
      voxels.push_back(isBinary ? (pixels[byte] >> (i % 8)) & 1 : pixels[byte]);
    }
    return voxels;
  }

  std::set<std::string> ListAttributes(DcmItem& item, const std::string& path)
  {
    std::set<std::string> attributes;
    for (unsigned long i = 0; i < item.card(); i++)
    {
      DcmElement* element = item.getElement(i);
      const std::string name = path + element->getTag().toString().c_str();
      if (element->ident() == EVR_SQ)
      {
        auto* sequence = dynamic_cast<DcmSequenceOfItems*>(element);
        for (unsigned long j = 0; j < sequence->card(); j++)
        {
          attributes.merge(ListAttributes(*sequence->getItem(j), name + "[" + std::to_string(j) + "]"));
        }
      }
      else if (element->getTag() != DCM_PixelData)
      {
        OFString value;
        element->getOFStringArray(value);
        attributes.insert(name + "=" + value.c_str());
      }
    }
    return attributes;
  }

  std::vector<std::string> FindContent(DcmItem& item, const std::string& conceptCode)
  {
    std::vector<std::string> found;
    DcmItem* child = nullptr;
    for (long i = 0; item.findAndGetSequenceItem(DCM_ContentSequence, child, i).good() && child != nullptr; i++)
    {
      DcmItem* part = nullptr;
      if (child->findAndGetSequenceItem(DCM_ConceptNameCodeSequence, part, 0).good() && part != nullptr &&
          GetText(*part, DCM_CodeValue) == conceptCode)
      {
        const std::string type = GetText(*child, DCM_ValueType);
        if (type == "CODE" && child->findAndGetSequenceItem(DCM_ConceptCodeSequence, part, 0).good())
        {
          found.push_back(GetText(*part, DCM_CodeValue));
        }
        else if (type == "NUM" && child->findAndGetSequenceItem(DCM_MeasuredValueSequence, part, 0).good())
        {
          found.push_back(GetText(*part, DCM_NumericValue));
        }
        else if (type == "UIDREF")
        {
          found.push_back(GetText(*child, DCM_UID));
        }
        else if (type == "IMAGE" && child->findAndGetSequenceItem(DCM_ReferencedSOPSequence, part, 0).good())
        {
          found.push_back(GetText(*part, DCM_ReferencedSOPInstanceUID));
        }
        else
        {
          found.push_back(GetText(*child, DCM_TextValue));
        }
      }
      const std::vector<std::string> deeper = FindContent(*child, conceptCode);
      found.insert(found.end(), deeper.begin(), deeper.end());
    }
    return found;
  }
}
