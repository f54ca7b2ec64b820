// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/SegWriter.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <gtest/gtest.h>

#include <set>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;
  using Tests::GetText;

  struct Written
  {
    DicomInstance instance;
    std::unique_ptr<DcmFileFormat> file;

    DcmDataset& GetDataset() const
    {
      return *file->getDataset();
    }
  };

  Written WriteSeg(const Volume::SourceSeries& source, const MaskVolume& mask, const SegOptions& options = SegOptions(),
                   const ContentDateTime& made = Tests::MakeSampleTime())
  {
    const ModelInfo model = Tests::MakeSampleModel();
    const ResultIdentity identity(source, model.hash, "configuration");
    Written written;
    written.instance = SegWriter(options).Write({source, identity, model, made}, mask);
    written.file = Tests::ReadDicom(written.instance.bytes);
    return written;
  }

  // The expected voxels: [frame, row, column], 0 and 1.
  std::vector<std::uint8_t> GetExpected(const MaskVolume& mask)
  {
    std::vector<std::uint8_t> voxels;
    for (const std::size_t slice : mask.GetTumourSlices())
    {
      for (std::size_t i = 0; i < static_cast<std::size_t>(mask.GetRows()) * mask.GetColumns(); i++)
      {
        voxels.push_back(mask.GetSlice(slice)[i] != 0 ? 1 : 0);
      }
    }
    return voxels;
  }

  DcmItem& GetItem(DcmItem& parent, const DcmTagKey& sequence, long index = 0)
  {
    DcmItem* item = nullptr;
    if (parent.findAndGetSequenceItem(sequence, item, index).bad() || item == nullptr)
    {
      throw std::runtime_error("no item " + std::to_string(index) + " in " + sequence.toString().c_str());
    }
    return *item;
  }
}

class SegWriterOfSize : public testing::TestWithParam<std::uint32_t>
{
};

// rows * columns % 8 from 0 to 7: bit-packed where each frame begins on a byte, bytes elsewhere.
TEST_P(SegWriterOfSize, KeepsEachVoxel)
{
  Tests::SampleSourceOptions options;
  options.rows = 17;
  options.columns = 24 + GetParam();
  const Volume::SourceSeries source = Tests::MakeSampleSource(options);
  const MaskVolume mask = Tests::MakeSampleMask(source, 1, 4, 2);
  const Written written = WriteSeg(source, mask);
  DcmDataset& seg = written.GetDataset();

  ASSERT_EQ(GetParam(), 17 * options.columns % 8);
  EXPECT_EQ(GetParam() == 0 ? "BINARY" : "FRACTIONAL", GetText(seg, DCM_SegmentationType));
  EXPECT_EQ(GetParam() == 0 ? "" : "1", GetText(seg, DCM_MaximumFractionalValue));
  EXPECT_EQ(GetParam() == 0 ? "" : "OCCUPANCY", GetText(seg, DCM_SegmentationFractionalType));
  EXPECT_EQ(GetExpected(mask), Tests::ReadSegVoxels(seg));
}

INSTANTIATE_TEST_SUITE_P(Remainders, SegWriterOfSize, testing::Range(0u, 8u));

