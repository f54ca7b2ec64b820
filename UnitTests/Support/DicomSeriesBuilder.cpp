// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace H3K27M::Support
{
  namespace
  {
    void Check(const OFCondition& condition, const char* call)
    {
      if (condition.bad())
      {
        throw std::runtime_error(std::string(call) + ": " + condition.text());
      }
    }

    void Put(DcmItem& item, const DcmTag& tag, const std::string& value)
    {
      Check(item.putAndInsertString(tag, value.c_str()), tag.toString().c_str());
    }

    void Put(DcmItem& item, const DcmTag& tag, std::uint16_t value)
    {
      Check(item.putAndInsertUint16(tag, value), tag.toString().c_str());
    }

    template <std::size_t COUNT>
    std::string Join(const std::array<std::string, COUNT>& values)
    {
      std::string joined;
      for (const std::string& value : values)
      {
        joined += (joined.empty() ? "" : "\\") + value;
      }
      return joined;
    }

    DcmItem& AddItem(DcmItem& parent, const DcmTag& sequence)
    {
      DcmItem* item = nullptr;
      Check(parent.findOrCreateSequenceItem(sequence, item, -2), "findOrCreateSequenceItem");
      return *item;
    }

    E_TransferSyntax GetSyntax(BuilderSyntax syntax)
    {
      switch (syntax)
      {
        case BuilderSyntax::ImplicitLittle:
          return EXS_LittleEndianImplicit;
        case BuilderSyntax::ExplicitBig:
          return EXS_BigEndianExplicit;
        default:
          return EXS_LittleEndianExplicit;
      }
    }
  }

  DicomSeriesBuilder::DicomSeriesBuilder(DicomSeriesOptions options) :
    options_(std::move(options))
  {
  }

  std::uint16_t DicomSeriesBuilder::StoredValue(std::size_t slice, std::size_t row, std::size_t column)
  {
    return static_cast<std::uint16_t>((slice * 701 + row * 37 + column * 3) % 4096);
  }

  std::vector<std::uint16_t> DicomSeriesBuilder::MakePixels(std::size_t slice) const
  {
    std::vector<std::uint16_t> pixels;
    pixels.reserve(static_cast<std::size_t>(options_.rows) * options_.columns);
    for (std::size_t row = 0; row < options_.rows; ++row)
    {
      for (std::size_t column = 0; column < options_.columns; ++column)
      {
        pixels.push_back(StoredValue(slice, row, column));
      }
    }
    return pixels;
  }

  std::string DicomSeriesBuilder::GetPosition(std::size_t slice) const
  {
    std::array<double, 6> d;
    for (std::size_t i = 0; i < 6; ++i)
    {
      d[i] = std::atof(options_.orientation[i].c_str());
    }
    const std::array<double, 3> normal = {d[1] * d[5] - d[2] * d[4], d[2] * d[3] - d[0] * d[5],
                                          d[0] * d[4] - d[1] * d[3]};
    std::ostringstream text;
    for (std::size_t i = 0; i < 3; ++i)
    {
      const double shift = normal[i] * options_.sliceSpacingMm * static_cast<double>(slice);
      text << (i == 0 ? "" : "\\") << options_.firstPosition[i] + shift;
    }
    return text.str();
  }

  void DicomSeriesBuilder::FillCommon(DcmDataset& dataset) const
  {
    Put(dataset, DCM_SpecificCharacterSet, options_.specificCharacterSet);
    Put(dataset, DCM_StudyDate, "20260102");
    Put(dataset, DCM_StudyTime, "101112");
    Put(dataset, DCM_AccessionNumber, "");
    Put(dataset, DCM_Modality, "MR");
    Put(dataset, DCM_Manufacturer, "DicomSeriesBuilder");
    Put(dataset, DCM_ReferringPhysicianName, "");
    Put(dataset, DCM_SeriesDescription, options_.seriesDescription);
    Put(dataset, DCM_PatientName, options_.patientName);
    Put(dataset, DCM_PatientID, "BUILDER-1");
    Put(dataset, DCM_PatientBirthDate, "");
    Put(dataset, DCM_PatientSex, "O");
    Put(dataset, DCM_BodyPartExamined, options_.bodyPartExamined);
    Put(dataset, DCM_MRAcquisitionType, "2D");
    Put(dataset, DCM_PatientPosition, "HFS");
    Put(dataset, DCM_StudyInstanceUID, options_.studyInstanceUid);
    Put(dataset, DCM_SeriesInstanceUID, options_.seriesInstanceUid);
    Put(dataset, DCM_StudyID, "1");
    Put(dataset, DCM_SeriesNumber, "4");
    Put(dataset, DCM_FrameOfReferenceUID, options_.frameOfReferenceUid);
    Put(dataset, DCM_PositionReferenceIndicator, "");
    Put(dataset, DCM_SamplesPerPixel, 1);
    Put(dataset, DCM_PhotometricInterpretation, "MONOCHROME2");
    Put(dataset, DCM_Rows, options_.rows);
    Put(dataset, DCM_Columns, options_.columns);
    Put(dataset, DCM_BitsAllocated, 16);
    Put(dataset, DCM_BitsStored, 12);
    Put(dataset, DCM_HighBit, 11);
    Put(dataset, DCM_PixelRepresentation, 0);
  }

  std::unique_ptr<DcmDataset> DicomSeriesBuilder::MakeSlice(std::size_t slice) const
  {
    auto dataset = std::make_unique<DcmDataset>();
    FillCommon(*dataset);
    Put(*dataset, DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\NORM");
    Put(*dataset, DCM_SOPClassUID, UID_MRImageStorage);
    Put(*dataset, DCM_SOPInstanceUID, options_.seriesInstanceUid + "." + std::to_string(slice + 1));
    Put(*dataset, DCM_ScanningSequence, "SE");
    Put(*dataset, DCM_SequenceVariant, "SK");
    Put(*dataset, DCM_ScanOptions, "");
    Put(*dataset, DCM_SliceThickness, options_.sliceThickness);
    Put(*dataset, DCM_RepetitionTime, options_.repetitionTime);
    Put(*dataset, DCM_EchoTime, options_.echoTime);
    Put(*dataset, DCM_EchoTrainLength, "15");
    if (!options_.spacingBetweenSlices.empty())
    {
      Put(*dataset, DCM_SpacingBetweenSlices, options_.spacingBetweenSlices);
    }
    Put(*dataset, DCM_InstanceNumber, std::to_string(slice + 1));
    Put(*dataset, DCM_ImagePositionPatient, GetPosition(slice));
    Put(*dataset, DCM_ImageOrientationPatient, Join(options_.orientation));
    Put(*dataset, DCM_PixelSpacing, Join(options_.pixelSpacing));
    const std::vector<std::uint16_t> pixels = MakePixels(slice);
    Check(dataset->putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size()), "PixelData");
    if (options_.edit)
    {
      options_.edit(*dataset, slice);
    }
    return dataset;
  }

  std::vector<std::string> DicomSeriesBuilder::MakeFiles() const
  {
    std::vector<std::string> files;
    for (std::size_t slice = 0; slice < options_.slices; ++slice)
    {
      files.push_back(WriteFile(*MakeSlice(slice), options_.syntax));
    }
    return files;
  }

  std::string DicomSeriesBuilder::MakeEnhancedFile() const
  {
    DcmDataset dataset;
    FillCommon(dataset);
    Put(dataset, DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\NONE");
    Put(dataset, DCM_SOPClassUID, UID_EnhancedMRImageStorage);
    Put(dataset, DCM_SOPInstanceUID, options_.seriesInstanceUid + ".1");
    Put(dataset, DCM_InstanceNumber, "1");
    Put(dataset, DCM_NumberOfFrames, std::to_string(options_.slices));
    Put(dataset, DCM_EchoPulseSequence, "SPIN");
    Put(dataset, DCM_EchoPlanarPulseSequence, "NO");
    Put(dataset, DCM_SteadyStatePulseSequence, "NONE");
    DcmItem& shared = AddItem(dataset, DCM_SharedFunctionalGroupsSequence);
    Put(AddItem(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient, Join(options_.orientation));
    DcmItem& measures = AddItem(shared, DCM_PixelMeasuresSequence);
    Put(measures, DCM_PixelSpacing, Join(options_.pixelSpacing));
    Put(measures, DCM_SliceThickness, options_.sliceThickness);
    if (!options_.spacingBetweenSlices.empty())
    {
      Put(measures, DCM_SpacingBetweenSlices, options_.spacingBetweenSlices);
    }
    Put(AddItem(shared, DCM_MRTimingAndRelatedParametersSequence), DCM_RepetitionTime, options_.repetitionTime);
    Put(AddItem(shared, DCM_MRModifierSequence), DCM_InversionRecovery, "NO");

    std::vector<std::uint16_t> pixels;
    for (std::size_t slice = 0; slice < options_.slices; ++slice)
    {
      DcmItem& frame = AddItem(dataset, DCM_PerFrameFunctionalGroupsSequence);
      Put(AddItem(frame, DCM_PlanePositionSequence), DCM_ImagePositionPatient, GetPosition(slice));
      Check(AddItem(frame, DCM_MREchoSequence)
              .putAndInsertFloat64(DCM_EffectiveEchoTime, std::atof(options_.echoTime.c_str())),
            "EffectiveEchoTime");
      DcmItem& transformation = AddItem(frame, DCM_PixelValueTransformationSequence);
      Put(transformation, DCM_RescaleIntercept, "0");
      Put(transformation, DCM_RescaleSlope, "1");
      Put(transformation, DCM_RescaleType, "US");
      const std::vector<std::uint16_t> plane = MakePixels(slice);
      pixels.insert(pixels.end(), plane.begin(), plane.end());
    }
    Check(dataset.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size()), "PixelData");
    if (options_.edit)
    {
      options_.edit(dataset, 0);
    }
    return WriteFile(dataset, options_.syntax);
  }

  std::string DicomSeriesBuilder::WriteFile(DcmDataset& dataset, BuilderSyntax syntax)
  {
    DcmFileFormat format(&dataset);
    const E_TransferSyntax transferSyntax = GetSyntax(syntax);
    std::vector<char> buffer(format.calcElementLength(transferSyntax, EET_ExplicitLength) + 4096);
    DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
    format.transferInit();
    Check(format.write(stream, transferSyntax, EET_ExplicitLength, nullptr), "DcmFileFormat::write");
    format.transferEnd();
    void* written = nullptr;
    offile_off_t length = 0;
    stream.flushBuffer(written, length);
    return std::string(static_cast<const char*>(written), static_cast<std::size_t>(length));
  }
}
