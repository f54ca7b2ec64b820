// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/RtStructFile.h"
#include "Plugin/Masks/RtStructMask.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Volume/SliceGrid.h"
#include "Plugin/Volume/SourceSeries.h"
#include "UnitTests/Plugin/Masks/MaskComparison.h"
#include "UnitTests/Plugin/Results/SampleSource.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/dcmdata/dctk.h>
#include <gmock/gmock.h>

namespace H3K27M::Masks
{
  using testing::AllOf;
  using testing::HasSubstr;

  namespace
  {
    using Points = std::vector<std::pair<double, double>>;  // column, row

    Points MakeSquare(double first, double last)
    {
      return {{first, first}, {last, first}, {last, last}, {first, last}};
    }

    // An RT Structure Set on the tilted sample series, built contour by contour.
    class RtStruct : public testing::Test
    {
    protected:
      void AddStructure(const std::string& name)
      {
        number_++;
        Results::ItemWriter(dataset_)
          .AddItem(DCM_StructureSetROISequence)
          .Text(DCM_ROINumber, std::to_string(number_))
          .Text(DCM_ReferencedFrameOfReferenceUID, frameOfReference_)
          .Text(DCM_ROIName, name);
        structure_ = &Results::ItemWriter(dataset_)
                        .AddItem(DCM_ROIContourSequence)
                        .Text(DCM_ReferencedROINumber, std::to_string(number_))
                        .GetItem();
      }

      void AddContour(std::size_t slice, const Points& points, double offPlaneMm = 0,
                      const std::string& type = "CLOSED_PLANAR")
      {
        const Volume::SliceGrid grid(series_);
        const Volume::Vector step = grid.GetSliceStep();
        const Volume::Vector off = Volume::Scale(step, offPlaneMm / Volume::Length(step));
        std::string data;
        for (const auto& [column, row] : points)
        {
          for (const double value : Volume::Add(grid.GetCentre(column, row, slice), off))
          {
            data += (data.empty() ? "" : "\\") + Results::ToDecimalString(value);
          }
        }
        Results::ItemWriter contour = Results::ItemWriter(*structure_).AddItem(DCM_ContourSequence);
        contour.Text(DCM_ContourGeometricType, type)
          .Text(DCM_NumberOfContourPoints, std::to_string(points.size()))
          .Text(DCM_ContourData, data);
        contour.AddItem(DCM_ContourImageSequence)
          .Text(DCM_ReferencedSOPClassUID, UID_MRImageStorage)
          .Text(DCM_ReferencedSOPInstanceUID, referenced_.empty() ? series_.slices[slice].sopInstanceUid : referenced_);
      }

      // Without images, at the origin.
      void AddPoints(std::size_t count)
      {
        std::string data = "0\\0\\0";
        for (std::size_t i = 1; i < count; i++)
        {
          data += "\\0\\0\\0";
        }
        Results::ItemWriter(*structure_)
          .AddItem(DCM_ContourSequence)
          .Text(DCM_ContourGeometricType, "CLOSED_PLANAR")
          .Text(DCM_NumberOfContourPoints, std::to_string(count))
          .Text(DCM_ContourData, data);
      }

      // Only the implicit syntax has room for a contour of more than 64 KiB.
      std::string MakeFile(Support::BuilderSyntax syntax = Support::BuilderSyntax::ExplicitLittle)
      {
        Results::ItemWriter(dataset_)
          .Text(DCM_SOPClassUID, UID_RTStructureSetStorage)
          .Text(DCM_SOPInstanceUID, "1.2.3.4")
          .Text(DCM_SeriesInstanceUID, "1.2.3")
          .Text(DCM_Modality, "RTSTRUCT");
        return Support::DicomSeriesBuilder::WriteFile(dataset_, syntax);
      }

      Results::MaskVolume Read(const std::string& roi = {})
      {
        return ReadRtStructMask(MakeFile(), series_, roi, {});
      }

      std::string Refuse(const std::string& roi = {})
      {
        return Tests::GetRefusal([&] { Read(roi); });
      }

      Volume::SourceSeries series_ = Tests::MakeSampleSource();
      std::string frameOfReference_ = series_.frameOfReferenceUid;
      std::string referenced_;  // instead of the slice's own
      DcmDataset dataset_;
      DcmItem* structure_ = nullptr;
      int number_ = 0;
    };
  }

