// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/HeaderParts.h"

#include "Plugin/Volume/DatasetReader.h"

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace H3K27M::Volume
{
  namespace
  {
    // What Orthanc with orthanc-gdcm decodes. Video and newer syntaxes are named in the refusal.
    constexpr std::array<std::string_view, 9> COMPRESSED_SYNTAXES = {
      "1.2.840.10008.1.2.5",      // RLE Lossless
      "1.2.840.10008.1.2.4.50",   // JPEG Baseline
      "1.2.840.10008.1.2.4.51",   // JPEG Extended
      "1.2.840.10008.1.2.4.57",   // JPEG Lossless
      "1.2.840.10008.1.2.4.70",   // JPEG Lossless, first-order prediction
      "1.2.840.10008.1.2.4.80",   // JPEG-LS Lossless
      "1.2.840.10008.1.2.4.81",   // JPEG-LS Near-lossless
      "1.2.840.10008.1.2.4.90",   // JPEG 2000 Lossless
      "1.2.840.10008.1.2.4.91"};  // JPEG 2000

    constexpr std::array<std::string_view, 3> NATIVE_SYNTAXES = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1",
                                                                 "1.2.840.10008.1.2.2"};

    template <std::size_t COUNT>
    bool Contains(const std::array<std::string_view, COUNT>& list, const std::string& value)
    {
      return std::find(list.begin(), list.end(), value) != list.end();
    }

    std::string Text(std::uint64_t value)
    {
      return std::to_string(value);
    }

    // An unsigned 16-bit tag; absent counts as `missing`. Values that do not fit become the largest.
    std::uint32_t ReadCount(DatasetReader& reader, const DcmTagKey& tag, std::uint32_t missing)
    {
      if (reader.Find(tag) == nullptr)
      {
        return missing;
      }
      const auto value = reader.GetInteger(tag);
      return value && *value >= 0 && *value < 0xFFFFFFFFLL ? static_cast<std::uint32_t>(*value) : 0xFFFFFFFFu;
    }

    std::optional<Refusal> CheckSyntax(const FileLayout& layout)
    {
      const bool isNative = Contains(NATIVE_SYNTAXES, layout.transferSyntaxUid);
      if (!isNative && !Contains(COMPRESSED_SYNTAXES, layout.transferSyntaxUid))
      {
        return Refusal{RefusalCode::UndecodablePixels, "TransferSyntaxUID (0002,0010) " + layout.transferSyntaxUid +
                                                         " is none of those that can be decoded"};
      }
      if (isNative == layout.isEncapsulated)
      {
        return Refusal{RefusalCode::UndecodablePixels,
                       std::string("PixelData (7FE0,0010) is ") + (isNative ? "" : "not ") +
                         "encapsulated, which contradicts TransferSyntaxUID (0002,0010)"};
      }
      return std::nullopt;
    }

    std::optional<Refusal> CheckSize(const PixelFormat& pixels, const VolumeLimits& limits)
    {
      if (pixels.rows == 0 || pixels.columns == 0 || pixels.frames == 0)
      {
        return Refusal{RefusalCode::UnsupportedPixels,
                       "Rows (0028,0010), Columns (0028,0011) or NumberOfFrames (0028,0008) is zero or absent"};
      }
      const auto exceeds = [](const std::string& name, std::uint64_t value, std::uint64_t limit)
      { return Refusal{RefusalCode::LimitExceeded, name + " is " + Text(value) + ", the limit is " + Text(limit)}; };
      if (pixels.rows > limits.maxRows)
      {
        return exceeds("Rows (0028,0010)", pixels.rows, limits.maxRows);
      }
      if (pixels.columns > limits.maxColumns)
      {
        return exceeds("Columns (0028,0011)", pixels.columns, limits.maxColumns);
      }
      if (pixels.frames > limits.maxFrames)
      {
        return exceeds("NumberOfFrames (0028,0008)", pixels.frames, limits.maxFrames);
      }
      return std::nullopt;
    }

    std::optional<Refusal> CheckKind(const PixelFormat& pixels)
    {
      if (pixels.samplesPerPixel != 1 ||
          (pixels.photometricInterpretation != "MONOCHROME1" && pixels.photometricInterpretation != "MONOCHROME2"))
      {
        return Refusal{RefusalCode::UnsupportedPixels,
                       "PhotometricInterpretation (0028,0004) is " +
                         (pixels.photometricInterpretation.empty() ? "absent" : pixels.photometricInterpretation) +
                         " with " + Text(pixels.samplesPerPixel) + " samples per pixel: not a grey image"};
      }
      const unsigned allocated = pixels.bitsAllocated;
      if (allocated != 8 && allocated != 16 && allocated != 32)
      {
        return Refusal{RefusalCode::UnsupportedPixels,
                       "BitsAllocated (0028,0100) is " + Text(allocated) + "; 8, 16 and 32 can be read"};
      }
      if (pixels.isNative && pixels.isBigEndian && allocated == 8)
      {
        return Refusal{RefusalCode::UnsupportedPixels,
                       "BitsAllocated (0028,0100) is 8 in big endian, where the order of bytes depends on the writer"};
      }
      if (pixels.bitsStored == 0 || pixels.bitsStored > allocated || pixels.highBit >= allocated ||
          pixels.highBit + 1 < pixels.bitsStored)
      {
        return Refusal{RefusalCode::UnsupportedPixels, "BitsStored (0028,0101) " + Text(pixels.bitsStored) +
                                                         " and HighBit (0028,0102) " + Text(pixels.highBit) +
                                                         " do not fit BitsAllocated (0028,0100) " + Text(allocated)};
      }
      return std::nullopt;
    }

    std::optional<Refusal> CheckLength(const PixelFormat& pixels, const FileLayout& layout, const VolumeLimits& limits)
    {
      // All factors are within their limits, so 64 bits hold the product.
      const std::uint64_t needed =
        static_cast<std::uint64_t>(pixels.rows) * pixels.columns * pixels.frames * (pixels.bitsAllocated / 8u);
      if (needed > limits.maxBytes)
      {
        return Refusal{RefusalCode::LimitExceeded,
                       "the decoded pixels need " + Text(needed) + " bytes, the limit is " + Text(limits.maxBytes)};
      }
      if (pixels.isNative && layout.pixelLength < needed)
      {
        return Refusal{RefusalCode::PixelDataTooShort, "PixelData (7FE0,0010) holds " + Text(layout.pixelLength) +
                                                         " bytes, but Rows, Columns and NumberOfFrames promise " +
                                                         Text(needed)};
      }
      if (!pixels.isNative && layout.fragments < pixels.frames)
      {
        return Refusal{RefusalCode::PixelDataTooShort, "PixelData (7FE0,0010) holds " + Text(layout.fragments) +
                                                         " fragments for " + Text(pixels.frames) + " frames"};
      }
      return std::nullopt;
    }

    // The VR is US or SS by (0028,0103), but writers mix them up: 63536 in signed pixels means -2000.
    std::optional<std::int64_t> ReadPadding(DatasetReader& reader, const DcmTagKey& tag, const PixelFormat& pixels)
    {
      const auto value = reader.GetInteger(tag);
      if (value && pixels.isSigned && *value > 32767 && *value <= 65535)
      {
        return *value - 65536;
      }
      return value;
    }

    void ReadNumbers(PixelFormat& pixels, DatasetReader& reader, const FileLayout& layout)
    {
      const auto narrow = [](std::uint32_t value) { return static_cast<std::uint16_t>(std::min(value, 0xFFFFu)); };
      pixels.rows = ReadCount(reader, DCM_Rows, 0);
      pixels.columns = ReadCount(reader, DCM_Columns, 0);
      pixels.frames = ReadCount(reader, DCM_NumberOfFrames, 1);
      pixels.samplesPerPixel = narrow(ReadCount(reader, DCM_SamplesPerPixel, 1));
      pixels.bitsAllocated = narrow(ReadCount(reader, DCM_BitsAllocated, 0));
      pixels.bitsStored = narrow(ReadCount(reader, DCM_BitsStored, pixels.bitsAllocated));
      pixels.highBit = narrow(ReadCount(reader, DCM_HighBit, pixels.bitsStored == 0 ? 0 : pixels.bitsStored - 1u));
      pixels.isSigned = ReadCount(reader, DCM_PixelRepresentation, 0) == 1;
      pixels.photometricInterpretation = reader.GetText(DCM_PhotometricInterpretation);
      pixels.paddingValue = ReadPadding(reader, DCM_PixelPaddingValue, pixels);
      pixels.paddingLimit = ReadPadding(reader, DCM_PixelPaddingRangeLimit, pixels);
      pixels.isNative = !layout.isEncapsulated;
      pixels.isBigEndian = layout.isBigEndian;
      pixels.pixelOffset = layout.pixelOffset;
      pixels.pixelLength = layout.pixelLength;
    }
  }

  std::optional<Refusal> ReadPixelFormat(PixelFormat& pixels, DcmDataset& dataset, const FileLayout& layout,
                                         const VolumeLimits& limits)
  {
    DatasetReader reader(dataset);
    ReadNumbers(pixels, reader, layout);
    if (!layout.hasPixelData)
    {
      return Refusal{RefusalCode::NoPixelData, "PixelData (7FE0,0010) is absent"};
    }
    if (auto refusal = CheckSize(pixels, limits))
    {
      return refusal;
    }
    if (auto refusal = CheckKind(pixels))
    {
      return refusal;
    }
    if (auto refusal = CheckSyntax(layout))
    {
      return refusal;
    }
    return CheckLength(pixels, layout, limits);
  }
}
