// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/DicomReader.h"
#include "UnitTests/Plugin/Volume/AcceptedHeader.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/dcmdata/dctk.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using H3K27M::Volume::Tests::ReadHeader;
using namespace H3K27M;
using namespace H3K27M::Volume;
using Support::BuilderSyntax;
using Support::DicomSeriesBuilder;
using Support::DicomSeriesOptions;
using testing::HasSubstr;

namespace
{
  std::string MakeFile(const DicomSeriesOptions& options = {})
  {
    return DicomSeriesBuilder(options).MakeFiles().front();
  }

  std::string MakeEditedFile(const std::function<void(DcmDataset&)>& edit, BuilderSyntax syntax = {})
  {
    DicomSeriesOptions options;
    options.syntax = syntax;
    options.edit = [&edit](DcmDataset& dataset, std::size_t) { edit(dataset); };
    return MakeFile(options);
  }

  Refusal ReadRefusal(const std::string& file, const VolumeLimits& limits = {})
  {
    ReadOutcome outcome = DicomReader(limits).Read(file);
    const auto* refusal = std::get_if<Refusal>(&outcome);
    return refusal == nullptr ? Refusal{RefusalCode::NoPixelData, "was read"} : *refusal;
  }

  // Why the pixels of a file that can be read cannot be used.
  Refusal ReadPixelProblem(const std::string& file, const VolumeLimits& limits = {})
  {
    return ReadHeader(file, limits).pixelProblem.value_or(Refusal{RefusalCode::NotDicom, "no problem"});
  }

  // An element of explicit VR little endian with a 16-bit length.
  std::string Element(std::uint16_t group, std::uint16_t element, const std::string& vr, const std::string& value)
  {
    std::string text;
    for (const std::uint16_t number : {group, element})
    {
      text += static_cast<char>(number & 0xFF);
      text += static_cast<char>(number >> 8);
    }
    text += vr;
    text += static_cast<char>(value.size() & 0xFF);
    text += static_cast<char>(value.size() >> 8);
    return text + value;
  }

  std::string Preamble(const std::string& transferSyntax)
  {
    std::string padded = transferSyntax;
    padded.resize(padded.size() + padded.size() % 2, '\0');
    return std::string(128, '\0') + "DICM" + Element(2, 0x10, "UI", padded);
  }

  std::string ReplaceSyntax(std::string file, const std::string& from, const std::string& to)
  {
    const auto position = file.find(from);
    EXPECT_NE(position, std::string::npos);
    EXPECT_EQ(from.size(), to.size());
    return file.replace(position, from.size(), to);
  }
}

TEST(DicomReader, ReadsGeometryAndPhysicsOfAClassicImage)
{
  const DicomHeader header = ReadHeader(MakeFile());
  EXPECT_FALSE(header.pixelProblem);
  EXPECT_FALSE(header.isMultiFrame);
  EXPECT_EQ(header.seriesInstanceUid, "2.25.2001");
  EXPECT_EQ(header.instanceNumber, 1);
  ASSERT_EQ(header.planes.size(), 1u);
  EXPECT_FALSE(header.planes[0].problem);
  EXPECT_EQ(header.planes[0].imagePositionPatientText[1], "-8.25");
  EXPECT_DOUBLE_EQ(header.planes[0].imagePositionPatient[1], -8.25);
  EXPECT_DOUBLE_EQ(header.planes[0].sliceThicknessMm, 4);
  EXPECT_EQ(header.pixels.rows, 32u);
  EXPECT_EQ(header.pixels.columns, 24u);
  EXPECT_DOUBLE_EQ(header.acquisition.echoTimeMs.value(), 95);
  EXPECT_DOUBLE_EQ(header.acquisition.repetitionTimeMs.value(), 5000);
  EXPECT_EQ(header.acquisition.seriesDescription, "T2 TSE TRA");
}

