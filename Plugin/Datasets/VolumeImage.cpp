// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/VolumeImage.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/SliceDecoding.h"
#include "Plugin/Volume/FrameValues.h"
#include "Plugin/Volume/SliceGrid.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace H3K27M::Datasets
{
  namespace
  {
    struct StoredFrame
    {
      Volume::VoxelType type = Volume::VoxelType::U16;
      double slope = 1;
      double intercept = 0;
      std::string bytes;
    };

    std::vector<StoredFrame> ReadFrames(const Pipeline::SeriesReading& reading, const Volume::FrameDecoder& decoder,
                                        Pipeline::InstanceCache& files)
    {
      std::vector<StoredFrame> frames;

      for (const Volume::SourceSlice& slice : reading.GetVolume().series.slices)
      {
        const Pipeline::SliceOutcome outcome = Pipeline::DecodeSlice(decoder, slice, reading, files);

        if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome))
        {
          throw Error(ErrorCode::BadInput, "slice " + std::to_string(frames.size()) + ": " + refusal->text);
        }

        const Volume::DecodedFrame& frame = std::get<Pipeline::DecodedSlice>(outcome).frame;
        frames.push_back({frame.type, frame.rescaleSlope, frame.rescaleIntercept, std::string(frame.bytes)});
      }

      return frames;
    }

    // NIfTI-1 types that readers take everywhere; 8 signed and 32 bits become float.
    std::optional<NiftiImage::Type> ToNiftiType(Volume::VoxelType type)
    {
      switch (type)
      {
        case Volume::VoxelType::U8:
          return NiftiImage::Type::U8;
        case Volume::VoxelType::U16:
          return NiftiImage::Type::U16;
        case Volume::VoxelType::I16:
          return NiftiImage::Type::I16;
        default:
          return std::nullopt;
      }
    }

    void AppendFloats(const StoredFrame& frame, std::string& voxels)
    {
      Volume::ForEachStored(frame.type, frame.bytes, [&frame, &voxels](double stored)
      {
        const auto value = static_cast<float>(stored * frame.slope + frame.intercept);
        char bytes[sizeof(float)];
        std::memcpy(bytes, &value, sizeof(float));
        voxels.append(bytes, sizeof(float));
      });
    }

    NiftiImage MakeGrid(const Volume::SourceSeries& series)
    {
      const Volume::SliceGrid grid(series);

      if (grid.CountPlaces() != series.slices.size())
      {
        throw Error(ErrorCode::BadInput, "slices are missing inside the series");
      }

      NiftiImage image;
      image.sizes = {series.columns, series.rows, series.slices.size()};
      image.steps = {grid.GetColumnStep(), grid.GetRowStep(), grid.GetSliceStep()};
      image.origin = grid.GetCentre(0, 0, 0);
      return image;
    }
  }

  NiftiImage ReadVolumeImage(const Pipeline::SeriesReading& reading, const Volume::FrameDecoder& decoder,
                             Pipeline::InstanceCache& files)
  {
    NiftiImage image = MakeGrid(reading.GetVolume().series);
    const std::vector<StoredFrame> frames = ReadFrames(reading, decoder, files);
    const StoredFrame& first = frames.front();
    const std::optional<NiftiImage::Type> type = ToNiftiType(first.type);
    const bool isAlike = std::all_of(frames.begin(), frames.end(), [&first](const StoredFrame& frame)
    { return frame.type == first.type && frame.slope == first.slope && frame.intercept == first.intercept; });

    if (type && isAlike)
    {
      image.type = *type;
      image.slope = first.slope;
      image.intercept = first.intercept;

      for (const StoredFrame& frame : frames)
      {
        image.voxels += frame.bytes;
      }

      return image;
    }

    image.type = NiftiImage::Type::F32;

    for (const StoredFrame& frame : frames)
    {
      AppendFloats(frame, image.voxels);
    }

    return image;
  }

  NiftiImage MakeMaskImage(const Results::MaskVolume& mask, const NiftiImage& image)
  {
    NiftiImage drawn = image;
    drawn.type = NiftiImage::Type::U8;
    drawn.slope = 1;
    drawn.intercept = 0;
    const std::size_t plane = image.sizes[0] * image.sizes[1];
    drawn.voxels.assign(plane * image.sizes[2], '\0');

    for (const std::size_t slice : mask.GetTumourSlices())
    {
      const std::uint8_t* const values = mask.GetSlice(slice);

      for (std::size_t i = 0; i < plane; i++)
      {
        drawn.voxels[slice * plane + i] = values[i] != 0 ? '\1' : '\0';
      }
    }

    return drawn;
  }
}
