// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The path of a mask over an archive in memory: chosen series, stored segmentation, replacement, withdrawal.

#include "Inference/Protocol/Error.h"
#include "Plugin/Masks/MaskService.h"
#include "Plugin/Pipeline/ResultStore.h"
#include "Plugin/Results/SegWriter.h"
#include "Plugin/Routing/OwnResults.h"
#include "UnitTests/Plugin/Masks/MaskComparison.h"
#include "UnitTests/Plugin/Masks/MaskFixture.h"
#include "UnitTests/Plugin/Masks/NiftiFile.h"
#include "UnitTests/Plugin/Masks/RleFile.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <gmock/gmock.h>

namespace H3K27M::Masks
{
  using Results::SegmentAlgorithmType;
  using testing::AllOf;
  using testing::HasSubstr;

  namespace
  {
    class MaskServiceTest : public Testing::MaskFixture
    {
    protected:
      MaskServiceTest() :
        service_(archive_, triage_, claims_)
      {
      }

      // A block on some slices as NIfTI.
      MaskUpload MakeUpload(std::size_t first, std::size_t last)
      {
        const Volume::SourceSeries source = GetSource();
        Results::MaskVolume mask(source);
        for (std::size_t slice = first; slice <= last; slice++)
        {
          std::vector<std::uint8_t> values(static_cast<std::size_t>(source.rows) * source.columns, 0);
          std::fill(values.begin() + 100, values.begin() + 110, std::uint8_t{1});
          mask.SetSlice(slice, values);
        }
        file_ = Tests::MakeNifti(Tests::MakeGrid(source), Tests::ListVoxels(mask));
        MaskUpload upload;
        upload.body = file_;
        return upload;
      }

      Json::Value Put(const MaskUpload& upload)
      {
        return service_.Put(STUDY, upload);
      }

      std::string Refuse(const MaskUpload& upload)
      {
        return Tests::GetRefusal([&] { Put(upload); });
      }

      // As far as masks look at it: an object of the reviews' series number in which the UID stands.
      void StoreReviewOf(const std::string& mask)
      {
        H3K27M::Support::DicomSeriesOptions review;
        review.seriesInstanceUid = "2.25.3000." + std::to_string(++reviews_);
        review.slices = 1;
        review.edit = [&mask](DcmDataset& dataset, std::size_t)
        {
          dataset.putAndInsertString(DCM_Modality, "SR");
          dataset.putAndInsertString(DCM_Manufacturer, std::string(Routing::OWN_MANUFACTURER).c_str());
          dataset.putAndInsertString(DCM_SeriesNumber, "9006");
          dataset.putAndInsertString(DCM_TrackingUID, mask.c_str());
        };
        StoreSeries(review);
      }

      // A mask of a person whose file says nothing.
      void StoreUnreadable()
      {
        H3K27M::Support::DicomSeriesOptions broken;
        broken.seriesInstanceUid = "2.25.2009";
        broken.slices = 1;
        broken.edit = [](DcmDataset& dataset, std::size_t)
        {
          dataset.putAndInsertString(DCM_Modality, "SEG");
          dataset.putAndInsertString(DCM_Manufacturer, std::string(Routing::OWN_MANUFACTURER).c_str());
          dataset.putAndInsertString(DCM_SeriesNumber, "9005");
        };
        StoreSeries(broken);
      }

      Support::StudyClaims claims_;
      MaskService service_;
      std::string file_;
      int reviews_ = 0;
    };
  }

  TEST_F(MaskServiceTest, AMaskIsStoredAndFound)
  {
    EXPECT_THAT(Tests::GetRefusal([this] { service_.Get(STUDY, ""); }), HasSubstr("no mask that a person drew"));
    const Json::Value put = Put(MakeUpload(1, 2));
    const Json::Value mask = service_.Get(STUDY, "");
    EXPECT_EQ(0u, put["replaced"].asUInt());
    EXPECT_EQ(put["segmentation"], mask["segmentation"]);
    EXPECT_EQ("MANUAL", mask["algorithm_type"].asString());
    EXPECT_EQ(20u, mask["voxels"].asUInt());
    EXPECT_NEAR(20 * 0.5 * 0.5 * 5, mask["volume_mm3"].asDouble(), 1e-9);
    EXPECT_EQ(2u, mask["slices"].size());
    EXPECT_EQ("2.25.2001.2", mask["slices"][0]["sop_instance_uid"].asString());
    EXPECT_EQ("2.25.2001", mask["series_instance_uid"].asString());
    EXPECT_FALSE(mask["synthetic"].asBool());
    EXPECT_EQ(mask, service_.Get(STUDY, mask["series"].asString()));
    EXPECT_EQ(mask, service_.Get(STUDY, "2.25.2001"));
  }