TEST(DicomReader, ReadsTheSameFromAllUncompressedSyntaxes)
{
  for (const BuilderSyntax syntax :
       {BuilderSyntax::ExplicitLittle, BuilderSyntax::ImplicitLittle, BuilderSyntax::ExplicitBig})
  {
    DicomSeriesOptions options;
    options.syntax = syntax;
    const DicomHeader header = ReadHeader(MakeFile(options));
    EXPECT_FALSE(header.pixelProblem);
    EXPECT_EQ(header.pixels.rows, 32u);
    EXPECT_EQ(header.pixels.pixelLength, 32u * 24u * 2u);
    EXPECT_EQ(header.pixels.isBigEndian, syntax == BuilderSyntax::ExplicitBig);
    EXPECT_DOUBLE_EQ(header.acquisition.echoTimeMs.value(), 95);
  }
}

TEST(DicomReader, ReadsFunctionalGroupsOfAnEnhancedImage)
{
  const DicomHeader header = ReadHeader(DicomSeriesBuilder({}).MakeEnhancedFile());
  EXPECT_FALSE(header.pixelProblem);
  EXPECT_TRUE(header.isMultiFrame);
  ASSERT_EQ(header.planes.size(), 6u);
  EXPECT_DOUBLE_EQ(header.planes[5].imagePositionPatient[2], -15);
  EXPECT_DOUBLE_EQ(header.planes[5].pixelSpacingMm[0], 0.5);
  EXPECT_DOUBLE_EQ(header.planes[5].echoTimeMs.value(), 95);
  EXPECT_DOUBLE_EQ(header.acquisition.repetitionTimeMs.value(), 5000);
  EXPECT_EQ(header.acquisition.inversionRecovery, "NO");
}

TEST(DicomReader, RefusesEnhancedImageWhoseGroupsAreFewerThanItsFrames)
{
  DicomSeriesOptions options;
  options.edit = [](DcmDataset& dataset, std::size_t) { delete dataset.remove(DCM_PerFrameFunctionalGroupsSequence); };
  const DicomHeader header = ReadHeader(DicomSeriesBuilder(options).MakeEnhancedFile());
  ASSERT_EQ(header.planes.size(), 1u);
  ASSERT_TRUE(header.planes[0].problem);
  EXPECT_EQ(header.planes[0].problem->code, RefusalCode::MissingGeometry);
  EXPECT_THAT(header.planes[0].problem->text, HasSubstr("(5200,9230)"));
}

TEST(DicomReader, KeepsStandardAttributesOnlyForTheResultWriters)
{
  const std::string file = MakeEditedFile([](DcmDataset& dataset)
  {
    dataset.putAndInsertString(DcmTag(0x0029, 0x0010, EVR_LO), "SIEMENS CSA HEADER");
    dataset.putAndInsertString(DcmTag(0x0029, 0x1010, EVR_LO), "private");
    DcmItem* other = nullptr;
    ASSERT_TRUE(dataset.findOrCreateSequenceItem(DCM_OtherPatientIDsSequence, other, -2).good());
    other->putAndInsertString(DCM_PatientID, "OTHER");
    other->putAndInsertString(DcmTag(0x0029, 0x0010, EVR_LO), "VENDOR");
    DcmItem* issuer = nullptr;
    ASSERT_TRUE(other->findOrCreateSequenceItem(DCM_IssuerOfPatientIDQualifiersSequence, issuer, -2).good());
    issuer->putAndInsertString(DcmTag(0x0029, 0x0010, EVR_LO), "VENDOR");
  });
  const DicomHeader header = ReadHeader(file);
  auto& dataset = const_cast<DcmDataset&>(*header.dataset);
  EXPECT_TRUE(dataset.tagExistsWithValue(DCM_PatientID));
  EXPECT_FALSE(dataset.tagExists(DCM_PixelData));
  EXPECT_FALSE(dataset.tagExists(DcmTagKey(0x0029, 0x1010)));
  EXPECT_FALSE(dataset.tagExists(DcmTagKey(0x0029, 0x0010), OFTrue)) << "within sequences";
  DcmItem* other = nullptr;
  ASSERT_TRUE(dataset.findAndGetSequenceItem(DCM_OtherPatientIDsSequence, other, 0).good());
  EXPECT_TRUE(other->tagExistsWithValue(DCM_PatientID));
}

