// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Volume/DicomReader.h"
#include "Plugin/Volume/FrameDecoder.h"
#include "UnitTests/Plugin/Volume/AcceptedHeader.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/dcmdata/dctk.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

using H3K27M::Volume::Tests::ReadHeader;
using namespace H3K27M;
using namespace H3K27M::Volume;
using Support::BuilderSyntax;
using Support::DicomSeriesBuilder;
using Support::DicomSeriesOptions;
using testing::ElementsAre;
using testing::HasSubstr;

namespace
{
  DecodedFrame Accept(const std::string& file, std::uint32_t frameNumber = 1, IExternalDecoder* external = nullptr)
  {
    DecodeOutcome outcome = FrameDecoder(external).Decode(file, ReadHeader(file), frameNumber);
    if (const auto* refusal = std::get_if<Refusal>(&outcome))
    {
      throw std::runtime_error("refused: " + refusal->text);
    }
    return std::get<DecodedFrame>(std::move(outcome));
  }

  template <typename T>
  std::vector<T> Values(const DecodedFrame& frame)
  {
    std::vector<T> values(frame.bytes.size() / sizeof(T));
    std::memcpy(values.data(), frame.bytes.data(), frame.bytes.size());
    return values;
  }

  // A 2 x 2 image of 16 bits whose attributes `edit` changes.
  std::string MakeSmall(const std::vector<Uint16>& pixels, const std::function<void(DcmDataset&)>& edit,
                        BuilderSyntax syntax = BuilderSyntax::ExplicitLittle)
  {
    DicomSeriesOptions options;
    options.slices = 1;
    options.rows = 2;
    options.columns = 2;
    options.syntax = syntax;
    options.edit = [&](DcmDataset& dataset, std::size_t)
    {
      dataset.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
      edit(dataset);
    };
    return DicomSeriesBuilder(options).MakeFiles().front();
  }

  std::string AsEncapsulated(const std::string& file)
  {
    // RLE's UID is as long as that of explicit little endian; the value becomes an empty offset table and a fragment.
    std::string changed = file;
    const std::string from("1.2.840.10008.1.2.1\0", 20);
    changed.replace(changed.find(from), from.size(), std::string("1.2.840.10008.1.2.5\0", 20));
    const std::string tag("\xE0\x7F\x10\0OW\0\0", 8);
    const auto position = changed.find(tag);
    changed.replace(position, std::string::npos,
                    std::string("\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF", 12) + std::string("\xFE\xFF\0\xE0\0\0\0\0", 8) +
                      std::string("\xFE\xFF\0\xE0\x04\0\0\0abcd", 12) + std::string("\xFE\xFF\xDD\xE0\0\0\0\0", 8));
    return changed;
  }

  class FakeDecoder : public IExternalDecoder
  {
  public:
    ExternalFrame frame;
    std::optional<Error> failure;
    std::uint32_t askedFor = 99;

    ExternalFrame Decode(std::string_view, std::uint32_t frameIndex) override
    {
      askedFor = frameIndex;
      if (failure)
      {
        throw *failure;
      }
      return frame;
    }
  };
}

TEST(FrameDecoder, DecodesAllUncompressedSyntaxesToTheSameValues)
{
  for (const BuilderSyntax syntax :
       {BuilderSyntax::ExplicitLittle, BuilderSyntax::ImplicitLittle, BuilderSyntax::ExplicitBig})
  {
    DicomSeriesOptions options;
    options.syntax = syntax;
    const std::vector<std::string> files = DicomSeriesBuilder(options).MakeFiles();
    const DecodedFrame frame = Accept(files[3]);
    EXPECT_EQ(frame.type, VoxelType::U16);
    const auto values = Values<std::uint16_t>(frame);
    ASSERT_EQ(values.size(), 32u * 24u);
    for (std::size_t i = 0; i < values.size(); ++i)
    {
      ASSERT_EQ(values[i], DicomSeriesBuilder::StoredValue(3, i / 24, i % 24));
    }
  }
}

