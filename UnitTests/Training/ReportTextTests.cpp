// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Training/Reports/MetricText.h"
#include "Training/Reports/PatientTables.h"
#include "Training/Reports/ReportSections.h"
#include "Training/Reports/ReportingChecklist.h"
#include "Training/Statistics/PValue.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

namespace H3K27M::Reports
{
  namespace
  {
    using testing::AllOf;
    using testing::HasSubstr;
    using testing::Not;

    Json::Value MakePatient(const std::string& split, const std::string& genotype, const std::string& age,
                            const std::string& assay)
    {
      Json::Value patient;
      patient["split"] = split;
      patient["genotype"] = genotype;
      patient["age"] = age;
      patient["has_mask"] = true;
      if (!assay.empty())
      {
        patient["assay"] = assay;
      }
      return patient;
    }

    RunRecord MakeRecord(const std::string& kind)
    {
      RunRecord run;
      run.config["kind"] = kind;
      run.config["split"] = "development";
      run.config["control"] = "none";
      run.patients["sub-1"] = MakePatient("development", "altered", "7", "ihc");
      run.patients["sub-2"] = MakePatient("development", "wild-type", "8", "");
      run.patients["sub-3"] = MakePatient("external", "wild-type", "9", "ihc");
      run.patients["sub-4"] = MakePatient("excluded", "altered", "9", "ihc");
      run.outOfFold.name = "development, out of fold";
      run.ensemble.name = "split development";
      for (const char* set : {"out_of_fold", "external"})
      {
        run.metrics[set]["tumour_cases"] = 2;
        run.metrics[set]["not_determined"] = 1;
      }
      return run;
    }

    std::string GetAnswer(const RunRecord& run, const std::string& item, const std::string& modelFolder = "model/")
    {
      for (const std::vector<std::string>& row : MakeChecklist(run, modelFolder).rows)
      {
        if (row[0] == item)
        {
          return row[2];
        }
      }
      return "";
    }

    std::string ReadText(const std::filesystem::path& path)
    {
      std::ifstream stream(path, std::ios::binary);
      return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }

    std::string Introduce(const RunRecord& run)
    {
      const Testing::TemporaryFolder folder;
      ReportFolder report(folder.GetPath() / "report", "Title");
      AddIntroduction(report, run, run.patients);
      return ReadText(report.Finish());
    }

    TEST(MetricText, AnIntervalWithoutWidthIsNone)
    {
      Json::Value estimate;
      estimate["value"] = 1;
      estimate["low"] = 1;
      estimate["high"] = 1;
      EXPECT_EQ(FormatEstimate(estimate), "1.000 (no interval)");
      estimate["low"] = 0.6915;
      EXPECT_EQ(FormatEstimate(estimate), "1.000 (0.692 to 1.000)");
    }

    TEST(PatientTables, OnePatientHasNoDeviation)
    {
      const Table table = MakeDemographicsTable(MakeRecord("cross-validate").patients);
      ASSERT_FALSE(table.rows.empty());
      EXPECT_EQ(table.rows[0][2], "7.0 (n = 1)");
    }

    TEST(PatientTables, ReadsEachWordAndLetterThatBidsHasForTheSex)
    {
      Json::Value patients;
      const auto add = [&patients](const std::string& genotype, const std::vector<std::string>& sexes)
      {
        for (const std::string& sex : sexes)
        {
          Json::Value& patient = patients["sub-" + genotype + "-" + sex];
          patient = MakePatient("development", genotype, "7", "");
          patient["sex"] = sex;
        }
      };
      add("altered", {"f", "F", "female", "FEMALE", "Female", "m", "M", "male", "MALE", "Male"});
      add("wild-type", {"o", "O", "other", "OTHER", "Other", "M", "x", "femal", "n/a", ""});
      const std::vector<std::string> sex = MakeDemographicsTable(patients).rows.at(1);
      EXPECT_EQ(sex[1], "sex");
      EXPECT_EQ(sex[2], "5 female, 5 male");
      EXPECT_EQ(sex[3], "0 female, 1 male, 5 other");
    }

