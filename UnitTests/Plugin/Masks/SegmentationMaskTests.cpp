// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Masks/HumanMask.h"
#include "Plugin/Masks/SegmentationMask.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Volume/DcmtkDecoder.h"
#include "Plugin/Volume/SourceSeries.h"
#include "UnitTests/Plugin/Masks/MaskComparison.h"
#include "UnitTests/Plugin/Masks/RleFile.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Plugin/Results/SampleSource.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/dcmdata/dctk.h>
#include <gmock/gmock.h>

namespace H3K27M::Masks
{
  using Results::SegmentAlgorithmType;
  using testing::AllOf;
  using testing::HasSubstr;

  namespace
  {
    Results::DicomInstance Write(const Volume::SourceSeries& source, const Results::MaskVolume& mask,
                                 const MaskOrigin& origin = MaskOrigin())
    {
      return WriteHumanMask(source, mask, origin, "0.1.0", Tests::MakeSampleTime());
    }

    SegmentationFile Parse(const std::string& bytes)
    {
      return SegmentationFile::Parse(std::make_shared<const std::string>(bytes), {});
    }

    // The file again after a change of its dataset.
    SegmentationFile Edit(const std::string& bytes, const std::function<void(DcmDataset&)>& edit)
    {
      const auto file = Tests::ReadDicom(bytes);
      edit(*file->getDataset());
      return Parse(Support::DicomSeriesBuilder::WriteFile(*file->getDataset(), Support::BuilderSyntax::ExplicitLittle));
    }
  }

  class SegmentationOfWidth : public testing::TestWithParam<std::uint32_t>
  {
  };

  TEST_P(SegmentationOfWidth, AHumanMaskIsReadBackVoxelForVoxel)
  {
    Tests::SampleSourceOptions options;
    options.columns = GetParam();
    options.rows = 17;  // x 24: BINARY; x 23: FRACTIONAL
    options.isEnhanced = GetParam() == 23;
    const Volume::SourceSeries source = Tests::MakeSampleSource(options);
    const Results::MaskVolume mask = Tests::MakeSampleMask(source, 1, 4);
    const SegmentationFile file = Parse(Write(source, mask).bytes);
    EXPECT_EQ(Tests::ListVoxels(mask), Tests::ListVoxels(ReadSegmentationMask(file, ChooseSegment(file, 0), source)));
  }

  INSTANTIATE_TEST_SUITE_P(BinaryAndFractional, SegmentationOfWidth, testing::Values(24u, 23u));

  TEST(HumanMask, SaysWhoDrewItWithWhatAndWhere)
  {
    const Volume::SourceSeries source = Tests::MakeSampleSource();
    MaskOrigin origin;
    origin.creator = "Expert^One";
    origin.algorithmType = SegmentAlgorithmType::SemiAutomatic;
    origin.algorithmName = "region growing";
    origin.site = Results::Codes::THALAMUS;
    const auto file = Tests::ReadDicom(Write(source, Tests::MakeSampleMask(source, 1, 2), origin).bytes);
    DcmDataset& seg = *file->getDataset();
    EXPECT_EQ("Expert^One", Tests::GetText(seg, DCM_ContentCreatorName));
    EXPECT_EQ("9005", Tests::GetText(seg, DCM_SeriesNumber));
    EXPECT_EQ("Orthanc-H3K27M", Tests::GetText(seg, DCM_Manufacturer));
    EXPECT_EQ("RESEARCH", Tests::GetText(seg, DCM_ContentQualification));
    DcmItem* segment = nullptr;
    ASSERT_TRUE(seg.findAndGetSequenceItem(DCM_SegmentSequence, segment).good());
    EXPECT_EQ("SEMIAUTOMATIC", Tests::GetText(*segment, DCM_SegmentAlgorithmType));
    EXPECT_EQ("region growing", Tests::GetText(*segment, DCM_SegmentAlgorithmName));
    EXPECT_FALSE(segment->tagExists(DCM_SegmentationAlgorithmIdentificationSequence)) << "no weights, no threshold";
  }

