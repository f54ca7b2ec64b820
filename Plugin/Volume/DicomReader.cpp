// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/DicomReader.h"

#include "Plugin/Volume/DatasetReader.h"
#include "Plugin/Volume/HeaderParts.h"
#include "Plugin/Volume/ParsedFile.h"
#include "Plugin/Volume/PrivateElements.h"

#include <dcmtk/dcmdata/dctk.h>

#include <array>
#include <cstdio>

namespace H3K27M::Volume
{
  namespace
  {
    // Leaves what result writers copy: standard attributes, without functional groups and icons.
    void Slim(DcmDataset& dataset)
    {
      for (const DcmTagKey& tag :
           {DCM_PerFrameFunctionalGroupsSequence, DCM_SharedFunctionalGroupsSequence, DCM_IconImageSequence})
      {
        dataset.findAndDeleteElement(tag);
      }
      RemovePrivateElements(dataset);
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

    // Baseline and extended JPEG are lossy, whatever the attribute says.
    bool IsLossyJpeg(const std::string& transferSyntaxUid)
    {
      return transferSyntaxUid == UID_JPEGProcess1TransferSyntax ||
             transferSyntaxUid == UID_JPEGProcess2_4TransferSyntax;
    }

    // The method of (0028,2114) that a syntax compresses by; empty: it cannot lose anything.
    std::string GetLossyMethod(const std::string& transferSyntaxUid)
    {
      if (transferSyntaxUid == UID_JPEGLSLossyTransferSyntax)
      {
        return "ISO_14495_1";
      }
      const bool isJpeg2000 = transferSyntaxUid == UID_JPEG2000TransferSyntax ||
                              transferSyntaxUid == UID_JPEG2000Part2MulticomponentImageCompressionTransferSyntax;
      return isJpeg2000 ? "ISO_15444_1" : IsLossyJpeg(transferSyntaxUid) ? "ISO_10918_1" : "";
    }

    LossyCompression ReadLossyCompression(DatasetReader& reader, const std::string& transferSyntaxUid)
    {
      const std::string method = GetLossyMethod(transferSyntaxUid);
      const std::string stated = reader.GetText(DCM_LossyImageCompression);
      LossyCompression lossy;
      lossy.isLossy = IsLossyJpeg(transferSyntaxUid) || stated == "01";
      lossy.isUnknown = !method.empty() && !lossy.isLossy && stated.empty();
      lossy.ratios = reader.GetValues(DCM_LossyImageCompressionRatio);
      lossy.methods = reader.GetValues(DCM_LossyImageCompressionMethod);
      if (lossy.isLossy && !method.empty() && lossy.methods.empty())
      {
        lossy.methods = {method};
      }
      return lossy;
    }

    // What a lossy file does not state of itself (PS3.3 C.7.6.1.1.5, type 1C): how much smaller its pixels became. One
    // that states several compressions has been through others, whose ratios nobody knows.
    void FillRatio(LossyCompression& lossy, const PixelFormat& pixels, const std::string& transferSyntaxUid)
    {
      if (!lossy.isLossy || !lossy.ratios.empty() || lossy.methods.size() != 1 || pixels.pixelLength == 0 ||
          GetLossyMethod(transferSyntaxUid).empty())
      {
        return;
      }
      const double native =
        static_cast<double>(pixels.rows) * pixels.columns * pixels.frames * pixels.bitsAllocated / 8;
      std::array<char, 17> text = {};
      std::snprintf(text.data(), text.size(), "%.2f", native / static_cast<double>(pixels.pixelLength));
      lossy.ratios = {text.data()};
    }
  }

  DicomReader::DicomReader(const VolumeLimits& limits) :
    limits_(limits)
  {
  }

  ReadOutcome DicomReader::Read(std::string_view file) const
  {
    ParseOutcome parsed = ParseFile(file, limits_);
    if (auto* refusal = std::get_if<Refusal>(&parsed))
    {
      return *refusal;
    }
    const auto& [layout, dataset] = std::get<ParsedFile>(parsed);

    DicomHeader header;
    DatasetReader reader(*dataset);
    ReadIdentity(header, reader);
    if (header.sopClassUid.empty() || header.sopInstanceUid.empty() || header.seriesInstanceUid.empty())
    {
      return Refusal{RefusalCode::NotDicom, "SOPClassUID (0008,0016), SOPInstanceUID (0008,0018) or "
                                            "SeriesInstanceUID (0020,000E) is missing"};
    }
    header.transferSyntaxUid = layout.transferSyntaxUid;
    header.lossy = ReadLossyCompression(reader, layout.transferSyntaxUid);
    header.isMultiFrame = IsMultiFrameClass(header.sopClassUid);
    header.acquisition = ReadAcquisition(*dataset, header.isMultiFrame);
    header.pixelProblem = ReadPixelFormat(header.pixels, *dataset, layout, limits_);
    if (!header.pixelProblem)
    {
      FillRatio(header.lossy, header.pixels, header.transferSyntaxUid);
      header.planes = ReadPlanes(*dataset, header.pixels.frames, header.isMultiFrame);
    }
    Slim(*dataset);
    header.dataset = dataset;
    return header;
  }
}
