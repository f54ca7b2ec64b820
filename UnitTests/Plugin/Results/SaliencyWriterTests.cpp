// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/PixelFont.h"
#include "Plugin/Results/SaliencyWriter.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <dcmtk/dcmdata/dctk.h>

#include <gmock/gmock.h>

using namespace H3K27M;
using namespace H3K27M::Results;

namespace
{
  constexpr std::uint32_t ROWS = 16;
  constexpr std::uint32_t COLUMNS = 24;

  // Grey 100 everywhere; the map is strongest at row 2, column 5 and half as strong beside it.
  SaliencySlice MakeSlice(std::size_t index)
  {
    SaliencySlice slice{index, std::vector<std::uint8_t>(ROWS * COLUMNS, 100),
                        std::vector<std::uint8_t>(ROWS * COLUMNS, 0)};
    slice.map[2 * COLUMNS + 5] = 255;
    slice.map[2 * COLUMNS + 6] = 85;
    return slice;
  }

  DicomInstance WriteSaliency(const std::vector<SaliencySlice>& slices,
                              const ContentDateTime& made = Tests::MakeSampleTime(), int instanceNumber = 0)
  {
    Volume::SourceSeries source = Tests::MakeSampleSource();
    if (instanceNumber > 0)
    {
      source.slices[1].instanceNumber = instanceNumber;
    }
    const ModelInfo model = Tests::MakeSampleModel();
    const ResultIdentity identity(source, model.hash, "configuration");
    return SaliencyWriter().Write({source, identity, model, made}, GenotypeStatus::Altered, slices);
  }

  std::vector<int> GetPixel(DcmDataset& dataset, std::size_t frame, std::size_t row, std::size_t column)
  {
    const Uint8* pixels = nullptr;
    EXPECT_TRUE(dataset.findAndGetUint8Array(DCM_PixelData, pixels).good());
    const std::size_t rows = std::stoul(Tests::GetText(dataset, DCM_Rows));
    const std::size_t columns = std::stoul(Tests::GetText(dataset, DCM_Columns));
    const Uint8* const pixel = pixels + ((frame * rows + row) * columns + column) * 3;
    return {pixel[0], pixel[1], pixel[2]};
  }
}

TEST(SaliencyWriter, LaysTheMapOverTheSlicePixelByPixelAndTheWordsBelow)
{
  const DicomInstance instance = WriteSaliency({MakeSlice(1), MakeSlice(4)});
  const auto file = Tests::ReadDicom(instance.bytes);
  DcmDataset& dataset = *file->getDataset();
  EXPECT_EQ("2", Tests::GetText(dataset, DCM_NumberOfFrames));
  for (const std::size_t frame : {0u, 1u})
  {
    EXPECT_EQ((std::vector<int>{100, 100, 100}), GetPixel(dataset, frame, 3, 5)) << "where nothing speaks it is grey";
    EXPECT_EQ((std::vector<int>{178, 50, 50}), GetPixel(dataset, frame, 2, 5)) << "half red";
    EXPECT_EQ((std::vector<int>{83, 126, 126}), GetPixel(dataset, frame, 2, 6)) << "a sixth cyan";
  }
  EXPECT_EQ((std::vector<int>{0, 0, 0}), GetPixel(dataset, 0, 0, COLUMNS)) << "beside a small image";
  EXPECT_EQ((std::vector<int>{0, 0, 255}), GetPixel(dataset, 0, ROWS + 4, 3)) << "the bar begins blue";
  EXPECT_EQ((std::vector<int>{255, 0, 0}), GetPixel(dataset, 0, ROWS + 4, 140)) << "and ends red";
  EXPECT_EQ("0.90\\0.85", Tests::GetText(dataset, DCM_PixelSpacing));
  EXPECT_EQ("5.5\\22", Tests::GetText(dataset, DCM_SliceLocationVector));
}

TEST(SaliencyWriter, SaysWhatItIs)
{
  const auto file = Tests::ReadDicom(WriteSaliency({MakeSlice(1)}).bytes);
  DcmDataset& dataset = *file->getDataset();
  EXPECT_EQ("DERIVED\\SECONDARY", Tests::GetText(dataset, DCM_ImageType));
  EXPECT_EQ("WSD", Tests::GetText(dataset, DCM_ConversionType));
  EXPECT_EQ("YES", Tests::GetText(dataset, DCM_BurnedInAnnotation));
  EXPECT_TRUE(dataset.tagExistsWithValue(DCM_PatientOrientation) == OFFalse &&
              dataset.tagExists(DCM_PatientOrientation));
  EXPECT_FALSE(dataset.tagExists(DCM_FrameOfReferenceUID));
  EXPECT_THAT(Tests::GetText(dataset, DCM_DerivationDescription),
              testing::AllOf(testing::HasSubstr("not where the tumour is"), testing::HasSubstr("research use only"),
                             testing::HasSubstr("phantom-demonstration 1.0")));
  EXPECT_EQ("H3K27M saliency (research use only)", Tests::GetText(dataset, DCM_SeriesDescription));
}