  TEST(HumanMask, TheSameMaskIsTheSameObjectAndAnotherIsAnother)
  {
    const Volume::SourceSeries source = Tests::MakeSampleSource();
    const Results::MaskVolume mask = Tests::MakeSampleMask(source, 1, 2);
    EXPECT_EQ(Write(source, mask).bytes, Write(source, mask).bytes);

    MaskOrigin other;
    other.creator = "Expert^Two";
    EXPECT_NE(Write(source, mask).sopInstanceUid, Write(source, mask, other).sopInstanceUid);
    EXPECT_NE(Write(source, mask).sopInstanceUid, Write(source, Tests::MakeSampleMask(source, 1, 3)).sopInstanceUid);
  }

  TEST(HumanMask, RefusesAnEmptyMaskAndTextsThatDicomCannotHold)
  {
    const Volume::SourceSeries source = Tests::MakeSampleSource();
    EXPECT_THAT(Tests::GetRefusal([&] { Write(source, Results::MaskVolume(source)); }), HasSubstr("marks no voxel"));
    MaskOrigin origin;
    origin.creator = "A=B";
    EXPECT_THAT(Tests::GetRefusal([&] { Write(source, Tests::MakeSampleMask(source, 1, 2), origin); }),
                HasSubstr("'creator'"));
    origin.creator = std::string(65, 'x');
    EXPECT_THAT(Tests::GetRefusal([&] { Write(source, Tests::MakeSampleMask(source, 1, 2), origin); }),
                HasSubstr("64 bytes"));
  }

  TEST(SegmentationMask, SeveralSegmentsLeaveTheChoiceToThePerson)
  {
    SegmentationFile file;
    file.segments = {{1, "tumour", "MANUAL", ""}, {2, "cyst", "MANUAL", ""}};
    EXPECT_THAT(Tests::GetRefusal([&] { ChooseSegment(file, 0); }), HasSubstr("\"1 tumour\", \"2 cyst\""));
    EXPECT_THAT(Tests::GetRefusal([&] { ChooseSegment(file, 3); }), HasSubstr("no segment 3"));
    EXPECT_EQ("cyst", ChooseSegment(file, 2).label);
  }

  TEST(SegmentationMask, StatesEachDifferenceFromTheSeries)
  {
    const Volume::SourceSeries source = Tests::MakeSampleSource();
    const std::string bytes = Write(source, Tests::MakeSampleMask(source, 1, 2)).bytes;
    const SegmentationFile file = Parse(bytes);
    const auto refuse = [&](const Volume::SourceSeries& series)
    { return Tests::GetRefusal([&] { ReadSegmentationMask(file, file.segments.front(), series); }); };

    Volume::SourceSeries shifted = source;
    shifted.slices[1].imagePositionPatient[0] += 4;
    EXPECT_THAT(refuse(shifted), HasSubstr("frame 1: it lies 4 mm (left -4, posterior 0, superior 0)"));

    Volume::SourceSeries other = source;
    other.columns = 32;
    other.pixelSpacingMm[1] = 0.6;
    other.frameOfReferenceUid = "1.2.9";
    other.seriesInstanceUid = "1.2.8";
    EXPECT_THAT(refuse(other), AllOf(HasSubstr("24 x 16 voxels a slice (columns x rows), the series 32 x 16"),
                                     HasSubstr("columns lie 0.85 mm apart, the series' 0.6 mm"),
                                     HasSubstr("the series' is 1.2.9"), HasSubstr("drawn on another series")));

    Volume::SourceSeries renamed = source;
    renamed.slices[2].sopInstanceUid = "1.2.7";
    EXPECT_THAT(refuse(renamed), HasSubstr("frame 2: it names another image"));
  }

