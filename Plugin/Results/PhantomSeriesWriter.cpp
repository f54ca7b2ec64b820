// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/PhantomSeriesWriter.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/StudyLimits.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Results/ResultIdentity.h"
#include "Plugin/Routing/OwnResults.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>

namespace H3K27M::Results
{
  namespace
  {
    // Synthetic studies bear one fixed date that no real study of this kind has.
    const char* const STUDY_DATE = "20000101";
    const char* const STUDY_TIME = "000000";
    constexpr std::int64_t RECORDED_AT_MS = 946'684'800'000;  // 2000-01-01 UTC, as STUDY_DATE
    const char* const GENERATOR_VERSION = "1";

    // (0008,001C) Synthetic Data came with PS3.3 2023: not in DCMTK 3.6.7's dictionary.
    const DcmTag SYNTHETIC_DATA(0x0008, 0x001c, EVR_CS);

    using Slices = std::vector<std::vector<std::uint16_t>>;

    void RequireConsistent(const PhantomDescription& description, const Slices& slices)
    {
      const std::size_t size = static_cast<std::size_t>(description.rows) * description.columns;
      if (slices.empty() || slices.size() != description.slices || size == 0 ||
          description.rows > Protocol::StudyLimits::MAX_EXTENT ||
          description.columns > Protocol::StudyLimits::MAX_EXTENT ||
          std::any_of(slices.begin(), slices.end(), [&](const auto& slice) { return slice.size() != size; }))
      {
        throw Error(ErrorCode::BadInput, "The phantom's slices contradict its description");
      }
    }

    // Everything that makes this phantom what it is, voxels included: a changed generator makes other objects.
    std::string GetFingerprint(const PhantomDescription& d, const Slices& slices)
    {
      std::string text = "phantom\nseed " + std::to_string(d.seed) + "\nstatus " +
                         (d.status ? std::string(ToString(*d.status)) : "none");
      for (const double value : {d.signalStrength, d.pixelSpacingMm[0], d.pixelSpacingMm[1], d.sliceSpacingMm,
                                 d.sliceThicknessMm, d.firstSlicePositionMm[0], d.firstSlicePositionMm[1],
                                 d.firstSlicePositionMm[2], d.echoTimeMs, d.repetitionTimeMs})
      {
        text.append("\n").append(ToDecimalString(value));
      }
      for (const std::uint32_t extent : {d.slices, d.rows, d.columns})
      {
        text.append("\n").append(std::to_string(extent));
      }
      text.append("\nvoxels\n");
      for (const std::vector<std::uint16_t>& slice : slices)
      {
        for (const std::uint16_t value : slice)
        {
          text.push_back(static_cast<char>(value & 0xff));
          text.push_back(static_cast<char>(value >> 8));
        }
      }
      return MakeNameBasedUid(text);
    }