    TEST(PatientTables, TestsSitesByGenotype)
    {
      Json::Value patients;
      for (int i = 0; i < 60; i++)
      {
        const bool isAltered = i % 2 == 0;
        // Each genotype mostly from a site of its own; a third site has both.
        const char* const own = isAltered ? "Bonn" : "Lyon";
        Json::Value patient = MakePatient("development", isAltered ? "altered" : "wild-type", "7", "");
        patient["site"] = i < 20 ? "Oslo" : own;
        patients["sub-" + std::to_string(i)] = patient;
      }
      const std::vector<std::string> three = MakeDemographicsTable(patients).rows.at(2);
      EXPECT_EQ(three[1], "site");
      EXPECT_EQ(three[2], "Bonn (20), Oslo (10)");
      EXPECT_EQ(three[4], "< 0.001");
      for (Json::Value& patient : patients)
      {
        patient["site"] = "Bonn";
      }
      EXPECT_EQ(MakeDemographicsTable(patients).rows.at(2)[4], "not tested");
    }

    Json::Value MakeVisitor(const std::string& split, const std::string& site, const std::string& age,
                            const std::string& sex)
    {
      Json::Value patient = MakePatient(split, "altered", age, "");
      patient["site"] = site;
      patient["sex"] = sex;
      return patient;
    }

    TEST(PatientTables, AgeAndSexStandPerSite)
    {
      using Row = std::vector<std::string>;
      Json::Value patients;
      patients["sub-1"] = MakeVisitor("development", "Bonn", "6", "F");
      patients["sub-2"] = MakeVisitor("development", "Bonn", "8", "M");
      patients["sub-3"] = MakeVisitor("development", "Lyon", "10", "F");
      patients["sub-4"] = MakeVisitor("development", "Lyon", "12", "F");
      patients["sub-5"] = MakeVisitor("development", "", "n/a", "");
      patients["sub-6"] = MakeVisitor("external", "Oslo", "9", "M");
      patients["sub-7"] = MakeVisitor("excluded", "Rome", "9", "M");
      const std::optional<Table> table = MakeSiteTable(patients);
      ASSERT_TRUE(table);
      // t = -4 / sqrt(2) with 2 degrees of freedom; of the two sexes of four, one table is as probable as the other.
      EXPECT_THAT(table->rows, testing::ElementsAre(
                                 Row{"development", "not known", "1", "not known", "not known"},
                                 Row{"development", "Bonn", "2", "7.0 (SD 1.4, n = 2)", "1 female, 1 male"},
                                 Row{"development", "Lyon", "2", "11.0 (SD 1.4, n = 2)", "2 female, 0 male"},
                                 Row{"development", "p (two-sided)", "", Statistics::FormatPValue(0.105573), "1.000"},
                                 Row{"external", "Oslo", "1", "9.0 (n = 1)", "0 female, 1 male"}));
    }

    TEST(PatientTables, MoreThanTwoSitesAreTestedForSexAlone)
    {
      Json::Value patients;
      for (int i = 0; i < 60; i++)
      {
        const char* const site = i < 20 ? "Bonn" : i < 40 ? "Lyon" : "Oslo";
        patients["sub-" + std::to_string(i)] = MakeVisitor("development", site, "7", i < 20 ? "F" : "M");
      }
      const std::optional<Table> table = MakeSiteTable(patients);
      ASSERT_TRUE(table);
      EXPECT_EQ(table->rows.back(),
                (std::vector<std::string>{"development", "p (two-sided)", "", "not tested", "< 0.001"}));
      for (Json::Value& patient : patients)
      {
        patient["site"] = "Bonn";
      }
      EXPECT_FALSE(MakeSiteTable(patients)) << "one site has nothing beside it";
    }

    TEST(ReportingChecklist, StatesWhatTheRunKnows)
    {
      const RunRecord run = MakeRecord("cross-validate");
      EXPECT_THAT(GetAnswer(run, "8"), HasSubstr("the assay is stated for 2 of 3 labelled patients"));
      EXPECT_THAT(GetAnswer(run, "11"), AllOf(HasSubstr("1 excluded and 0 without a mask"), HasSubstr("1 of 2")));
      EXPECT_THAT(GetAnswer(run, "12e-g"),
                  AllOf(HasSubstr("Brier score, expected calibration error and the bands of ROC"),
                        HasSubstr("clinical utility: decision curve")));
      EXPECT_THAT(GetAnswer(run, "16"), AllOf(HasSubstr("cannot know"), Not(HasSubstr("no choice"))));
      const RunRecord evaluation = MakeRecord("evaluate");
      EXPECT_THAT(GetAnswer(evaluation, "8"), HasSubstr("1 of 2 labelled patients"));
      EXPECT_THAT(GetAnswer(evaluation, "16"), AllOf(HasSubstr("split development"), Not(HasSubstr("external"))));
    }

