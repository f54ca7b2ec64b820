// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/DcmtkDecoder.h"

#include "Inference/Protocol/Error.h"

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>

#include <string>

namespace H3K27M::Volume
{
  namespace
  {
    void Check(const OFCondition& condition, const char* call)
    {
      if (condition.bad())
      {
        throw Error(ErrorCode::BadInput, std::string(call) + ": " + condition.text());
      }
    }

    VoxelType GetType(Uint16 bitsAllocated, bool isSigned)
    {
      if (bitsAllocated == 8)
      {
        return isSigned ? VoxelType::I8 : VoxelType::U8;
      }
      if (bitsAllocated == 16)
      {
        return isSigned ? VoxelType::I16 : VoxelType::U16;
      }
      throw Error(ErrorCode::BadInput, "BitsAllocated (0028,0100) is neither 8 nor 16");
    }

    // DCMTK leaves the bits above BitsStored as the codec wrote them.
    void ExtendSign(std::vector<std::uint8_t>& pixels, unsigned bitsStored)
    {
      const unsigned shift = 16 - bitsStored;
      for (std::size_t i = 0; i + 1 < pixels.size(); i += 2)
      {
        const auto word = static_cast<std::uint16_t>(pixels[i] | (pixels[i + 1] << 8));
        const auto value = static_cast<std::int16_t>(static_cast<std::int16_t>(word << shift) >> shift);
        pixels[i] = static_cast<std::uint8_t>(value & 0xFF);
        pixels[i + 1] = static_cast<std::uint8_t>((value >> 8) & 0xFF);
      }
    }
  }

  ExternalFrame DcmtkDecoder::Decode(std::string_view file, std::uint32_t frameIndex)
  {
    DcmInputBufferStream stream;
    stream.setBuffer(file.data(), static_cast<offile_off_t>(file.size()));
    stream.setEos();
    DcmFileFormat format;
    format.transferInit();
    Check(format.read(stream), "DcmFileFormat::read");
    format.transferEnd();
    DcmDataset& dataset = *format.getDataset();

    Uint16 rows = 0;
    Uint16 columns = 0;
    Uint16 allocated = 0;
    Uint16 stored = 0;
    Uint16 representation = 0;
    Check(dataset.findAndGetUint16(DCM_Rows, rows), "Rows (0028,0010)");
    Check(dataset.findAndGetUint16(DCM_Columns, columns), "Columns (0028,0011)");
    Check(dataset.findAndGetUint16(DCM_BitsAllocated, allocated), "BitsAllocated (0028,0100)");
    Check(dataset.findAndGetUint16(DCM_BitsStored, stored), "BitsStored (0028,0101)");
    dataset.findAndGetUint16(DCM_PixelRepresentation, representation);

    DcmElement* element = nullptr;
    Check(dataset.findAndGetElement(DCM_PixelData, element), "PixelData (7FE0,0010)");
    auto* pixelData = dynamic_cast<DcmPixelData*>(element);
    if (pixelData == nullptr)
    {
      throw Error(ErrorCode::BadInput, "PixelData (7FE0,0010) holds no pixels");
    }
    ExternalFrame frame;
    frame.type = GetType(allocated, representation == 1);
    frame.rows = rows;
    frame.columns = columns;
    frame.pixels.resize(static_cast<std::size_t>(rows) * columns * BytesPerVoxel(frame.type));
    OFString colorModel;
    Uint32 fragment = 0;
    // getUncompressedFrame wants an even buffer size.
    const std::size_t packed = frame.pixels.size();
    frame.pixels.resize(packed + packed % 2);
    Check(pixelData->getUncompressedFrame(&dataset, frameIndex, fragment, frame.pixels.data(),
                                          static_cast<Uint32>(frame.pixels.size()), colorModel),
          "DcmPixelData::getUncompressedFrame");
    frame.pixels.resize(packed);
    if (representation == 1 && allocated == 16 && stored >= 1 && stored < 16)
    {
      ExtendSign(frame.pixels, stored);
    }
    return frame;
  }
}