// It is drawn as the image is stored, which some scanners do from left to right, and no viewer puts letters beside it.
TEST(SaliencyWriter, SaysWhichSideIsWhich)
{
  Volume::SourceSeries source = Tests::MakeSampleSource();
  EXPECT_EQ("LEFT IS R, TOP IS A OF THE PATIENT", SaliencyWriter::NameSides(source));
  source.imageOrientationPatient = {-1, 0, 0, 0, 1, 0};
  EXPECT_EQ("LEFT IS L, TOP IS A OF THE PATIENT", SaliencyWriter::NameSides(source));
  source.imageOrientationPatient = {0, 1, 0, 1, 0, 0};  // stored transposed
  EXPECT_EQ("LEFT IS A, TOP IS R OF THE PATIENT", SaliencyWriter::NameSides(source));
  source.imageOrientationPatient = {0, 1, 0, 0, 0, -1};
  EXPECT_EQ("LEFT IS A, TOP IS H OF THE PATIENT", SaliencyWriter::NameSides(source));
}

TEST(SaliencyWriter, NamesTheSliceAsTheReportDoes)
{
  // Another number of the image, another picture; one that another image has: the position in the stack.
  const ContentDateTime made = Tests::MakeSampleTime();
  const DicomInstance own = WriteSaliency({MakeSlice(1)});
  const DicomInstance other = WriteSaliency({MakeSlice(1)}, made, 77);
  const DicomInstance same = WriteSaliency({MakeSlice(1)}, made, 1);
  EXPECT_NE(own.bytes, other.bytes);
  EXPECT_NE(own.bytes, same.bytes);
  EXPECT_NE(other.bytes, same.bytes);
}

TEST(SaliencyWriter, TwoMakingsDifferInTheirTimesAlone)
{
  const DicomInstance first = WriteSaliency({MakeSlice(1)});
  const DicomInstance second = WriteSaliency({MakeSlice(1)}, {"20270101", "000000", "+0100"});
  EXPECT_EQ(first.sopInstanceUid, second.sopInstanceUid);
  EXPECT_EQ(first.bytes, WriteSaliency({MakeSlice(1)}).bytes);
  EXPECT_NE(first.bytes, second.bytes);
}

TEST(SaliencyWriter, RefusesWhatIsNotOnTheGridOrTooLarge)
{
  EXPECT_THROW(WriteSaliency({}), Error);
  EXPECT_THROW(WriteSaliency({MakeSlice(6)}), Error);
  SaliencySlice small = MakeSlice(1);
  small.map.pop_back();
  EXPECT_THROW(WriteSaliency({small}), Error);
  Volume::SourceSeries source = Tests::MakeSampleSource();
  EXPECT_TRUE(SaliencyWriter::Fits(source, 600));
  source.rows = source.columns = 2048;
  EXPECT_TRUE(SaliencyWriter::Fits(source, 20));
  EXPECT_FALSE(SaliencyWriter::Fits(source, 600));
  source.rows = 65535;
  EXPECT_FALSE(SaliencyWriter::Fits(source, 1));
}

TEST(PixelFont, WrapsAtSpacesAndCutsWhatIsLongerThanALine)
{
  EXPECT_THAT(PixelFont::Wrap("RESEARCH USE ONLY", 12), testing::ElementsAre("RESEARCH USE", "ONLY"));
  EXPECT_THAT(PixelFont::Wrap("ABCDEFGH IJ", 4), testing::ElementsAre("ABCD", "EFGH", "IJ"));
  EXPECT_THAT(PixelFont::Wrap("", 4), testing::IsEmpty());
}

TEST(PixelFont, DrawsEachCharacterAndCutsAtTheEdge)
{
  const auto draw = [](const std::string& text)
  {
    ColourPicture picture{9, 8, std::vector<std::uint8_t>(9 * 8 * 3, 0)};
    PixelFont::Draw(text, 0, 0, 1, picture);
    return picture.pixels;
  };
  EXPECT_EQ(draw("a"), draw("A"));
  EXPECT_EQ(draw("*"), draw("?"));
  EXPECT_NE(draw("A"), draw("B"));
  EXPECT_EQ(draw(" "), std::vector<std::uint8_t>(9 * 8 * 3, 0));
  draw("WWWW");  // beyond the edge: a sanitizer would tell
}