    TEST(ReportSections, SaysThatTheModelLearnedFromPhantomsWhereThePatientsAreNone)
    {
      for (const char* kind : {"evaluate", "cross-validate"})
      {
        RunRecord run = MakeRecord(kind);
        run.metrics["learned_from"]["trained_on"] =
          "8 subjects of a data set in BIDS, T2w, after 500 synthetic phantoms";
        run.metrics["learned_from"]["phantoms"] = 500;
        EXPECT_THAT(Introduce(run),
                    AllOf(HasSubstr("has learned from 500 synthetic phantoms with a planted signal"),
                          HasSubstr("Trained on: 8 subjects"), Not(HasSubstr("The data are synthetic"))));
        run.metrics["learned_from"]["trained_on"] = Json::Value();
        run.metrics["learned_from"]["phantoms"] = 0;
        EXPECT_THAT(Introduce(run),
                    AllOf(HasSubstr("does not say what it was trained on"), Not(HasSubstr("phantoms"))));
      }
    }

    TEST(ReportSections, SaysWhatWasMeasuredWithWhat)
    {
      RunRecord run = MakeRecord("cross-validate");
      EXPECT_THAT(Introduce(run), Not(HasSubstr("Measured on"))) << "an earlier release did not write it down";
      Json::Value maker;
      maker["device"] = "cpu";
      maker["precision"] = "fp32";
      maker["torch"] = "2.6.0";
      maker["of"].append("fold-1");
      run.metrics["measured_with"].append(maker);
      EXPECT_THAT(Introduce(run), HasSubstr("Measured on cpu in fp32, LibTorch 2.6.0."));
      Json::Value unknown;
      unknown["device"] = Json::Value();
      unknown["of"].append("fold-2");
      unknown["of"].append("fold-3");
      run.metrics["measured_with"].append(unknown);
      run.metrics["remarks"].append("Not all alike.");
      EXPECT_THAT(Introduce(run),
                  AllOf(HasSubstr("LibTorch 2.6.0: fold-1."), HasSubstr("were not written down: fold-2, fold-3."),
                        HasSubstr("Not all alike.")));
    }

    TEST(ReportingChecklist, LeavesToPeopleAndToTheCardWhatTheRunCannotKnow)
    {
      RunRecord run = MakeRecord("cross-validate");
      run.config["framing"] = "head";
      EXPECT_THAT(GetAnswer(run, "7"), HasSubstr("framing head,"));
      EXPECT_THAT(GetAnswer(MakeRecord("evaluate"), "7"), HasSubstr("framing as the model's card says"));
      EXPECT_THAT(GetAnswer(run, "10"), AllOf(HasSubstr("by the authors"), Not(HasSubstr("no calculation"))));
      EXPECT_THAT(GetAnswer(run, "21-22"), HasSubstr("card in model/"));
      EXPECT_THAT(GetAnswer(run, "21-22", "model-6/model/"), HasSubstr("card in model-6/model/"));
    }

    TEST(ReportingChecklist, SaysWhatTheFoldsBeganWith)
    {
      RunRecord run = MakeRecord("cross-validate");
      EXPECT_THAT(GetAnswer(run, "12a-c"), HasSubstr("from random weights"));
      Json::Value pretraining;
      pretraining["steps"] = 400;
      pretraining["batch"] = 16;
      pretraining["mask_ratio"] = 0.45;
      pretraining["peak_rate"] = 0.003;
      run.config["pretraining"] = pretraining;
      run.manifest["from"] = "encoder-fold-K";
      const auto isDescribed = HasSubstr("400 batches of 16 slices, 0.45 of the patches masked, peak rate 0.003");
      EXPECT_THAT(GetAnswer(run, "12a-c"), AllOf(HasSubstr("encoder of its own"), isDescribed));

      run.config["pretraining"]["accumulation"] = 2;
      run.config["training"]["accumulation"] = 4;
      run.config["training"]["batch"] = 8;
      run.config["training"]["steps"] = 2000;
      EXPECT_THAT(GetAnswer(run, "12a-c"), AllOf(HasSubstr("400 steps of 2 x 16 slices, 0.45 of the patches"),
                                                 HasSubstr("2000 steps of 4 x 8 slices, peak rate")));
      run.config["training"]["accumulation"] = 1;
      EXPECT_THAT(GetAnswer(run, "12a-c"), HasSubstr("2000 batches of 8 slices, peak rate"));

      // One encoder for all folds, with a configuration of its own.
      run.config["pretraining"]["steps"] = 7;
      Json::Value encoder;
      encoder["name"] = "heads";
      encoder["run"]["config"]["pretraining"] = pretraining;
      run.manifest["from"] = encoder;
      EXPECT_THAT(GetAnswer(run, "12a-c"), AllOf(HasSubstr("heads, an encoder"), isDescribed));
      encoder["run"]["stages"].append(Json::Value(Json::objectValue));
      run.manifest["from"] = encoder;
      EXPECT_THAT(GetAnswer(run, "12a-c"), AllOf(HasSubstr("began with heads"), Not(HasSubstr("masked"))));
      EXPECT_THAT(GetAnswer(run, "12a-c"), Not(HasSubstr("ensemble")));
      run.manifest["from"]["member"] = "fold-1";
      EXPECT_THAT(GetAnswer(run, "12a-c"),
                  HasSubstr("began with heads (of the ensemble its network fold-1), whose own"));
    }

