// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Labels/LabelExport.h"
#include "Plugin/Labels/LabelImport.h"
#include "UnitTests/Plugin/Labels/LabelTestBase.h"

namespace H3K27M::Labels
{
  using testing::HasSubstr;

  namespace
  {
    constexpr const char* HEADER = "study,genotype,assay,gene,site,pre_operative,split,reason,annotator,reviser\n";

    class LabelImportTest : public Testing::LabelTestBase
    {
    protected:
      static constexpr const char* OTHER = "S2.25.1002";

      LabelImportTest()
      {
        H3K27M::Support::DicomSeriesOptions options;
        options.studyInstanceUid = "2.25.1002";
        options.seriesInstanceUid = "2.25.2002";
        StoreSeries(options);
      }

      // One line that is taken.
      static std::string MakeLine(const std::string& study, const std::string& annotator = "A")
      {
        return study + ",wild-type,ihc,,Bonn,true,external,," + annotator + ",\n";
      }

      ImportReport Run(const std::string& csv, bool dryRun = false)
      {
        return import_.Run(csv, dryRun, {"anna", "annotator"});
      }

      std::string GetRefusal(const std::string& line)
      {
        const ImportReport report = Run(HEADER + line);
        EXPECT_EQ(1u, report.refused);
        EXPECT_EQ(0u, CountReports());
        return report.lines.at(0).refusal;
      }

      std::string GetFault(const std::string& csv)
      {
        try
        {
          Run(csv);
        }
        catch (const Error& e)
        {
          EXPECT_EQ(ErrorCode::BadInput, e.GetCode());
          EXPECT_EQ(0u, CountReports()) << "something was written";
          return e.what();
        }

        ADD_FAILURE() << "it was taken";
        return {};
      }

      LabelImport import_{archive_, labels_};
    };
  }

  TEST_F(LabelImportTest, LabelsManyStudiesAndReportsLineByLine)
  {
    const ImportReport report = Run(HEADER + MakeLine(STUDY) + "\n" + MakeLine("S-none") + MakeLine(OTHER));
    ASSERT_EQ(3u, report.lines.size());
    EXPECT_EQ(1u, report.refused);
    EXPECT_EQ(2u, report.changed);

    EXPECT_EQ(2u, report.lines[0].line);
    EXPECT_EQ(STUDY, report.lines[0].study);
    EXPECT_TRUE(report.lines[0].changed);
    EXPECT_EQ("", report.lines[0].refusal);
    EXPECT_EQ(4u, report.lines[1].line);
    EXPECT_EQ("S-none", report.lines[1].study);
    EXPECT_THAT(report.lines[1].refusal, HasSubstr("There is no study"));

    EXPECT_EQ("wild-type", labels_.Get(STUDY).genotype);
    EXPECT_EQ("external", labels_.Get(OTHER).split);
    EXPECT_EQ("CSV import", labels_.Get(OTHER).source);
  }

  // The request's own entry names no study.
  TEST_F(LabelImportTest, TheAuditSaysWhoChangedWhichStudy)
  {
    Run(HEADER + MakeLine(STUDY) + MakeLine(OTHER));

    for (const char* const study : {STUDY, OTHER})
    {
      const std::vector<WorkState::AuditEntry> entries = store_->ListAudit({study, 0, 100});
      ASSERT_EQ(1u, entries.size());
      EXPECT_EQ("anna", entries[0].who);
      EXPECT_EQ("annotator", entries[0].role);
      EXPECT_EQ("label", entries[0].what);
      EXPECT_EQ("done", entries[0].outcome);
    }
  }

  TEST_F(LabelImportTest, ADryRunSaysTheSameAndWritesNothing)
  {
    const std::string csv = HEADER + MakeLine(STUDY) + MakeLine("S-none");
    const ImportReport plan = Run(csv, true);
    EXPECT_EQ(0u, CountReports());
    EXPECT_EQ(0u, store_->GetLabels().Count());
    const ImportReport done = Run(csv);
    EXPECT_EQ(plan.changed, done.changed);
    EXPECT_EQ(plan.refused, done.refused);
    EXPECT_EQ(0u, Run(csv, true).changed);
  }

  TEST_F(LabelImportTest, TheSameFileTwiceChangesNothing)
  {
    EXPECT_EQ(1u, Run(HEADER + MakeLine(STUDY)).changed);
    const ImportReport again = Run(HEADER + MakeLine(STUDY));
    EXPECT_EQ(0u, again.changed);
    EXPECT_EQ(0u, again.refused);
    EXPECT_EQ(1u, CountReports());
  }

