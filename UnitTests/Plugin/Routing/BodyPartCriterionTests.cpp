// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/BodyPartCriterion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

using namespace H3K27M::Routing;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{
  RoutingCriterion Judge(const SeriesDescriptor& series)
  {
    return JudgeBodyPart(series, RoutingWords::Default());
  }

  SeriesDescriptor Describe(const std::string& seriesDescription, const std::string& bodyPartExamined = "")
  {
    SeriesDescriptor series;
    series.acquisition.seriesDescription = seriesDescription;
    series.acquisition.bodyPartExamined = bodyPartExamined;
    return series;
  }

  // GE names the whole examination in ProtocolName.
  SeriesDescriptor DescribeGe(const std::string& seriesDescription, const std::string& bodyPartExamined,
                              const std::string& protocolName)
  {
    SeriesDescriptor series = Describe(seriesDescription, bodyPartExamined);
    series.manufacturer = "GE MEDICAL SYSTEMS";
    series.acquisition.protocolName = protocolName;
    return series;
  }

  bool Takes(const std::string& seriesDescription, const std::string& bodyPartExamined = "")
  {
    return Judge(Describe(seriesDescription, bodyPartExamined)).passed;
  }
}

TEST(BodyPartCriterion, RefusesTheSpineOfACombinedExamination)
{
  const RoutingCriterion both = Judge(DescribeGe("AX T2 C-SPINE", "CSPINE", "BRAIN AND C-SPINE"));
  EXPECT_FALSE(both.passed);
  EXPECT_THAT(both.seen, AllOf(HasSubstr("SeriesDescription \"AX T2 C-SPINE\""), HasSubstr("*spine*")));
  EXPECT_FALSE(Judge(DescribeGe("AX T2 C-SPINE", "", "BRAIN AND C-SPINE")).passed);
  EXPECT_FALSE(Judge(DescribeGe("AX T2", "CSPINE", "BRAIN AND C-SPINE")).passed);
  EXPECT_TRUE(Judge(DescribeGe("AX T2 BRAIN", "BRAIN", "BRAIN AND C-SPINE")).passed);
  EXPECT_TRUE(Judge(DescribeGe("AX T2", "BRAIN", "BRAIN AND C-SPINE")).passed);
}

// The examination is filed under the brain, and its parts by what technologists call them.
TEST(BodyPartCriterion, RefusesPartsOfTheSpineThatAreAbbreviated)
{
  for (const char* const description : {"AX T2 CERV", "AX T2 LUMB", "AX T2 CTL", "AX T2 CSP", "T2 tra HWK",
                                        "T2 tra LWK 3-5", "T2 ax C3-C7", "T2 tra L1-S1", "T2 tra BWK"})
  {
    EXPECT_FALSE(Takes(description, "BRAIN")) << description;
  }
  EXPECT_TRUE(Takes("AX T2", "BRAIN"));
}

TEST(BodyPartCriterion, KnowsTheHeadInNorthernLanguages)
{
  for (const char* const part : {"HODE", "HOVED", "HUVUD", "SKALLE", "AIVOT", "KOPONYA"})
  {
    EXPECT_TRUE(Takes("T2 tra", part)) << part;
  }
  EXPECT_FALSE(Takes("T2 tra", "HODEN")) << "German for testicles";
}

TEST(BodyPartCriterion, BelievesTheMostSpecificTextThatNamesAPart)
{
  EXPECT_FALSE(Takes("T2 tra LWS", "HEAD"));
  EXPECT_TRUE(Takes("T2 tra Kopf", "LSPINE"));
  EXPECT_TRUE(Takes("T2 tra", "HEAD"));

  SeriesDescriptor series = Describe("T2 tra");
  series.manufacturer = "SIEMENS";
  series.acquisition.protocolName = "t2_tse_tra_knee";
  series.acquisition.studyDescription = "MRI brain";
  EXPECT_FALSE(Judge(series).passed);
  series.acquisition.anatomicRegion = "Brain";
  EXPECT_TRUE(Judge(series).passed);
  series.acquisition.bodyPartExamined = "KNEE";
  EXPECT_FALSE(Judge(series).passed);
}

