// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/DicomReader.h"
#include "Plugin/Volume/VolumeAssembler.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/dcmdata/dctk.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

using namespace H3K27M;
using namespace H3K27M::Volume;
using Support::DicomSeriesBuilder;
using Support::DicomSeriesOptions;
using testing::HasSubstr;

namespace
{
  std::vector<DicomHeader> ReadAll(const std::vector<std::string>& files)
  {
    std::vector<DicomHeader> headers;
    for (const std::string& file : files)
    {
      ReadOutcome outcome = DicomReader(VolumeLimits()).Read(file);
      headers.push_back(std::get<DicomHeader>(std::move(outcome)));
      headers.back().orthancInstanceId = "orthanc-" + std::to_string(headers.size() - 1);
    }
    return headers;
  }

  std::vector<DicomHeader> MakeHeaders(const DicomSeriesOptions& options = {})
  {
    return ReadAll(DicomSeriesBuilder(options).MakeFiles());
  }

  // The default series with its slices elsewhere along the normal.
  std::vector<DicomHeader> PlaceSlices(const std::vector<double>& positionsMm)
  {
    DicomSeriesOptions options;
    options.slices = positionsMm.size();
    options.edit = [&positionsMm](DcmDataset& dataset, std::size_t slice)
    {
      const std::string position = "-6.5\\-8.25\\" + std::to_string(positionsMm[slice]);
      dataset.putAndInsertString(DCM_ImagePositionPatient, position.c_str());
    };
    return MakeHeaders(options);
  }

  AssembledVolume Accept(const std::vector<DicomHeader>& headers, const VolumeLimits& limits = {})
  {
    VolumeOutcome outcome = VolumeAssembler(limits).Assemble(headers);
    if (const auto* refusal = std::get_if<Refusal>(&outcome))
    {
      throw std::runtime_error("refused: " + refusal->text);
    }
    return std::get<AssembledVolume>(std::move(outcome));
  }

  Refusal Refuse(const std::vector<DicomHeader>& headers, const VolumeLimits& limits = {})
  {
    VolumeOutcome outcome = VolumeAssembler(limits).Assemble(headers);
    const auto* refusal = std::get_if<Refusal>(&outcome);
    return refusal == nullptr ? Refusal{RefusalCode::NotDicom, "was accepted"} : *refusal;
  }

  DicomSeriesOptions EditSlice(std::size_t which, std::function<void(DcmDataset&)> edit)
  {
    DicomSeriesOptions options;
    options.edit = [which, edit = std::move(edit)](DcmDataset& dataset, std::size_t slice)
    {
      if (slice == which)
      {
        edit(dataset);
      }
    };
    return options;
  }
}

TEST(VolumeAssembler, OrdersSlicesAlongTheNormalWhateverTheirArrival)
{
  std::vector<DicomHeader> headers = MakeHeaders();
  std::rotate(headers.begin(), headers.begin() + 2, headers.end());
  std::swap(headers[0], headers[4]);
  const SourceSeries series = Accept(headers).series;
  ASSERT_EQ(series.slices.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i)
  {
    EXPECT_EQ(series.slices[i].orthancInstanceId, "orthanc-" + std::to_string(i));
    EXPECT_DOUBLE_EQ(series.slices[i].positionAlongNormalMm, -40.0 + 5.0 * static_cast<double>(i));
  }
  EXPECT_DOUBLE_EQ(series.sliceSpacingMm, 5);
  EXPECT_DOUBLE_EQ(series.sliceThicknessMm, 4);
  EXPECT_TRUE(series.gaps.empty());
  EXPECT_EQ(series.frameOfReferenceUid, "2.25.3001");
  EXPECT_EQ(series.slices[2].imagePositionPatientText[2], "-30");
  ASSERT_TRUE(series.header);
}

TEST(VolumeAssembler, OrdersObliqueSlicesAlongTheirOwnNormal)
{
  DicomSeriesOptions options;
  options.orientation = {"1", "0", "0", "0", "0.866025404", "0.5"};
  const SourceSeries series = Accept(MakeHeaders(options)).series;
  EXPECT_NEAR(series.sliceSpacingMm, 5, 1e-4);
  EXPECT_EQ(series.slices.back().orthancInstanceId, "orthanc-5");
}