TEST(FrameDecoder, CopiesNothingWhereThePixelsLieReady)
{
  const std::string file = DicomSeriesBuilder({}).MakeFiles().front();
  const DecodedFrame frame = Accept(file);
  EXPECT_TRUE(frame.storage.empty());
  EXPECT_GE(frame.bytes.data(), file.data());
  EXPECT_LE(frame.bytes.data() + frame.bytes.size(), file.data() + file.size());
}

TEST(FrameDecoder, PicksTheFrameOfAMultiFrameFile)
{
  const std::string file = DicomSeriesBuilder({}).MakeEnhancedFile();
  const auto values = Values<std::uint16_t>(Accept(file, 5));
  EXPECT_EQ(values[24 * 7 + 3], DicomSeriesBuilder::StoredValue(4, 7, 3));
  EXPECT_TRUE(std::holds_alternative<Refusal>(FrameDecoder(nullptr).Decode(file, ReadHeader(file), 7)));
  EXPECT_TRUE(std::holds_alternative<Refusal>(FrameDecoder(nullptr).Decode(file, ReadHeader(file), 0)));
}

TEST(FrameDecoder, MasksWhatLiesAboveTheStoredBits)
{
  const std::string file = MakeSmall({0xF001, 0x1FFF, 0x0ABC, 0x8000}, [](DcmDataset&) {});
  EXPECT_THAT(Values<std::uint16_t>(Accept(file)), ElementsAre(1, 0xFFF, 0xABC, 0));
}

TEST(FrameDecoder, ShiftsDownWhereHighBitIsAtTheTop)
{
  const std::string file =
    MakeSmall({0xABC0, 0x0010, 0xFFF0, 0}, [](DcmDataset& dataset) { dataset.putAndInsertUint16(DCM_HighBit, 15); });
  EXPECT_THAT(Values<std::uint16_t>(Accept(file)), ElementsAre(0xABC, 1, 0xFFF, 0));
}

TEST(FrameDecoder, ExtendsTheSignOfTwelveBits)
{
  const std::string file = MakeSmall({0x0FFF, 0x0800, 0x07FF, 0xFFFF},
                                     [](DcmDataset& d) { d.putAndInsertUint16(DCM_PixelRepresentation, 1); });
  const DecodedFrame frame = Accept(file);
  EXPECT_EQ(frame.type, VoxelType::I16);
  EXPECT_THAT(Values<std::int16_t>(frame), ElementsAre(-1, -2048, 2047, -1));
}

