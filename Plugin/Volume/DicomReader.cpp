// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/DicomReader.h"

#include "Plugin/Volume/DatasetReader.h"
#include "Plugin/Volume/FileLayout.h"
#include "Plugin/Volume/HeaderParts.h"

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>

namespace H3K27M::Volume
{
  namespace
  {
    E_TransferSyntax GetHeaderSyntax(const FileLayout& layout)
    {
      if (!layout.isExplicitVr)
      {
        return EXS_LittleEndianImplicit;
      }
      return layout.isBigEndian ? EXS_BigEndianExplicit : EXS_LittleEndianExplicit;
    }

    // The part of the file before PixelData. Compressed syntaxes are explicit VR little endian up to there (PS3.5 A.4).
    OFCondition Parse(DcmDataset& dataset, std::string_view file, const FileLayout& layout)
    {
      DcmInputBufferStream stream;
      const std::string_view part = file.substr(layout.datasetOffset, layout.datasetEnd - layout.datasetOffset);
      stream.setBuffer(part.data(), static_cast<offile_off_t>(part.size()));
      stream.setEos();
      dataset.transferInit();
      const OFCondition condition = dataset.read(stream, GetHeaderSyntax(layout), EGL_noChange, DCM_MaxReadLength);
      dataset.transferEnd();
      return condition;
    }

    // Leaves what result writers copy: standard attributes, without functional groups and icons.
    void Slim(DcmDataset& dataset)
    {
      for (const DcmTagKey& tag :
           {DCM_PerFrameFunctionalGroupsSequence, DCM_SharedFunctionalGroupsSequence, DCM_IconImageSequence})
      {
        dataset.findAndDeleteElement(tag);
      }
      for (unsigned long i = dataset.card(); i > 0; --i)
      {
        DcmElement* element = dataset.getElement(i - 1);
        if (element != nullptr && (element->getGTag() & 1) != 0)
        {
          delete dataset.remove(i - 1);
        }
      }
    }

    void ReadIdentity(DicomHeader& header, DatasetReader& reader)
    {
      header.sopClassUid = reader.GetText(DCM_SOPClassUID);
      header.sopInstanceUid = reader.GetText(DCM_SOPInstanceUID);
      header.studyInstanceUid = reader.GetText(DCM_StudyInstanceUID);
      header.seriesInstanceUid = reader.GetText(DCM_SeriesInstanceUID);
      header.frameOfReferenceUid = reader.GetText(DCM_FrameOfReferenceUID);
      header.modality = reader.GetText(DCM_Modality);
      header.manufacturer = reader.GetText(DCM_Manufacturer);
      const auto number = reader.GetInteger(DCM_InstanceNumber);
      header.instanceNumber = number && *number >= 0 && *number <= 0x7FFFFFFF ? static_cast<int>(*number) : 0;
    }
  }

  DicomReader::DicomReader(const VolumeLimits& limits) :
    limits_(limits)
  {
  }

  ReadOutcome DicomReader::Read(std::string_view file) const
  {
    if (file.size() > limits_.maxBytes)
    {
      return Refusal{RefusalCode::LimitExceeded, "the file has " + std::to_string(file.size()) +
                                                   " bytes, the limit is " + std::to_string(limits_.maxBytes)};
    }
    LayoutOutcome located = LocateParts(file, limits_.maxSequenceDepth);
    if (auto* refusal = std::get_if<Refusal>(&located))
    {
      return *refusal;
    }
    const FileLayout& layout = std::get<FileLayout>(located);
    auto dataset = std::make_shared<DcmDataset>();
    if (const OFCondition condition = Parse(*dataset, file, layout); condition.bad())
    {
      return Refusal{RefusalCode::NotDicom, std::string("the dataset cannot be parsed: ") + condition.text()};
    }

    DicomHeader header;
    DatasetReader reader(*dataset);
    ReadIdentity(header, reader);
    if (header.sopClassUid.empty() || header.sopInstanceUid.empty() || header.seriesInstanceUid.empty())
    {
      return Refusal{RefusalCode::NotDicom, "SOPClassUID (0008,0016), SOPInstanceUID (0008,0018) or "
                                            "SeriesInstanceUID (0020,000E) is missing"};
    }
    header.transferSyntaxUid = layout.transferSyntaxUid;
    header.isMultiFrame = IsMultiFrameClass(header.sopClassUid);
    header.acquisition = ReadAcquisition(*dataset, header.isMultiFrame);
    header.pixelProblem = ReadPixelFormat(header.pixels, *dataset, layout, limits_);
    if (!header.pixelProblem)
    {
      header.planes = ReadPlanes(*dataset, header.pixels.frames, header.isMultiFrame);
    }
    Slim(*dataset);
    header.dataset = dataset;
    return header;
  }
}
