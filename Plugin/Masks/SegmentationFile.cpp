// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/SegmentationFile.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Volume/DatasetReader.h"
#include "Plugin/Volume/IExternalDecoder.h"
#include "Plugin/Volume/ParsedFile.h"

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace H3K27M::Masks
{
  namespace
  {
    using Volume::DatasetReader;
    using Volume::GetItems;

    [[noreturn]] void RefuseSegmentation(const std::string& reason)
    {
      throw Error(ErrorCode::BadInput, "The segmentation cannot be taken: " + reason);
    }

    std::set<std::string> ListSeriesOfSegmentation(DcmDataset& dataset)
    {
      std::set<std::string> uids;
      for (DcmItem* const series : GetItems(dataset, DCM_ReferencedSeriesSequence))
      {
        uids.insert(DatasetReader(*series).GetText(DCM_SeriesInstanceUID));
      }
      return uids;
    }

    std::vector<SegmentDescription> ListSegments(DcmDataset& dataset)
    {
      std::vector<SegmentDescription> segments;
      for (DcmItem* const item : GetItems(dataset, DCM_SegmentSequence))
      {
        DatasetReader reader(dataset);  // it knows the character set
        reader.Append(item);
        segments.push_back({static_cast<unsigned>(reader.GetInteger(DCM_SegmentNumber).value_or(0)),
                            reader.GetText(DCM_SegmentLabel), reader.GetText(DCM_SegmentAlgorithmType),
                            reader.GetText(DCM_SegmentAlgorithmName)});
      }
      return segments;
    }

    // `N` numbers of an attribute.
    template <std::size_t N>
    std::array<double, N> RequireNumbers(DatasetReader& reader, const DcmTagKey& tag, std::size_t frame)
    {
      const std::vector<std::string> values = reader.GetValues(tag);
      std::array<double, N> numbers{};
      for (std::size_t i = 0; i < N; i++)
      {
        const std::optional<double> number = i < values.size() ? Volume::ParseDecimal(values[i]) : std::nullopt;
        if (!number || !std::isfinite(*number))
        {
          RefuseSegmentation("frame " + std::to_string(frame + 1) + " lacks " + tag.toString().c_str());
        }
        numbers[i] = *number;
      }
      return numbers;
    }

    // Looks in the frame's own functional groups, then in those that all frames share.
    DcmItem& FindGroup(DcmItem& frame, DcmItem& shared, const DcmTagKey& sequence, std::size_t index)
    {
      DcmItem* group = Volume::GetFirstItem(frame, sequence);
      group = group != nullptr ? group : Volume::GetFirstItem(shared, sequence);
      if (group == nullptr)
      {
        RefuseSegmentation("frame " + std::to_string(index + 1) + " lacks " + sequence.toString().c_str());
      }
      return *group;
    }

    std::vector<SegmentationSource> ListSources(DcmItem& frame)
    {
      std::vector<SegmentationSource> sources;
      for (DcmItem* const derivation : GetItems(frame, DCM_DerivationImageSequence))
      {
        for (DcmItem* const image : GetItems(*derivation, DCM_SourceImageSequence))
        {
          DatasetReader reader(*image);
          sources.push_back({reader.GetText(DCM_ReferencedSOPInstanceUID),
                             static_cast<unsigned>(reader.GetInteger(DCM_ReferencedFrameNumber).value_or(0))});
        }
      }
      return sources;
    }

    SegmentationFrame ParseFrame(DcmItem& item, DcmItem& shared, std::size_t index)
    {
      SegmentationFrame frame;
      DatasetReader identification(FindGroup(item, shared, DCM_SegmentIdentificationSequence, index));
      frame.segment = static_cast<unsigned>(identification.GetInteger(DCM_ReferencedSegmentNumber).value_or(0));
      DatasetReader position(FindGroup(item, shared, DCM_PlanePositionSequence, index));
      frame.position = RequireNumbers<3>(position, DCM_ImagePositionPatient, index);
      DatasetReader orientation(FindGroup(item, shared, DCM_PlaneOrientationSequence, index));
      const auto cosines = RequireNumbers<6>(orientation, DCM_ImageOrientationPatient, index);
      frame.directions = {Volume::Vector{cosines[0], cosines[1], cosines[2]},
                          Volume::Vector{cosines[3], cosines[4], cosines[5]}};
      DatasetReader measures(FindGroup(item, shared, DCM_PixelMeasuresSequence, index));
      frame.pixelSpacingMm = RequireNumbers<2>(measures, DCM_PixelSpacing, index);
      frame.sources = ListSources(item);
      return frame;
    }

    std::vector<SegmentationFrame> ListFrames(DcmDataset& dataset, std::size_t count)
    {
      DcmItem none;
      DcmItem* const shared = Volume::GetFirstItem(dataset, DCM_SharedFunctionalGroupsSequence);
      const std::vector<DcmItem*> items = GetItems(dataset, DCM_PerFrameFunctionalGroupsSequence);
      if (items.size() != count)
      {
        RefuseSegmentation("it has " + std::to_string(count) + " frames and describes " + std::to_string(items.size()));
      }
      std::vector<SegmentationFrame> frames;
      frames.reserve(items.size());
      for (std::size_t i = 0; i < items.size(); i++)
      {
        frames.push_back(ParseFrame(*items[i], shared != nullptr ? *shared : none, i));
      }
      return frames;
    }

    double GetSliceSpacing(DcmDataset& dataset)
    {
      DcmItem* const shared = Volume::GetFirstItem(dataset, DCM_SharedFunctionalGroupsSequence);
      DcmItem* const measures = shared != nullptr ? Volume::GetFirstItem(*shared, DCM_PixelMeasuresSequence) : nullptr;
      return measures != nullptr ? DatasetReader(*measures).GetNumber(DCM_SpacingBetweenSlices).value_or(0) : 0;
    }

    std::uint64_t RequireCount(DatasetReader& reader, const DcmTagKey& tag)
    {
      const std::optional<long long> count = reader.GetInteger(tag);
      constexpr long long HIGHEST = 1 << 24;
      if (!count || *count < 1 || *count > HIGHEST)
      {
        RefuseSegmentation(std::string("there is no sensible ") + tag.toString().c_str());
      }
      return static_cast<std::uint64_t>(*count);
    }
  }

  SegmentationFile SegmentationFile::Parse(std::shared_ptr<const std::string> file, const Volume::VolumeLimits& limits,
                                           Volume::IExternalDecoder* decoder)
  {
    const Volume::ParseOutcome outcome = Volume::ParseFile(*file, limits);
    if (const auto* const refusal = std::get_if<Volume::Refusal>(&outcome))
    {
      RefuseSegmentation(refusal->text);
    }
    const auto& [layout, dataset] = std::get<Volume::ParsedFile>(outcome);
    DatasetReader reader(*dataset);
    if (reader.GetText(DCM_SOPClassUID) != UID_SegmentationStorage)
    {
      RefuseSegmentation("its SOP class is another");
    }
    if (!layout.hasPixelData || layout.isBigEndian)
    {
      RefuseSegmentation("it has no pixels, or they are in big endian");
    }

    SegmentationFile parsed;
    parsed.ReadIdentity(reader);
    parsed.ReadPixelFormat(reader, layout, limits);
    parsed.referencedSeries = ListSeriesOfSegmentation(*dataset);
    parsed.spacingBetweenSlicesMm = GetSliceSpacing(*dataset);
    parsed.segments = ListSegments(*dataset);
    parsed.frames = ListFrames(*dataset, RequireCount(reader, DCM_NumberOfFrames));
    parsed.pixelOffset_ = layout.pixelOffset;
    parsed.decoder_ = decoder;
    parsed.file_ = std::move(file);
    return parsed;
  }

  void SegmentationFile::ReadIdentity(DatasetReader& reader)
  {
    sopInstanceUid = reader.GetText(DCM_SOPInstanceUID);
    seriesInstanceUid = reader.GetText(DCM_SeriesInstanceUID);
    frameOfReferenceUid = reader.GetText(DCM_FrameOfReferenceUID);
    creator = reader.GetText(DCM_ContentCreatorName);
    contentDate = reader.GetText(DCM_ContentDate);
    contentTime = reader.GetText(DCM_ContentTime);
    equipment = reader.GetText(DCM_ManufacturerModelName);
  }

  void SegmentationFile::ReadPixelFormat(DatasetReader& reader, const Volume::FileLayout& layout,
                                         const Volume::VolumeLimits& limits)
  {
    rows = static_cast<std::uint32_t>(RequireCount(reader, DCM_Rows));
    columns = static_cast<std::uint32_t>(RequireCount(reader, DCM_Columns));
    const std::string type = reader.GetText(DCM_SegmentationType);
    const std::uint64_t bits = RequireCount(reader, DCM_BitsAllocated);
    isBinary_ = type == "BINARY";
    if ((!isBinary_ && type != "FRACTIONAL") || bits != (isBinary_ ? 1 : 8))
    {
      RefuseSegmentation("it is neither BINARY of 1 bit nor FRACTIONAL of 8 bits, but " + type.substr(0, 16));
    }
    if (!isBinary_)
    {
      const std::uint64_t maximum = RequireCount(reader, DCM_MaximumFractionalValue);
      threshold_ = static_cast<std::uint8_t>(std::min<std::uint64_t>((maximum + 1) / 2, 255));
    }
    const std::uint64_t count = RequireCount(reader, DCM_NumberOfFrames);
    isEncapsulated_ = layout.isEncapsulated;
    if (isEncapsulated_)
    {
      // A few compressed bytes may promise any size, and a decoder takes the memory before it looks.
      if (isBinary_ || rows > limits.maxRows || columns > limits.maxColumns ||
          std::uint64_t{rows} * columns * count > limits.maxBytes)
      {
        RefuseSegmentation(isBinary_ ? "its pixels are compressed, and of one bit each"
                                     : "its pixels are compressed, and larger than the limits for images");
      }
    }
    // Each factor is at most 2^24: the product may not fit, its quotient does.
    const std::uint64_t frameBits = std::uint64_t{rows} * columns * bits;
    if (count > (isEncapsulated_ ? layout.fragments : layout.pixelLength * 8 / frameBits))
    {
      RefuseSegmentation("its pixels are fewer than Rows, Columns and NumberOfFrames promise");
    }
  }

  std::vector<std::uint8_t> SegmentationFile::DecodeFrame(std::size_t frame) const
  {
    const std::string what = "frame " + std::to_string(frame + 1);
    if (decoder_ == nullptr)
    {
      RefuseSegmentation(what + " is compressed, and there is no decoder");
    }
    Volume::ExternalFrame decoded;
    try
    {
      decoded = decoder_->Decode(*file_, static_cast<std::uint32_t>(frame));
    }
    catch (const Error& e)
    {
      if (e.CanRetry())
      {
        throw;
      }
      RefuseSegmentation(what + " cannot be decoded: " + e.what());
    }
    if (decoded.type != Volume::VoxelType::U8 || decoded.rows != rows || decoded.columns != columns ||
        decoded.pixels.size() != std::size_t{rows} * columns)
    {
      RefuseSegmentation(what + " is decoded to another size, or other numbers, than its header says");
    }
    return std::move(decoded.pixels);
  }

  std::vector<std::uint8_t> SegmentationFile::ReadFrame(std::size_t frame) const
  {
    if (isEncapsulated_)
    {
      std::vector<std::uint8_t> decoded = DecodeFrame(frame);
      std::transform(decoded.begin(), decoded.end(), decoded.begin(),
                     [this](std::uint8_t value) { return static_cast<std::uint8_t>(value >= threshold_ ? 1 : 0); });
      return decoded;
    }
    const std::size_t size = std::size_t{rows} * columns;
    const auto* const pixels = reinterpret_cast<const std::uint8_t*>(file_->data()) + pixelOffset_;
    std::vector<std::uint8_t> values(size);
    for (std::size_t i = 0; i < size; i++)
    {
      const std::size_t voxel = frame * size + i;
      // Frames of bits follow each other without a gap, lowest bit first (PS3.5 section 8.1.1, annex D).
      values[i] = isBinary_ ? (pixels[voxel / 8] >> (voxel % 8)) & 1 : (pixels[voxel] >= threshold_ ? 1 : 0);
    }
    return values;
  }
}
