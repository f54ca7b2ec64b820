// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/FrameDecoder.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <span>

namespace H3K27M::Volume
{
  static_assert(std::endian::native == std::endian::little, "the wire protocol is little endian and so is this code");

  namespace
  {
    Refusal Undecodable(const std::string& text)
    {
      return Refusal{RefusalCode::UndecodablePixels, text};
    }

    VoxelType GetType(const PixelFormat& pixels)
    {
      switch (pixels.bitsAllocated)
      {
        case 8:
          return pixels.isSigned ? VoxelType::I8 : VoxelType::U8;
        case 16:
          return pixels.isSigned ? VoxelType::I16 : VoxelType::U16;
        default:
          return pixels.isSigned ? VoxelType::I32 : VoxelType::U32;
      }
    }

    template <typename T>
    T SwapBytes(T value)
    {
      using Unsigned = std::make_unsigned_t<T>;
      if constexpr (sizeof(T) == 2)
      {
        return static_cast<T>(__builtin_bswap16(static_cast<Unsigned>(value)));
      }
      else if constexpr (sizeof(T) == 4)
      {
        return static_cast<T>(__builtin_bswap32(static_cast<Unsigned>(value)));
      }
      else
      {
        return value;
      }
    }

    // What has to be done to the words of one frame before they are values.
    struct Repair
    {
      bool swap = false;
      unsigned leftShift = 0;   // brings the highest stored bit to the top of the word ...
      unsigned rightShift = 0;  // ... and the lowest to the bottom, extending the sign
      bool invert = false;
      std::int64_t inversionSum = 0;  // lowest plus highest possible value: v becomes sum - v
      std::optional<std::int64_t> paddingLow;
      std::int64_t paddingHigh = 0;

      bool IsNeeded() const
      {
        return swap || leftShift != 0 || rightShift != 0 || invert || paddingLow.has_value();
      }
    };

    Repair PlanRepair(const PixelFormat& pixels)
    {
      Repair repair;
      repair.swap = pixels.isNative && pixels.isBigEndian && pixels.bitsAllocated > 8;
      // An external decoder has already put the stored bits in their place.
      if (pixels.isNative)
      {
        repair.leftShift = pixels.bitsAllocated - 1u - pixels.highBit;
        repair.rightShift = static_cast<unsigned>(pixels.bitsAllocated - pixels.bitsStored);
      }
      repair.invert = pixels.photometricInterpretation == "MONOCHROME1";
      repair.inversionSum = pixels.isSigned ? -1 : (std::int64_t{1} << pixels.bitsStored) - 1;
      // A padding of zero in unsigned pixels is what air is anyway: left as it lies, without a copy.
      const bool isPadded = pixels.paddingValue && (pixels.isSigned || repair.invert || *pixels.paddingValue != 0 ||
                                                    pixels.paddingLimit.value_or(0) != 0);
      if (isPadded)
      {
        const std::int64_t limit = pixels.paddingLimit.value_or(*pixels.paddingValue);
        repair.paddingLow = std::min(*pixels.paddingValue, limit);
        repair.paddingHigh = std::max(*pixels.paddingValue, limit);
      }
      return repair;
    }

    // Whether the words already are the values: right byte order and nothing above the stored bits (old scanners keep
    // overlays there). Only reads.
    template <typename T>
    bool IsClean(const Repair& repair, std::span<const char> source)
    {
      if (repair.swap || repair.invert || repair.paddingLow || repair.leftShift != repair.rightShift ||
          std::is_signed_v<T>)
      {
        return false;
      }
      T seen = 0;
      for (std::size_t i = 0; i < source.size() / sizeof(T); ++i)
      {
        T word;
        std::memcpy(&word, source.data() + i * sizeof(T), sizeof(T));
        seen = static_cast<T>(seen | word);
      }
      return (static_cast<std::uint64_t>(seen) >> (sizeof(T) * 8 - repair.leftShift)) == 0;
    }

    template <typename T>
    void ReplacePadding(const Repair& repair, std::vector<T>& values)
    {
      const auto isPadding = [&repair](T value)
      {
        return static_cast<std::int64_t>(value) >= *repair.paddingLow &&
               static_cast<std::int64_t>(value) <= repair.paddingHigh;
      };
      // The darkest: in MONOCHROME1 the highest, which the inversion makes the lowest.
      std::optional<T> darkest;
      for (const T value : values)
      {
        if (!isPadding(value) && (!darkest || (repair.invert ? value > *darkest : value < *darkest)))
        {
          darkest = value;
        }
      }
      if (darkest)
      {
        std::replace_if(values.begin(), values.end(), isPadding, *darkest);
      }
    }

    template <typename T>
    void RepairWords(DecodedFrame& frame, const Repair& repair, std::span<const char> source)
    {
      using Unsigned = std::make_unsigned_t<T>;
      const std::size_t count = source.size() / sizeof(T);
      std::vector<T> values(count);
      std::memcpy(values.data(), source.data(), count * sizeof(T));
      if (repair.swap)
      {
        std::transform(values.begin(), values.end(), values.begin(), SwapBytes<T>);
      }
      if (repair.leftShift != 0 || repair.rightShift != 0)
      {
        std::transform(values.begin(), values.end(), values.begin(), [&repair](T value)
        {
          const auto top = static_cast<T>(static_cast<Unsigned>(static_cast<Unsigned>(value) << repair.leftShift));
          return static_cast<T>(top >> repair.rightShift);
        });
      }
      if (repair.paddingLow)
      {
        ReplacePadding(repair, values);
      }
      if (repair.invert)
      {
        std::transform(values.begin(), values.end(), values.begin(), [&repair](T value)
        { return static_cast<T>(repair.inversionSum - static_cast<std::int64_t>(value)); });
      }
      frame.storage.resize(count * sizeof(T));
      std::memcpy(frame.storage.data(), values.data(), frame.storage.size());
    }