TEST(DicomReader, DescribesAnObjectWithoutPixels)
{
  const std::string file = MakeEditedFile([](DcmDataset& dataset)
  {
    delete dataset.remove(DCM_PixelData);
    dataset.putAndInsertString(DCM_SOPClassUID, UID_RawDataStorage);
  });
  const DicomHeader header = ReadHeader(file);
  EXPECT_EQ(header.sopClassUid, UID_RawDataStorage);
  ASSERT_TRUE(header.pixelProblem);
  EXPECT_EQ(header.pixelProblem->code, RefusalCode::NoPixelData);
}

TEST(DicomReader, RefusesAnEmptyFile)
{
  EXPECT_EQ(ReadRefusal("").code, RefusalCode::NotDicom);
  EXPECT_THAT(ReadRefusal("").text, HasSubstr("empty"));
}

TEST(DicomReader, RefusesGarbage)
{
  EXPECT_EQ(ReadRefusal(std::string(5000, 'x')).code, RefusalCode::NotDicom);
  std::string file = Preamble("1.2.840.10008.1.2.1");
  for (unsigned i = 0; i < 4000; ++i)
  {
    file += static_cast<char>((i * 2654435761u) >> 13);
  }
  EXPECT_EQ(ReadRefusal(file).code, RefusalCode::NotDicom);
}

TEST(DicomReader, RefusesAFileCutAnywhereBeforeItsLastPixel)
{
  const std::string file = MakeFile();
  ASSERT_FALSE(ReadHeader(file).pixelProblem);
  for (std::size_t length = 0; length < file.size(); length += 7)
  {
    ReadOutcome outcome = DicomReader(VolumeLimits()).Read(std::string_view(file).substr(0, length));
    const auto* header = std::get_if<DicomHeader>(&outcome);
    // A cut between two elements leaves a readable file, but never one with pixels.
    EXPECT_TRUE(header == nullptr || header->pixelProblem) << length;
  }
}

TEST(DicomReader, NamesTheTagAtWhichAFileIsTruncated)
{
  const std::string file = Preamble("1.2.840.10008.1.2.1") + Element(0x0028, 0x0010, "US", std::string("\x20\0", 2));
  EXPECT_THAT(ReadRefusal(file.substr(0, file.size() - 1)).text, HasSubstr("(0028,0010)"));
}

TEST(DicomReader, RefusesLengthsBeyondTheFileBeforeAllocating)
{
  std::string file = Preamble("1.2.840.10008.1.2.1");
  file += std::string("\x10\0\x10\0UN\0\0\xF0\xFF\xFF\x7F", 12) + "short";
  EXPECT_THAT(ReadRefusal(file).text, HasSubstr("(0010,0010)"));
}

// Found by fuzzing: read as a 16-bit length here and as a 32-bit one by DCMTK, which then took 2.7 GB.
TEST(DicomReader, TakesTheLengthOfAnUnknownVrForA32BitOne)
{
  std::string file = Preamble("1.2.840.10008.1.2.1");
  file += std::string("\x28\0\x30\0SD\x08\0\xF0\xFF\xFF\x7F", 12) + "1\\1 more";
  EXPECT_THAT(ReadRefusal(file).text, HasSubstr("(0028,0030) has 2147483632 bytes"));
}

