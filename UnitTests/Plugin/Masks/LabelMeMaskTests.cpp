// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Masks/LabelMeMask.h"
#include "Plugin/Volume/SourceSeries.h"
#include "UnitTests/Plugin/Masks/MaskComparison.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <gmock/gmock.h>

namespace H3K27M::Masks
{
  using testing::AllOf;
  using testing::HasSubstr;
  using testing::Not;

  namespace
  {
    const char* const SQUARE =
      R"({"label": "tumour", "shape_type": "polygon", "points": [[3, 2], [7, 2], [7, 5], [3, 5]], "flags": {}})";

    // 16 rows, 24 columns; InstanceNumber 6 is the lowest slice.
    class LabelMe : public testing::Test
    {
    protected:
      static std::string MakeFile(const std::string& shapes, int width = 24, int height = 16)
      {
        return R"({"version": "5.5.0", "flags": {}, "imageData": "AA\"==", "imagePath": "6.png", "imageWidth": )" +
               std::to_string(width) + ", \"imageHeight\": " + std::to_string(height) + ", \"shapes\": [" + shapes +
               "]}";
      }

      std::string Refuse(const std::string& name, const std::string& text)
      {
        LabelMeMask mask(series_);
        mask.AddFile(name, text);
        return Tests::GetRefusal([&mask] { mask.Finish(LabelChoice()); });
      }

