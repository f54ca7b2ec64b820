// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Results/SampleSource.h"

#include "Plugin/Results/ItemWriter.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

namespace H3K27M::Tests
{
  namespace
  {
    std::shared_ptr<const DcmDataset> MakeHeader(const SampleSourceOptions& options, const Volume::SourceSeries& series)
    {
      auto header = std::make_shared<DcmDataset>();
      Results::ItemWriter(*header)
        .Text(DCM_SpecificCharacterSet, options.characterSet)
        .Text(DCM_PatientName, options.patientName)
        .Text(DCM_PatientID, "SAMPLE-1")
        .Text(DCM_PatientBirthDate, "20110203")
        .Text(DCM_PatientSex, "F")
        .Text(DCM_PatientAge, "008Y")
        .Text(DCM_StudyInstanceUID, series.studyInstanceUid)
        .Text(DCM_StudyDate, "20240506")
        .Text(DCM_StudyTime, "070809.25")
        .Text(DCM_StudyID, "S1")
        .Text(DCM_StudyDescription, "MR BRAIN")
        .Text(DCM_AccessionNumber, "A-77")
        .Text(DCM_ReferringPhysicianName, "DOCTOR^REFERRING")
        .Text(DCM_SeriesInstanceUID, series.seriesInstanceUid)
        .Text(DCM_SeriesDescription, "AX T2 TSE")
        .Text(DCM_Manufacturer, "SCANNER MAKER")
        .Text(DCM_ManufacturerModelName, "Scanner One")
        .Text(DCM_DeviceSerialNumber, "4711")
        .Text(DCM_SoftwareVersions, "VX1")
        .Text(DCM_PositionReferenceIndicator, "");
      return header;
    }
  }

  Volume::SourceSeries MakeSampleSource(const SampleSourceOptions& options)
  {
    Volume::SourceSeries series;
    series.studyInstanceUid = "1.2.826.0.1.3680043.10.1.1";
    series.seriesInstanceUid = "1.2.826.0.1.3680043.10.1.2";
    series.frameOfReferenceUid = "1.2.826.0.1.3680043.10.1.3";
    series.modality = "MR";
    series.rows = options.rows;
    series.columns = options.columns;
    series.pixelSpacingText = {"0.90", "0.85"};
    series.pixelSpacingMm = {0.90, 0.85};
    // Tilted by 10 degrees, as a scanner writes it: positions must come back to the letter.
    series.imageOrientationPatientText = {"1", "0", "0", "0", "0.98480775301221", "-0.1736481776669"};
    series.imageOrientationPatient = {1, 0, 0, 0, 0.98480775301221, -0.1736481776669};
    series.sliceSpacingMm = 5.5;
    series.sliceThicknessMm = 5;
    for (std::size_t i = 0; i < options.slices; i++)
    {
      const double along = 5.5 * static_cast<double>(i);
      Volume::SourceSlice slice;
      slice.sopClassUid = options.isEnhanced ? UID_EnhancedMRImageStorage : UID_MRImageStorage;
      slice.sopInstanceUid = "1.2.826.0.1.3680043.10.1.4." + (options.isEnhanced ? "1" : std::to_string(i + 1));
      slice.isMultiFrame = options.isEnhanced;
      slice.frameNumber = options.isEnhanced ? static_cast<unsigned>(options.slices - i) : 1;  // stored from the top
      slice.instanceNumber = options.isEnhanced ? 1 : static_cast<int>(options.slices - i);
      slice.imagePositionPatient = {-100.5, -90 + 0.1736481776669 * along, -40.25 + 0.98480775301221 * along};
      for (std::size_t axis = 0; axis < 3; axis++)
      {
        slice.imagePositionPatientText[axis] = Results::ToDecimalString(slice.imagePositionPatient[axis]);
      }
      slice.imagePositionPatientText[0] = "-100.50";  // a trailing zero is kept
      slice.positionAlongNormalMm = along;
      series.slices.push_back(slice);
    }
    series.header = MakeHeader(options, series);
    return series;
  }

  Results::MaskVolume MakeSampleMask(const Volume::SourceSeries& source, std::size_t first, std::size_t last,
                                     std::uint8_t value)
  {
    Results::MaskVolume mask(source);
    for (std::size_t slice = first; slice <= last; slice++)
    {
      const double centreRow = source.rows * 0.4 + static_cast<double>(slice);
      const double centreColumn = source.columns * 0.55 - static_cast<double>(slice) * 0.5;
      std::vector<std::uint8_t> voxels(static_cast<std::size_t>(source.rows) * source.columns, 0);
      for (std::uint32_t row = 0; row < source.rows; row++)
      {
        for (std::uint32_t column = 0; column < source.columns; column++)
        {
          const double y = (row - centreRow) / (source.rows * 0.2);
          const double x = (column - centreColumn) / (source.columns * 0.15);
          voxels[static_cast<std::size_t>(row) * source.columns + column] = x * x + y * y <= 1 ? value : 0;
        }
      }
      voxels[slice] = value;  // one voxel apart, at another place on each slice
      mask.SetSlice(slice, voxels);
    }
    return mask;
  }

  Results::Prediction MakeSamplePrediction(const Results::MaskVolume& mask, const Volume::SourceSeries& source)
  {
    Results::Prediction prediction;
    prediction.tumour.slices = mask.GetTumourSlices();
    prediction.tumour.found = !mask.IsEmpty();
    prediction.tumour.voxels = mask.CountVoxels();
    prediction.tumour.volumeMm3 = Results::ComputeVolumeMm3(mask, source);
    prediction.slicesComputed = static_cast<unsigned>(source.slices.size());
    if (!prediction.tumour.found)
    {
      prediction.genotype.reason = "no slice holds a predicted tumour area of 40 mm2 or more";
      return prediction;
    }
    prediction.genotype.status = Results::GenotypeStatus::Altered;
    prediction.genotype.probabilityAltered = 0.8731;
    prediction.genotype.agreesWithMask = true;
    prediction.genotype.logic = "Sum of the slices' softmax scores; altered only if strictly greater";
    for (const std::size_t slice : prediction.tumour.slices)
    {
      const double area =
        static_cast<double>(mask.CountVoxels(slice)) * source.pixelSpacingMm[0] * source.pixelSpacingMm[1];
      prediction.genotype.slices.push_back(
        {slice, 0.8 + 0.15 * static_cast<double>(slice) / mask.GetSliceCount(), area});
    }
    return prediction;
  }

  Results::ModelInfo MakeSampleModel()
  {
    Results::ModelInfo model;
    model.name = "phantom-demonstration";
    model.version = "1.0";
    model.hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    model.variant = "fusion";
    model.trainedOn = "synthetic phantoms only: a demonstration, its answers for patients mean nothing";
    model.softwareVersion = "0.1.0";
    model.deviceKind = "cpu";
    model.precision = "fp32";
    model.minimumTumourAreaMm2 = 40;
    return model;
  }

  Results::ContentDateTime MakeSampleTime()
  {
    return {"20261124", "101112", "+0100"};
  }
}