TEST(DicomReader, RefusesHugeImageInAOneKilobyteFile)
{
  const std::string file = MakeEditedFile([](DcmDataset& dataset)
  {
    dataset.putAndInsertUint16(DCM_Rows, 65535);
    dataset.putAndInsertUint16(DCM_Columns, 65535);
    const Uint16 pixels[16] = {};
    dataset.putAndInsertUint16Array(DCM_PixelData, pixels, 16);
  });
  EXPECT_LT(file.size(), 2048u);
  EXPECT_EQ(ReadPixelProblem(file).code, RefusalCode::LimitExceeded);
  EXPECT_THAT(ReadPixelProblem(file).text, HasSubstr("Rows (0028,0010) is 65535"));
  VolumeLimits limits;
  limits.maxRows = 65535;
  limits.maxColumns = 65535;
  EXPECT_EQ(ReadPixelProblem(file, limits).code, RefusalCode::LimitExceeded);
  limits.maxBytes = 1ull << 40;
  EXPECT_EQ(ReadPixelProblem(file, limits).code, RefusalCode::PixelDataTooShort);
}

TEST(DicomReader, RefusesMoreFramesThanThePixelsHold)
{
  DicomSeriesOptions options;
  options.edit = [](DcmDataset& dataset, std::size_t) { dataset.putAndInsertString(DCM_NumberOfFrames, "7"); };
  const Refusal problem = ReadPixelProblem(DicomSeriesBuilder(options).MakeEnhancedFile());
  EXPECT_EQ(problem.code, RefusalCode::PixelDataTooShort);
  options.edit = [](DcmDataset& dataset, std::size_t) { dataset.putAndInsertString(DCM_NumberOfFrames, "2000000000"); };
  EXPECT_EQ(ReadPixelProblem(DicomSeriesBuilder(options).MakeEnhancedFile()).code, RefusalCode::LimitExceeded);
}

TEST(DicomReader, RefusesPixelDataShorterThanPromised)
{
  const std::string file = MakeEditedFile([](DcmDataset& dataset) { dataset.putAndInsertUint16(DCM_Rows, 33); });
  EXPECT_EQ(ReadPixelProblem(file).code, RefusalCode::PixelDataTooShort);
}

TEST(DicomReader, RefusesColour)
{
  const std::string file = MakeEditedFile([](DcmDataset& dataset)
  {
    dataset.putAndInsertUint16(DCM_SamplesPerPixel, 3);
    dataset.putAndInsertString(DCM_PhotometricInterpretation, "RGB");
  });
  EXPECT_EQ(ReadPixelProblem(file).code, RefusalCode::UnsupportedPixels);
  EXPECT_THAT(ReadPixelProblem(file).text, HasSubstr("RGB"));
}

TEST(DicomReader, RefusesOddBitDepths)
{
  for (const Uint16 bits : {0, 1, 12, 64})
  {
    const std::string file =
      MakeEditedFile([bits](DcmDataset& dataset) { dataset.putAndInsertUint16(DCM_BitsAllocated, bits); });
    EXPECT_EQ(ReadPixelProblem(file).code, RefusalCode::UnsupportedPixels) << bits;
  }
  const std::string file = MakeEditedFile([](DcmDataset& dataset) { dataset.putAndInsertUint16(DCM_HighBit, 20); });
  EXPECT_EQ(ReadPixelProblem(file).code, RefusalCode::UnsupportedPixels);
}

TEST(DicomReader, RefusesUnknownTransferSyntax)
{
  const std::string file = ReplaceSyntax(MakeFile(), std::string("1.2.840.10008.1.2.1\0", 20), "1.2.840.10008.1.2.77");
  EXPECT_EQ(ReadPixelProblem(file).code, RefusalCode::UndecodablePixels);
  EXPECT_THAT(ReadPixelProblem(file).text, HasSubstr("1.2.840.10008.1.2.77"));
}

TEST(DicomReader, RefusesCompressedSyntaxOverUncompressedPixels)
{
  const std::string file =
    ReplaceSyntax(MakeFile(), std::string("1.2.840.10008.1.2.1\0", 20), std::string("1.2.840.10008.1.2.5\0", 20));
  EXPECT_EQ(ReadPixelProblem(file).code, RefusalCode::UndecodablePixels);
}