TEST(BodyPartCriterion, RefusesWhereBothCodesAreFilledInAndOneNamesAnotherPart)
{
  SeriesDescriptor series = Describe("T2 tra", "HEAD");
  series.acquisition.anatomicRegion = "Cervical spine";
  EXPECT_FALSE(Judge(series).passed);
  series.acquisition.anatomicRegion = "Whole body";
  EXPECT_TRUE(Judge(series).passed);
  series.acquisition.bodyPartExamined = "WHOLEBODY";
  series.acquisition.anatomicRegion = "Head";
  EXPECT_TRUE(Judge(series).passed);
}

TEST(BodyPartCriterion, TakesTheHeadBesideAnotherPartInTheSameText)
{
  EXPECT_TRUE(Takes("AX T2 BRAIN AND C-SPINE"));
  EXPECT_TRUE(Takes("T2 tra Schädel / HWS", "CSPINE"));
  EXPECT_TRUE(Takes("AX T2 head and neck"));
  EXPECT_TRUE(Takes("头颈部 T2"));
}

TEST(BodyPartCriterion, TakesTheNeckOnlyInAnExaminationOfHeadAndNeck)
{
  EXPECT_TRUE(Takes("T2 TSE TRA neck", "HEADNECK"));
  EXPECT_TRUE(Takes("T2 TSE TRA neck", "HEAD_NECK"));
  EXPECT_FALSE(Takes("T2 TSE TRA neck", "HEAD"));
  EXPECT_FALSE(Takes("T2 TSE TRA neck", "NECK"));
  EXPECT_FALSE(Takes("T2 TSE TRA C-SPINE", "HEADNECK"));
}

TEST(BodyPartCriterion, KnowsHeadsThatAreNotTheHead)
{
  for (const char* const text : {"T2 femoral head",
                                 "T2 tra humeral heads",
                                 "radial head T2",
                                 "T2 head of the pancreas",
                                 "tête fémorale T2",
                                 "T2 cabeza del fémur",
                                 "T2 testa del femore",
                                 "T2 cabeça do úmero",
                                 "T2 Kopfgelenke tra",
                                 "股骨头 T2",
                                 "T2 桡骨头",
                                 "大腿骨頭 T2",
                                 "喉頭 T2",
                                 "咽頭 T2",
                                 "T2 胰头",
                                 "膵頭部 T2",
                                 "上腕二頭筋 T2",
                                 "спинной мозг T2",
                                 "T2 спинного мозга",
                                 "костный мозг T2",
                                 "T2 головка бедра",
                                 "대퇴골두 T2"})
  {
    EXPECT_FALSE(Takes(text)) << text;
    EXPECT_FALSE(Takes(text, "HEAD")) << text;
  }
  SeriesDescriptor series = Describe("T2 tra");
  series.acquisition.anatomicRegion = "Head of femur";
  EXPECT_FALSE(Judge(series).passed);
}

TEST(BodyPartCriterion, StillKnowsTheHeadInItsLanguages)
{
  for (const char* const text :
       {"T2 head",    "T2 Schädel",       "T2 Kopf",     "T2 Gehirn", "T2 tête",     "T2 crâne",
        "T2 cerveau", "T2 cráneo",        "T2 encéfalo", "T2 testa",  "T2 cervello", "T2 crânio",
        "T2 cabeça",  "T2 головной мозг", "T2 голова",   "T2 череп",  "头部 T2",     "颅脑 T2",
        "腦部 T2",    "頭部 T2",          "脳 T2",       "뇌 T2",     "두부 T2"})
  {
    EXPECT_TRUE(Takes(text, "LSPINE")) << text;
  }
}

TEST(BodyPartCriterion, TakesNeuroForNoPart)
{
  SeriesDescriptor series = Describe("T2 tra neuro");
  series.acquisition.studyDescription = "MRT LWS";
  EXPECT_FALSE(Judge(series).passed);
  EXPECT_FALSE(Takes("MR neurography T2", "LEG"));
}

