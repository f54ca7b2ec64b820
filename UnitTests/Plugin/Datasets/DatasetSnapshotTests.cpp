// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Datasets/DatasetSnapshot.h"
#include "Plugin/Labels/StudyLabels.h"
#include "Plugin/Masks/MaskService.h"
#include "Plugin/Pipeline/SeriesChoice.h"
#include "Plugin/Routing/OwnResults.h"
#include "UnitTests/Plugin/Masks/NiftiFile.h"
#include "UnitTests/Plugin/Pipeline/WorkerPoolFixture.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace H3K27M::Datasets
{
  namespace
  {
    using testing::HasSubstr;
    using testing::Not;

    class DatasetSnapshotTest : public Testing::WorkerPoolFixture
    {
    protected:
      DatasetSnapshotTest() :
        export_(archive_, triage_, decoder_),
        labels_(archive_, *store_, clock_, Volume::VolumeLimits()),
        masks_(archive_, triage_, claims_),
        snapshot_(*store_, export_, {folder_.GetPath() / "datasets", "this one"})
      {
      }

      // A study of another patient, or of the same one, of its own images.
      std::string StoreStudy(const std::string& number, const std::string& patient, const std::string& issuer = "")
      {
        Support::DicomSeriesOptions options;
        options.studyInstanceUid = "2.25.1" + number;
        options.seriesInstanceUid = "2.25.2" + number;
        options.frameOfReferenceUid = "2.25.3" + number;
        options.edit = [&patient, &number, &issuer](DcmDataset& dataset, std::size_t)
        {
          dataset.putAndInsertString(DCM_PatientID, patient.c_str());

          if (!issuer.empty())
          {
            dataset.putAndInsertString(DCM_IssuerOfPatientID, issuer.c_str());
          }

          dataset.putAndInsertString(DCM_PatientAge, "009Y");
          Uint16* pixels = nullptr;
          dataset.findAndGetUint16Array(DCM_PixelData, const_cast<const Uint16*&>(pixels));
          std::vector<Uint16> changed(pixels, pixels + 32 * 24);
          changed.front() = static_cast<Uint16>(std::stoi(number));
          dataset.putAndInsertUint16Array(DCM_PixelData, changed.data(), changed.size());
        };
        StoreSeries(options);
        return "S" + options.studyInstanceUid;
      }

      void Label(const std::string& study, Results::GenotypeStatus status,
                 const std::function<void(Results::GenotypeLabel&)>& edit = nullptr)
      {
        Results::GenotypeLabel label;
        label.status = status;
        label.assay = Results::Assay::Other;
        label.site = "Bonn";
        label.preOperative = true;
        label.annotator = "Li";

        if (edit)
        {
          edit(label);
        }

        labels_.Set(study, label, "test");
      }

      void DrawMask(const std::string& study, Routing::Contrast contrast = Routing::Contrast::T2w)
      {
        const Archive::StudySnapshot stored = archive_.GetStudy(study).value();
        const Volume::SourceSeries source = Pipeline::ChooseSeries(triage_, stored, "", contrast).GetVolume().series;
        std::vector<std::uint8_t> voxels(std::size_t{6} * 32 * 24, 0);
        voxels[2 * 32 * 24 + 100] = 1;
        const std::string file = Tests::MakeNifti(Tests::MakeGrid(source), voxels);
        Masks::MaskUpload upload;
        upload.body = file;
        upload.contrast = contrast;
        masks_.Put(study, upload);
      }

      // Has the header of a reference mask, and no segments.
      void StoreBrokenMask(const std::string& number)
      {
        Support::DicomSeriesOptions options;
        options.studyInstanceUid = "2.25.1" + number;
        options.seriesInstanceUid = "2.25.5" + number;
        options.slices = 1;
        options.edit = [](DcmDataset& dataset, std::size_t)
        {
          dataset.putAndInsertString(DCM_Modality, "SEG");
          dataset.putAndInsertString(DCM_Manufacturer, std::string(Routing::OWN_MANUFACTURER).c_str());
          dataset.putAndInsertString(DCM_SeriesNumber, "9005");
        };
        StoreSeries(options);
      }

      // A T1-weighted series after a contrast agent, in the study of StoreStudy(number).
      void StoreEnhancedT1(const std::string& number, const std::string& patient)
      {
        Support::DicomSeriesOptions options;
        options.studyInstanceUid = "2.25.1" + number;
        options.seriesInstanceUid = "2.25.4" + number;
        options.frameOfReferenceUid = "2.25.3" + number;
        options.repetitionTime = "600";
        options.echoTime = "12";
        options.seriesDescription = "T1 TRA +C";
        options.edit = [&patient](DcmDataset& dataset, std::size_t)
        { dataset.putAndInsertString(DCM_PatientID, patient.c_str()); };
        StoreSeries(options);
      }

      Json::Value Make(Routing::Contrast contrast = Routing::Contrast::T2w)
      {
        return snapshot_.Make({DatasetContents::Labelled, contrast}, [] { return false; });
      }

      std::string GetRefusal(const DatasetRequest& request = {})
      {
        try
        {
          snapshot_.Make(request, [] { return false; });
        }
        catch (const Error& e)
        {
          return e.what();
        }

        return "made";
      }

      static std::string ReadText(const std::filesystem::path& path)
      {
        std::ifstream stream(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
      }

      Json::Value ReadManifest(const Json::Value& report) const
      {
        return Protocol::ParseJson(ReadText(snapshot_.GetPath(report["id"].asString()) / "manifest.json"));
      }

      StudyExport export_;
      Labels::StudyLabels labels_;
      Support::StudyClaims claims_;
      Masks::MaskService masks_;
      DatasetSnapshot snapshot_;
    };

    TEST_F(DatasetSnapshotTest, HoldsEachLabelledPatientOnceAndNoIdentity)
    {
      const std::string first = StoreStudy("101", "PATIENT-A");
      Label(first, Results::GenotypeStatus::Altered);
      DrawMask(first);
      const std::string second = StoreStudy("102", "PATIENT-B");
      Label(second, Results::GenotypeStatus::WildType,
            [](Results::GenotypeLabel& label) { label.split = Results::DatasetSplit::External; });
      DrawMask(second);

      const Json::Value report = Make();
      const std::filesystem::path folder = snapshot_.GetPath(report["id"].asString());
      const std::string table = ReadText(folder / "participants.tsv");
      EXPECT_THAT(table, HasSubstr("\taltered\tdevelopment\tn/a\tBonn\tother\tn/a\t9\t"));
      EXPECT_THAT(table, HasSubstr("\twild-type\texternal\t"));
      EXPECT_THAT(table, Not(HasSubstr("PATIENT")));
      EXPECT_EQ(1u, report["counts"]["development"]["altered"].asUInt());
      EXPECT_EQ(1u, report["counts"]["external"]["wild-type"].asUInt());
      EXPECT_TRUE(report["left_out"].empty());

      const Json::Value again = Make();
      EXPECT_EQ(report["hash"], again["hash"]);
      EXPECT_EQ(1u, snapshot_.List().size());
      EXPECT_THROW(snapshot_.GetPath("../datasets"), Error);
    }

    TEST_F(DatasetSnapshotTest, HasTheAgeOfTheDatesWhereNoneIsStated)
    {
      Support::DicomSeriesOptions options;
      options.studyInstanceUid = "2.25.1101";
      options.seriesInstanceUid = "2.25.2101";
      options.edit = [](DcmDataset& dataset, std::size_t)
      {
        dataset.putAndInsertString(DCM_PatientID, "PATIENT-A");
        dataset.putAndInsertString(DCM_PatientBirthDate, "20160102");
        dataset.putAndInsertString(DCM_StudyDate, "20260102");
      };
      StoreSeries(options);
      Label("S2.25.1101", Results::GenotypeStatus::Altered);
      DrawMask("S2.25.1101");

      const std::filesystem::path folder = snapshot_.GetPath(Make()["id"].asString());
      const std::string table = ReadText(folder / "participants.tsv");
      EXPECT_THAT(table, HasSubstr("\tother\tn/a\t10\t"));
      EXPECT_THAT(table, Not(HasSubstr("20160102"))) << "a date of birth is nobody's business";
    }

    // Table S3 of the paper holds a training on these against one on T2.
    TEST_F(DatasetSnapshotTest, OfEnhancedT1HoldsTheSamePatientWithItsOwnImagesAndMask)
    {
      const std::string both = StoreStudy("101", "PATIENT-A");
      StoreEnhancedT1("101", "PATIENT-A");
      Label(both, Results::GenotypeStatus::Altered);
      DrawMask(both);
      DrawMask(both, Routing::Contrast::CeT1w);
      const std::string other = StoreStudy("102", "PATIENT-B");
      Label(other, Results::GenotypeStatus::WildType);
      DrawMask(other);

      const Json::Value report = Make(Routing::Contrast::CeT1w);
      EXPECT_EQ("ceT1w", report["contrast"].asString());
      EXPECT_EQ(Routing::Contrast::CeT1w, snapshot_.GetContrast(report["id"].asString()));
      ASSERT_EQ(1u, report["left_out"].size());
      EXPECT_THAT(report["left_out"][0]["reason"].asString(), HasSubstr("echo_time"));
      const std::filesystem::path folder = snapshot_.GetPath(report["id"].asString());
      std::vector<std::string> files;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".nii.gz"))
        {
          files.push_back(name.substr(name.find('_')));
        }
      }
      EXPECT_THAT(files, testing::UnorderedElementsAre("_ce-gadolinium_T1w.nii.gz", "_ce-gadolinium_dseg.nii.gz"));
      EXPECT_THAT(ReadText(folder / "participants.tsv"), HasSubstr("\t600\t12\t"));

      const Json::Value ofT2 = Make();
      EXPECT_NE(report["hash"], ofT2["hash"]);
      EXPECT_EQ(Routing::Contrast::T2w, snapshot_.GetContrast(ofT2["id"].asString()));
      const std::string table = ReadText(snapshot_.GetPath(ofT2["id"].asString()) / "participants.tsv");
      const std::string mine = ReadText(folder / "participants.tsv");
      const std::string subject = mine.substr(mine.find("sub-"), 20);
      EXPECT_THAT(table, HasSubstr(subject)) << "a patient has one name in both";
    }

    TEST_F(DatasetSnapshotTest, SaysWhyAStudyIsLeftOut)
    {
      const std::string used = StoreStudy("101", "PATIENT-A");
      Label(used, Results::GenotypeStatus::Altered);
      DrawMask(used);
      Label(StoreStudy("102", "PATIENT-B"), Results::GenotypeStatus::Altered);
      Label(StoreStudy("103", "PATIENT-C"), Results::GenotypeStatus::Altered,
            [](Results::GenotypeLabel& label) { label.preOperative = false; });
      const std::string later = StoreStudy("104", "PATIENT-A");
      Label(later, Results::GenotypeStatus::Altered);
      DrawMask(later);
      Label(StoreStudy("105", "PATIENT-D"), Results::GenotypeStatus::Altered, [](Results::GenotypeLabel& label)
      {
        label.split = Results::DatasetSplit::Excluded;
        label.exclusion = Results::ExclusionReason::Radiation;
      });

      const Json::Value report = Make();
      std::map<std::string, std::string> reasons;

      for (const Json::Value& item : report["left_out"])
      {
        reasons[item["study"].asString()] = item["reason"].asString();
      }

      EXPECT_EQ("no mask was drawn", reasons["S2.25.1102"]);
      EXPECT_EQ("it is not pre-operative", reasons["S2.25.1103"]);
      EXPECT_EQ("another study of the same patient is used", reasons[later]);
      EXPECT_EQ(3u, reasons.size()) << "an excluded one is a row of the table, with its reason";
      const Json::Value counted = ReadManifest(report)["left_out"];
      ASSERT_EQ(3u, counted.size());

      for (const std::string& reason : counted.getMemberNames())
      {
        EXPECT_EQ(1u, counted[reason]["development"]["altered"].asUInt()) << reason << ": numbers, no study";
      }

      EXPECT_THAT(ReadText(snapshot_.GetPath(report["id"].asString()) / "participants.tsv"),
                  HasSubstr("\texcluded\tradiation\t"));
    }

    // The flow of patients of a report is that of its data set.
    TEST_F(DatasetSnapshotTest, WhatWasLeftOutIsPartOfTheDataSet)
    {
      const std::string used = StoreStudy("101", "PATIENT-A");
      Label(used, Results::GenotypeStatus::Altered);
      DrawMask(used);
      const Json::Value whole = Make();
      EXPECT_FALSE(ReadManifest(whole).isMember("left_out"));

      Label(StoreStudy("102", "PATIENT-B"), Results::GenotypeStatus::WildType);
      const Json::Value report = Make();
      EXPECT_NE(whole["id"], report["id"]);
      EXPECT_EQ(report["id"], Make()["id"]);
      EXPECT_EQ(1u, ReadManifest(report)["left_out"]["no mask was drawn"]["development"]["wild-type"].asUInt());
      EXPECT_EQ(ReadManifest(whole)["files"], ReadManifest(report)["files"]);

      // Why exactly a file cannot be used is of that study alone.
      StoreBrokenMask("102");
      EXPECT_EQ(
        1u,
        ReadManifest(Make())["left_out"]["its label, its mask or its images cannot be read"]["development"]["wild-type"]
          .asUInt());
    }

    TEST_F(DatasetSnapshotTest, TheListCountsSubjectsAndPassesOverABrokenManifest)
    {
      for (const char* const number : {"101", "102"})
      {
        const std::string study = StoreStudy(number, std::string("PATIENT-") + number);
        Label(study, Results::GenotypeStatus::Altered);
        DrawMask(study);
      }

      Make();
      const std::filesystem::path broken = folder_.GetPath() / "datasets" / "0123456789abcdef";
      std::filesystem::create_directories(broken);
      std::ofstream(broken / "manifest.json") << "{\"hash\": ";
      const Json::Value list = snapshot_.List();
      ASSERT_EQ(1u, list.size());
      EXPECT_EQ(2u, list[0]["subjects"].asUInt());
    }

    TEST_F(DatasetSnapshotTest, AMaskThatCannotBeReadLeavesOutItsStudyAlone)
    {
      const std::string used = StoreStudy("101", "PATIENT-A");
      Label(used, Results::GenotypeStatus::Altered);
      DrawMask(used);
      const std::string broken = StoreStudy("102", "PATIENT-B");
      Label(broken, Results::GenotypeStatus::WildType);
      StoreBrokenMask("102");

      const Json::Value report = Make();
      ASSERT_EQ(1u, report["left_out"].size());
      EXPECT_EQ(broken, report["left_out"][0]["study"].asString());
      EXPECT_THAT(report["left_out"][0]["reason"].asString(), HasSubstr("cannot be read"));
      EXPECT_EQ(1u, report["counts"]["development"]["altered"].asUInt());

      // A readable one beside it is used.
      EXPECT_EQ(1u, masks_.Withdraw(broken, "")["withdrawn"].asUInt());
      DrawMask(broken);
      StoreBrokenMask("102");
      EXPECT_TRUE(Make()["left_out"].empty());
    }

    TEST_F(DatasetSnapshotTest, ALabelThatCannotBeReadLeavesOutItsStudyAndForbidsAnUnlabelledSet)
    {
      const std::string used = StoreStudy("101", "PATIENT-A");
      Label(used, Results::GenotypeStatus::Altered);
      DrawMask(used);
      const std::string broken = StoreStudy("102", "PATIENT-B");
      Label(broken, Results::GenotypeStatus::WildType);
      StoreStudy("103", "PATIENT-C");
      const std::string report = store_->GetLabels().Find(broken)->instanceId;
      archive_.SetHook([&report](const std::string& call, const std::string& resource)
      {
        if (call == "ReadInstance" && resource == report)
        {
          throw Error(ErrorCode::Corrupt, "the file of the label is lost");
        }
      });

      const Json::Value made = Make();
      ASSERT_EQ(1u, made["left_out"].size());
      EXPECT_EQ(broken, made["left_out"][0]["study"].asString());
      EXPECT_THAT(made["left_out"][0]["reason"].asString(), HasSubstr("is lost"));

      // Its patient may be a test patient, and may have other studies.
      try
      {
        snapshot_.Make({DatasetContents::Unlabelled, Routing::Contrast::T2w}, [] { return false; });
        FAIL() << "it was made";
      }
      catch (const Error& e)
      {
        EXPECT_THAT(e.what(), HasSubstr("has to be kept out"));
      }

      archive_.SetHook(nullptr);
    }

    TEST_F(DatasetSnapshotTest, ALabelThatIsReplacedMeanwhileIsReadAgain)
    {
      archive_.DeleteStudy(STUDY);  // the fixture's
      const std::string study = StoreStudy("101", "PATIENT-A");
      Label(study, Results::GenotypeStatus::Altered);
      DrawMask(study);
      StoreStudy("102", "PATIENT-A");
      StoreStudy("103", "PATIENT-B");
      const auto replaceWhenRead = [this, study](Results::GenotypeStatus status)
      {
        const std::string report = store_->GetLabels().Find(study)->instanceId;
        archive_.SetHook([this, study, report, status](const std::string& call, const std::string& resource)
        {
          if (call == "ReadInstance" && resource == report)
          {
            archive_.SetHook(nullptr);
            Label(study, status);
          }
        });
      };

      replaceWhenRead(Results::GenotypeStatus::WildType);
      EXPECT_EQ(1u, Make()["counts"]["development"]["wild-type"].asUInt());

      replaceWhenRead(Results::GenotypeStatus::Altered);
      const Json::Value report = snapshot_.Make({DatasetContents::Unlabelled}, [] { return false; });
      EXPECT_EQ(2u, report["counts"]["labelled"].asUInt());
      EXPECT_EQ(1u, report["counts"]["used"].asUInt()) << "not the labelled patient's";
    }

    TEST_F(DatasetSnapshotTest, RefusesWhatContradictsItselfWithAllFaultsAtOnce)
    {
      EXPECT_THAT(GetRefusal(), HasSubstr("none is labelled"));
      Label(StoreStudy("101", "PATIENT-A"), Results::GenotypeStatus::Altered);
      Label(StoreStudy("102", "PATIENT-A"), Results::GenotypeStatus::WildType,
            [](Results::GenotypeLabel& label) { label.split = Results::DatasetSplit::External; });
      const std::string refusal = GetRefusal();
      EXPECT_THAT(refusal, HasSubstr("one patient with different genotypes: S2.25.1101 S2.25.1102"));
      EXPECT_THAT(refusal, HasSubstr("one patient in development and external"));
      EXPECT_TRUE(snapshot_.List().empty()) << "nothing half-made is left";
    }

    TEST_F(DatasetSnapshotTest, RefusesAPatientIdWithItsIssuerAndWithout)
    {
      Label(StoreStudy("101", "PATIENT-A", "Bonn"), Results::GenotypeStatus::Altered);
      Label(StoreStudy("102", "PATIENT-B"), Results::GenotypeStatus::WildType);
      EXPECT_THAT(GetRefusal(), HasSubstr("no mask was drawn"));
      Label(StoreStudy("103", "PATIENT-A", "Paris"), Results::GenotypeStatus::WildType);
      EXPECT_THAT(GetRefusal(), HasSubstr("no mask was drawn")) << "another hospital's patient";

      Label(StoreStudy("104", "PATIENT-A"), Results::GenotypeStatus::Altered);
      EXPECT_THAT(GetRefusal(), HasSubstr("one PatientID with its issuer and without, of one patient or of two: "
                                          "S2.25.1101 S2.25.1104"));
    }

    TEST_F(DatasetSnapshotTest, WhoMayBeLabelledByAPatientIdWithoutItsIssuerIsKeptOutOfPreTraining)
    {
      archive_.DeleteStudy(STUDY);  // the fixture's
      Label(StoreStudy("101", "PATIENT-A", "Bonn"), Results::GenotypeStatus::Altered);
      Label(StoreStudy("102", "PATIENT-B"), Results::GenotypeStatus::Altered);
      StoreStudy("103", "PATIENT-A");
      StoreStudy("104", "PATIENT-B", "Bonn");
      StoreStudy("105", "PATIENT-A", "Paris");
      const Json::Value report = snapshot_.Make({DatasetContents::Unlabelled}, [] { return false; });
      EXPECT_EQ(4u, report["counts"]["labelled"].asUInt());
      EXPECT_EQ(1u, report["counts"]["used"].asUInt()) << "another hospital's patient";
    }

    // Moved to another hospital's numbering, or registered twice.
    TEST_F(DatasetSnapshotTest, OnePersonWithTwoPatientIdsIsOnePatientWhereTheRequestSaysSo)
    {
      for (const auto& [number, patient] : {std::pair("101", "PATIENT-A"), {"102", "PATIENT-B"}, {"103", "PATIENT-C"}})
      {
        const std::string study = StoreStudy(number, patient);
        Label(study, Results::GenotypeStatus::Altered);
        DrawMask(study);
      }

      const Json::Value apart = Make();
      EXPECT_EQ(3u, apart["counts"]["development"]["altered"].asUInt());
      EXPECT_FALSE(ReadManifest(apart).isMember("same_patient"));

      DatasetRequest request;
      request.samePatient = {{"S2.25.1101", "S2.25.1102"}};
      const auto make = [this, &request] { return snapshot_.Make(request, [] { return false; }); };
      const Json::Value report = make();
      EXPECT_EQ(2u, report["counts"]["development"]["altered"].asUInt());
      ASSERT_EQ(1u, report["left_out"].size());
      EXPECT_EQ("S2.25.1102", report["left_out"][0]["study"].asString());
      EXPECT_EQ("another study of the same patient is used", report["left_out"][0]["reason"].asString());
      EXPECT_EQ(report["hash"], make()["hash"]) << "as reproducible as any";

      // The other name is kept, by which other snapshots know this patient.
      const Json::Value same = ReadManifest(report)["same_patient"];
      ASSERT_EQ(1u, same.size());
      const std::string subject = same.getMemberNames().front();
      const std::string table = ReadText(snapshot_.GetPath(report["id"].asString()) / "participants.tsv");
      const std::string former = ReadText(snapshot_.GetPath(apart["id"].asString()) / "participants.tsv");
      EXPECT_THAT(table, HasSubstr(subject + "\t"));
      ASSERT_EQ(1u, same[subject].size());
      EXPECT_THAT(table, Not(HasSubstr(same[subject][0].asString())));
      EXPECT_THAT(former, HasSubstr(subject + "\t"));
      EXPECT_THAT(former, HasSubstr(same[subject][0].asString() + "\t"));

      // Groups with a study in common are one person's.
      request.samePatient = {{"S2.25.1101", "S2.25.1102"}, {"S2.25.1103", "S2.25.1102"}};
      const Json::Value all = make();
      EXPECT_EQ(1u, all["counts"]["development"]["altered"].asUInt());
      const Json::Value names = ReadManifest(all)["same_patient"];
      EXPECT_EQ(2u, names[names.getMemberNames().front()].size());
    }

    TEST_F(DatasetSnapshotTest, WhoIsSaidToBeOnePersonMustNotContradictHimself)
    {
      Label(StoreStudy("101", "PATIENT-A"), Results::GenotypeStatus::Altered);
      Label(StoreStudy("102", "PATIENT-B"), Results::GenotypeStatus::WildType,
            [](Results::GenotypeLabel& label) { label.split = Results::DatasetSplit::External; });
      EXPECT_THAT(GetRefusal(), HasSubstr("no mask was drawn"));
      DatasetRequest request;
      request.samePatient = {{"S2.25.1101", "S2.25.1102"}};
      EXPECT_THAT(GetRefusal(request), HasSubstr("one patient with different genotypes: S2.25.1101 S2.25.1102"));
      EXPECT_THAT(GetRefusal(request), HasSubstr("one patient in development and external"));
      request.samePatient = {{"S2.25.1101", "nobody", "S2.25.1999"}};
      EXPECT_THAT(GetRefusal(request), HasSubstr("names studies that are not stored: nobody S2.25.1999"));
    }

    TEST_F(DatasetSnapshotTest, ARequestSettlesWhetherAPatientIdWithItsIssuerAndWithoutIsOne)
    {
      Label(StoreStudy("101", "PATIENT-A", "Bonn"), Results::GenotypeStatus::Altered);
      Label(StoreStudy("102", "PATIENT-A"), Results::GenotypeStatus::Altered);
      EXPECT_THAT(GetRefusal(), HasSubstr("of one patient or of two"));
      DatasetRequest request;
      request.samePatient = {{"S2.25.1101", "S2.25.1102"}};
      EXPECT_THAT(GetRefusal(request), HasSubstr("no mask was drawn"));
    }

    TEST_F(DatasetSnapshotTest, ARequestSettlesWhichIssuerAPatientIdWithoutItIsOf)
    {
      Label(StoreStudy("101", "PATIENT-A", "Bonn"), Results::GenotypeStatus::Altered);
      Label(StoreStudy("102", "PATIENT-A", "Paris"), Results::GenotypeStatus::Altered);
      Label(StoreStudy("103", "PATIENT-A"), Results::GenotypeStatus::Altered);
      EXPECT_THAT(GetRefusal(), HasSubstr("of one patient or of two"));

      for (const char* const issued : {"S2.25.1101", "S2.25.1102"})
      {
        DatasetRequest request;
        request.samePatient = {{issued, "S2.25.1103"}};
        EXPECT_THAT(GetRefusal(request), HasSubstr("no mask was drawn")) << issued;
      }
    }

    TEST_F(DatasetSnapshotTest, NoStudyOfALabelledPersonIsForPreTrainingUnderWhateverPatientId)
    {
      archive_.DeleteStudy(STUDY);  // the fixture's
      Label(StoreStudy("101", "PATIENT-A"), Results::GenotypeStatus::Altered);
      StoreStudy("102", "PATIENT-B");
      StoreStudy("103", "PATIENT-B");
      StoreStudy("104", "PATIENT-C");
      StoreStudy("105", "PATIENT-D");
      DatasetRequest request;
      request.contents = DatasetContents::Unlabelled;
      request.samePatient = {{"S2.25.1101", "S2.25.1102"}, {"S2.25.1104", "S2.25.1105"}};
      const Json::Value report = snapshot_.Make(request, [] { return false; });
      EXPECT_EQ(3u, report["counts"]["labelled"].asUInt()) << "103 is of the same person by its PatientID";
      EXPECT_EQ(1u, report["counts"]["used"].asUInt());
      EXPECT_EQ(1u, ReadManifest(report)["same_patient"].size());
    }

    TEST_F(DatasetSnapshotTest, WhoIsOnePersonWithSomebodyWhoMayBeLabelledIsKeptOutOfPreTraining)
    {
      archive_.DeleteStudy(STUDY);  // the fixture's
      Label(StoreStudy("101", "PATIENT-A", "Bonn"), Results::GenotypeStatus::Altered);
      StoreStudy("102", "PATIENT-A");
      StoreStudy("103", "PATIENT-B");
      StoreStudy("104", "PATIENT-C");
      DatasetRequest request;
      request.contents = DatasetContents::Unlabelled;
      request.samePatient = {{"S2.25.1102", "S2.25.1103"}};
      const Json::Value report = snapshot_.Make(request, [] { return false; });
      EXPECT_EQ(3u, report["counts"]["labelled"].asUInt()) << "102 may be of Bonn, and 103 is of the same person";
      EXPECT_EQ(1u, report["counts"]["used"].asUInt());
    }

    TEST_F(DatasetSnapshotTest, RefusesTheSameImagesUnderTwoPatients)
    {
      for (const auto& [number, patient] : {std::pair("1001", "PATIENT-A"), {"1002", "PATIENT-B"}})
      {
        Support::DicomSeriesOptions options;
        options.studyInstanceUid = std::string("2.25.") + number;
        options.seriesInstanceUid = std::string("2.25.9") + number;
        options.edit = [patient](DcmDataset& dataset, std::size_t)
        { dataset.putAndInsertString(DCM_PatientID, patient); };
        archive_.DeleteStudy("S" + options.studyInstanceUid);
        StoreSeries(options);
        Label("S" + options.studyInstanceUid, Results::GenotypeStatus::Altered);
        DrawMask("S" + options.studyInstanceUid);
      }

      EXPECT_THAT(GetRefusal(), HasSubstr("the same images under two patients"));
    }

    // An encoder that has seen those who are measured later would be refused for them.
    TEST_F(DatasetSnapshotTest, OfStudiesWithoutALabelHoldsTheImagesOfPatientsWhomNobodyLabelled)
    {
      archive_.DeleteStudy(STUDY);  // the fixture's
      Label(StoreStudy("101", "PATIENT-A"), Results::GenotypeStatus::Altered);
      StoreStudy("102", "PATIENT-A");
      StoreStudy("103", "PATIENT-B");
      StoreStudy("104", "PATIENT-B");
      StoreStudy("105", "PATIENT-C");
      Support::DicomSeriesOptions computed;
      computed.studyInstanceUid = "2.25.1106";
      computed.seriesInstanceUid = "2.25.2106";
      computed.edit = [](DcmDataset& dataset, std::size_t) { dataset.putAndInsertString(DCM_Modality, "CT"); };
      StoreSeries(computed);

      const auto MakeUnlabelled = [this]
      { return snapshot_.Make({DatasetContents::Unlabelled}, [] { return false; }); };
      const Json::Value report = MakeUnlabelled();
      EXPECT_EQ("unlabelled", report["contents"].asString());
      EXPECT_EQ(6u, report["counts"]["studies"].asUInt());
      EXPECT_EQ(2u, report["counts"]["labelled"].asUInt());
      EXPECT_EQ(1u, report["counts"]["refused"].asUInt());
      EXPECT_EQ(2u, report["counts"]["used"].asUInt()) << "one study of each patient";

      const std::filesystem::path folder = snapshot_.GetPath(report["id"].asString());
      EXPECT_FALSE(std::filesystem::exists(folder / "derivatives"));
      const std::string table = ReadText(folder / "participants.tsv");
      EXPECT_EQ(3, std::count(table.begin(), table.end(), '\n'));
      EXPECT_THAT(table, HasSubstr("\tn/a\tn/a\tn/a\tn/a\tn/a\tn/a\t9\t"));
      EXPECT_THAT(table, Not(HasSubstr("PATIENT")));
      EXPECT_EQ(report["hash"], MakeUnlabelled()["hash"]);
    }

    TEST_F(DatasetSnapshotTest, SaysWhyNothingIsLeftForPreTraining)
    {
      archive_.DeleteStudy(STUDY);  // the fixture's
      Label(StoreStudy("101", "PATIENT-A"), Results::GenotypeStatus::Altered);

      try
      {
        snapshot_.Make({DatasetContents::Unlabelled}, [] { return false; });
        FAIL() << "made of nothing";
      }
      catch (const Error& e)
      {
        EXPECT_EQ(ErrorCode::BadInput, e.GetCode());
        EXPECT_THAT(
          e.what(),
          HasSubstr("of 1, 1 are of labelled patients and 0 have no series that is axial T2-weighted MR of the head"));
      }

      EXPECT_TRUE(snapshot_.List().empty());
    }

    // They hold images of patients, and gigabytes of them.
    TEST_F(DatasetSnapshotTest, SweepsWhatItLeftWhenItWasKilledAndNothingOfOthers)
    {
      const std::filesystem::path root = folder_.GetPath() / "datasets";
      std::filesystem::path mine;
      archive_.SetHook([&](const std::string& call, const std::string&)
      {
        if (call == "ReadInstance" && std::filesystem::exists(root))
        {
          mine = std::filesystem::directory_iterator(root)->path().filename();
        }
      });
      StoreStudy("101", "PATIENT-A");
      snapshot_.Make({DatasetContents::Unlabelled}, [] { return false; });
      archive_.SetHook(nullptr);
      ASSERT_THAT(mine.string(), testing::StartsWith(".new-"));
      EXPECT_FALSE(std::filesystem::exists(root / mine)) << "it has its own name now";
      std::filesystem::create_directories(root / mine / "sub-1" / "anat");
      std::filesystem::create_directories(root / ".new-another-abcdef");
      const DatasetSnapshot restarted(*store_, export_, {root, "this one"});
      EXPECT_FALSE(std::filesystem::exists(root / mine));
      EXPECT_TRUE(std::filesystem::exists(root / ".new-another-abcdef"))
        << "it may be in work: several Orthancs may share the folder";
      EXPECT_EQ(1u, restarted.List().size());
    }

    TEST_F(DatasetSnapshotTest, StopsWhenItIsCancelled)
    {
      Label(StoreStudy("101", "PATIENT-A"), Results::GenotypeStatus::Altered);
      StoreStudy("102", "PATIENT-B");

      for (const auto contents : {DatasetContents::Labelled, DatasetContents::Unlabelled})
      {
        EXPECT_THROW(snapshot_.Make({contents}, [] { return true; }), Error);
      }

      EXPECT_TRUE(snapshot_.List().empty());
    }
  }
}