    TEST(ReportingChecklist, SaysThatSitesWereNotMeasuredApart)
    {
      RunRecord run = MakeRecord("cross-validate");
      EXPECT_THAT(GetAnswer(run, "12d"), HasSubstr("names no site"));
      run.patients["sub-1"]["site"] = "Bonn";
      run.patients["sub-2"]["site"] = "Lyon";
      run.patients["sub-4"]["site"] = "Oslo";  // excluded
      EXPECT_THAT(GetAnswer(run, "12d"),
                  AllOf(HasSubstr("2 sites; folds stratified by genotype and site"), HasSubstr("no figures by site")));
    }

    TEST(ReportSections, SaysWhichSlicesSpeakAndWhatIntervalsLeaveOut)
    {
      EXPECT_THAT(Introduce(MakeRecord("cross-validate")),
                  AllOf(HasSubstr("draws no mask (variant classification, the paper's models 1 and 2), all slices"),
                        HasSubstr("scores of the folds' different networks are ranked together"),
                        HasSubstr("take each fold's network as fixed"), HasSubstr("DeLong's on the logit scale")));
      EXPECT_THAT(Introduce(MakeRecord("evaluate")), Not(HasSubstr("ranked together")));
      EXPECT_EQ(NameProtocol("automatic", true), "protocol automatic");
      EXPECT_THAT(NameProtocol("automatic", false), HasSubstr("all slices that show the head"));
      EXPECT_EQ(NameProtocol("oracle", false), "protocol oracle");
    }

    TEST(ReportSections, SaysHowOftenUsualPatientsLookUnusualToOneNetworkAndToSeveral)
    {
      Evaluation::CaseOutcome outcome;
      outcome.id = "sub-1";
      outcome.genotype = Network::GENOTYPE_ALTERED;
      outcome.probabilityAltered = 0.9;
      outcome.typicality = 0.5;
      const Testing::TemporaryFolder folder;
      ReportFolder report(folder.GetPath() / "report", "Title");
      AddErrors(report, "Errors", {outcome}, 0.5);
      EXPECT_THAT(ReadText(report.Finish()),
                  AllOf(HasSubstr("one network finds at most one in fifty below 0.02; an ensemble"),
                        HasSubstr("at most about twice as many"), HasSubstr("no typicality below 1 in n + 1")));
    }

    TEST(ReportSections, SaysHowSilenceIsCountedAndWhichFigureIsTheControls)
    {
      RunRecord run = MakeRecord("cross-validate");
      EXPECT_THAT(Introduce(run), AllOf(HasSubstr("leaves such a patient out"), Not(HasSubstr("CONTROL"))));
      run.config["control"] = "permuted";
      Json::Value& auroc = run.metrics["out_of_fold"]["auroc"];
      auroc["value"] = 0.52;
      auroc["low"] = 0.43;
      auroc["high"] = 0.61;
      EXPECT_THAT(Introduce(run), AllOf(HasSubstr("One figure alone is the control's"),
                                        HasSubstr("0.520 (0.430 to 0.610)"), HasSubstr("are no tests")));
      run.config["control"] = "planted";
      run.metrics["out_of_fold"]["oracle"]["auroc"] = auroc;
      run.metrics["out_of_fold"]["oracle"]["auroc"]["value"] = 0.98;
      EXPECT_THAT(Introduce(run),
                  AllOf(HasSubstr("tumours called altered were made brighter"),
                        HasSubstr("0.520 (0.430 to 0.610) by protocol automatic"),
                        HasSubstr("0.980 (0.430 to 0.610) by protocol oracle"), Not(HasSubstr("are no tests"))));
      RunRecord evaluation = MakeRecord("evaluate");
      evaluation.config["control"] = "planted";
      EXPECT_THAT(Introduce(evaluation), HasSubstr("and a signal that was planted by them; these figures are against"));
    }
  }
}
