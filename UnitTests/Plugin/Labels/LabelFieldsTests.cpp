// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Labels/LabelFields.h"

#include <gmock/gmock.h>

namespace H3K27M::Labels
{
  using testing::HasSubstr;
  using testing::Not;

  namespace
  {
    constexpr const char* WHOLE =
      R"({"genotype": "altered", "assay": "pyrosequencing", "gene": "H3F3A", "site": " Bonn ",
      "pre_operative": true, "split": "excluded", "reason": "radiation", "annotator": "A", "reviser": "B"})";

    Results::GenotypeLabel Parse(const std::string& json)
    {
      return ParseLabelRequest(Protocol::ParseJson(json)).label;
    }

    // `changes` are members that replace those of WHOLE.
    std::string GetFault(const std::string& changes)
    {
      Json::Value body = Protocol::ParseJson(WHOLE);
      const Json::Value changed = Protocol::ParseJson(changes);

      for (const std::string& key : changed.getMemberNames())
      {
        body[key] = changed[key];
      }

      try
      {
        ParseLabelRequest(body);
      }
      catch (const Error& e)
      {
        EXPECT_EQ(ErrorCode::BadInput, e.GetCode());
        return e.what();
      }

      ADD_FAILURE() << "it was taken: " << changes;
      return {};
    }
  }

  TEST(LabelFields, ReadsEveryField)
  {
    Results::GenotypeLabel wanted;
    wanted.status = Results::GenotypeStatus::Altered;
    wanted.assay = Results::Assay::Pyrosequencing;
    wanted.gene = Results::HistoneGene::H3F3A;
    wanted.site = "Bonn";
    wanted.preOperative = true;
    wanted.split = Results::DatasetSplit::Excluded;
    wanted.exclusion = Results::ExclusionReason::Radiation;
    wanted.annotator = "A";
    wanted.reviser = "B";
    EXPECT_EQ(wanted, Parse(WHOLE));
  }

  TEST(LabelFields, WhatIsOptionalMayBeNullOrAbsent)
  {
    const Results::GenotypeLabel label =
      Parse(R"({"genotype": "wild-type", "assay": "ihc", "gene": null, "site": "Bonn",
      "pre_operative": false, "split": "external", "annotator": "A"})");
    EXPECT_FALSE(label.gene);
    EXPECT_FALSE(label.exclusion);
    EXPECT_EQ("", label.reviser);
  }

  TEST(LabelFields, NamesWhatIsWrong)
  {
    EXPECT_THAT(GetFault(R"({"genotype": "mutant"})"), HasSubstr("'genotype' must be 'altered' or 'wild-type'"));
    EXPECT_THAT(GetFault(R"({"assay": "guess"})"), HasSubstr("'assay' must be 'pyrosequencing', 'ihc' or 'other'"));
    EXPECT_THAT(GetFault(R"({"gene": "TP53"})"), HasSubstr("'gene' must be 'H3F3A' or 'HIST1H3B'"));
    EXPECT_THAT(GetFault(R"({"gene": null})"), HasSubstr("'gene' must be"));
    EXPECT_THAT(GetFault(R"({"assay": "ihc"})"), HasSubstr("'gene' must be absent"));
    EXPECT_THAT(GetFault(R"({"split": "external"})"), HasSubstr("'reason' must be absent"));
    EXPECT_THAT(GetFault(R"({"reason": "bored"})"), HasSubstr("'reason' must be 'prior-surgery', "));
    EXPECT_THAT(GetFault(R"({"reason": null})"), HasSubstr("because the split is excluded"));
    EXPECT_THAT(GetFault(R"({"pre_operative": "true"})"), HasSubstr("'pre_operative' must be true or false"));
    EXPECT_THAT(GetFault(R"({"site": 3})"), HasSubstr("'site' must be a text"));
    EXPECT_THAT(GetFault(R"({"annotator": "  "})"), HasSubstr("'annotator' must be a name"));
    EXPECT_THAT(GetFault(R"({"patient_name": "X"})"), HasSubstr("'patient_name' is no field"));
    EXPECT_THAT(GetFault(R"({"recorded": "2026"})"), HasSubstr("'recorded' is no field"));
  }

  TEST(LabelFields, NamesEveryFaultInOneAnswer)
  {
    const std::string fault =
      GetFault(R"({"genotype": 1, "assay": "guess", "colour": "red", "site": "", "split": "none", "reviser": "a=b"})");
    EXPECT_THAT(fault, HasSubstr("6 faults"));

    for (const char* key : {"genotype", "assay", "colour", "site", "split", "reviser"})
    {
      EXPECT_THAT(fault, HasSubstr("'" + std::string(key) + "'"));
    }

    // Whether gene and reason are wanted cannot be said.
    EXPECT_THAT(fault, Not(HasSubstr("'gene'")));
    EXPECT_THAT(fault, Not(HasSubstr("'reason'")));
  }

  TEST(LabelFields, NamesAllThatAnEmptyLabelLacks)
  {
    try
    {
      Parse("{}");
      FAIL() << "it was taken";
    }
    catch (const Error& e)
    {
      for (const char* key : REQUIRED_FIELDS)
      {
        EXPECT_THAT(e.what(), HasSubstr("'" + std::string(key) + "'"));
      }
    }
  }

  TEST(LabelFields, AreTheSameFromTexts)
  {
    const Reports::FieldTexts texts = {{"genotype", "altered"}, {"assay", "pyrosequencing"}, {"gene", "H3F3A"},
                                       {"site", "Bonn"},        {"pre_operative", "TRUE"},   {"split", "excluded"},
                                       {"reason", "radiation"}, {"annotator", "A"},          {"reviser", "B"}};
    EXPECT_EQ(Parse(WHOLE), ParseLabel(texts));
    EXPECT_THROW(ParseLabel(Reports::FieldTexts{{"genotype", "altered"}}), Error);
  }

  TEST(LabelFields, AreEqualWhereverTheLabelStands)
  {
    WorkState::StudyLabel a = ToStudyLabel(Parse(WHOLE));
    WorkState::StudyLabel b = a;
    b.instanceId = "elsewhere";
    b.recordedAt = 5;
    b.source = "CSV import";
    EXPECT_TRUE(HaveEqualFields(a, b));
    b.reviser = "C";
    EXPECT_FALSE(HaveEqualFields(a, b));
  }
}