TEST(VolumeAssembler, TreatsEnhancedFramesLikeClassicSlices)
{
  const SourceSeries classic = Accept(MakeHeaders()).series;
  const SourceSeries enhanced = Accept(ReadAll({DicomSeriesBuilder({}).MakeEnhancedFile()})).series;
  ASSERT_EQ(enhanced.slices.size(), classic.slices.size());
  for (std::size_t i = 0; i < classic.slices.size(); ++i)
  {
    EXPECT_EQ(enhanced.slices[i].imagePositionPatient, classic.slices[i].imagePositionPatient);
    EXPECT_EQ(enhanced.slices[i].frameNumber, i + 1);
    EXPECT_TRUE(enhanced.slices[i].isMultiFrame);
  }
  EXPECT_EQ(enhanced.sliceSpacingMm, classic.sliceSpacingMm);
}

TEST(VolumeAssembler, IsLossyWhereAnySliceIs)
{
  EXPECT_FALSE(Accept(MakeHeaders()).series.lossy.isLossy);
  DicomSeriesOptions options;
  options.edit = [](DcmDataset& dataset, std::size_t slice)
  {
    dataset.putAndInsertString(DCM_LossyImageCompression, slice < 2 ? "00" : "01");
    if (slice == 4)
    {
      dataset.putAndInsertString(DCM_LossyImageCompressionRatio, "12.5");
      dataset.putAndInsertString(DCM_LossyImageCompressionMethod, "ISO_15444_1");
    }
  };
  const SourceSeries series = Accept(MakeHeaders(options)).series;
  EXPECT_TRUE(series.lossy.isLossy);
  EXPECT_EQ(series.lossy.ratios, std::vector<std::string>{"12.5"});
  EXPECT_EQ(series.lossy.methods, std::vector<std::string>{"ISO_15444_1"});
}

TEST(VolumeAssembler, ListsAMissingSliceAsAGap)
{
  std::vector<DicomHeader> headers = MakeHeaders();
  headers.erase(headers.begin() + 2);
  const AssembledVolume volume = Accept(headers);
  ASSERT_EQ(volume.series.gaps.size(), 1u);
  EXPECT_EQ(volume.series.gaps[0].afterSlice, 1u);
  EXPECT_EQ(volume.series.gaps[0].missingSlices, 1u);
  EXPECT_DOUBLE_EQ(volume.series.sliceSpacingMm, 5);
  ASSERT_EQ(volume.warnings.size(), 1u);
  EXPECT_THAT(volume.warnings[0], HasSubstr("1 slice of 6 is missing"));
}

TEST(VolumeAssembler, SeesThatEverySecondSliceIsMissing)
{
  std::vector<DicomHeader> headers = MakeHeaders();
  headers.erase(headers.begin() + 5);
  headers.erase(headers.begin() + 3);
  headers.erase(headers.begin() + 1);
  const SourceSeries series = Accept(headers).series;
  EXPECT_DOUBLE_EQ(series.sliceSpacingMm, 5);
  EXPECT_EQ(series.gaps.size(), 2u);
}

TEST(VolumeAssembler, RefusesMoreMissingSlicesThanPresentOnes)
{
  const Refusal refusal = Refuse(PlaceSlices({0, 5, 10, 50}));
  EXPECT_EQ(refusal.code, RefusalCode::UnevenSpacing);
  EXPECT_THAT(refusal.text, HasSubstr("more slices are missing than present: 7 and 4, at a spacing of 5 mm"));
  EXPECT_EQ(Accept(PlaceSlices({0, 5, 10, 35})).series.gaps.size(), 1u);
}

TEST(VolumeAssembler, RefusesStacksThatAreShiftedAgainstEachOther)
{
  // SliceThickness 4, SpacingBetweenSlices 5: as many slices are missing as present.
  const Refusal refusal = Refuse(PlaceSlices({0, 1, 5, 6, 10, 11}));
  EXPECT_EQ(refusal.code, RefusalCode::UnevenSpacing);
  EXPECT_THAT(refusal.text, HasSubstr("several stacks shifted against each other: slices lie 1 mm apart"));
  EXPECT_THAT(refusal.text, HasSubstr("SliceThickness (0018,0050) is 4 mm"));
  EXPECT_THAT(refusal.text, HasSubstr("SpacingBetweenSlices (0018,0088) 5 mm"));
}