  TEST_F(LabelImportTest, AStudyIsNamedByEitherIdentifier)
  {
    const std::string header = "StudyInstanceUID,study,genotype,assay,site,pre_operative,split,annotator\n";
    const std::string fields = ",altered,other,Bonn,false,development,A\n";
    const ImportReport report =
      Run(header + "2.25.1001," + fields + "," + OTHER + fields + "2.25.9," + fields + "," + fields);
    EXPECT_EQ(2u, report.changed);
    EXPECT_EQ(STUDY, report.lines[0].study);
    EXPECT_EQ(OTHER, report.lines[1].study);
    EXPECT_THAT(report.lines[2].refusal, HasSubstr("StudyInstanceUID"));
    EXPECT_THAT(report.lines[3].refusal, HasSubstr("names no study"));
    EXPECT_THAT(Run(header + "2.25.1001," + OTHER + fields).lines[0].refusal, HasSubstr("two studies"));
  }

  TEST_F(LabelImportTest, AStudyStandsInAFileOnce)
  {
    const ImportReport report = Run(HEADER + MakeLine(STUDY, "A") + MakeLine(STUDY, "B"));
    EXPECT_THAT(report.lines[1].refusal, HasSubstr("Line 2"));
    EXPECT_EQ("A", labels_.Get(STUDY).annotator);
  }

  TEST_F(LabelImportTest, ALineIsRefusedWithEveryFault)
  {
    EXPECT_THAT(GetRefusal(std::string(STUDY) + ",mutant,guess,,,maybe,external,,A,\n"), HasSubstr("4 faults"));
    EXPECT_THAT(GetRefusal(std::string(STUDY) + ",altered\n"), HasSubstr("2 fields"));
    EXPECT_THAT(GetRefusal(MakeLine("../instances/1")), HasSubstr("no identifier"));
  }

  TEST_F(LabelImportTest, AHeaderIsRefusedWithEveryFaultAndNothingIsWritten)
  {
    const std::string fault = GetFault("study,genotype,genotype,patient_name,site\n" + MakeLine(STUDY));

    for (const char* words : {"no column 'patient_name'", "'genotype' stands there twice", "'assay' is missing",
                              "'pre_operative' is missing", "'split' is missing", "'annotator' is missing"})
    {
      EXPECT_THAT(fault, HasSubstr(words));
    }

    EXPECT_THAT(GetFault("genotype,assay,site,pre_operative,split,annotator\n"), HasSubstr("'study' or"));
    EXPECT_THAT(GetFault("study;genotype;assay\n"), HasSubstr("separated by commas"));
    EXPECT_THAT(GetFault(""), HasSubstr("empty"));
  }

  TEST_F(LabelImportTest, AFileThatBreaksOffChangesNothing)
  {
    EXPECT_THAT(GetFault(HEADER + MakeLine(STUDY) + OTHER + ",\"wild"), HasSubstr("line 3"));
  }

  TEST_F(LabelImportTest, WhatIsExportedCanBeImported)
  {
    Results::GenotypeLabel label = MakeLabel("@Li");
    label.site = "=cmd|'/c calc'!A1";
    labels_.Set(STUDY, label, "REST");
    label = MakeLabel("-Li");
    label.site = "Bonn, \"Venusberg\"";
    labels_.Set(OTHER, label, "REST");

    const ExportedPage page = ExportLabels(*store_, {});
    EXPECT_EQ("", page.next);
    EXPECT_THAT(page.csv, HasSubstr("study,StudyInstanceUID,genotype,assay,gene,site,pre_operative,split,reason,"
                                    "annotator,reviser,recorded,synthetic\r\n"));
    EXPECT_THAT(page.csv, HasSubstr(",'=cmd|'/c calc'!A1,"));
    EXPECT_THAT(page.csv, HasSubstr(",'@Li,"));
    EXPECT_THAT(page.csv, testing::Not(HasSubstr("Builder"))) << "the patient's name";

    ImportReport report = Run(page.csv);
    EXPECT_EQ(0u, report.changed);
    EXPECT_EQ(0u, report.refused);
    labels_.Withdraw(STUDY);
    EXPECT_EQ(1u, Run(page.csv).changed);
    EXPECT_EQ("=cmd|'/c calc'!A1", labels_.Get(STUDY).site);
    EXPECT_EQ("@Li", labels_.Get(STUDY).annotator);
  }

  TEST_F(LabelImportTest, AnExportIsPaged)
  {
    labels_.Set(STUDY, MakeLabel(), "REST");
    labels_.Set(OTHER, MakeLabel(), "REST");
    const ExportedPage first = ExportLabels(*store_, {"", 1});
    EXPECT_THAT(first.csv, HasSubstr(STUDY));
    EXPECT_EQ(STUDY, first.next);
    const ExportedPage second = ExportLabels(*store_, {first.next, 1});
    EXPECT_THAT(second.csv, HasSubstr(OTHER));
    EXPECT_EQ("", ExportLabels(*store_, {second.next, 1}).next);
  }

  TEST_F(LabelImportTest, AnImportEndsWhenThePluginStops)
  {
    import_.Interrupt();

    try
    {
      Run(HEADER + MakeLine(STUDY));
      FAIL() << "it went on";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Unavailable, e.GetCode());
    }

    EXPECT_EQ(0u, CountReports());
  }
}