  TEST_F(RtStruct, FillsContoursOnTheirSlices)
  {
    AddStructure("GTV");
    AddContour(1, MakeSquare(2.5, 6.5));
    AddContour(4, MakeSquare(3.5, 5.5));
    const Results::MaskVolume mask = Read();
    EXPECT_EQ((std::vector<std::size_t>{1, 4}), mask.GetTumourSlices());
    EXPECT_EQ(16u, mask.CountVoxels(1));
    EXPECT_EQ(4u, mask.CountVoxels(4));
    EXPECT_EQ(1, mask.GetSlice(1)[3 * 24 + 6]);
    EXPECT_EQ(0, mask.GetSlice(1)[3 * 24 + 7]);
  }

  TEST_F(RtStruct, AContourInsideAnotherIsAHole)
  {
    AddStructure("GTV");
    AddContour(2, MakeSquare(1.5, 9.5));
    AddContour(2, MakeSquare(3.5, 6.5));
    EXPECT_EQ(64u - 9u, Read().CountVoxels());
  }

  TEST_F(RtStruct, AKeyholeIsAHole)
  {
    AddStructure("GTV");
    AddContour(2, {{1.5, 1.5},
                   {9.5, 1.5},
                   {9.5, 9.5},
                   {1.5, 9.5},
                   {1.5, 1.5},
                   {3.5, 3.5},
                   {3.5, 6.5},
                   {6.5, 6.5},
                   {6.5, 3.5},
                   {3.5, 3.5}});
    EXPECT_EQ(64u - 9u, Read().CountVoxels());
  }

  TEST_F(RtStruct, SeveralStructuresLeaveTheChoiceToThePerson)
  {
    AddStructure("Brain stem");
    AddContour(1, MakeSquare(2.5, 6.5));
    AddStructure("GTV");
    AddContour(1, MakeSquare(2.5, 4.5));
    EXPECT_THAT(Refuse(), HasSubstr("name one as 'roi'; it has \"Brain stem\", \"GTV\""));
    EXPECT_THAT(Refuse("PTV"), HasSubstr("no structure \"PTV\"; it has \"Brain stem\", \"GTV\""));
    EXPECT_EQ(4u, Read("GTV").CountVoxels());
  }

  TEST_F(RtStruct, IsChosenByItsNameInJapanese)
  {
    Results::ItemWriter(dataset_).Text(DCM_SpecificCharacterSet, "\\ISO 2022 IR 87");
    AddStructure("\x1B$B<pag\x1B(B");
    AddContour(2, MakeSquare(1.5, 9.5));
    AddStructure("brain");
    AddContour(2, MakeSquare(0.5, 10.5));
    EXPECT_EQ(64u, Read("腫瘍").CountVoxels());
  }

  TEST_F(RtStruct, TellsEveryContourThatDoesNotFit)
  {
    AddStructure("GTV");
    AddContour(1, MakeSquare(2.5, 6.5), 2);
    AddContour(1, MakeSquare(2.5, 6.5), 0, "OPEN_PLANAR");
    referenced_ = "1.9.9";
    AddContour(1, MakeSquare(2.5, 6.5));
    referenced_ = series_.slices[3].sopInstanceUid;
    AddContour(1, MakeSquare(2.5, 6.5));
    EXPECT_THAT(Refuse(), AllOf(HasSubstr("contour 0: it lies up to 2.00 mm off the nearest slice"),
                                HasSubstr("contour 1: its type is OPEN_PLANAR"),
                                HasSubstr("contour 2: it names an image that is not in the series (1.9.9)"),
                                HasSubstr("contour 3: it names another image of the series")));
  }

  TEST_F(RtStruct, ReadsNumbersWithSpacesAround)
  {
    AddStructure("GTV");
    AddContour(1, MakeSquare(2.5, 6.5));
    DcmItem* contour = nullptr;
    ASSERT_TRUE(structure_->findAndGetSequenceItem(DCM_ContourSequence, contour, 0).good());
    OFString data;
    ASSERT_TRUE(contour->findAndGetOFStringArray(DCM_ContourData, data).good());
    std::string spaced = " ";
    for (const char c : std::string(data.c_str()))
    {
      spaced += c == '\\' ? std::string(" \\ ") : std::string(1, c);
    }
    contour->putAndInsertString(DCM_ContourData, spaced.c_str());
    EXPECT_EQ(16u, Read().CountVoxels(1));
  }