TEST(BodyPartCriterion, TakesDirectionsAndCoilsForNoPart)
{
  EXPECT_FALSE(Takes("T2 tra craniocaudal", "KNEE"));
  EXPECT_FALSE(Takes("T2 tra knee, head coil"));
  EXPECT_TRUE(Takes("T2 tra knee coil", "HEAD"));
  EXPECT_TRUE(Takes("T2 tra foot to head", "HEAD"));
  EXPECT_FALSE(Takes("T2 tra cerebrospinal fluid", "LSPINE"));
}

TEST(BodyPartCriterion, RefusesCodesThatNameNoHead)
{
  for (const char* const code :
       {"CERVIX",  "BLADDER", "OVARY",      "THYROID",        "PAROTID",      "TONGUE",      "LUNG",
        "ADRENAL", "HUMERUS", "FINGER",     "SPLEEN",         "COLON",        "MEDIASTINUM", "EYE",
        "FACE",    "JAW",     "LVENTRICLE", "CHESTABDPELVIS", "SOMETHINGNEW", "НОГА",        "足"})
  {
    EXPECT_FALSE(Takes("T2 tra", code)) << code;
    SeriesDescriptor series = Describe("T2 tra");
    series.acquisition.anatomicRegion = code;
    EXPECT_FALSE(Judge(series).passed) << code;
  }
  EXPECT_EQ(Judge(Describe("T2 tra", "SPLEEN")).seen, "BodyPartExamined \"SPLEEN\" names neither head nor brain");
  EXPECT_TRUE(Takes("T2 tra brain", "SPLEEN"));
}

TEST(BodyPartCriterion, TakesTheTermsOfTheStandardForHeadAndBrain)
{
  for (const char* const code : {"BRAIN",           "HEAD",         "SKULL",         "HEADNECK",       "CEREBELLUM",
                                 "CEREBHEMISPHERE", "BRAINSTEM",    "PITUITARY",     "SELLA",          "ORBIT",
                                 "OPTICCANAL",      "IAC",          "INTRACRANIAL",  "THALAMUS",       "LATVENTRICLE",
                                 "3RDVENTRICLE",    "4THVENTRICLE", "CHOROIDPLEXUS", "CIRCLEOFWILLIS", "KOPF",
                                 "SCHAEDEL",        "TETE",         "CABEZA",        "ENCEFALO",       "HERSENEN"})
  {
    EXPECT_TRUE(Takes("T2 tra", code)) << code;
  }
}

TEST(BodyPartCriterion, PassesOverCodesThatSayNothing)
{
  for (const char* const code :
       {"", "WHOLEBODY", "WHOLE BODY", "OTHER", "UNKNOWN", "-", "0", "N/A", "NONE", "ANONYMIZED", "NEURO", "PHANTOM"})
  {
    EXPECT_TRUE(Takes("T2 tra", code)) << code;
    SeriesDescriptor series = Describe("T2 tra", code);
    series.acquisition.studyDescription = "MRI lumbar spine";
    EXPECT_FALSE(Judge(series).passed) << code;
  }
  EXPECT_EQ(Judge(Describe("T2 tra", "UNKNOWN")).seen, "no part named");
}

TEST(BodyPartCriterion, NeverQuotesTheFreeTextOfTheStudy)
{
  SeriesDescriptor series = DescribeGe("AX T2", "", "");
  series.acquisition.studyDescription = "knee of Jane Roe";
  EXPECT_FALSE(Judge(series).passed);
  EXPECT_THAT(Judge(series).seen, AllOf(HasSubstr("StudyDescription"), Not(HasSubstr("Roe"))));
}

TEST(BodyPartCriterion, AsksGesProtocolNameWithTheStudy)
{
  EXPECT_FALSE(Judge(DescribeGe("AX T2", "", "LUMBAR SPINE")).passed);
  EXPECT_TRUE(Judge(DescribeGe("AX T2", "", "BRAIN W/O")).passed);
}
