// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/SegWriter.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Volume/SourceSeries.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <limits>
#include <set>

namespace H3K27M::Results
{
  namespace
  {
    // Pure red in CIELab, scaled to unsigned words (PS3.3 C.10.7.1.1): seen on grey T2 and told from most overlays.
    const std::vector<std::uint16_t> DISPLAY_CIELAB = {34885, 53485, 50171};

    const char* const MODEL_SEGMENT_LABEL = "T2-bright tumour and oedema (AI)";
    const char* const MODEL_SEGMENT_DESCRIPTION =
      "Region that the model outlines: T2-bright tumour together with its oedema. AI-generated, not reviewed, research "
      "use only.";
    const char* const REFERENCE_SEGMENT_LABEL = "Tumour, reference outline";
    const char* const REFERENCE_SEGMENT_DESCRIPTION = "Reference outline for training and evaluation.";

    bool IsReference(const SegOptions& options)
    {
      return options.purpose == SegPurpose::Reference;
    }

    const char* ToDicom(SegmentAlgorithmType type)
    {
      switch (type)
      {
        case SegmentAlgorithmType::Manual:
          return "MANUAL";
        case SegmentAlgorithmType::SemiAutomatic:
          return "SEMIAUTOMATIC";
        default:
          return "AUTOMATIC";
      }
    }

    void SetSegmentationImage(DcmDataset& dataset, const SourceAttributes& source, const SegOptions& options)
    {
      // General Image and Segmentation Image (PS3.3 C.8.20.2)
      ItemWriter writer(dataset);
      writer.Text(DCM_ImageType, "DERIVED\\PRIMARY")
        .Text(DCM_ContentLabel, IsReference(options) ? "REFERENCE" : "H3K27M")
        .Text(DCM_ContentDescription,
              IsReference(options) ? "Reference outline of the tumour" : "AI outline of the tumour, research use only")
        .Text(DCM_ContentCreatorName, source.EncodeName(options.contentCreatorName))
        .Text(DCM_ContentQualification, "RESEARCH")
        .Text(DCM_SegmentsOverlap, "NO")
        .Text(DCM_BurnedInAnnotation, "NO");
    }

    void SetAlgorithm(ItemWriter& segment, const ModelInfo& model)
    {
      segment.Text(DCM_SegmentAlgorithmName, model.name);
      ItemWriter algorithm = segment.AddItem(DCM_SegmentationAlgorithmIdentificationSequence);
      algorithm.AddCode(DCM_AlgorithmFamilyCodeSequence, Codes::ARTIFICIAL_INTELLIGENCE);
      algorithm.Text(DCM_AlgorithmName, model.name)
        .Text(DCM_AlgorithmVersion, model.version)
        .Text(DCM_AlgorithmParameters, DescribeParameters(model));
    }

    void SetSegment(DcmDataset& dataset, const ResultContext& context, const SourceAttributes& source,
                    const SegOptions& options)
    {
      const bool isReference = IsReference(options);
      std::string description = options.segmentDescription;
      if (description.empty())
      {
        description = isReference ? REFERENCE_SEGMENT_DESCRIPTION : MODEL_SEGMENT_DESCRIPTION;
      }

      ItemWriter segment = ItemWriter(dataset).AddItem(DCM_SegmentSequence);
      segment.Unsigned(DCM_SegmentNumber, 1)
        .Text(DCM_SegmentLabel, isReference ? REFERENCE_SEGMENT_LABEL : MODEL_SEGMENT_LABEL)
        .Text(DCM_SegmentDescription, source.Encode(description))
        .Text(DCM_SegmentAlgorithmType, ToDicom(options.algorithmType))
        .Words(DCM_RecommendedDisplayCIELabValue, DISPLAY_CIELAB)
        .Text(DCM_TrackingID, GetTrackingIdentifier(isReference))
        .Text(DCM_TrackingUID,
              context.identity.GetUid(isReference ? ResultRole::ReferenceTracking : ResultRole::TumourTracking));
      segment.AddCode(DCM_SegmentedPropertyCategoryCodeSequence, Codes::MORPHOLOGICALLY_ABNORMAL);
      segment.AddCode(DCM_SegmentedPropertyTypeCodeSequence, Codes::NEOPLASM);
      segment.AddCode(DCM_AnatomicRegionSequence, options.anatomicRegion);
      if (options.algorithmType == SegmentAlgorithmType::Manual)
      {
        return;  // (0062,0009) is for algorithms
      }
      if (isReference)
      {
        segment.Text(DCM_SegmentAlgorithmName, source.EncodeName(options.algorithmName));
      }
      else
      {
        SetAlgorithm(segment, context.model);
      }
    }