TEST(SegWriter, WritesOnlyFramesWithTumourInPlace)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  MaskVolume mask = Tests::MakeSampleMask(source, 1, 1);
  mask.SetSlice(3, std::vector<std::uint8_t>(mask.GetRows() * mask.GetColumns(), 0));
  mask.SetSlice(5, std::vector<std::uint8_t>(mask.GetRows() * mask.GetColumns(), 1));
  const Written written = WriteSeg(source, mask);
  DcmDataset& seg = written.GetDataset();

  EXPECT_EQ("2", GetText(seg, DCM_NumberOfFrames));
  const std::vector<std::size_t> slices = {1, 5};
  for (std::size_t i = 0; i < slices.size(); i++)
  {
    DcmItem& frame = GetItem(seg, DCM_PerFrameFunctionalGroupsSequence, static_cast<long>(i));
    const Volume::SourceSlice& slice = source.slices[slices[i]];
    EXPECT_EQ(slice.imagePositionPatientText[0] + "\\" + slice.imagePositionPatientText[1] + "\\" +
                slice.imagePositionPatientText[2],
              GetText(GetItem(frame, DCM_PlanePositionSequence), DCM_ImagePositionPatient));
    EXPECT_EQ("1\\" + std::to_string(i + 1),
              GetText(GetItem(frame, DCM_FrameContentSequence), DCM_DimensionIndexValues));
    DcmItem& image = GetItem(GetItem(frame, DCM_DerivationImageSequence), DCM_SourceImageSequence);
    EXPECT_EQ(slice.sopInstanceUid, GetText(image, DCM_ReferencedSOPInstanceUID));
    EXPECT_EQ("YES", GetText(image, DCM_SpatialLocationsPreserved));
    EXPECT_EQ("", GetText(image, DCM_ReferencedFrameNumber));
  }
}

TEST(SegWriter, RefersToFramesOfAnEnhancedSource)
{
  Tests::SampleSourceOptions options;
  options.isEnhanced = true;
  const Volume::SourceSeries source = Tests::MakeSampleSource(options);
  const Written written = WriteSeg(source, Tests::MakeSampleMask(source, 2, 3));
  DcmDataset& seg = written.GetDataset();

  for (long i = 0; i < 2; i++)
  {
    DcmItem& frame = GetItem(seg, DCM_PerFrameFunctionalGroupsSequence, i);
    DcmItem& image = GetItem(GetItem(frame, DCM_DerivationImageSequence), DCM_SourceImageSequence);
    EXPECT_EQ(std::to_string(source.slices[static_cast<std::size_t>(i) + 2].frameNumber),
              GetText(image, DCM_ReferencedFrameNumber));
    EXPECT_EQ(UID_EnhancedMRImageStorage, GetText(image, DCM_ReferencedSOPClassUID));
  }
  DcmItem& series = GetItem(seg, DCM_ReferencedSeriesSequence);
  EXPECT_NO_THROW(GetItem(series, DCM_ReferencedInstanceSequence, 0));
  EXPECT_THROW(GetItem(series, DCM_ReferencedInstanceSequence, 1), std::runtime_error);  // once, not per frame
}

// Two masks of the same voxels can be compared, whoever made them.
TEST(SegWriter, MakesUpOneFrameOfReferenceForASeriesWithoutOne)
{
  Volume::SourceSeries source = Tests::MakeSampleSource();
  source.frameOfReferenceUid.clear();
  const ModelInfo model = Tests::MakeSampleModel();
  std::set<std::string> frames;
  for (const char* const configuration : {"one", "another"})
  {
    const ResultIdentity identity(source, model.hash, configuration);
    const DicomInstance file =
      SegWriter().Write({source, identity, model, Tests::MakeSampleTime()}, Tests::MakeSampleMask(source, 1, 2));
    frames.insert(GetText(*Tests::ReadDicom(file.bytes)->getDataset(), DCM_FrameOfReferenceUID));
  }
  ASSERT_EQ(1u, frames.size());
  EXPECT_TRUE(frames.begin()->starts_with("2.25."));
}