      Volume::SourceSeries series_ = Tests::MakeSampleSource();
    };
  }

  TEST_F(LabelMe, ASliceIsNamedByItsSOPInstanceUIDOrInstanceNumber)
  {
    for (const char* const name : {"6.json", "0006.json", "1.2.826.0.1.3680043.10.1.4.1.json", "folder/6.json",
                                   "..\\images\\6.png", "1.2.826.0.1.3680043.10.1.4.1"})
    {
      LabelMeMask mask(series_);
      mask.AddFile(name, MakeFile(SQUARE));
      const Results::MaskVolume drawn = mask.Finish(LabelChoice());
      EXPECT_EQ(std::vector<std::size_t>{0}, drawn.GetTumourSlices()) << name;
      EXPECT_EQ(20u, drawn.CountVoxels()) << name;  // 5 x 4, edges included
    }
    EXPECT_THAT(Refuse("7.json", MakeFile(SQUARE)), HasSubstr("'7.json': no slice"));
    EXPECT_THAT(Refuse("Zhang^San.json", MakeFile(SQUARE)), HasSubstr("no slice"));
  }

  TEST_F(LabelMe, AnInstanceNumberThatOccursTwiceNamesNothing)
  {
    series_.slices[1].instanceNumber = 6;
    EXPECT_THAT(Refuse("6.json", MakeFile(SQUARE)), HasSubstr("several slices"));
  }

  TEST_F(LabelMe, FramesOfOneInstanceAreNamedByTheirNumber)
  {
    Tests::SampleSourceOptions options;
    options.isEnhanced = true;
    series_ = Tests::MakeSampleSource(options);
    for (const char* const name : {"6.json", "1.2.826.0.1.3680043.10.1.4.1_6.json"})
    {
      LabelMeMask mask(series_);
      mask.AddFile(name, MakeFile(SQUARE));
      EXPECT_EQ(std::vector<std::size_t>{0}, mask.Finish(LabelChoice()).GetTumourSlices()) << name;
    }
  }

  TEST_F(LabelMe, TellsAllFaultsAtOnce)
  {
    LabelMeMask mask(series_);
    mask.AddFile("1.json", MakeFile(SQUARE));
    mask.AddFile("2.json", MakeFile(SQUARE, 16, 24));
    mask.AddFile("3.json", "{");
    mask.AddFile("9.json", MakeFile(R"({"label": "a", "shape_type": "mask", "points": [[1, 1], [2, 2]]},
                                       {"label": "a", "shape_type": "circle", "points": [[1, 1]]},
                                       {"label": "", "points": []},
                                       {"label": "a", "points": [[1, 1], [2, "x"], [3, 3]]},
                                       {"label": "a", "points": [[1, 1], [1e300, 2], [3, 3]]})"));
    mask.AddFile("1.json", MakeFile(SQUARE));
    mask.AddFile("4.json", "[]");
    const std::string refusal = Tests::GetRefusal([&mask] { mask.Finish(LabelChoice()); });
    EXPECT_THAT(refusal, AllOf(HasSubstr("'2.json': imageWidth x imageHeight is 16 x 24, the slices have 24 x 16"),
                               HasSubstr("'3.json': Not valid JSON"),
                               HasSubstr("'9.json': shape 0: its shape_type \"mask\" is none of polygon"),
                               HasSubstr("'9.json': shape 1: a circle needs 2 points and has 1"),
                               HasSubstr("'9.json': shape 2: it has no label")));
    EXPECT_THAT(refusal, AllOf(HasSubstr("'9.json': shape 3: a point is not [x, y]"),
                               HasSubstr("'9.json': shape 4: a point lies more than a whole image outside"),
                               HasSubstr("'9.json': no slice"), HasSubstr("'1.json': its slice has another file"),
                               HasSubstr("'4.json': it is no LabelMe file")));
    EXPECT_THAT(refusal, Not(HasSubstr("and 1 more")));
  }

  TEST_F(LabelMe, ShapesOfASliceAreJoinedAndLabelsAreChosen)
  {
    const std::string text =
      MakeFile(std::string(SQUARE) + R"(, {"label": "cyst", "shape_type": "rectangle", "points": [[7, 5], [10, 6]]})");
    LabelMeMask mask(series_);
    mask.AddFile("6.json", text);
    EXPECT_THAT(Tests::GetRefusal([&mask] { mask.Finish(LabelChoice()); }), HasSubstr("\"cyst\", \"tumour\""));
    EXPECT_EQ(20u, mask.Finish(LabelChoice("tumour")).CountVoxels());
    EXPECT_EQ(8u, mask.Finish(LabelChoice("cyst")).CountVoxels());
    EXPECT_EQ(27u, mask.Finish(LabelChoice("*")).CountVoxels());
  }

  TEST_F(LabelMe, DocumentsOfAnArrayAreNamedByTheirImage)
  {
    LabelMeMask mask(series_);
    mask.AddDocuments(Protocol::ParseJson("[" + MakeFile(SQUARE) + "]"));
    EXPECT_EQ(std::vector<std::size_t>{0}, mask.Finish(LabelChoice()).GetTumourSlices());

    LabelMeMask nameless(series_);
    nameless.AddDocuments(Protocol::ParseJson(R"([{"shapes": []}, 3])"));
    EXPECT_THAT(Tests::GetRefusal([&nameless] { nameless.Finish(LabelChoice()); }),
                AllOf(HasSubstr("document 0"), HasSubstr("document 1"), HasSubstr("imagePath")));
  }

  TEST_F(LabelMe, NothingMarkedIsNoMask)
  {
    EXPECT_THAT(Refuse("6.json", MakeFile("")), HasSubstr("marks nothing"));
    LabelMeMask mask(series_);
    EXPECT_THAT(Tests::GetRefusal([&mask] { mask.Finish(LabelChoice()); }), HasSubstr("there is no LabelMe file"));
  }

  TEST_F(LabelMe, BoundsDepthValuesAndPoints)
  {
    EXPECT_THAT(Refuse("6.json", std::string(100, '[') + std::string(100, ']')), HasSubstr("Not valid JSON"));
    std::string many = "[0";
    for (std::size_t i = 0; i < LabelMeMask::MAX_VALUES; i++)
    {
      many += ",0";
    }
    EXPECT_THAT(Refuse("6.json", many + "]"), HasSubstr("more than 1000000 values"));

    std::string points = R"({"label": "a", "points": [[1, 1])";
    for (std::size_t i = 0; i < LabelMeShape::MAX_POINTS; i++)
    {
      points += ", [1, 1]";
    }
    EXPECT_THAT(Refuse("6.json", MakeFile(points + "]}")), HasSubstr("needs 3 to 5000 points and has 5001"));
  }
}