  TEST_F(MaskServiceTest, ANewMaskReplacesTheOlderOne)
  {
    Put(MakeUpload(1, 2));
    EXPECT_EQ(1u, Put(MakeUpload(1, 3))["replaced"].asUInt());
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(30u, service_.Get(STUDY, "")["voxels"].asUInt());
    EXPECT_EQ(0u, Put(MakeUpload(1, 3))["replaced"].asUInt()) << "the same mask again changes nothing";
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
  }

  TEST_F(MaskServiceTest, WhatAReviewNamesStaysAndIsNoLongerInForce)
  {
    const std::string first = Put(MakeUpload(1, 2))["segmentation_instance_uid"].asString();
    StoreReviewOf(first);
    const Json::Value second = Put(MakeUpload(1, 3));
    EXPECT_EQ(0u, second["replaced"].asUInt());
    EXPECT_EQ(2u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(30u, service_.Get(STUDY, "")["voxels"].asUInt()) << "made within the same second, and the newer one";

    // The third replaces the second, which no review names.
    EXPECT_EQ(1u, Put(MakeUpload(1, 4))["replaced"].asUInt());
    EXPECT_EQ(2u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(40u, service_.Get(STUDY, "")["voxels"].asUInt());
    EXPECT_EQ(1u, MaskStore::KeepInForce(MaskStore(archive_, {}).ListAll(archive_.GetStudy(STUDY).value())).size());

    // Whoever takes the third away takes nothing away that another answered for.
    EXPECT_EQ(1u, service_.Withdraw(STUDY, "")["withdrawn"].asUInt());
    EXPECT_EQ(first, service_.Get(STUDY, "")["segmentation_instance_uid"].asString());
    EXPECT_THAT(Tests::GetRefusal([this] { service_.Withdraw(STUDY, ""); }),
                HasSubstr("A review of the study names this mask, and would point at nothing"));
    EXPECT_EQ(first, service_.Get(STUDY, "")["segmentation_instance_uid"].asString());
    archive_.DeleteSeries("E2.25.3000.1");
    EXPECT_EQ(1u, service_.Withdraw(STUDY, "")["withdrawn"].asUInt());
    EXPECT_TRUE(archive_.ListSeries("SEG").empty());
  }

  TEST_F(MaskServiceTest, AMaskThatCannotBeReadStaysWhereAReviewNamesItsSeries)
  {
    StoreUnreadable();
    StoreReviewOf("2.25.1");
    StoreReviewOf("2.25.2009");
    EXPECT_THAT(Tests::GetRefusal([this] { service_.Withdraw(STUDY, ""); }), HasSubstr("names this mask"));
    archive_.DeleteSeries("E2.25.3000.2");
    EXPECT_EQ(1u, service_.Withdraw(STUDY, "")["withdrawn"].asUInt()) << "the other review names another";
  }

  // Else the mask that a review is about to name could go before it names it.
  TEST_F(MaskServiceTest, NothingChangesWhileAReviewOfTheStudyIsWritten)
  {
    Put(MakeUpload(1, 2));
    const Support::StudyClaims::Claim review(claims_, STUDY, ErrorCode::Conflict);
    EXPECT_THAT(Refuse(MakeUpload(1, 3)), HasSubstr("Another request is changing this study"));
    EXPECT_THAT(Tests::GetRefusal([this] { service_.Withdraw(STUDY, ""); }), HasSubstr("Another request"));
  }

  TEST_F(MaskServiceTest, AMaskThatWasReplacedComesBackAsANewerOne)
  {
    const std::string first = Put(MakeUpload(1, 2))["segmentation_instance_uid"].asString();
    StoreReviewOf(first);
    const std::string second = Put(MakeUpload(1, 3))["segmentation_instance_uid"].asString();
    StoreReviewOf(second);
    MaskUpload again = MakeUpload(1, 2);
    again.replaces = second;
    const Json::Value third = Put(again);
    EXPECT_EQ(20u, third["voxels"].asUInt());
    EXPECT_NE(first, third["segmentation_instance_uid"].asString());
    EXPECT_EQ(3u, archive_.ListSeries("SEG").size()) << "what the reviews name, and this one";
    EXPECT_EQ(third["segmentation_instance_uid"], Put(again)["segmentation_instance_uid"])
      << "the answer was lost, say";

    // And so on, although the first names that it would get are taken.
    StoreReviewOf(third["segmentation_instance_uid"].asString());
    EXPECT_EQ(30u, Put(MakeUpload(1, 3))["voxels"].asUInt());
    EXPECT_EQ(20u, Put(MakeUpload(1, 2))["voxels"].asUInt());
    EXPECT_EQ(20u, service_.Get(STUDY, "")["voxels"].asUInt());
  }

  TEST_F(MaskServiceTest, AReviewThatCannotBeReadMayNameAnyMask)
  {
    Put(MakeUpload(1, 2));
    StoreReviewOf("2.25.1");
    archive_.SetHook([](const std::string& call, const std::string& argument)
    {
      if (call == "ReadInstance" && argument.find("2.25.3000.") != std::string::npos)
      {
        throw Error(ErrorCode::Corrupt, "its file is lost");
      }
    });
    EXPECT_EQ(0u, Put(MakeUpload(1, 3))["replaced"].asUInt());
    archive_.SetHook({});
    EXPECT_EQ(2u, Put(MakeUpload(1, 4))["replaced"].asUInt()) << "it names neither";
  }

  // Another Orthanc on the same archive knows nothing of the claims of this one.
  TEST_F(MaskServiceTest, AReviewThatComesWhileTheOthersAreReadKeepsTheMaskThatItNames)
  {
    const std::string first = Put(MakeUpload(1, 2))["segmentation_instance_uid"].asString();
    StoreReviewOf("2.25.1");
    const MaskUpload second = MakeUpload(1, 3);
    archive_.SetHook([this, &first](const std::string& call, const std::string& argument)
    {
      if (call == "ReadInstance" && argument.starts_with("I2.25.3000."))
      {
        archive_.SetHook({});
        StoreReviewOf(first);
      }
    });
    EXPECT_EQ(0u, Put(second)["replaced"].asUInt());
    EXPECT_TRUE(archive_.FindInstance(first));
  }

  TEST_F(MaskServiceTest, AReviewThatComesWhileTheMasksAreReadKeepsWhatItNames)
  {
    const std::string mask = Put(MakeUpload(1, 2))["segmentation_instance_uid"].asString();
    archive_.SetHook([this, &mask](const std::string& call, const std::string&)
    {
      if (call == "ReadInstance")
      {
        archive_.SetHook({});
        StoreReviewOf(mask);
      }
    });
    EXPECT_THAT(Tests::GetRefusal([this] { service_.Withdraw(STUDY, "", std::nullopt); }),
                HasSubstr("A review of the study names this mask"));
    EXPECT_TRUE(archive_.FindInstance(mask));
  }

  TEST_F(MaskServiceTest, WhoHasNotSeenTheMaskDoesNotReplaceIt)
  {
    MaskUpload upload = MakeUpload(1, 2);
    upload.replaces = "2.25.9";
    EXPECT_THAT(Refuse(upload), HasSubstr("is gone meanwhile"));
    upload.replaces = "";
    const std::string first = Put(upload)["segmentation_instance_uid"].asString();
    EXPECT_EQ(first, Put(upload)["segmentation_instance_uid"].asString()) << "the answer was lost, say";

    MaskUpload second = MakeUpload(1, 3);
    second.replaces = "";
    second.creator = "Second^Reader";
    EXPECT_THAT(Refuse(second), HasSubstr("Another mask of the series was stored meanwhile: " + first));
    EXPECT_EQ(20u, service_.Get(STUDY, "")["voxels"].asUInt());
    second.replaces = first;
    EXPECT_EQ(1u, Put(second)["replaced"].asUInt());

    MaskUpload third = MakeUpload(1, 4);
    third.replaces = first;
    EXPECT_THAT(Refuse(third), HasSubstr(", by Second^Reader. Nothing was written"));
    third.replaces.reset();
    EXPECT_EQ(1u, Put(third)["replaced"].asUInt());
  }

  TEST_F(MaskServiceTest, AMaskIsWithdrawn)
  {
    const Json::Value put = Put(MakeUpload(1, 2));
    const Json::Value withdrawn = service_.Withdraw(STUDY, "");
    EXPECT_EQ(1u, withdrawn["withdrawn"].asUInt());
    EXPECT_EQ(put["segmentation_instance_uid"], withdrawn["segmentation_instance_uid"]);
    EXPECT_TRUE(archive_.ListSeries("SEG").empty());
    EXPECT_THAT(Tests::GetRefusal([this] { service_.Withdraw(STUDY, ""); }), HasSubstr("no mask"));
  }

  TEST_F(MaskServiceTest, WhoHasNotSeenTheMaskDoesNotWithdrawIt)
  {
    const std::string first = Put(MakeUpload(1, 2))["segmentation_instance_uid"].asString();
    MaskUpload second = MakeUpload(1, 3);
    second.creator = "Second^Reader";
    const std::string now = Put(second)["segmentation_instance_uid"].asString();

    for (const std::string& seen : {first, std::string()})
    {
      EXPECT_THAT(Tests::GetRefusal([&] { service_.Withdraw(STUDY, "2.25.2001", seen); }),
                  HasSubstr("Another mask of the series was stored meanwhile: " + now + ", by Second^Reader"));
    }

    EXPECT_EQ(now, service_.Get(STUDY, "")["segmentation_instance_uid"].asString());
    EXPECT_EQ(1u, service_.Withdraw(STUDY, "2.25.2001", now)["withdrawn"].asUInt());
    EXPECT_THAT(Tests::GetRefusal([&] { service_.Withdraw(STUDY, "2.25.2001", now); }), HasSubstr("has no mask"));
  }

  TEST_F(MaskServiceTest, AMaskThatCannotBeReadIsNoneThatWasSeen)
  {
    StoreUnreadable();
    EXPECT_THAT(Tests::GetRefusal([this] { service_.Withdraw(STUDY, "", "2.25.9"); }),
                HasSubstr("stored meanwhile: one that cannot be read"));
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(1u, service_.Withdraw(STUDY, "", "")["withdrawn"].asUInt());
  }

  TEST_F(MaskServiceTest, AMaskThatCannotBeReadHidesNoOtherAndIsWithdrawnByItself)
  {
    StoreUnreadable();
    EXPECT_THAT(Tests::GetRefusal([this] { service_.Get(STUDY, ""); }), HasSubstr("cannot be read"));
    EXPECT_EQ(0u, Put(MakeUpload(1, 2))["replaced"].asUInt());
    EXPECT_EQ("2.25.2001", service_.Get(STUDY, "")["series_instance_uid"].asString());

    // Nobody knows what it was drawn on: that there are two is said, and either goes by its name.
    const std::string refusal = Tests::GetRefusal([this] { service_.Withdraw(STUDY, ""); });
    EXPECT_THAT(refusal, HasSubstr("\"2.25.2001\", \"E2.25.2009\""));
    EXPECT_EQ(2u, archive_.ListSeries("SEG").size());
    EXPECT_EQ(1u, service_.Withdraw(STUDY, "E2.25.2009")["withdrawn"].asUInt());
    EXPECT_EQ("2.25.2001", service_.Get(STUDY, "")["series_instance_uid"].asString());
  }

  TEST_F(MaskServiceTest, TheOnlyMaskIsWithdrawnAlthoughItCannotBeRead)
  {
    StoreUnreadable();
    EXPECT_EQ(1u, service_.Withdraw(STUDY, "")["withdrawn"].asUInt());
    EXPECT_TRUE(archive_.ListSeries("SEG").empty());
  }

  TEST_F(MaskServiceTest, TriageNeitherSeesNorRemovesIt)
  {
    const std::string before = Pipeline::ComputeFingerprint(archive_.GetStudy(STUDY).value());
    Put(MakeUpload(1, 2));
    EXPECT_EQ(before, Pipeline::ComputeFingerprint(archive_.GetStudy(STUDY).value()));
    EXPECT_EQ(0u, Pipeline::ResultStore(archive_).RemoveOutdated(STUDY, {}));
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
  }

  TEST_F(MaskServiceTest, ARefusedMaskStoresNothingAndLeavesTheOlderOne)
  {
    const Json::Value first = Put(MakeUpload(1, 2));
    MaskUpload broken = MakeUpload(1, 2);
    broken.label = "7";
    EXPECT_THAT(Refuse(broken), HasSubstr("no label \"7\""));
    EXPECT_EQ(first["segmentation"], service_.Get(STUDY, "")["segmentation"]);
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
  }

  // A matrix whose masks are written with 8 bits a voxel, in an archive that compresses what it takes in.
  TEST_F(MaskServiceTest, AMaskThatTheArchiveCompressesIsReadBack)
  {
    const Tests::RleCodecs codecs;
    archive_.DeleteSeries("E2.25.2001");
    H3K27M::Support::DicomSeriesOptions odd;
    odd.rows = 31;
    odd.columns = 23;
    StoreSeries(odd);
    archive_.SetIngest([](const std::string& file) { return Tests::CompressByRle(file); });
    EXPECT_EQ(20u, Put(MakeUpload(1, 2))["voxels"].asUInt());
    EXPECT_EQ(1u, Put(MakeUpload(1, 3))["replaced"].asUInt());
    EXPECT_EQ(30u, service_.Get(STUDY, "")["voxels"].asUInt());
  }

  TEST_F(MaskServiceTest, AMaskThatTheArchiveSpoilsDoesNotReplaceTheOlderOne)
  {
    const Json::Value first = Put(MakeUpload(1, 2));
    archive_.SetIngest([](const std::string& file)
    {
      std::string spoilt = file;
      spoilt.back() = static_cast<char>(spoilt.back() ^ 1);  // of the last slice's last voxels
      return spoilt;
    });
    EXPECT_THAT(Refuse(MakeUpload(1, 3)),
                AllOf(HasSubstr("does not give the mask back"), HasSubstr("voxels of it are others")));
    archive_.SetIngest([](const std::string& file) { return file.substr(0, file.size() - 96); });
    EXPECT_THAT(Refuse(MakeUpload(1, 3)), HasSubstr("does not give the mask back"));
    EXPECT_EQ(first["segmentation"], service_.Get(STUDY, "")["segmentation"]);
    EXPECT_EQ(1u, archive_.ListSeries("SEG").size());
  }

  TEST_F(MaskServiceTest, ANameThatIsNoUtf8IsRefused)
  {
    MaskUpload upload = MakeUpload(1, 2);
    upload.creator = "M\xfcller";
    EXPECT_THAT(Refuse(upload), HasSubstr("'creator' must be one line of at most 64 bytes of UTF-8"));
    upload.creator = "M\u00fcller";
    EXPECT_EQ(upload.creator, Put(upload)["creator"].asString());
  }

  TEST_F(MaskServiceTest, ASeriesThatTheRouterRefusesCarriesNoMask)
  {
    H3K27M::Support::DicomSeriesOptions flair;
    flair.seriesInstanceUid = "2.25.2002";
    flair.seriesDescription = "T1";
    flair.echoTime = "10";
    StoreSeries(flair);
    MaskUpload upload = MakeUpload(1, 2);
    upload.series = "2.25.2002";
    EXPECT_THAT(Refuse(upload), HasSubstr("nothing to lay a mask on"));
    upload.series = "2.25.9";
    EXPECT_THAT(Refuse(upload), HasSubstr("no image series 2.25.9"));
    EXPECT_THAT(Tests::GetRefusal([&] { service_.Put("nowhere", upload); }), HasSubstr("no study nowhere"));
  }

  TEST_F(MaskServiceTest, TwoSeriesEachHaveTheirOwn)
  {
    H3K27M::Support::DicomSeriesOptions second;
    second.seriesInstanceUid = "2.25.2002";
    StoreSeries(second);
    MaskUpload upload = MakeUpload(1, 2);
    for (const char* const series : {"2.25.2001", "2.25.2002"})
    {
      upload.series = series;
      EXPECT_EQ(0u, Put(upload)["replaced"].asUInt());
    }
    EXPECT_THAT(Tests::GetRefusal([this] { service_.Get(STUDY, ""); }), HasSubstr("\"2.25.2001\", \"2.25.2002\""));
    EXPECT_EQ("2.25.2002", service_.Get(STUDY, "2.25.2002")["series_instance_uid"].asString());
    service_.Withdraw(STUDY, "2.25.2002");
    EXPECT_EQ("2.25.2001", service_.Get(STUDY, "")["series_instance_uid"].asString());
  }

  TEST_F(MaskServiceTest, ASegmentationOfTheStudyBecomesTheMask)
  {
    // The model's own, as triage stores it.
    const Volume::SourceSeries source = GetSource();
    const Results::ModelInfo model = Tests::MakeSampleModel();
    const Results::ResultIdentity identity(source, model.hash, "test");
    Results::MaskVolume drawn(source);
    std::vector<std::uint8_t> values(static_cast<std::size_t>(source.rows) * source.columns, 0);
    values[77] = 2;
    drawn.SetSlice(3, values);
    const Results::DicomInstance segmentation =
      Results::SegWriter().Write({source, identity, model, Tests::MakeSampleTime()}, drawn);

    MaskUpload upload;
    upload.kind = MaskUpload::Kind::Segmentation;
    upload.segmentation = segmentation.sopInstanceUid;
    EXPECT_THAT(Refuse(upload), HasSubstr("no segmentation of this identifier"));
    const std::string id = archive_.Store(std::span(segmentation.bytes));

    upload.algorithmType = SegmentAlgorithmType::Manual;
    EXPECT_THAT(Refuse(upload), HasSubstr("SEMIAUTOMATIC, not MANUAL"));
    upload.algorithmType.reset();
    const Json::Value byUid = Put(upload);
    EXPECT_EQ("SEMIAUTOMATIC", byUid["algorithm_type"].asString());
    EXPECT_EQ(model.name, byUid["algorithm_name"].asString());
    EXPECT_EQ(1u, byUid["voxels"].asUInt());
    EXPECT_EQ(2u, archive_.ListSeries("SEG").size()) << "the model's own stays";

    upload.segmentation = id;
    EXPECT_EQ(byUid["segmentation"], Put(upload)["segmentation"]);
  }

  TEST_F(MaskServiceTest, WhoTakesOverAPlantedMaskHasNotDrawnIt)
  {
    MaskUpload upload;
    upload.kind = MaskUpload::Kind::Segmentation;
    upload.segmentation = StorePlanted(2);
    upload.algorithmType = SegmentAlgorithmType::Manual;
    EXPECT_THAT(Refuse(upload), HasSubstr("The segment is a phantom's: taken over by a person it is SEMIAUTOMATIC"));
    upload.algorithmType.reset();
    const Json::Value mask = Put(upload);
    EXPECT_EQ("SEMIAUTOMATIC", mask["algorithm_type"].asString());
    EXPECT_EQ("phantom generator", mask["algorithm_name"].asString());
    EXPECT_FALSE(mask["synthetic"].asBool());
  }

  TEST_F(MaskServiceTest, AStudyThatIsDeletedMeanwhileIsNotBroughtBack)
  {
    const MaskUpload upload = MakeUpload(1, 2);
    archive_.SetHook([this](const std::string& call, const std::string&)
    {
      if (call == "Store")
      {
        archive_.SetHook(nullptr);
        archive_.DeleteStudy(STUDY);
      }
    });
    EXPECT_THAT(Refuse(upload), HasSubstr("deleted while its mask was stored"));
    EXPECT_FALSE(archive_.GetStudy(STUDY));
  }

  TEST(StudyClaims, RefuseASecondChangeOfOneStudy)
  {
    Support::StudyClaims claims;
    {
      const Support::StudyClaims::Claim first(claims, "a");
      const Support::StudyClaims::Claim other(claims, "b");
      EXPECT_THAT(Tests::GetRefusal([&claims] { const Support::StudyClaims::Claim second(claims, "a"); }),
                  HasSubstr("Another request"));
    }
    const Support::StudyClaims::Claim again(claims, "a");
  }
}
