// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/SaliencyWriter.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/StudyLimits.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Results/SaliencyPicture.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Results/SrWording.h"
#include "Plugin/Volume/SourceSeries.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace H3K27M::Results
{
  namespace
  {
    constexpr std::uint64_t CHANNELS = 3;

    std::string GetName(GenotypeStatus status)
    {
      return status == GenotypeStatus::Altered ? "ALTERED" : "WILD TYPE";
    }

    // Of a direction in the patient: the side that it leads to most.
    std::string NameSide(double toLeft, double toPosterior, double toHead)
    {
      if (std::abs(toLeft) >= std::max(std::abs(toPosterior), std::abs(toHead)))
      {
        return toLeft > 0 ? "L" : "R";
      }
      if (std::abs(toPosterior) >= std::abs(toHead))
      {
        return toPosterior > 0 ? "P" : "A";
      }
      return toHead > 0 ? "H" : "F";
    }

    // The longest comes last, where words that find no room are cut off.
    std::vector<std::string> GetWords(const ResultContext& context, const SourceAttributes& attributes,
                                      GenotypeStatus status)
    {
      std::vector<std::string> words = {"GRAD-CAM FOR: " + GetName(status),
                                        "WHERE THE NETWORK LOOKED, NOT WHERE THE TUMOUR IS", "RESEARCH USE ONLY",
                                        SaliencyWriter::NameSides(context.source)};
      if (const std::string number = attributes.Get(DCM_SeriesNumber); !number.empty())
      {
        words.push_back("SERIES " + number);
      }
      words.push_back("MODEL " + context.model.name + " " + context.model.version);
      return words;
    }

    // As the report names the slice.
    std::string MakeTitle(const Wording::SliceNames& names, std::size_t slice)
    {
      const std::string number = std::to_string(names.numbers[slice]);
      return names.areShown ? "IMAGE " + number : "SLICE " + number + " OF " + std::to_string(names.numbers.size());
    }

    void RequireFitting(std::span<const SaliencySlice> slices, const Volume::SourceSeries& source)
    {
      const std::size_t size = std::size_t{source.rows} * source.columns;
      const bool isOnGrid = std::all_of(slices.begin(), slices.end(), [&](const SaliencySlice& one)
      { return one.slice < source.slices.size() && one.grey.size() == size && one.map.size() == size; });
      if (slices.empty() || !isOnGrid || !SaliencyWriter::Fits(source, slices.size()))
      {
        throw Error(ErrorCode::BadInput, "Saliency maps need slices on the grid of their series, at least one and no "
                                         "more than one object holds");
      }
    }

    // General Image and SC Multi-frame Image (PS3.3 C.7.6.1, C.8.6.3).
    void SetDerivation(DcmDataset& dataset, const ResultContext& context, GenotypeStatus status,
                       const SourceAttributes& source, std::span<const SaliencySlice> slices)
    {
      ItemWriter writer(dataset);
      writer.Text(DCM_ImageType, "DERIVED\\SECONDARY")
        .Text(DCM_PatientOrientation, "")  // type 2C: a picture with words has none
        .Text(DCM_BurnedInAnnotation, "YES")
        .Text(DCM_DerivationDescription,
              source.Encode("Grad-CAM: what spoke for H3 K27M " + std::string(ToString(status)) +
                            " in the network, divided by the maximum over the study's maps; colours over the source "
                            "image. Shows where the network looked, not where the tumour is. Model " +
                            context.model.name + " " + context.model.version + ". Not reviewed, research use only."));
      writer.AddCode(DCM_DerivationCodeSequence, Codes::GRAD_CAM);
      for (const SaliencySlice& one : slices)
      {
        const Volume::SourceSlice& slice = context.source.slices[one.slice];
        ItemWriter image = writer.AddItem(DCM_SourceImageSequence);
        image.Text(DCM_ReferencedSOPClassUID, slice.sopClassUid)
          .Text(DCM_ReferencedSOPInstanceUID, slice.sopInstanceUid);
        if (slice.isMultiFrame)
        {
          image.Text(DCM_ReferencedFrameNumber, std::to_string(slice.frameNumber));
        }
        image.AddCode(DCM_PurposeOfReferenceCodeSequence, Codes::SOURCE_IMAGE);
      }
      SetLossyCompression(dataset, context.source);
    }

    void SetPixels(DcmDataset& dataset, const ResultContext& context, GenotypeStatus status,
                   const SourceAttributes& attributes, std::span<const SaliencySlice> slices)
    {
      const Volume::SourceSeries& source = context.source;
      const Wording::SliceNames names = Wording::NameSlices(source);
      const SaliencyPicture picture(source.rows, source.columns, GetWords(context, attributes, status));
      std::vector<std::uint8_t> pixels;
      std::vector<std::string> locations;
      for (const SaliencySlice& one : slices)
      {
        const ColourPicture frame = picture.Draw(one, MakeTitle(names, one.slice));
        pixels.insert(pixels.end(), frame.pixels.begin(), frame.pixels.end());
        locations.push_back(ToRoundedDecimalString(source.slices[one.slice].positionAlongNormalMm));
      }

      ItemWriter writer(dataset);
      writer.Unsigned(DCM_SamplesPerPixel, 3)
        .Text(DCM_PhotometricInterpretation, "RGB")
        .Unsigned(DCM_PlanarConfiguration, 0)
        .Text(DCM_NumberOfFrames, std::to_string(slices.size()))
        .Unsigned(DCM_Rows, static_cast<std::uint16_t>(picture.GetRows()))
        .Unsigned(DCM_Columns, static_cast<std::uint16_t>(picture.GetColumns()))
        .Decimals(DCM_PixelSpacing, source.pixelSpacingText, source.pixelSpacingMm)  // pixels need not be square
        .Unsigned(DCM_BitsAllocated, 8)
        .Unsigned(DCM_BitsStored, 8)
        .Unsigned(DCM_HighBit, 7)
        .Unsigned(DCM_PixelRepresentation, 0)
        .Bytes(DcmTag(DCM_PixelData, EVR_OB), pixels);
      if (slices.size() > 1)  // type 1C
      {
        writer.TagPointer(DCM_FrameIncrementPointer, DCM_SliceLocationVector).Texts(DCM_SliceLocationVector, locations);
      }
    }
  }

  std::string SaliencyWriter::NameSides(const Volume::SourceSeries& source)
  {
    const std::array<double, 6>& cosines = source.imageOrientationPatient;
    return "LEFT IS " + NameSide(-cosines[0], -cosines[1], -cosines[2]) + ", TOP IS " +
           NameSide(-cosines[3], -cosines[4], -cosines[5]) + " OF THE PATIENT";
  }

  bool SaliencyWriter::Fits(const Volume::SourceSeries& source, std::size_t slices)
  {
    const std::uint64_t columns = std::max<std::uint64_t>(source.columns, SaliencyPicture::MIN_COLUMNS);
    const std::uint64_t rows = source.rows + SaliencyPicture::GetMostPanelRows(source.columns);
    return rows <= Protocol::StudyLimits::MAX_EXTENT && slices <= MAX_BYTES / (rows * columns * CHANNELS);
  }

  DicomInstance SaliencyWriter::Write(const ResultContext& context, GenotypeStatus status,
                                      std::span<const SaliencySlice> slices) const
  {
    const SourceAttributes source(RequireHeader(context.source));
    RequireFitting(slices, context.source);
    auto dataset = std::make_unique<DcmDataset>();
    source.CopyPatientAndStudy(*dataset);
    ItemWriter(*dataset)
      .Text(DCM_StudyInstanceUID, context.source.studyInstanceUid)
      .Text(DCM_ConversionType, "WSD")
      .Text(DCM_BodyPartExamined, "BRAIN");
    SetSeries(*dataset,
              {"OT", context.identity.GetUid(ResultRole::SaliencySeries), OwnSeriesNumber::Saliency,
               "H3K27M saliency (research use only)"},
              context.made);
    SetEquipment(*dataset, GetEquipment(context.model));
    SetContributingEquipment(*dataset, source, GetEquipment(context.model), context.made);
    SetInstance(*dataset, UID_MultiframeTrueColorSecondaryCaptureImageStorage,
                context.identity.GetUid(ResultRole::Saliency), context.made);
    SetDerivation(*dataset, context, status, source, slices);
    SetPixels(*dataset, context, status, source, slices);
    return MakeInstance(std::move(dataset));
  }
}