    void SetDimensions(DcmDataset& dataset, const ResultIdentity& identity)
    {
      const std::string organization = identity.GetUid(ResultRole::DimensionOrganization);
      ItemWriter writer(dataset);
      writer.AddItem(DCM_DimensionOrganizationSequence).Text(DCM_DimensionOrganizationUID, organization);

      const auto addIndex = [&](const DcmTagKey& pointer, const DcmTagKey& group, const char* label)
      {
        ItemWriter index = writer.AddItem(DCM_DimensionIndexSequence);
        index.Text(DCM_DimensionOrganizationUID, organization).Text(DCM_DimensionDescriptionLabel, label);
        index.TagPointer(DCM_DimensionIndexPointer, pointer).TagPointer(DCM_FunctionalGroupPointer, group);
      };
      addIndex(DCM_ReferencedSegmentNumber, DCM_SegmentIdentificationSequence, "Segment Number");
      addIndex(DCM_ImagePositionPatient, DCM_PlanePositionSequence, "Image Position (Patient)");
    }

    // References to the source in the same study: all its instances, since all of them went into the model.
    void SetReferencedSeries(DcmDataset& dataset, const Volume::SourceSeries& source)
    {
      ItemWriter series = ItemWriter(dataset).AddItem(DCM_ReferencedSeriesSequence);
      series.Text(DCM_SeriesInstanceUID, source.seriesInstanceUid);
      std::set<std::string> known;
      for (const Volume::SourceSlice& slice : source.slices)
      {
        if (known.insert(slice.sopInstanceUid).second)
        {
          series.AddItem(DCM_ReferencedInstanceSequence)
            .Text(DCM_ReferencedSOPClassUID, slice.sopClassUid)
            .Text(DCM_ReferencedSOPInstanceUID, slice.sopInstanceUid);
        }
      }
    }

    void SetSharedGroups(DcmDataset& dataset, const Volume::SourceSeries& source)
    {
      ItemWriter shared = ItemWriter(dataset).AddItem(DCM_SharedFunctionalGroupsSequence);
      shared.AddItem(DCM_PlaneOrientationSequence)
        .Decimals(DCM_ImageOrientationPatient, source.imageOrientationPatientText, source.imageOrientationPatient);

      const double spacingMm = source.sliceSpacingMm > 0 ? source.sliceSpacingMm : source.sliceThicknessMm;
      const double thicknessMm = source.sliceThicknessMm > 0 ? source.sliceThicknessMm : spacingMm;
      shared.AddItem(DCM_PixelMeasuresSequence)
        .Decimals(DCM_PixelSpacing, source.pixelSpacingText, source.pixelSpacingMm)
        .Text(DCM_SliceThickness, ToDecimalString(thicknessMm))
        .Text(DCM_SpacingBetweenSlices, ToDecimalString(spacingMm));
    }

    void AddFrame(ItemWriter& writer, const Volume::SourceSlice& slice, std::uint32_t position)
    {
      ItemWriter frame = writer.AddItem(DCM_PerFrameFunctionalGroupsSequence);
      frame.AddItem(DCM_FrameContentSequence).UnsignedLongs(DCM_DimensionIndexValues, {1, position});
      frame.AddItem(DCM_PlanePositionSequence)
        .Decimals(DCM_ImagePositionPatient, slice.imagePositionPatientText, slice.imagePositionPatient);
      frame.AddItem(DCM_SegmentIdentificationSequence).Unsigned(DCM_ReferencedSegmentNumber, 1);

      ItemWriter derivation = frame.AddItem(DCM_DerivationImageSequence);
      derivation.AddCode(DCM_DerivationCodeSequence, Codes::SEGMENTATION);
      ItemWriter image = derivation.AddItem(DCM_SourceImageSequence);
      image.Text(DCM_ReferencedSOPClassUID, slice.sopClassUid)
        .Text(DCM_ReferencedSOPInstanceUID, slice.sopInstanceUid)
        .Text(DCM_SpatialLocationsPreserved, "YES");  // highdicom asks for it
      if (slice.isMultiFrame)
      {
        image.Text(DCM_ReferencedFrameNumber, std::to_string(slice.frameNumber));
      }
      image.AddCode(DCM_PurposeOfReferenceCodeSequence, Codes::SOURCE_IMAGE);
    }

    // Frames of bits, lowest bit first, each beginning on a byte because rows x columns is a multiple of 8 here.
    void AppendBits(std::vector<std::uint8_t>& pixels, const std::uint8_t* mask, std::size_t size)
    {
      for (std::size_t i = 0; i < size; i += 8)
      {
        unsigned byte = 0;
        for (unsigned bit = 0; bit < 8; bit++)
        {
          byte |= (mask[i + bit] != 0 ? 1u : 0u) << bit;
        }
        pixels.push_back(static_cast<std::uint8_t>(byte));
      }
    }