TEST(VolumeAssembler, TakesOverlappingSlicesOfOneStack)
{
  DicomSeriesOptions options;
  options.sliceSpacingMm = 1;  // interpolated by the scanner, evenly: one stack, whatever the tags say
  EXPECT_DOUBLE_EQ(Accept(MakeHeaders(options)).series.sliceSpacingMm, 1);
  options.sliceSpacingMm = 2;  // to half their thickness, and one of them missing
  std::vector<DicomHeader> headers = MakeHeaders(options);
  headers.erase(headers.begin() + 2);
  EXPECT_EQ(Accept(headers).series.gaps.size(), 1u);
}

TEST(VolumeAssembler, DoesNotTakeTheGapBetweenSlicesForTheirSpacing)
{
  DicomSeriesOptions options;
  options.spacingBetweenSlices = "1";  // the mere gap, as old scanners wrote it; the slices lie 5 mm apart
  const SourceSeries series = Accept(MakeHeaders(options)).series;
  EXPECT_DOUBLE_EQ(series.sliceSpacingMm, 5);
  EXPECT_TRUE(series.gaps.empty());
}

TEST(VolumeAssembler, AcceptsASingleSliceWithAWarning)
{
  DicomSeriesOptions options;
  options.slices = 1;
  const AssembledVolume volume = Accept(MakeHeaders(options));
  EXPECT_DOUBLE_EQ(volume.series.sliceSpacingMm, 5);
  ASSERT_EQ(volume.warnings.size(), 1u);
  EXPECT_THAT(volume.warnings[0], HasSubstr("single slice"));
}

TEST(VolumeAssembler, RefusesASingleSliceOfUnknownThickness)
{
  DicomSeriesOptions options;
  options.slices = 1;
  options.sliceThickness = "";
  options.spacingBetweenSlices = "";
  EXPECT_EQ(Refuse(MakeHeaders(options)).code, RefusalCode::MissingGeometry);
}

TEST(VolumeAssembler, RefusesUnevenSpacing)
{
  const Refusal refusal = Refuse(MakeHeaders(EditSlice(3, [](DcmDataset& dataset)
  { dataset.putAndInsertString(DCM_ImagePositionPatient, "-6.5\\-8.25\\-23"); })));
  EXPECT_EQ(refusal.code, RefusalCode::UnevenSpacing);
  EXPECT_THAT(refusal.text, HasSubstr("3 to 7 mm apart (median 5)"));
}

TEST(VolumeAssembler, RefusesDuplicatePositions)
{
  const Refusal refusal = Refuse(MakeHeaders(EditSlice(3, [](DcmDataset& dataset)
  { dataset.putAndInsertString(DCM_ImagePositionPatient, "-6.5\\-8.25\\-30"); })));
  EXPECT_EQ(refusal.code, RefusalCode::DuplicatePositions);
  EXPECT_THAT(refusal.text, HasSubstr("6 slices lie at 5 positions"));
}

TEST(VolumeAssembler, NamesTheEchoTimesOfADualEchoSeries)
{
  std::vector<std::string> files = DicomSeriesBuilder({}).MakeFiles();
  DicomSeriesOptions second;
  second.echoTime = "22";
  second.edit = [](DcmDataset& dataset, std::size_t slice)
  { dataset.putAndInsertString(DCM_SOPInstanceUID, ("2.25.2002." + std::to_string(slice)).c_str()); };
  for (std::string& file : DicomSeriesBuilder(second).MakeFiles())
  {
    files.push_back(std::move(file));
  }
  const Refusal refusal = Refuse(ReadAll(files));
  EXPECT_EQ(refusal.code, RefusalCode::DuplicatePositions);
  EXPECT_THAT(refusal.text, HasSubstr("from 22 to 95 ms"));
}