TEST(DicomReader, KnowsLossyPixelsByTheAttributeOrTheSyntax)
{
  EXPECT_FALSE(ReadHeader(MakeFile()).lossy.isLossy);
  const DicomHeader stated = ReadHeader(MakeEditedFile([](DcmDataset& dataset)
  {
    dataset.putAndInsertString(DCM_LossyImageCompression, "01");
    dataset.putAndInsertString(DCM_LossyImageCompressionRatio, "12.5\\2");
  }));
  EXPECT_TRUE(stated.lossy.isLossy);
  EXPECT_EQ(stated.lossy.ratios, (std::vector<std::string>{"12.5", "2"}));
  EXPECT_TRUE(stated.lossy.methods.empty());
  const DicomHeader jpeg = ReadHeader(Preamble("1.2.840.10008.1.2.4.50") + Element(8, 0x16, "UI", "1.2.84") +
                                      Element(8, 0x18, "UI", "1.2.85") + Element(0x20, 0x0E, "UI", "1.2.86"));
  EXPECT_TRUE(jpeg.lossy.isLossy);
  EXPECT_EQ(jpeg.lossy.methods, std::vector<std::string>{"ISO_10918_1"});
}

// PS3.3 C.7.6.1.1.5: method and ratio belong to a lossy image; results made of it have to repeat them.
TEST(DicomReader, FillsInHowALossyFileWasCompressed)
{
  const auto number = [](std::uint16_t element, char value)
  { return Element(0x28, element, "US", std::string(1, value) + std::string(1, '\0')); };
  const std::string fragment(1000, 'x');
  const std::string file = Preamble("1.2.840.10008.1.2.4.81") + Element(8, 0x16, "UI", "1.2.84") +
                           Element(8, 0x18, "UI", "1.2.85") + Element(0x20, 0x0E, "UI", "1.2.86") + number(0x02, 1) +
                           Element(0x28, 0x04, "CS", "MONOCHROME2 ") + number(0x10, 100) + number(0x11, 100) +
                           number(0x100, 16) + number(0x101, 16) + number(0x102, 15) + number(0x103, 0) +
                           Element(0x28, 0x2110, "CS", "01") + std::string("\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF", 12) +
                           std::string("\xFE\xFF\0\xE0\0\0\0\0", 8) + std::string("\xFE\xFF\0\xE0\xE8\x03\0\0", 8) +
                           fragment + std::string("\xFE\xFF\xDD\xE0\0\0\0\0", 8);
  const DicomHeader header = ReadHeader(file);
  EXPECT_FALSE(header.pixelProblem);
  EXPECT_EQ(header.lossy.methods, std::vector<std::string>{"ISO_14495_1"});
  EXPECT_EQ(header.lossy.ratios, std::vector<std::string>{"20.00"});
}

TEST(DicomReader, RefusesSequencesNestedTooDeeply)
{
  std::string nested;
  for (int i = 0; i < 20000; ++i)
  {
    nested += std::string("\x08\0\x40\x11SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF", 20);
  }
  EXPECT_THAT(ReadRefusal(Preamble("1.2.840.10008.1.2.1") + nested).text, HasSubstr("nested deeper"));
}

TEST(DicomReader, ReadsSequencesOfAllKindsOfLength)
{
  const std::string file = MakeEditedFile([](DcmDataset& dataset)
  {
    DcmItem* item = nullptr;
    ASSERT_TRUE(dataset.findOrCreateSequenceItem(DCM_ReferencedImageSequence, item, -2).good());
    item->putAndInsertString(DCM_ReferencedSOPInstanceUID, "1.2.3");
    ASSERT_TRUE(dataset.findOrCreateSequenceItem(DCM_IconImageSequence, item, -2).good());
    const Uint16 icon[4] = {1, 2, 3, 4};
    item->putAndInsertUint16Array(DCM_PixelData, icon, 4);
  }, BuilderSyntax::ImplicitLittle);
  const DicomHeader header = ReadHeader(file);
  EXPECT_FALSE(header.pixelProblem);
  EXPECT_EQ(header.pixels.pixelLength, 32u * 24u * 2u);
}

