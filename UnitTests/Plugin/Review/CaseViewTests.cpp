// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the dashboard draws, over an archive in memory.

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Review/CaseView.h"
#include "Plugin/Review/VoxelScale.h"
#include "UnitTests/Plugin/Masks/MaskFixture.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

namespace H3K27M::Review
{
  namespace
  {
    class CaseViewTest : public Testing::MaskFixture
    {
    protected:
      CaseViewTest() :
        view_(archive_, triage_, decoder_, *store_)
      {
      }

      // How many files are read for one piece of the stack.
      std::size_t CountReads(std::size_t first, std::size_t count, const std::string& study = STUDY)
      {
        std::size_t reads = 0;
        archive_.SetHook([&reads](const std::string& call, const std::string&)
        { reads += call == "ReadInstance" ? 1 : 0; });
        view_.ReadVoxels(study, first, count);
        archive_.SetHook({});
        return reads;
      }

      // The model's result, in the archive and in the work store; its tumour lies on the second slice.
      Json::Value Compute()
      {
        return Compute(triage_);
      }

      Json::Value Compute(const Pipeline::StudyTriage& triage)
      {
        Enqueue();
        const std::optional<WorkState::Task> task = store_->Claim("test", std::chrono::minutes(1));
        Pipeline::Cancellation cancellation;
        const Pipeline::TriageOutcome outcome = triage.Run(task.value(), cancellation);
        store_->Finish(task->GetTicket(), outcome.result);
        return Protocol::ParseJson(outcome.result.json);
      }

      // A series that the rules refuse, and that a person may choose.
      void StoreFlair()
      {
        H3K27M::Support::DicomSeriesOptions flair;
        flair.seriesInstanceUid = "2.25.2002";
        flair.seriesDescription = "AX FLAIR";
        StoreSeries(flair);
      }

      // Triage that asks `choice_` what a person has chosen.
      Pipeline::StudyTriage MakeTriageByHand()
      {
        Pipeline::TriageOptions options = MakeTriageOptions();
        options.findChoice = [this](const std::string&) { return choice_; };
        return {archive_, engine_, decoder_, options};
      }

      void DeleteSlice(std::size_t slice)
      {
        archive_.DeleteInstance("I2.25.2001." + std::to_string(slice + 1));
      }

      CaseView view_;
      std::optional<Pipeline::HandChoice> choice_;
    };
  }

  TEST_F(CaseViewTest, TheHeadersAreReadOnceForAllPieces)
  {
    const std::size_t slices = view_.Describe(STUDY)["slices"].asUInt();
    ASSERT_GT(slices, 2u);
    EXPECT_EQ(1u, CountReads(0, 1)) << "only the slice itself";
    EXPECT_EQ(2u, CountReads(1, 2));
  }

  TEST_F(CaseViewTest, TwoReadersWhoScrollInTurnReadTheHeadersOfTheirCasesOnce)
  {
    H3K27M::Support::DicomSeriesOptions options;
    options.studyInstanceUid = "2.25.1002";
    options.seriesInstanceUid = "2.25.2002";
    StoreSeries(options);
    const std::string other = "S2.25.1002";
    view_.Describe(STUDY);
    view_.Describe(other);

    for (std::size_t slice = 0; slice < 3; slice++)
    {
      EXPECT_EQ(1u, CountReads(slice, 1)) << "only the slice itself";
      EXPECT_EQ(1u, CountReads(slice, 1, other));
    }
  }

  // The reader sees what the network got: values that 16 bits do not hold were all the same white.
  TEST_F(CaseViewTest, ValuesThatAreNoIntegersOf16BitsAreScaledToThem)
  {
    EXPECT_EQ(1, view_.Describe(STUDY)["voxel_scale"].asDouble());
    EXPECT_EQ(0, view_.Describe(STUDY)["voxel_offset"].asDouble());

    for (const double slope : {20.0, 0.0005})
    {
      Volume::SourceSeries series;
      series.bitsStored = 12;
      series.slices.resize(2);
      series.slices[0].rescaleSlope = series.slices[1].rescaleSlope = slope;
      const VoxelScale scale(series);
      EXPECT_EQ(-32768, scale.ToNumber(0));
      EXPECT_EQ(32767, scale.ToNumber(4095 * slope));
      EXPECT_NEAR(100 * slope, scale.ToNumber(100 * slope) * scale.GetScale() + scale.GetOffset(), slope / 20);
      EXPECT_EQ(32767, scale.ToNumber(1e9)) << "clipped";
    }

    Volume::SourceSeries unsignedOf16Bits;
    unsignedOf16Bits.bitsStored = 16;
    unsignedOf16Bits.slices.resize(1);
    EXPECT_EQ(1, VoxelScale(unsignedOf16Bits).GetScale());
    EXPECT_EQ(32768, VoxelScale(unsignedOf16Bits).GetOffset());
    unsignedOf16Bits.isSigned = true;
    EXPECT_EQ(0, VoxelScale(unsignedOf16Bits).GetOffset());
  }