    void AppendBytes(std::vector<std::uint8_t>& pixels, const std::uint8_t* mask, std::size_t size)
    {
      for (std::size_t i = 0; i < size; i++)
      {
        pixels.push_back(mask[i] != 0 ? 1 : 0);
      }
    }

    void SetPixels(DcmDataset& dataset, const MaskVolume& mask, const std::vector<std::size_t>& slices)
    {
      const std::size_t frameSize = static_cast<std::size_t>(mask.GetRows()) * mask.GetColumns();
      const bool isBinary = frameSize % 8 == 0;
      const std::size_t bytesPerFrame = isBinary ? frameSize / 8 : frameSize;
      if (slices.size() > std::numeric_limits<std::uint32_t>::max() / 2 / bytesPerFrame)
      {
        throw Error(ErrorCode::BadInput, "The mask is too large for one DICOM object");
      }

      ItemWriter writer(dataset);
      writer.Unsigned(DCM_SamplesPerPixel, 1)
        .Text(DCM_PhotometricInterpretation, "MONOCHROME2")
        .Text(DCM_NumberOfFrames, std::to_string(slices.size()))
        .Unsigned(DCM_Rows, static_cast<std::uint16_t>(mask.GetRows()))
        .Unsigned(DCM_Columns, static_cast<std::uint16_t>(mask.GetColumns()))
        .Unsigned(DCM_BitsAllocated, isBinary ? 1 : 8)
        .Unsigned(DCM_BitsStored, isBinary ? 1 : 8)
        .Unsigned(DCM_HighBit, isBinary ? 0 : 7)
        .Unsigned(DCM_PixelRepresentation, 0)
        .Text(DCM_SegmentationType, isBinary ? "BINARY" : "FRACTIONAL");
      if (!isBinary)
      {
        writer.Text(DCM_SegmentationFractionalType, "OCCUPANCY").Unsigned(DCM_MaximumFractionalValue, 1);
      }

      std::vector<std::uint8_t> pixels;
      pixels.reserve(bytesPerFrame * slices.size());
      for (const std::size_t slice : slices)
      {
        isBinary ? AppendBits(pixels, mask.GetSlice(slice), frameSize)
                 : AppendBytes(pixels, mask.GetSlice(slice), frameSize);
      }
      writer.Bytes(DcmTag(DCM_PixelData, EVR_OB), pixels);
    }
  }

  SegOptions::SegOptions() :
    anatomicRegion(Codes::BRAIN)
  {
  }

  SegWriter::SegWriter(const SegOptions& options) :
    options_(options)
  {
  }

  DicomInstance SegWriter::Write(const ResultContext& context, const MaskVolume& mask) const
  {
    RequireSameGrid(mask, context.source);
    const std::vector<std::size_t> slices = mask.GetTumourSlices();
    if (slices.empty())
    {
      throw Error(ErrorCode::BadInput, "A mask without tumour makes no segmentation: the report says so instead");
    }

    const SourceAttributes source(RequireHeader(context.source));
    auto dataset = std::make_unique<DcmDataset>();
    const bool isReference = IsReference(options_);
    source.CopyPatientAndStudy(*dataset);
    SetStudyAndFrameOfReference(*dataset, context, source);
    SetSeries(*dataset,
              {"SEG",
               context.identity.GetUid(isReference ? ResultRole::ReferenceMaskSeries : ResultRole::SegmentationSeries),
               isReference ? OwnSeriesNumber::ReferenceMask : OwnSeriesNumber::Segmentation,
               isReference ? "H3K27M reference outline" : "H3K27M AI outline, research only"},
              context.made);
    SetEquipment(*dataset, GetEquipment(context.model));
    SetContributingEquipment(*dataset, source, GetEquipment(context.model), context.made);
    SetInstance(*dataset, UID_SegmentationStorage,
                context.identity.GetUid(isReference ? ResultRole::ReferenceMask : ResultRole::Segmentation),
                context.made);
    ItemWriter(*dataset).Text(DCM_BodyPartExamined, "BRAIN");

    SetSegmentationImage(*dataset, source, options_);
    SetLossyCompression(*dataset, context.source);
    SetSegment(*dataset, context, source, options_);
    SetDimensions(*dataset, context.identity);
    SetReferencedSeries(*dataset, context.source);
    SetSharedGroups(*dataset, context.source);
    ItemWriter writer(*dataset);
    std::uint32_t position = 1;
    for (const std::size_t slice : slices)
    {
      AddFrame(writer, context.source.slices[slice], position++);
    }
    SetPixels(*dataset, mask, slices);
    return MakeInstance(std::move(dataset));
  }
}