TEST(SegWriter, CopiesPatientStudyAndGeometry)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  const Written written = WriteSeg(source, Tests::MakeSampleMask(source, 1, 2));
  DcmDataset& seg = written.GetDataset();
  EXPECT_EQ("SAMPLE^RESULT", GetText(seg, DCM_PatientName));
  EXPECT_EQ("20110203", GetText(seg, DCM_PatientBirthDate));
  EXPECT_EQ("A-77", GetText(seg, DCM_AccessionNumber));
  EXPECT_EQ("070809.25", GetText(seg, DCM_StudyTime));
  EXPECT_EQ(source.studyInstanceUid, GetText(seg, DCM_StudyInstanceUID));
  EXPECT_EQ(source.frameOfReferenceUid, GetText(seg, DCM_FrameOfReferenceUID));
  EXPECT_EQ("AX T2 TSE", GetText(const_cast<DcmDataset&>(*source.header), DCM_SeriesDescription));
  EXPECT_NE("AX T2 TSE", GetText(seg, DCM_SeriesDescription));  // series and image attributes are not the source's
  EXPECT_EQ("Orthanc-H3K27M", GetText(seg, DCM_Manufacturer));
  EXPECT_EQ("9001", GetText(seg, DCM_SeriesNumber));

  DcmItem& shared = GetItem(seg, DCM_SharedFunctionalGroupsSequence);
  EXPECT_EQ("1\\0\\0\\0\\0.98480775301221\\-0.1736481776669",
            GetText(GetItem(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient));
  DcmItem& measures = GetItem(shared, DCM_PixelMeasuresSequence);
  EXPECT_EQ("0.90\\0.85", GetText(measures, DCM_PixelSpacing));
  EXPECT_EQ("5.5", GetText(measures, DCM_SpacingBetweenSlices));
  EXPECT_EQ("5", GetText(measures, DCM_SliceThickness));
}

// Some senders write more than the 16 characters of a DS; other readers refuse such an attribute.
TEST(SegWriter, ShortensDecimalsThatAreLongerThanTheStandardAllows)
{
  Volume::SourceSeries source = Tests::MakeSampleSource();
  source.pixelSpacingText = {"0.900000000000000022", "0.85000000000000"};  // 20 characters, 16 characters
  source.imageOrientationPatientText[4] = "0.984807753012210000";
  source.slices[1].imagePositionPatientText[1] = "-89.04493527785000";
  source.slices[1].imagePositionPatient[1] = -89.04493527785;
  const Written written = WriteSeg(source, Tests::MakeSampleMask(source, 1, 2));
  DcmItem& shared = GetItem(written.GetDataset(), DCM_SharedFunctionalGroupsSequence);
  EXPECT_EQ("0.9\\0.85000000000000", GetText(GetItem(shared, DCM_PixelMeasuresSequence), DCM_PixelSpacing));
  EXPECT_EQ("1\\0\\0\\0\\0.98480775301221\\-0.1736481776669",
            GetText(GetItem(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient));
  DcmItem& frame = GetItem(written.GetDataset(), DCM_PerFrameFunctionalGroupsSequence);
  const std::string position = GetText(GetItem(frame, DCM_PlanePositionSequence), DCM_ImagePositionPatient);
  EXPECT_EQ("-100.50\\-89.04493527785\\" + source.slices[1].imagePositionPatientText[2], position);
}

TEST(SegWriter, SaysThatItIsResearchByAnAlgorithm)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  const Written written = WriteSeg(source, Tests::MakeSampleMask(source, 1, 2));
  DcmDataset& seg = written.GetDataset();
  EXPECT_EQ("RESEARCH", GetText(seg, DCM_ContentQualification));
  EXPECT_EQ("NO", GetText(seg, DCM_SegmentsOverlap));
  DcmItem& segment = GetItem(seg, DCM_SegmentSequence);
  EXPECT_EQ("AUTOMATIC", GetText(segment, DCM_SegmentAlgorithmType));
  EXPECT_EQ("phantom-demonstration", GetText(segment, DCM_SegmentAlgorithmName));
  EXPECT_EQ("34885\\53485\\50171", GetText(segment, DCM_RecommendedDisplayCIELabValue));
  DcmItem& algorithm = GetItem(segment, DCM_SegmentationAlgorithmIdentificationSequence);
  EXPECT_EQ("123110", GetText(GetItem(algorithm, DCM_AlgorithmFamilyCodeSequence), DCM_CodeValue));
  EXPECT_EQ("12738006", GetText(GetItem(segment, DCM_AnatomicRegionSequence), DCM_CodeValue));
}

