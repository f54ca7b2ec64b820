// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/DcmtkDecoder.h"
#include "Plugin/Volume/DicomReader.h"
#include "Plugin/Volume/FrameDecoder.h"
#include "Plugin/Volume/VolumeAssembler.h"
#include "UnitTests/Plugin/Volume/AcceptedHeader.h"
#include "UnitTests/Support/Fixtures.h"

#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

using H3K27M::Volume::Tests::ReadHeader;
using namespace H3K27M;
using namespace H3K27M::Volume;
using testing::HasSubstr;

namespace
{
  VolumeOutcome Assemble(const std::vector<std::string>& files)
  {
    std::vector<DicomHeader> headers;
    for (const std::string& file : files)
    {
      headers.push_back(ReadHeader(file));
    }
    return VolumeAssembler(VolumeLimits()).Assemble(std::move(headers));
  }

  // Codecs of DCMTK for the duration of a test.
  class CodecScope
  {
  public:
    CodecScope()
    {
      DcmRLEDecoderRegistration::registerCodecs();
      DJDecoderRegistration::registerCodecs();
      DJLSDecoderRegistration::registerCodecs();
    }

    ~CodecScope()
    {
      DJLSDecoderRegistration::cleanup();
      DJDecoderRegistration::cleanup();
      DcmRLEDecoderRegistration::cleanup();
    }
  };
}

TEST(VolumeFixtures, FindsTheMissingSliceOfTheTrioSeries)
{
  const auto path = Support::FindFixture("mr/siemens-trio-axial-t2");
  if (!path)
  {
    GTEST_SKIP() << "../shared/fixtures/mr/siemens-trio-axial-t2 is not there";
  }
  const VolumeOutcome outcome = Assemble(Support::ReadFixtureFiles(*path));
  ASSERT_TRUE(std::holds_alternative<AssembledVolume>(outcome)) << std::get<Refusal>(outcome).text;
  const AssembledVolume& volume = std::get<AssembledVolume>(outcome);
  EXPECT_EQ(volume.series.slices.size(), 55u);
  EXPECT_EQ(volume.series.rows, 512u);
  EXPECT_EQ(volume.series.columns, 384u);
  EXPECT_NEAR(volume.series.sliceSpacingMm, 2.5, 1e-4);
  ASSERT_EQ(volume.series.gaps.size(), 1u);
  EXPECT_EQ(volume.series.gaps[0].missingSlices, 1u);
  ASSERT_EQ(volume.warnings.size(), 1u);
  EXPECT_THAT(volume.warnings[0], HasSubstr("1 slice of 56 is missing"));
}

TEST(VolumeFixtures, ReadsEveryRealFile)
{
  const std::vector<Support::FixtureEntry> index = Support::ReadFixtureIndex();
  if (index.empty())
  {
    GTEST_SKIP() << "../shared/fixtures/index.json is not there";
  }
  for (const Support::FixtureEntry& entry : index)
  {
    const auto path = Support::FindFixture(entry.folder);
    ASSERT_TRUE(path) << entry.folder;
    if (entry.folder.rfind("mr/", 0) != 0)
    {
      continue;
    }
    for (const std::string& file : Support::ReadFixtureFiles(*path))
    {
      const DicomHeader header = ReadHeader(file);
      const bool isPixelless = entry.folder == "mr/philips-raw-data-object";
      const bool isColour = entry.folder == "mr/siemens-xa30-enhanced-colour-fa";
      EXPECT_EQ(header.pixelProblem.has_value(), isPixelless || isColour)
        << entry.folder << ": " << (header.pixelProblem ? header.pixelProblem->text : "no problem");
    }
  }
}

TEST(VolumeFixtures, AssemblesEnhancedFixtures)
{
  const auto path = Support::FindFixture("mr/siemens-enhanced-axial-a-phantom");
  if (!path)
  {
    GTEST_SKIP() << "../shared/fixtures/mr/siemens-enhanced-axial-a-phantom is not there";
  }
  const VolumeOutcome outcome = Assemble(Support::ReadFixtureFiles(*path));
  ASSERT_TRUE(std::holds_alternative<AssembledVolume>(outcome)) << std::get<Refusal>(outcome).text;
  const SourceSeries& series = std::get<AssembledVolume>(outcome).series;
  EXPECT_EQ(series.slices.size(), 11u);
  EXPECT_NEAR(series.sliceSpacingMm, 10, 1e-3);
  EXPECT_LT(series.slices.front().imagePositionPatient[2], series.slices.back().imagePositionPatient[2]);
}

TEST(VolumeFixtures, DecodesOneImageEquallyFromAllTransferSyntaxes)
{
  const auto reference = Support::FindFixture("mr/codec-explicit-le");
  if (!reference)
  {
    GTEST_SKIP() << "../shared/fixtures/mr/codec-explicit-le is not there";
  }
  const CodecScope codecs;
  DcmtkDecoder external;
  const FrameDecoder decoder(&external);
  const std::string file = Support::ReadFixtureFiles(*reference).front();
  const DecodeOutcome expected = decoder.Decode(file, ReadHeader(file), 1);
  ASSERT_TRUE(std::holds_alternative<DecodedFrame>(expected));
  for (const char* const name :
       {"implicit-le", "big-endian", "rle", "jpeg-lossless-a", "jpeg-lossless-b", "jpeg-ls-a", "jpeg-ls-b"})
  {
    const std::string folder = Support::FindFixture(std::string("mr/codec-") + name).value();
    const std::string other = Support::ReadFixtureFiles(folder).front();
    const DecodeOutcome outcome = decoder.Decode(other, ReadHeader(other), 1);
    ASSERT_TRUE(std::holds_alternative<DecodedFrame>(outcome)) << name << ": " << std::get<Refusal>(outcome).text;
    EXPECT_EQ(std::get<DecodedFrame>(outcome).type, VoxelType::U16) << name;
    EXPECT_TRUE(std::get<DecodedFrame>(outcome).bytes == std::get<DecodedFrame>(expected).bytes) << name;
  }
  // JPEG 2000 needs a decoder that DCMTK has not: a refusal that says so, not a crash.
  const std::string jpeg2000 = Support::ReadFixtureFiles(Support::FindFixture("mr/codec-jpeg2000").value()).front();
  const DecodeOutcome refused = decoder.Decode(jpeg2000, ReadHeader(jpeg2000), 1);
  ASSERT_TRUE(std::holds_alternative<Refusal>(refused));
  EXPECT_EQ(std::get<Refusal>(refused).code, RefusalCode::UndecodablePixels);
}

TEST(VolumeFixtures, ParsesAndDecodesAStudyInMilliseconds)
{
  const auto path = Support::FindFixture("mr/siemens-trio-axial-t2");
  if (!path)
  {
    GTEST_SKIP() << "../shared/fixtures/mr/siemens-trio-axial-t2 is not there";
  }
  const std::vector<std::string> files = Support::ReadFixtureFiles(*path);
  const DicomReader reader{VolumeLimits()};
  const FrameDecoder decoder(nullptr);
  const auto begin = std::chrono::steady_clock::now();
  std::size_t bytes = 0;
  for (const std::string& file : files)
  {
    const ReadOutcome outcome = reader.Read(file);
    bytes += std::get<DecodedFrame>(decoder.Decode(file, std::get<DicomHeader>(outcome), 1)).bytes.size();
  }
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(bytes, 55u * 512u * 384u * 2u);
  std::cout << "55 slices: " << elapsed.count() << " ms" << std::endl;
  // Ten times what was measured on a 2-core machine: a quadratic step or a decode of the whole file would show.
  EXPECT_LT(elapsed.count(), 1000);
}