TEST(VolumeAssembler, RefusesMixedSizes)
{
  DicomSeriesOptions larger;
  larger.rows = 40;
  std::vector<DicomHeader> headers = MakeHeaders();
  headers[3] = MakeHeaders(larger)[3];
  EXPECT_EQ(Refuse(headers).code, RefusalCode::MixedGeometry);
  EXPECT_THAT(Refuse(headers).text, HasSubstr("40 x 24"));
}

TEST(VolumeAssembler, RefusesMixedOrientations)
{
  const Refusal refusal = Refuse(MakeHeaders(EditSlice(2, [](DcmDataset& dataset)
  { dataset.putAndInsertString(DCM_ImageOrientationPatient, "1\\0\\0\\0\\0\\-1"); })));
  EXPECT_EQ(refusal.code, RefusalCode::MixedGeometry);
  EXPECT_THAT(refusal.text, HasSubstr("differs by 90 degrees"));
}

TEST(VolumeAssembler, RefusesMixedPixelSpacings)
{
  EXPECT_EQ(Refuse(MakeHeaders(EditSlice(2, [](DcmDataset& dataset)
  { dataset.putAndInsertString(DCM_PixelSpacing, "0.5\\0.6"); })))
              .code,
            RefusalCode::MixedGeometry);
}

TEST(VolumeAssembler, RefusesMissingGeometryOfOneSlice)
{
  const Refusal refusal =
    Refuse(MakeHeaders(EditSlice(4, [](DcmDataset& dataset) { delete dataset.remove(DCM_ImagePositionPatient); })));
  EXPECT_EQ(refusal.code, RefusalCode::MissingGeometry);
  EXPECT_THAT(refusal.text, HasSubstr("InstanceNumber 5"));
}

TEST(VolumeAssembler, RefusesNaN)
{
  EXPECT_EQ(Refuse(MakeHeaders(EditSlice(4, [](DcmDataset& dataset)
  { dataset.putAndInsertString(DCM_ImagePositionPatient, "nan\\0\\0"); })))
              .code,
            RefusalCode::BadNumber);
}

TEST(VolumeAssembler, RefusesInstancesOfTwoSeries)
{
  DicomSeriesOptions other;
  other.seriesInstanceUid = "2.25.9";
  std::vector<DicomHeader> headers = MakeHeaders();
  headers[0] = MakeHeaders(other)[0];
  EXPECT_EQ(Refuse(headers).code, RefusalCode::Inconsistent);
}

TEST(VolumeAssembler, RefusesTooManyAndTooFewSlices)
{
  VolumeLimits limits;
  limits.maxSlices = 5;
  EXPECT_EQ(Refuse(MakeHeaders(), limits).code, RefusalCode::TooManySlices);
  limits = VolumeLimits();
  limits.minSlices = 7;
  EXPECT_EQ(Refuse(MakeHeaders(), limits).code, RefusalCode::TooFewSlices);
  EXPECT_EQ(Refuse({}).code, RefusalCode::TooFewSlices);
  limits = VolumeLimits();
  limits.maxBytes = 6 * 32 * 24 * 4 - 1;
  EXPECT_EQ(Refuse(MakeHeaders(), limits).code, RefusalCode::LimitExceeded);
}

TEST(VolumeAssembler, CountsFourBytesAVoxelLikeTheEngine)
{
  VolumeLimits limits;
  limits.maxBytes = 6 * 32 * 24 * 4;  // the pixels are stored in 2 bytes
  EXPECT_EQ(Accept(MakeHeaders(), limits).series.slices.size(), 6u);
  limits.maxBytes -= 1;
  EXPECT_THAT(Refuse(MakeHeaders(), limits).text, HasSubstr("18432 bytes at 4 bytes a voxel"));
}

TEST(VolumeAssembler, AnswersTheSameWhateverTheArrival)
{
  DicomSeriesOptions options;
  options.edit = [](DcmDataset& dataset, std::size_t slice)
  {
    if (slice == 1 || slice == 4)
    {
      delete dataset.remove(slice == 1 ? DCM_PixelSpacing : DCM_ImagePositionPatient);
    }
  };
  std::vector<DicomHeader> headers = MakeHeaders(options);
  const std::string first = Refuse(headers).text;
  std::reverse(headers.begin(), headers.end());
  EXPECT_EQ(Refuse(headers).text, first);
}