  TEST_F(CaseViewTest, PiecesAreTheWhole)
  {
    const std::size_t slices = view_.Describe(STUDY)["slices"].asUInt();
    std::string pieces;

    for (std::size_t slice = 0; slice < slices; slice++)
    {
      pieces += view_.ReadVoxels(STUDY, slice, 1);
    }

    EXPECT_EQ(view_.ReadVoxels(STUDY, 0, slices), pieces);
    EXPECT_TRUE(view_.ReadVoxels(STUDY, slices, 1).empty());
  }

  TEST_F(CaseViewTest, NamesTheSlicesAsTheReportDoes)
  {
    const Json::Value view = view_.Describe(STUDY);
    ASSERT_EQ(view["slices"].asUInt(), view["slice_names"]["numbers"].size());
    EXPECT_EQ(2, view["slice_names"]["numbers"][1].asInt());
    EXPECT_TRUE(view["slice_names"]["are_shown"].asBool());

    // All images are number 1: no viewer tells them apart by it, and the report counts from the lowest.
    archive_.DeleteSeries("E2.25.2001");
    H3K27M::Support::DicomSeriesOptions options;
    options.edit = [](DcmDataset& dataset, std::size_t) { dataset.putAndInsertString(DCM_InstanceNumber, "1"); };
    StoreSeries(options);
    const Json::Value unnumbered = CaseView(archive_, triage_, decoder_, *store_).Describe(STUDY);
    ASSERT_EQ(view["slices"], unnumbered["slice_names"]["numbers"].size());
    EXPECT_FALSE(unnumbered["slice_names"]["are_shown"].asBool());
    EXPECT_EQ(2, unnumbered["slice_names"]["numbers"][1].asInt());
  }

