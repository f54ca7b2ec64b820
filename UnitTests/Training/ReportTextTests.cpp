// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/MetricText.h"
#include "Training/Reports/PatientTables.h"
#include "Training/Reports/ReportSections.h"
#include "Training/Reports/ReportingChecklist.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

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

    std::string GetAnswer(const RunRecord& run, const std::string& item)
    {
      for (const std::vector<std::string>& row : MakeChecklist(run).rows)
      {
        if (row[0] == item)
        {
          return row[2];
        }
      }
      return "";
    }

    std::string Introduce(const RunRecord& run)
    {
      const Testing::TemporaryFolder folder;
      ReportFolder report(folder.GetPath() / "report", "Title");
      AddIntroduction(report, run);
      std::ifstream stream(report.Finish(), std::ios::binary);
      return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
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

    TEST(ReportingChecklist, StatesWhatTheRunKnows)
    {
      const RunRecord run = MakeRecord("cross-validate");
      EXPECT_THAT(GetAnswer(run, "8"), HasSubstr("the assay is stated for 2 of 3 labelled patients"));
      EXPECT_THAT(GetAnswer(run, "11"), AllOf(HasSubstr("1 excluded and 0 without a mask"), HasSubstr("1 of 2")));
      EXPECT_THAT(GetAnswer(run, "16"), AllOf(HasSubstr("cannot know"), Not(HasSubstr("no choice"))));
      const RunRecord evaluation = MakeRecord("evaluate");
      EXPECT_THAT(GetAnswer(evaluation, "8"), HasSubstr("1 of 2 labelled patients"));
      EXPECT_THAT(GetAnswer(evaluation, "16"), AllOf(HasSubstr("split development"), Not(HasSubstr("external"))));
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
    }
  }
}
