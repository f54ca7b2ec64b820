// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ResultContext.h"

#include <memory>
#include <string>

class DcmDataset;

namespace H3K27M::Results
{
  class SourceAttributes;

  // How our own software names itself: General Equipment and Enhanced General Equipment (PS3.3 C.7.5.1, C.7.5.2).
  struct OwnEquipment
  {
    std::string modelName;
    std::string serialNumber;  // the model's hash: it tells one "device" from another
    std::string softwareVersions;
  };

  OwnEquipment GetEquipment(const ModelInfo& model);

  // Of the device that observes (121012,DCM): this model in this software, the same in all reports that it makes.
  std::string GetDeviceUid(const ModelInfo& model);

  struct SeriesDescription
  {
    std::string modality;
    std::string seriesInstanceUid;
    OwnSeriesNumber number = OwnSeriesNumber::Report;
    std::string description;
  };

  // (0008,0060), (0020,000E), (0020,0011), (0008,103E), (0008,0021), (0008,0031).
  void SetSeries(DcmDataset& dataset, const SeriesDescription& series, const ContentDateTime& made);

  // (0008,0070), (0008,1090), (0018,1000), (0018,1020).
  void SetEquipment(DcmDataset& dataset, const OwnEquipment& equipment);

  // (0018,A001): the scanner that acquired the source (where it is named) and our software.
  void SetContributingEquipment(DcmDataset& dataset, const SourceAttributes& source, const OwnEquipment& equipment,
                                const ContentDateTime& made);

  // (0008,0016), (0008,0018), (0008,0012), (0008,0013), (0020,0013), (0008,0023), (0008,0033).
  void SetInstance(DcmDataset& dataset, const std::string& sopClassUid, const std::string& sopInstanceUid,
                   const ContentDateTime& made);

  // (0020,000D), (0020,0052), (0020,1040) of the source. A source without a frame of reference gets one that follows
  // from its series: SEG and Comprehensive 3D SR cannot be without.
  void SetStudyAndFrameOfReference(DcmDataset& dataset, const ResultContext& context, const SourceAttributes& source);

  // (0028,2110), (0028,2112), (0028,2114): what is made from lossy pixels counts as lossy (PS3.3 C.7.6.1.1.5).
  // None where the source does not say and may be either.
  void SetLossyCompression(DcmDataset& dataset, const Volume::SourceSeries& source);

  std::string GetFrameOfReferenceUid(const ResultContext& context);

  // Now, in the time zone of the source's own times.
  ContentDateTime GetContentDateTime(const Volume::SourceSeries& source);

  // The header that patient and study are copied from. Throws BadInput when the series has none.
  const DcmDataset& RequireHeader(const Volume::SourceSeries& source);

  // Tracking identifier (112039,DCM), (0062,0020) that SEG and SR share beside the tracking UID.
  std::string GetTrackingIdentifier(bool isReference);

  // Everything that decides the result beside the pixels, one line: "variant fusion; threshold 0.5; ...".
  std::string DescribeParameters(const ModelInfo& model);

  // (0008,0110) with our private scheme.
  void DeclarePrivateScheme(DcmDataset& dataset);

  // A DICOM file of the dataset in Explicit VR Little Endian, and its UIDs.
  DicomInstance MakeInstance(std::unique_ptr<DcmDataset> dataset);
}