TEST(SegWriter, MarksAReferenceMaskAsManualUnderUidsOfItsOwn)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  const MaskVolume mask = Tests::MakeSampleMask(source, 1, 2);
  SegOptions options;
  options.purpose = SegPurpose::Reference;
  options.algorithmType = SegmentAlgorithmType::Manual;
  options.anatomicRegion = Codes::THALAMUS;
  options.contentCreatorName = "Expert^One";
  const Written reference = WriteSeg(source, mask, options);
  const Written prediction = WriteSeg(source, mask);

  DcmItem& segment = GetItem(reference.GetDataset(), DCM_SegmentSequence);
  EXPECT_EQ("MANUAL", GetText(segment, DCM_SegmentAlgorithmType));
  EXPECT_FALSE(segment.tagExists(DCM_SegmentAlgorithmName));
  EXPECT_EQ("42695009", GetText(GetItem(segment, DCM_AnatomicRegionSequence), DCM_CodeValue));
  EXPECT_EQ("Expert^One", GetText(reference.GetDataset(), DCM_ContentCreatorName));
  EXPECT_NE(prediction.instance.sopInstanceUid, reference.instance.sopInstanceUid);
  EXPECT_NE(prediction.instance.seriesInstanceUid, reference.instance.seriesInstanceUid);
}

TEST(SegWriter, RefusesAnEmptyMaskAndAForeignGrid)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  EXPECT_THROW(WriteSeg(source, MaskVolume(source)), Error);
  MaskVolume other(source.slices.size(), source.columns, source.rows);
  other.SetSlice(0, std::vector<std::uint8_t>(source.rows * source.columns, 1));
  EXPECT_THROW(WriteSeg(source, other), Error);
  Volume::SourceSeries headless = source;
  headless.header = nullptr;
  EXPECT_THROW(WriteSeg(headless, Tests::MakeSampleMask(source, 1, 2)), Error);
}

TEST(SegWriter, GivesTheSameBytesButForTheListedTimes)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  const MaskVolume mask = Tests::MakeSampleMask(source, 1, 2);
  const Written first = WriteSeg(source, mask);
  EXPECT_EQ(first.instance.bytes, WriteSeg(source, mask).instance.bytes);

  const Written later = WriteSeg(source, mask, SegOptions(), {"20300102", "030405", "+0100"});
  const std::set<std::string> a = Tests::ListAttributes(first.GetDataset());
  const std::set<std::string> b = Tests::ListAttributes(later.GetDataset());
  std::set<std::string> changed;
  for (const std::string& attribute : a)
  {
    if (b.count(attribute) == 0)
    {
      const std::string name = attribute.substr(0, attribute.find('='));
      changed.insert(name.substr(name.size() - 10, 9));  // the innermost tag
    }
  }
  const std::set<std::string> allowed(TIME_DEPENDENT_ATTRIBUTES.begin(), TIME_DEPENDENT_ATTRIBUTES.end());
  for (std::string tag : changed)
  {
    std::transform(tag.begin(), tag.end(), tag.begin(), ::toupper);
    EXPECT_EQ(1u, allowed.count(tag)) << tag;
  }
  EXPECT_EQ(7u, changed.size());
  EXPECT_EQ(a.size(), b.size());
}

TEST(SegWriter, MarksAMaskOfLossyPixelsAsLossy)
{
  Volume::SourceSeries source = Tests::MakeSampleSource();
  const MaskVolume mask = Tests::MakeSampleMask(source, 1, 2);
  EXPECT_EQ("00", GetText(WriteSeg(source, mask).GetDataset(), DCM_LossyImageCompression));
  source.lossy.isUnknown = true;
  const Written unknown = WriteSeg(source, mask);
  EXPECT_FALSE(unknown.GetDataset().tagExists(DCM_LossyImageCompression)) << "neither is known";
  source.lossy = {true, {"12.5", "2"}, {"ISO_10918_1", "ISO_14495_1"}};
  const Written written = WriteSeg(source, mask);
  EXPECT_EQ("01", GetText(written.GetDataset(), DCM_LossyImageCompression));
  EXPECT_EQ("12.5\\2", GetText(written.GetDataset(), DCM_LossyImageCompressionRatio));
  EXPECT_EQ("ISO_10918_1\\ISO_14495_1", GetText(written.GetDataset(), DCM_LossyImageCompressionMethod));
}