  // As an archive keeps it that compresses what it takes in.
  TEST(SegmentationFile, ReadsCompressedFractionalFrames)
  {
    const Tests::RleCodecs codecs;
    Tests::SampleSourceOptions options;
    options.rows = 17;
    options.columns = 23;
    const Volume::SourceSeries source = Tests::MakeSampleSource(options);
    const Results::MaskVolume mask = Tests::MakeSampleMask(source, 1, 4);
    const std::string plain = Write(source, mask).bytes;
    const std::string bytes = Tests::CompressByRle(plain);
    Volume::DcmtkDecoder decoder;
    const auto file = SegmentationFile::Parse(std::make_shared<const std::string>(bytes), {}, &decoder);
    EXPECT_EQ(Tests::ListVoxels(mask), Tests::ListVoxels(ReadSegmentationMask(file, ChooseSegment(file, 0), source)));

    const SegmentationFile listed = Parse(bytes);
    EXPECT_EQ(file.sopInstanceUid, listed.sopInstanceUid) << "what it says of itself needs no decoder";
    EXPECT_THAT(Tests::GetRefusal([&] { listed.ReadFrame(0); }), HasSubstr("frame 1 is compressed"));

    const auto refuse = [&](const std::function<void(DcmDataset&)>& edit)
    { return Tests::GetRefusal([&] { Parse(Tests::CompressByRle(plain, edit)); }); };
    EXPECT_EQ("accepted", refuse([](DcmDataset&) {}));
    EXPECT_THAT(refuse([](DcmDataset& d) { d.putAndInsertUint16(DCM_Rows, 60000); }),
                HasSubstr("larger than the limits"));
    EXPECT_THAT(refuse([](DcmDataset& d) { d.putAndInsertString(DCM_NumberOfFrames, "9"); }), HasSubstr("fewer"));
  }

  TEST(SegmentationFile, AFrameThatIsDecodedToAnotherSizeIsRefused)
  {
    const Tests::RleCodecs codecs;
    Tests::SampleSourceOptions options;
    options.columns = 23;
    options.rows = 17;
    const Volume::SourceSeries source = Tests::MakeSampleSource(options);
    struct SmallDecoder : Volume::IExternalDecoder
    {
      Volume::ExternalFrame Decode(std::string_view, std::uint32_t) override
      {
        return {Volume::VoxelType::U8, 1, 1, {1}};
      }
    } decoder;
    const auto file = SegmentationFile::Parse(std::make_shared<const std::string>(Tests::CompressByRle(
                                                Write(source, Tests::MakeSampleMask(source, 1, 2)).bytes)),
                                              {}, &decoder);
    EXPECT_THAT(Tests::GetRefusal([&] { file.ReadFrame(1); }), HasSubstr("frame 2 is decoded to another size"));
  }

  TEST(SegmentationFile, RefusesWhatItCannotRead)
  {
    const Volume::SourceSeries source = Tests::MakeSampleSource();
    const std::string bytes = Write(source, Tests::MakeSampleMask(source, 1, 2)).bytes;
    const auto refuse = [&](const std::function<void(DcmDataset&)>& edit)
    { return Tests::GetRefusal([&] { Edit(bytes, edit); }); };
    EXPECT_EQ("accepted", refuse([](DcmDataset&) {}));
    EXPECT_THAT(refuse([](DcmDataset& d) { d.putAndInsertString(DCM_NumberOfFrames, "99999"); }), HasSubstr("fewer"));
    EXPECT_THAT(refuse([](DcmDataset& d) { d.putAndInsertString(DCM_NumberOfFrames, "1"); }), HasSubstr("describes 2"));
    EXPECT_THAT(refuse([](DcmDataset& d) { d.putAndInsertString(DCM_SegmentationType, "LABELMAP"); }),
                HasSubstr("LABELMAP"));
    EXPECT_THAT(refuse([](DcmDataset& d) { d.putAndInsertUint16(DCM_Rows, 0); }), HasSubstr("(0028,0010)"));
    EXPECT_THAT(refuse([](DcmDataset& d) { d.findAndDeleteElement(DCM_SharedFunctionalGroupsSequence); }),
                HasSubstr("frame 1 lacks"));
    EXPECT_THAT(refuse([](DcmDataset& d) { d.findAndDeleteElement(DCM_PixelData); }), HasSubstr("no pixels"));
    EXPECT_THAT(Tests::GetRefusal([] { Parse(Support::DicomSeriesBuilder({}).MakeFiles().front()); }),
                HasSubstr("SOP class"));
  }
}