  // A page that was opened shows no slice, and no mask, of other images under the names of those that it knows.
  TEST_F(CaseViewTest, ImagesThatCameOrWentMeanwhileAreNotTakenForThoseThatWereOpened)
  {
    const std::string stack = view_.Describe(STUDY)["stack"].asString();
    EXPECT_EQ(view_.ReadVoxels(STUDY, 0, 1), view_.ReadVoxels(STUDY, 0, 1, stack));

    archive_.DeleteSeries("E2.25.2001");
    H3K27M::Support::DicomSeriesOptions other;
    other.seriesInstanceUid = "2.25.2003";
    StoreSeries(other);
    EXPECT_NE(stack, view_.Describe(STUDY)["stack"].asString());

    try
    {
      view_.ReadVoxels(STUDY, 0, 1, stack);
      FAIL() << "voxels of other images";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Conflict, e.GetCode());
    }
  }

  TEST_F(CaseViewTest, SaysHowAMaskWasDrawn)
  {
    Masks::MaskOrigin origin;
    origin.algorithmType = Results::SegmentAlgorithmType::SemiAutomatic;
    StoreDrawn(0, origin);
    const Json::Value mask = view_.Describe(STUDY)["masks"]["human"];
    EXPECT_EQ("SEMIAUTOMATIC", mask["algorithm_type"].asString());
    EXPECT_FALSE(mask["synthetic"].asBool());
  }

  TEST_F(CaseViewTest, SaysOfAPlantedMaskThatNobodyDrewIt)
  {
    StorePlanted(1);
    const Json::Value mask = view_.Describe(STUDY)["masks"]["human"];
    EXPECT_TRUE(mask["synthetic"].asBool());
    EXPECT_EQ(1u, mask["voxels"].asUInt()) << "it is the reference all the same";
  }

  // What is drawn is sent as a file that has a place for each slice, also for those that the series lacks.
  TEST_F(CaseViewTest, SaysWhereTheSlicesStandInAStackThatLacksOne)
  {
    const Json::Value whole = view_.Describe(STUDY);
    DeleteSlice(2);
    const Json::Value view = view_.Describe(STUDY);
    std::vector<unsigned> places;

    for (const Json::Value& place : view["places"])
    {
      places.push_back(place.asUInt());
    }

    EXPECT_EQ((std::vector<unsigned>{0, 1, 3, 4, 5}), places);
    EXPECT_EQ(6u, whole["places"].size());

    for (const Json::ArrayIndex row : {0u, 1u, 2u})
    {
      EXPECT_NEAR(whole["affine"][row][2].asDouble(), view["affine"][row][2].asDouble(), 1e-9) << "from place to place";
    }
  }

  // One mask that an image was taken away from had closed the whole case.
  TEST_F(CaseViewTest, AMaskThatNoLongerLiesOnTheStackIsToldAndHidesNothing)
  {
    const std::string drawn = StoreDrawn(2);
    Compute();
    EXPECT_TRUE(view_.Describe(STUDY)["masks"]["human"]["fault"].isNull());
    DeleteSlice(2);
    const Json::Value view = view_.Describe(STUDY);
    EXPECT_EQ(5u, view["slices"].asUInt());
    const Json::Value& mask = view["masks"]["human"];
    EXPECT_EQ(drawn, mask["sop_instance_uid"].asString()) << "who saves another one says that this one was seen";
    EXPECT_THAT(mask["fault"].asString(), testing::HasSubstr("does not lie on the series: frame 1"));
    EXPECT_TRUE(mask["voxels"].isNull() && mask["largest_slice"].isNull() && mask["tumour_slices"].empty());
    EXPECT_THROW(view_.ReadMask(STUDY, CaseView::Drawer::Human), Error);

    // The model's lies on a slice that is there still, until that one goes as well.
    EXPECT_TRUE(view["masks"]["model"]["fault"].isNull());
    EXPECT_EQ(1u, view["masks"]["model"]["largest_slice"].asUInt());
    DeleteSlice(1);
    EXPECT_FALSE(view_.Describe(STUDY)["masks"]["model"]["fault"].isNull());
  }

  TEST_F(CaseViewTest, AModelsMaskWhoseFileIsLostIsToldAndHidesNothing)
  {
    StoreDrawn(2);
    const std::string segmentation = Compute()["segmentation"].asString();
    archive_.SetHook([&segmentation](const std::string& call, const std::string& argument)
    {
      if (call == "ReadInstance" && argument == segmentation)
      {
        throw Error(ErrorCode::Corrupt, "its file is lost");
      }
    });
    const Json::Value masks = view_.Describe(STUDY)["masks"];
    EXPECT_THAT(masks["model"]["fault"].asString(), testing::HasSubstr("its file is lost"));
    EXPECT_TRUE(masks["model"]["voxels"].isNull());
    EXPECT_EQ(1u, masks["human"]["voxels"].asUInt());
  }

  // Its saliency lies on slices that are told by their index.
  TEST_F(CaseViewTest, AResultNamesTheStackThatItWasMadeOf)
  {
    const Json::Value result = Compute();
    EXPECT_EQ(result["stack"], view_.Describe(STUDY)["stack"]);
    DeleteSlice(0);
    EXPECT_EQ(result["series"], view_.Describe(STUDY)["series"]);
    EXPECT_NE(result["stack"], view_.Describe(STUDY)["stack"]);
  }

  TEST_F(CaseViewTest, AnotherStateOfTheStudyIsReadAnew)
  {
    const std::size_t before = view_.Describe(STUDY)["slices"].asUInt();
    const Archive::StudySnapshot study = archive_.GetStudy(STUDY).value();
    // A copy: the list of series does not outlive this line.
    const std::vector<std::string> instances = Pipeline::GetSourceSeries(study).front().instances;
    archive_.DeleteInstance(instances.back());
    EXPECT_EQ(before - 1, view_.Describe(STUDY)["slices"].asUInt());
  }

  TEST_F(CaseViewTest, TheSeriesOfTheResultIsShownAfterItsChoiceWasWithdrawn)
  {
    StoreFlair();
    const Pipeline::StudyTriage triage = MakeTriageByHand();
    choice_ = Pipeline::HandChoice{"E2.25.2002", "ann"};
    const std::string computed = Compute(triage)["series"].asString();
    ASSERT_EQ("E2.25.2002", computed);
    choice_.reset();
    EXPECT_EQ(computed, CaseView(archive_, triage, decoder_, *store_).Describe(STUDY)["series"].asString());
  }

  TEST_F(CaseViewTest, WhatWasChosenIsNotShownOnAfterItWasWithdrawnWithoutAResult)
  {
    StoreFlair();
    const Pipeline::StudyTriage triage = MakeTriageByHand();
    const CaseView view(archive_, triage, decoder_, *store_);
    choice_ = Pipeline::HandChoice{"E2.25.2002", "ann"};
    EXPECT_EQ("E2.25.2002", view.Describe(STUDY)["series"].asString());
    choice_.reset();
    EXPECT_EQ("E2.25.2001", view.Describe(STUDY)["series"].asString());
  }
}
