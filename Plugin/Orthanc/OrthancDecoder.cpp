// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/OrthancDecoder.h"

#include "Inference/Protocol/Error.h"

#include <cstring>
#include <memory>
#include <string>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    struct ImageDeleter
    {
      OrthancPluginContext* context;

      void operator()(OrthancPluginImage* image) const
      {
        OrthancPluginFreeImage(context, image);
      }
    };

    Volume::VoxelType ToVoxelType(OrthancPluginPixelFormat format)
    {
      switch (format)
      {
        case OrthancPluginPixelFormat_Grayscale8:
          return Volume::VoxelType::U8;

        case OrthancPluginPixelFormat_Grayscale16:
          return Volume::VoxelType::U16;

        case OrthancPluginPixelFormat_SignedGrayscale16:
          return Volume::VoxelType::I16;

        case OrthancPluginPixelFormat_Grayscale32:
          return Volume::VoxelType::U32;

        default:
          throw Error(ErrorCode::BadInput, "the archive's decoder gave colour or another pixel format that is not "
                                           "known here (" +
                                             std::to_string(static_cast<int>(format)) + ")");
      }
    }
  }

  Volume::ExternalFrame OrthancDecoder::Decode(std::string_view file, std::uint32_t frameIndex)
  {
    const std::unique_ptr<OrthancPluginImage, ImageDeleter> image(
      OrthancPluginDecodeDicomImage(context_, file.data(), static_cast<std::uint32_t>(file.size()), frameIndex),
      ImageDeleter{context_});

    if (image == nullptr)
    {
      throw Error(ErrorCode::BadInput, "none of the archive's decoders can read these pixels "
                                       "(JPEG 2000 needs the package orthanc-gdcm)");
    }

    Volume::ExternalFrame frame;
    frame.type = ToVoxelType(OrthancPluginGetImagePixelFormat(context_, image.get()));
    frame.rows = OrthancPluginGetImageHeight(context_, image.get());
    frame.columns = OrthancPluginGetImageWidth(context_, image.get());

    const std::size_t rowBytes = static_cast<std::size_t>(frame.columns) * Volume::BytesPerVoxel(frame.type);
    const std::size_t pitch = OrthancPluginGetImagePitch(context_, image.get());
    const char* const source = static_cast<const char*>(OrthancPluginGetImageBuffer(context_, image.get()));
    frame.pixels.resize(rowBytes * frame.rows);

    for (std::uint32_t row = 0; row < frame.rows; row++)
    {
      std::memcpy(frame.pixels.data() + row * rowBytes, source + row * pitch, rowBytes);
    }

    return frame;
  }
}