TEST(DicomReader, StatesMissingAndMalformedGeometry)
{
  const auto problem = [](const std::function<void(DcmDataset&)>& edit)
  {
    const DicomHeader header = ReadHeader(MakeEditedFile(edit));
    return header.planes.at(0).problem.value_or(Refusal{RefusalCode::NotDicom, "no problem"});
  };
  const Refusal position = problem([](DcmDataset& d) { delete d.remove(DCM_ImagePositionPatient); });
  EXPECT_EQ(position.code, RefusalCode::MissingGeometry);
  EXPECT_THAT(position.text, HasSubstr("(0020,0032)"));
  EXPECT_THAT(problem([](DcmDataset& d) { delete d.remove(DCM_ImageOrientationPatient); }).text,
              HasSubstr("(0020,0037)"));
  EXPECT_THAT(problem([](DcmDataset& d) { delete d.remove(DCM_PixelSpacing); }).text, HasSubstr("(0028,0030)"));
  EXPECT_EQ(problem([](DcmDataset& d) { d.putAndInsertString(DCM_ImagePositionPatient, "1\\2"); }).code,
            RefusalCode::MissingGeometry);
  EXPECT_EQ(problem([](DcmDataset& d) { d.putAndInsertString(DCM_ImageOrientationPatient, "1\\0\\0\\1\\0\\0"); }).code,
            RefusalCode::BadNumber);
  EXPECT_EQ(problem([](DcmDataset& d) { d.putAndInsertString(DCM_PixelSpacing, "0.5\\-0.5"); }).code,
            RefusalCode::BadNumber);
}

TEST(DicomReader, RefusesNumbersThatAreNotFinite)
{
  for (const char* const text : {"1\\2\\NaN", "1\\2\\inf", "1\\2\\1e999", "1\\2\\3mm", "1\\2\\0x10"})
  {
    const DicomHeader header = ReadHeader(
      MakeEditedFile([text](DcmDataset& dataset) { dataset.putAndInsertString(DCM_ImagePositionPatient, text); }));
    ASSERT_TRUE(header.planes.at(0).problem) << text;
    EXPECT_EQ(header.planes[0].problem->code, RefusalCode::BadNumber) << text;
  }
  const DicomHeader header =
    ReadHeader(MakeEditedFile([](DcmDataset& dataset) { dataset.putAndInsertString(DCM_RescaleSlope, "NaN"); }));
  EXPECT_EQ(header.planes.at(0).problem.value().code, RefusalCode::BadNumber);
}

TEST(DicomReader, AcceptsExponentsAndPlusSigns)
{
  const DicomHeader header = ReadHeader(MakeEditedFile([](DcmDataset& dataset)
  { dataset.putAndInsertString(DCM_ImagePositionPatient, "+1.5\\-1e-016\\ 2.5E1 "); }));
  ASSERT_FALSE(header.planes.at(0).problem);
  EXPECT_DOUBLE_EQ(header.planes[0].imagePositionPatient[0], 1.5);
  EXPECT_DOUBLE_EQ(header.planes[0].imagePositionPatient[2], 25);
}

TEST(DicomReader, SurvivesEveryByteFlippedOnce)
{
  // No expectation on the outcome but that there is one: no crash, no hang, no exception (run under ASan in test.sh).
  const std::string original = MakeFile();
  const std::size_t header = original.size() - 32 * 24 * 2;
  std::size_t read = 0;
  for (std::size_t i = 132; i < header; ++i)
  {
    std::string file = original;
    file[i] = static_cast<char>(file[i] ^ 0xFF);
    const ReadOutcome outcome = DicomReader(VolumeLimits()).Read(file);
    read += std::holds_alternative<DicomHeader>(outcome) ? 1 : 0;
  }
  EXPECT_GT(read, 0u);
}