  // Each crossing of an edge and a row takes memory: a few megabytes of such points would take gigabytes of Orthanc's.
  TEST_F(RtStruct, RefusesAContourThatRunsUpAndDownForEachOfItsPoints)
  {
    AddStructure("GTV");
    Points zigzag;
    for (std::size_t i = 0; i < 4'000'000 / series_.rows + 2; i++)
    {
      zigzag.emplace_back(static_cast<double>(i % 3), i % 2 == 0 ? -1.0 : static_cast<double>(series_.rows));
    }
    AddContour(1, zigzag);
    const std::string file = MakeFile(Support::BuilderSyntax::ImplicitLittle);
    EXPECT_THAT(Tests::GetRefusal([&] { ReadRtStructMask(file, series_, "", {}); }),
                HasSubstr("cross the rows of the images more than 4000000 times"));
  }

  TEST_F(RtStruct, CountsThePointsOfAllStructuresTogether)
  {
    for (const char* const name : {"GTV", "Brain"})
    {
      AddStructure(name);
      AddPoints(RtStructFile::MAX_POINTS / 2 + 1);
    }
    const std::string file = MakeFile(Support::BuilderSyntax::ImplicitLittle);
    EXPECT_THAT(Tests::GetRefusal([&] { ReadRtStructMask(file, series_, "GTV", {}); }),
                HasSubstr("all structures together have more than"));
  }

  TEST_F(RtStruct, RefusesAPointFarOutsideOfTheImage)
  {
    AddStructure("GTV");
    AddContour(1, {{2.5, 2.5}, {2e6, 2.5}, {2.5, 6.5}});
    EXPECT_THAT(Refuse(), HasSubstr("contour 0: it has a point far outside of the image"));
  }

  TEST_F(RtStruct, RefusesAnotherFrameOfReferenceAndAnotherSeries)
  {
    frameOfReference_ = "1.2.3.9";
    AddStructure("GTV");
    AddContour(1, MakeSquare(2.5, 6.5));
    Results::ItemWriter(dataset_)
      .AddItem(DCM_ReferencedFrameOfReferenceSequence)
      .AddItem(DCM_RTReferencedStudySequence)
      .AddItem(DCM_RTReferencedSeriesSequence)
      .Text(DCM_SeriesInstanceUID, "1.2.3.8");
    EXPECT_THAT(Refuse(),
                AllOf(HasSubstr("its frame of reference is 1.2.3.9"), HasSubstr("another series: \"1.2.3.8\"")));
  }

  // What exports such contours has to make up a frame of reference.
  TEST_F(RtStruct, ASeriesWithoutAFrameOfReferenceIsNamedByItself)
  {
    series_.frameOfReferenceUid.clear();
    frameOfReference_ = "1.2.3.9";
    AddStructure("GTV");
    AddContour(1, MakeSquare(2.5, 6.5));
    EXPECT_THAT(Refuse(), HasSubstr("the series' is not named"));
    Results::ItemWriter(dataset_)
      .AddItem(DCM_ReferencedFrameOfReferenceSequence)
      .AddItem(DCM_RTReferencedStudySequence)
      .AddItem(DCM_RTReferencedSeriesSequence)
      .Text(DCM_SeriesInstanceUID, series_.seriesInstanceUid);
    EXPECT_EQ(16u, Read().CountVoxels(1));
  }

  TEST_F(RtStruct, RefusesContoursThatContradictThemselves)
  {
    AddStructure("GTV");
    AddContour(1, MakeSquare(2.5, 6.5));
    DcmItem* contour = nullptr;
    ASSERT_TRUE(structure_->findAndGetSequenceItem(DCM_ContourSequence, contour, 0).good());
    contour->putAndInsertString(DCM_NumberOfContourPoints, "5");
    EXPECT_THAT(Refuse(), HasSubstr("contour 0: ContourData"));
    contour->putAndInsertString(DCM_ContourData, "1\\2\\x");
    EXPECT_THAT(Refuse(), HasSubstr("contour 0: ContourData"));
  }

  TEST_F(RtStruct, RefusesWhatIsNoStructureSet)
  {
    EXPECT_THAT(Tests::GetRefusal([&] { ReadRtStructMask("garbage", series_, "", {}); }), HasSubstr("cannot be taken"));
    const std::string image = Support::DicomSeriesBuilder({}).MakeFiles().front();
    EXPECT_THAT(Tests::GetRefusal([&] { ReadRtStructMask(image, series_, "", {}); }), HasSubstr("SOP class"));
    EXPECT_THAT(Refuse(), HasSubstr("holds no structure"));
    AddStructure("GTV");
    EXPECT_THAT(Refuse(), HasSubstr("it has no contour"));
  }
}