TEST(FrameDecoder, InvertsMonochrome1)
{
  const std::string file = MakeSmall({0, 1, 4095, 100}, [](DcmDataset& dataset)
  { dataset.putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME1"); });
  EXPECT_THAT(Values<std::uint16_t>(Accept(file)), ElementsAre(4095, 4094, 0, 3995));
}

TEST(FrameDecoder, ReplacesPaddingByTheLowestValue)
{
  const std::string file = MakeSmall({0xF830, 7, 5, 0xF830}, [](DcmDataset& dataset)
  {
    dataset.putAndInsertUint16(DCM_PixelRepresentation, 1);
    dataset.putAndInsertUint16(DCM_BitsStored, 16);
    dataset.putAndInsertUint16(DCM_HighBit, 15);
    auto* padding = new DcmSignedShort(DcmTag(DCM_PixelPaddingValue, EVR_SS));
    padding->putSint16(-2000);
    dataset.insert(padding);
  });
  EXPECT_THAT(Values<std::int16_t>(Accept(file)), ElementsAre(5, 7, 5, 5));
}

TEST(FrameDecoder, PaddingOfMonochrome1IsDarkToo)
{
  for (const Uint16 padding : {Uint16{0}, Uint16{4095}})
  {
    const std::string file = MakeSmall({padding, 7, 500, padding}, [padding](DcmDataset& dataset)
    {
      dataset.putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME1");
      auto* element = new DcmUnsignedShort(DcmTag(DCM_PixelPaddingValue, EVR_US));
      element->putUint16(padding);
      dataset.insert(element);
    });
    EXPECT_THAT(Values<std::uint16_t>(Accept(file)), ElementsAre(3595, 4088, 3595, 3595)) << padding;
  }
}

TEST(FrameDecoder, ReadsEightBits)
{
  const std::string file = MakeSmall({0x0201, 0x0403}, [](DcmDataset& dataset)
  {
    dataset.putAndInsertUint16(DCM_BitsAllocated, 8);
    dataset.putAndInsertUint16(DCM_BitsStored, 8);
    dataset.putAndInsertUint16(DCM_HighBit, 7);
  });
  const DecodedFrame frame = Accept(file);
  EXPECT_EQ(frame.type, VoxelType::U8);
  EXPECT_THAT(Values<std::uint8_t>(frame), ElementsAre(1, 2, 3, 4));
}

TEST(FrameDecoder, CarriesTheRescale)
{
  const std::string file = MakeSmall({1, 2, 3, 4}, [](DcmDataset& dataset)
  {
    dataset.putAndInsertString(DCM_RescaleSlope, "2");
    dataset.putAndInsertString(DCM_RescaleIntercept, "-4096");
  });
  const DecodedFrame frame = Accept(file);
  EXPECT_DOUBLE_EQ(frame.rescaleSlope, 2);
  EXPECT_DOUBLE_EQ(frame.rescaleIntercept, -4096);
}

TEST(FrameDecoder, GivesCompressedFramesToTheExternalDecoder)
{
  const std::string file = AsEncapsulated(MakeSmall({1, 2, 3, 4}, [](DcmDataset&) {}));
  FakeDecoder decoder;
  decoder.frame = ExternalFrame{VoxelType::U16, 2, 2, {9, 0, 8, 0, 7, 0, 6, 1}};
  EXPECT_THAT(Values<std::uint16_t>(Accept(file, 1, &decoder)), ElementsAre(9, 8, 7, 262));
  EXPECT_EQ(decoder.askedFor, 0u);
}

TEST(FrameDecoder, RefusesCompressedFramesWithoutADecoder)
{
  const std::string file = AsEncapsulated(MakeSmall({1, 2, 3, 4}, [](DcmDataset&) {}));
  const DecodeOutcome outcome = FrameDecoder(nullptr).Decode(file, ReadHeader(file), 1);
  ASSERT_TRUE(std::holds_alternative<Refusal>(outcome));
  EXPECT_EQ(std::get<Refusal>(outcome).code, RefusalCode::UndecodablePixels);
}

TEST(FrameDecoder, RefusesADecodedFrameOfAnotherSize)
{
  const std::string file = AsEncapsulated(MakeSmall({1, 2, 3, 4}, [](DcmDataset&) {}));
  FakeDecoder decoder;
  decoder.frame = ExternalFrame{VoxelType::U16, 2, 3, std::vector<std::uint8_t>(12)};
  const DecodeOutcome outcome = FrameDecoder(&decoder).Decode(file, ReadHeader(file), 1);
  ASSERT_TRUE(std::holds_alternative<Refusal>(outcome));
  EXPECT_THAT(std::get<Refusal>(outcome).text, HasSubstr("2 x 3"));
}

TEST(FrameDecoder, TellsABrokenCodestreamFromAnArchiveThatIsAway)
{
  const std::string file = AsEncapsulated(MakeSmall({1, 2, 3, 4}, [](DcmDataset&) {}));
  FakeDecoder decoder;
  decoder.failure = Error(ErrorCode::BadInput, "broken codestream");
  EXPECT_TRUE(std::holds_alternative<Refusal>(FrameDecoder(&decoder).Decode(file, ReadHeader(file), 1)));
  decoder.failure = Error(ErrorCode::Unavailable, "shutting down");
  EXPECT_THROW(FrameDecoder(&decoder).Decode(file, ReadHeader(file), 1), Error);
}
