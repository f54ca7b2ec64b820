// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/DeflatedFile.h"
#include "Plugin/Volume/DicomReader.h"
#include "Plugin/Volume/FileLayout.h"
#include "Plugin/Volume/FrameDecoder.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <zlib.h>

#include <gtest/gtest.h>

using namespace H3K27M;
using namespace H3K27M::Volume;
using Support::DicomSeriesBuilder;

namespace
{
  constexpr std::uint64_t PLENTY = 1 << 28;

  std::string Deflate(std::string bytes)
  {
    z_stream stream = {};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string output(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(output.data());
    stream.avail_out = static_cast<uInt>(output.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    output.resize(output.size() - stream.avail_out);
    deflateEnd(&stream);
    return output;
  }

  // A Part 10 file whose dataset is `dataset`, deflated.
  std::string MakeDeflated(const std::string& dataset)
  {
    return std::string(128, '\0') + "DICM" + std::string("\x02\0\x10\0UI\x16\0", 8) + std::string(DEFLATED_SYNTAX) +
           Deflate(dataset);
  }

  std::string MakePlain()
  {
    return DicomSeriesBuilder({}).MakeFiles()[2];
  }

  std::string MakeDeflatedImage()
  {
    const std::string plain = MakePlain();
    return MakeDeflated(plain.substr(std::get<FileLayout>(LocateMeta(plain)).datasetOffset));
  }
}

TEST(DeflatedFile, ReadsTheSameAsTheUncompressedFile)
{
  const std::string file = InflateIfDeflated(MakeDeflatedImage(), PLENTY);
  const ReadOutcome outcome = DicomReader(VolumeLimits()).Read(file);
  ASSERT_TRUE(std::holds_alternative<DicomHeader>(outcome)) << std::get<Refusal>(outcome).text;
  const DicomHeader& header = std::get<DicomHeader>(outcome);
  EXPECT_FALSE(header.pixelProblem);
  const DecodeOutcome decoded = FrameDecoder(nullptr).Decode(file, header, 1);
  const std::string plain = MakePlain();
  const ReadOutcome plainOutcome = DicomReader(VolumeLimits()).Read(plain);
  const DecodeOutcome expected = FrameDecoder(nullptr).Decode(plain, std::get<DicomHeader>(plainOutcome), 1);
  EXPECT_TRUE(std::get<DecodedFrame>(decoded).bytes == std::get<DecodedFrame>(expected).bytes);
}

TEST(DeflatedFile, LeavesOtherFilesAlone)
{
  const std::string plain = MakePlain();
  EXPECT_TRUE(InflateIfDeflated(plain, PLENTY) == plain);
  EXPECT_EQ(InflateIfDeflated("", PLENTY), "");
}

TEST(DeflatedFile, StopsAtTheLimitInsteadOfFillingTheMemory)
{
  const std::string bomb = MakeDeflated(std::string(50 << 20, '\0'));
  ASSERT_LT(bomb.size(), 100000u);
  const std::string file = InflateIfDeflated(bomb, 1 << 20);
  EXPECT_TRUE(file == bomb);
  const ReadOutcome outcome = DicomReader(VolumeLimits()).Read(file);
  ASSERT_TRUE(std::holds_alternative<Refusal>(outcome));
  EXPECT_EQ(std::get<Refusal>(outcome).code, RefusalCode::UndecodablePixels);
}

TEST(DeflatedFile, RefusesATruncatedStream)
{
  const std::string whole = MakeDeflatedImage();
  const std::string cut = whole.substr(0, whole.size() - 20);
  const std::string file = InflateIfDeflated(cut, PLENTY);
  EXPECT_TRUE(std::holds_alternative<Refusal>(DicomReader(VolumeLimits()).Read(file)));
}