    // 99.5 % of the voxels lie below: a window up to there shows a head whose brightest spots do not matter.
    std::uint16_t GetWindowTop(const Slices& slices)
    {
      std::vector<std::uint16_t> values;
      for (const std::vector<std::uint16_t>& slice : slices)
      {
        values.insert(values.end(), slice.begin(), slice.end());
      }
      const auto nth = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) * 995 / 1000);
      std::nth_element(values.begin(), nth, values.end());
      return std::max<std::uint16_t>(*nth, 2);
    }

    void SetPatientAndStudy(DcmDataset& dataset, const PhantomDescription& d, const Volume::SourceSeries& series)
    {
      ItemWriter(dataset)
        .Text(DCM_SpecificCharacterSet, "ISO_IR 192")
        .Text(DCM_PatientName, "PHANTOM^SYNTHETIC")
        .Text(DCM_PatientID, "H3K27M-PHANTOM-" + std::to_string(d.seed))
        .Text(DCM_PatientBirthDate, "")
        .Text(DCM_PatientSex, "O")
        .Text(DCM_QualityControlSubject, "YES")
        .Text(DCM_PatientComments, "Synthetic data: no patient")
        .Text(DCM_StudyInstanceUID, series.studyInstanceUid)
        .Text(DCM_StudyDate, STUDY_DATE)
        .Text(DCM_StudyTime, STUDY_TIME)
        .Text(DCM_StudyID, "PHANTOM")
        .Text(DCM_StudyDescription, "SYNTHETIC PHANTOM, no patient")
        .Text(DCM_ReferringPhysicianName, "")
        .Text(DCM_AccessionNumber, "");
    }

    // MR Image module (PS3.3 C.8.3.1): a two-dimensional turbo spin echo, as the physics of a T2 image wants it.
    void SetAcquisition(DcmDataset& dataset, const PhantomDescription& d)
    {
      ItemWriter(dataset)
        .Text(DCM_ScanningSequence, "SE")
        .Text(DCM_SequenceVariant, "SK")
        .Text(DCM_ScanOptions, "")
        .Text(DCM_MRAcquisitionType, "2D")
        .Text(DCM_RepetitionTime, ToDecimalString(d.repetitionTimeMs))
        .Text(DCM_EchoTime, ToDecimalString(d.echoTimeMs))
        .Text(DCM_EchoTrainLength, "16")
        .Text(DCM_FlipAngle, "90")
        .Text(DCM_SpacingBetweenSlices, ToDecimalString(d.sliceSpacingMm))
        .Text(DCM_ProtocolName, "SYNTHETIC AX T2")
        .Text(DCM_PatientPosition, "HFS")
        .Text(DCM_BodyPartExamined, "BRAIN");
    }

    void SetGeneral(DcmDataset& dataset, const PhantomDescription& d, const Volume::SourceSeries& series,
                    std::uint16_t windowTop)
    {
      ItemWriter(dataset)
        .Text(DCM_Modality, "MR")
        .Text(DCM_SeriesInstanceUID, series.seriesInstanceUid)
        .Text(DCM_SeriesNumber, "1")
        .Text(DCM_SeriesDescription, "SYNTHETIC PHANTOM AX T2")
        .Text(DCM_FrameOfReferenceUID, series.frameOfReferenceUid)
        .Text(DCM_PositionReferenceIndicator, "")
        .Text(DCM_Manufacturer, std::string(Routing::OWN_MANUFACTURER))
        .Text(DCM_ManufacturerModelName, PHANTOM_GENERATOR)
        .Text(DCM_SoftwareVersions, GENERATOR_VERSION)
        .Text(DCM_ImageType, "ORIGINAL\\PRIMARY\\OTHER")
        .Text(DCM_AcquisitionNumber, "1")
        .Text(DCM_QualityControlImage, "YES")
        .Text(SYNTHETIC_DATA, "YES")
        .Text(DCM_BurnedInAnnotation, "NO")
        .Text(DCM_LossyImageCompression, "00")
        .Text(DCM_ImageComments, "Synthetic phantom, seed " + std::to_string(d.seed) + ", planted signal of strength " +
                                   ToDecimalString(d.signalStrength) + ". Research use only.")
        .Text(DCM_WindowCenter, ToDecimalString(windowTop / 2.0))
        .Text(DCM_WindowWidth, std::to_string(windowTop))
        .Unsigned(DCM_SamplesPerPixel, 1)
        .Text(DCM_PhotometricInterpretation, "MONOCHROME2")
        .Unsigned(DCM_Rows, static_cast<std::uint16_t>(d.rows))
        .Unsigned(DCM_Columns, static_cast<std::uint16_t>(d.columns))
        .Unsigned(DCM_BitsAllocated, 16)
        .Unsigned(DCM_BitsStored, 16)
        .Unsigned(DCM_HighBit, 15)
        .Unsigned(DCM_PixelRepresentation, 0)
        .Text(DCM_SliceThickness, ToDecimalString(d.sliceThicknessMm))
        .Texts(DCM_PixelSpacing, series.pixelSpacingText)
        .Texts(DCM_ImageOrientationPatient, series.imageOrientationPatientText);
    }

    void SetSlice(DcmDataset& dataset, const Volume::SourceSlice& slice, const std::vector<std::uint16_t>& voxels,
                  const ContentDateTime& made)
    {
      SetInstance(dataset, slice.sopClassUid, slice.sopInstanceUid, made);
      ItemWriter(dataset)
        .Text(DCM_SeriesDate, made.date)
        .Text(DCM_SeriesTime, made.time)
        .Text(DCM_InstanceNumber, std::to_string(slice.instanceNumber))
        .Text(DCM_SliceLocation, slice.imagePositionPatientText[2])
        .Texts(DCM_ImagePositionPatient, slice.imagePositionPatientText)
        .Words(DcmTag(DCM_PixelData, EVR_OW), voxels);
    }

    // Axial, rows to the patient's left, columns to the back: slices along the normal run from feet to head.
    Volume::SourceSeries DescribeSource(const PhantomDescription& d, const std::string& fingerprint)
    {
      Volume::SourceSeries series;
      series.studyInstanceUid = MakeNameBasedUid(fingerprint + "\nstudy");
      series.seriesInstanceUid = MakeNameBasedUid(fingerprint + "\nseries");
      series.frameOfReferenceUid = MakeNameBasedUid(fingerprint + "\nframe of reference");
      series.modality = "MR";
      series.rows = d.rows;
      series.columns = d.columns;
      series.pixelSpacingMm = d.pixelSpacingMm;
      series.pixelSpacingText = {ToDecimalString(d.pixelSpacingMm[0]), ToDecimalString(d.pixelSpacingMm[1])};
      series.imageOrientationPatient = {1, 0, 0, 0, 1, 0};
      series.imageOrientationPatientText = {"1", "0", "0", "0", "1", "0"};
      series.sliceSpacingMm = d.sliceSpacingMm;
      series.sliceThicknessMm = d.sliceThicknessMm;
      for (std::uint32_t i = 0; i < d.slices; i++)
      {
        Volume::SourceSlice slice;
        slice.sopClassUid = UID_MRImageStorage;
        slice.sopInstanceUid = MakeNameBasedUid(fingerprint + "\ninstance " + std::to_string(i));
        slice.instanceNumber = static_cast<int>(i) + 1;
        slice.imagePositionPatient = d.firstSlicePositionMm;
        slice.imagePositionPatient[2] += i * d.sliceSpacingMm;
        slice.positionAlongNormalMm = slice.imagePositionPatient[2];
        std::transform(slice.imagePositionPatient.begin(), slice.imagePositionPatient.end(),
                       slice.imagePositionPatientText.begin(), ToDecimalString);
        series.slices.push_back(slice);
      }
      return series;
    }

    ModelInfo DescribeGenerator()
    {
      ModelInfo info;
      info.name = PHANTOM_GENERATOR;
      info.version = GENERATOR_VERSION;
      info.softwareVersion = GENERATOR_VERSION;
      info.hash = "phantom-generator";
      return info;
    }

    std::optional<GenotypeLabel> DescribeLabel(const PhantomDescription& d)
    {
      if (!d.status)
      {
        return std::nullopt;
      }
      GenotypeLabel label;
      label.status = *d.status;
      label.assay = Assay::Other;
      label.site = "synthetic phantom";
      label.preOperative = true;
      label.source = std::string(PHANTOM_GENERATOR) + ", seed " + std::to_string(d.seed) + ", signal strength " +
                     ToDecimalString(d.signalStrength);
      label.annotator = std::string(Routing::OWN_MANUFACTURER);
      label.recordedAtMs = RECORDED_AT_MS;
      label.synthetic = true;
      return label;
    }

    SegOptions DescribeReference(const PhantomDescription& d)
    {
      SegOptions options;
      options.purpose = SegPurpose::Reference;
      options.algorithmType = SegmentAlgorithmType::Manual;
      options.segmentDescription = "Tumour as planted in a synthetic phantom";
      if (d.tumourSite == "midbrain")
      {
        options.anatomicRegion = Codes::MIDBRAIN;
      }
      else if (d.tumourSite == "thalamus")
      {
        options.anatomicRegion = Codes::THALAMUS;
      }
      else if (d.tumourSite == "pons" || d.tumourSite == "medulla")
      {
        options.anatomicRegion = Codes::BRAIN_STEM;
      }
      return options;
    }
  }

  PhantomSeries WritePhantomSeries(const PhantomDescription& description, const Slices& slices,
                                   const ContentDateTime& made)
  {
    RequireConsistent(description, slices);
    Volume::SourceSeries source = DescribeSource(description, GetFingerprint(description, slices));

    DcmDataset common;
    SetPatientAndStudy(common, description, source);
    SetAcquisition(common, description);
    SetGeneral(common, description, source, GetWindowTop(slices));

    std::vector<DicomInstance> instances;
    for (std::size_t i = 0; i < slices.size(); i++)
    {
      auto dataset = std::make_unique<DcmDataset>(common);
      SetSlice(*dataset, source.slices[i], slices[i], made);
      instances.push_back(MakeInstance(std::move(dataset)));
    }
    source.header = std::make_shared<const DcmDataset>(common);

    const ModelInfo generator = DescribeGenerator();
    ResultIdentity identity(source, generator.hash, "phantom-reference");
    return {std::move(instances), std::move(source),          generator,
            std::move(identity),  DescribeLabel(description), DescribeReference(description)};
  }
}