    template <typename T>
    void Fill(DecodedFrame& frame, const Repair& repair, std::string_view source)
    {
      if (!repair.IsNeeded() || IsClean<T>(repair, source))
      {
        frame.bytes = source;
        return;
      }
      RepairWords<T>(frame, repair, source);
      frame.bytes = std::string_view(reinterpret_cast<const char*>(frame.storage.data()), frame.storage.size());
    }

    void FillByType(DecodedFrame& frame, const Repair& repair, std::string_view source)
    {
      switch (frame.type)
      {
        case VoxelType::U8:
          return Fill<std::uint8_t>(frame, repair, source);
        case VoxelType::I8:
          return Fill<std::int8_t>(frame, repair, source);
        case VoxelType::U16:
          return Fill<std::uint16_t>(frame, repair, source);
        case VoxelType::I16:
          return Fill<std::int16_t>(frame, repair, source);
        case VoxelType::U32:
          return Fill<std::uint32_t>(frame, repair, source);
        case VoxelType::I32:
          return Fill<std::int32_t>(frame, repair, source);
      }
    }

    std::optional<Refusal> DecodeNative(DecodedFrame& frame, std::string_view file, const PixelFormat& pixels,
                                        std::uint32_t frameNumber)
    {
      frame.type = GetType(pixels);
      const std::uint64_t length = static_cast<std::uint64_t>(pixels.rows) * pixels.columns * BytesPerVoxel(frame.type);
      const std::uint64_t skipped = length * (frameNumber - 1);
      if (skipped + length > pixels.pixelLength || pixels.pixelOffset + skipped + length > file.size())
      {
        return Refusal{RefusalCode::PixelDataTooShort,
                       "PixelData (7FE0,0010) ends before frame " + std::to_string(frameNumber)};
      }
      FillByType(frame, PlanRepair(pixels), file.substr(pixels.pixelOffset + skipped, length));
      return std::nullopt;
    }

    std::optional<Refusal> DecodeExternal(DecodedFrame& frame, IExternalDecoder& decoder, std::string_view file,
                                          const PixelFormat& pixels, std::uint32_t frameNumber)
    {
      ExternalFrame external;
      try
      {
        external = decoder.Decode(file, frameNumber - 1);
      }
      catch (const Error& e)
      {
        // No decoder for the syntax, or a codestream that is broken: the data are at fault, not this program. What is
        // worth a retry (the archive is away) stays an exception.
        if (e.CanRetry())
        {
          throw;
        }
        return Undecodable("frame " + std::to_string(frameNumber) + " cannot be decoded: " + e.what());
      }
      const std::uint64_t length =
        static_cast<std::uint64_t>(pixels.rows) * pixels.columns * BytesPerVoxel(external.type);
      if (external.rows != pixels.rows || external.columns != pixels.columns || external.pixels.size() != length)
      {
        return Undecodable("the decoded frame is " + std::to_string(external.rows) + " x " +
                           std::to_string(external.columns) + ", the header says " + std::to_string(pixels.rows) +
                           " x " + std::to_string(pixels.columns));
      }
      frame.type = external.type;
      const std::string_view source(reinterpret_cast<const char*>(external.pixels.data()), external.pixels.size());
      FillByType(frame, PlanRepair(pixels), source);
      if (frame.storage.empty())
      {
        frame.storage = std::move(external.pixels);
        frame.bytes = std::string_view(reinterpret_cast<const char*>(frame.storage.data()), frame.storage.size());
      }
      return std::nullopt;
    }
  }

  std::uint32_t BytesPerVoxel(VoxelType type) noexcept
  {
    switch (type)
    {
      case VoxelType::U8:
      case VoxelType::I8:
        return 1;
      case VoxelType::U16:
      case VoxelType::I16:
        return 2;
      default:
        return 4;
    }
  }

  std::string_view ToString(VoxelType type) noexcept
  {
    switch (type)
    {
      case VoxelType::U8:
        return "U8";
      case VoxelType::I8:
        return "I8";
      case VoxelType::U16:
        return "U16";
      case VoxelType::I16:
        return "I16";
      case VoxelType::U32:
        return "U32";
      default:
        return "I32";
    }
  }

  FrameDecoder::FrameDecoder(IExternalDecoder* external) :
    external_(external)
  {
  }

  DecodeOutcome FrameDecoder::Decode(std::string_view file, const DicomHeader& header, std::uint32_t frameNumber) const
  {
    if (header.pixelProblem)
    {
      return *header.pixelProblem;
    }
    if (frameNumber == 0 || frameNumber > header.planes.size())
    {
      return Undecodable("there is no frame " + std::to_string(frameNumber));
    }
    DecodedFrame frame;
    frame.rows = header.pixels.rows;
    frame.columns = header.pixels.columns;
    frame.rescaleSlope = header.planes[frameNumber - 1].rescaleSlope;
    frame.rescaleIntercept = header.planes[frameNumber - 1].rescaleIntercept;
    std::optional<Refusal> refusal;
    if (header.pixels.isNative)
    {
      refusal = DecodeNative(frame, file, header.pixels, frameNumber);
    }
    else if (external_ == nullptr)
    {
      refusal = Undecodable("TransferSyntaxUID (0002,0010) " + header.transferSyntaxUid + " needs a decoder");
    }
    else
    {
      refusal = DecodeExternal(frame, *external_, file, header.pixels, frameNumber);
    }
    if (refusal)
    {
      return *refusal;
    }
    return frame;
  }
}
