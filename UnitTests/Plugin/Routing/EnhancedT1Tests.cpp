// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Routing/SeriesRouter.h"
#include "Plugin/Routing/StudyRouter.h"
#include "Plugin/Volume/DicomReader.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"
#include "UnitTests/Support/Fixtures.h"

#include <dcmtk/dcmdata/dctk.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

using namespace H3K27M;
using namespace H3K27M::Routing;
using testing::ElementsAre;
using testing::IsEmpty;

namespace
{
  const char* const AGENT = "Gadobutrol";

  Support::DicomSeriesOptions MakeSpinEcho(const std::string& description)
  {
    Support::DicomSeriesOptions options;
    options.repetitionTime = "600";
    options.echoTime = "12";
    options.seriesDescription = description;
    return options;
  }

  using Edit = std::function<void(DcmDataset&)>;

  // The names of the criteria that failed.
  std::vector<std::string> Judge(Support::DicomSeriesOptions options, const Edit& edit = {},
                                 const RoutingRules& rules = RoutingRules::DefaultOfEnhancedT1())
  {
    options.edit = [&edit](DcmDataset& dataset, std::size_t)
    {
      if (edit)
      {
        edit(dataset);
      }
    };
    std::vector<Volume::DicomHeader> headers;
    for (const std::string& file : Support::DicomSeriesBuilder(options).MakeFiles())
    {
      headers.push_back(std::get<Volume::DicomHeader>(Volume::DicomReader(Volume::VolumeLimits()).Read(file)));
    }
    std::vector<std::string> failed;
    for (const RoutingCriterion& criterion :
         SeriesRouter(rules)
           .Decide(DescribeSeries(headers), Volume::VolumeAssembler(Volume::VolumeLimits()).Assemble(headers))
           .criteria)
    {
      if (!criterion.passed)
      {
        failed.push_back(criterion.name);
      }
    }
    return failed;
  }

  Edit Put(const DcmTag& tag, const char* value)
  {
    return [tag, value](DcmDataset& dataset) { dataset.putAndInsertString(tag, value); };
  }
}

TEST(EnhancedT1, IsTakenByTheTagOrByTheDescription)
{
  EXPECT_THAT(Judge(MakeSpinEcho("T1 SE TRA"), Put(DCM_ContrastBolusAgent, AGENT)), IsEmpty());
  for (const char* description :
       {"AX T1 +C", "t1_se_tra_KM", "T1 tra post Gd", "Ax T1 C+", "T1 AXIAL POST CONTRAST", "t1 gadolinium preop",
        "T1 增强", "T1 ax with contrast", "Pre-op T1 +C", "T1+C", "T1-KM", "T1 n. KM", "AX T1 POST NON FS",
        "T1 +C W/O FS", "T1 C+ NO FATSAT", "T1 tra KM ohne FS", "Ax T1FLAIR +C", "T1C", "T1 post Gd post-op"})
  {
    EXPECT_THAT(Judge(MakeSpinEcho(description)), IsEmpty()) << description;
  }
}

TEST(EnhancedT1, IsNotTakenBeforeTheInjection)
{
  EXPECT_THAT(Judge(MakeSpinEcho("T1 SE TRA")), ElementsAre("contrast_agent"));
  for (const char* description : {"T1 pre contrast", "T1 tra nativ",    "AX T1 W/O CONTRAST", "T1 sans injection",
                                  "T1 ohne KM",      "T1 平扫",         "T1 tra C-",          "T1 -C",
                                  "T1 Gd-",          "GADO - T1",       "T1 tra vor KM",      "T1 prä KM",
                                  "T1 o. KM",        "T1 kein KM",      "T1 Präkontrast",     "T1 avant injection",
                                  "T1 avant gado",   "T1 S/C",          "T1 S/ CONTRASTE",    "T1 antes de contraste",
                                  "T1 增强前",       "T1 未增强",       "T1 造影前",          "T1 非造影",
                                  "T1 조영전",       "T1 до контраста", "AX T1 W/O"})
  {
    EXPECT_THAT(Judge(MakeSpinEcho(description), Put(DCM_ContrastBolusAgent, AGENT)), ElementsAre("contrast_agent"))
      << description << ": the tag is copied from series to series";
  }
  for (const char* description : {"T1 post-op", "T1 ax post fossa", "T1 post RT"})
  {
    EXPECT_THAT(Judge(MakeSpinEcho(description)), ElementsAre("contrast_agent")) << description << ": after what else";
  }
  for (const char* nothing : {"None", "no", "without", "-", ".", "0", "无", "keine"})
  {
    EXPECT_THAT(Judge(MakeSpinEcho("T1 SE TRA"), Put(DCM_ContrastBolusAgent, nothing)), ElementsAre("contrast_agent"));
  }
}

TEST(EnhancedT1, MayBeInvertedOrAGradientEchoButNotFatNulledOrFluidNulled)
{
  Support::DicomSeriesOptions gradientEcho = MakeSpinEcho("t1_mprage_tra_p2 +C");
  gradientEcho.repetitionTime = "2300";
  gradientEcho.echoTime = "2.98";
  EXPECT_THAT(Judge(gradientEcho,
                    [](DcmDataset& dataset)
  {
    dataset.putAndInsertString(DCM_ScanningSequence, "GR\\IR");
    dataset.putAndInsertString(DCM_InversionTime, "900");
  }),
              IsEmpty());
  Support::DicomSeriesOptions flair = MakeSpinEcho("Ax T1 FLAIR +C");
  flair.repetitionTime = "2100";
  EXPECT_THAT(Judge(flair, Put(DCM_InversionTime, "780")), IsEmpty());
  EXPECT_THAT(Judge(MakeSpinEcho("T1 tra KM"), Put(DCM_InversionTime, "180")), ElementsAre("inversion"));
  Support::DicomSeriesOptions fluid = MakeSpinEcho("AX FLAIR +C");
  fluid.echoTime = "120";
  fluid.repetitionTime = "9000";
  EXPECT_THAT(Judge(fluid, Put(DCM_InversionTime, "2500")), ElementsAre("echo_time", "repetition_time", "description"));
}

TEST(EnhancedT1, IsNeitherATwoNorAMapNorADifference)
{
  EXPECT_THAT(Judge({}, Put(DCM_ContrastBolusAgent, AGENT)),
              ElementsAre("echo_time", "repetition_time", "t1_weighting", "description"));
  EXPECT_THAT(Judge(MakeSpinEcho("T1 subtraction +C")), ElementsAre("description"));
  EXPECT_THAT(Judge(MakeSpinEcho("T1 perfusion +C")), ElementsAre("description"));
  EXPECT_THAT(Judge(MakeSpinEcho("T1 +C"), Put(DCM_AngioFlag, "Y")), ElementsAre("angiography"));
}

TEST(EnhancedT1, IsNoProtonDensityAndNoBalancedSequence)
{
  const Edit agent = Put(DCM_ContrastBolusAgent, AGENT);
  Support::DicomSeriesOptions balanced = MakeSpinEcho("Ax FIESTA-C");
  balanced.repetitionTime = "6";
  balanced.echoTime = "2.5";
  EXPECT_THAT(Judge(balanced, agent), ElementsAre("description"));
  Support::DicomSeriesOptions protonDensity = MakeSpinEcho("PD TSE tra");
  protonDensity.repetitionTime = "2800";
  EXPECT_THAT(Judge(protonDensity, agent), ElementsAre("t1_weighting", "description"));
  protonDensity.seriesDescription = "TSE tra";
  EXPECT_THAT(Judge(protonDensity, agent), ElementsAre("t1_weighting"));
  for (const char* description : {"AX PHASE CONTRAST", "T1 map +C", "T1 SUB", "Cal Head", "SENSE Ref"})
  {
    EXPECT_THAT(Judge(MakeSpinEcho(description), agent), testing::Contains("description")) << description;
  }
}

TEST(EnhancedT1, TheDescriptionSpeaksBeforeTheProtocol)
{
  EXPECT_THAT(Judge(MakeSpinEcho("t1_se_tra_KM"), Put(DCM_ProtocolName, "t1_se_tra_nativ")), IsEmpty());
  EXPECT_THAT(Judge(MakeSpinEcho("T1 tra nativ"), Put(DCM_ProtocolName, "T1 tra +C")), ElementsAre("contrast_agent"));
  EXPECT_THAT(Judge(MakeSpinEcho("T1 tra"), Put(DCM_ProtocolName, "T1 tra +C")), IsEmpty());
}

// The tag is copied onto the series before the injection too.
TEST(EnhancedT1, OneThatSaysSoComesBeforeOneThatATagAloneSaysItOf)
{
  SeriesCandidate tagged;
  tagged.isEnhanced = true;
  tagged.seriesNumber = 3;
  SeriesCandidate named = tagged;
  named.isNamedEnhanced = true;
  named.seriesNumber = 9;
  EXPECT_TRUE(StudyRouter::IsBetter(named, tagged));
  SeriesCandidate later = tagged;
  later.seriesNumber = 4;
  EXPECT_TRUE(StudyRouter::IsBetter(later, tagged)) << "what was given stays given";
}

TEST(EnhancedT1, IsNeverWhatTriageReads)
{
  const auto failed = Judge(MakeSpinEcho("T1 +C"), Put(DCM_ContrastBolusAgent, AGENT), RoutingRules());
  EXPECT_THAT(failed, ElementsAre("echo_time", "repetition_time", "description"));
}

// None of the real series was acquired after an agent. Where they claim that one was given, the axial T1 ones are taken
// (of phantoms, whose headers do not say so), and neither the proton density nor perfusion, maps or T2.
TEST(EnhancedT1, OfRealSeriesOnlyAxialT1IsTakenAndOnlyWithAnAgent)
{
  const std::vector<Support::FixtureEntry> index = Support::ReadFixtureIndex();
  if (index.empty())
  {
    GTEST_SKIP() << "../shared/fixtures/index.json is not there";
  }
  const SeriesRouter router(RoutingRules::DefaultOfEnhancedT1());
  std::set<std::string> taken;
  for (const Support::FixtureEntry& entry : index)
  {
    if (entry.folder.rfind("mr/", 0) != 0)
    {
      continue;
    }
    for (const std::string& file : Support::ReadFixtureFiles(Support::FindFixture(entry.folder).value()))
    {
      Volume::ReadOutcome outcome = Volume::DicomReader(Volume::VolumeLimits()).Read(file);
      auto& header = std::get<Volume::DicomHeader>(outcome);
      EXPECT_FALSE(router.Decide(DescribeSeries(std::span(&header, 1))).accepted) << entry.folder;
      header.acquisition.contrastAgent = AGENT;
      if (router.Decide(DescribeSeries(std::span(&header, 1))).accepted)
      {
        taken.insert(entry.folder);
      }
    }
  }
  EXPECT_THAT(taken, ElementsAre("mr/ge-axial-t1-phantom", "mr/philips-enhanced-t1-phantom",
                                 "mr/siemens-enhanced-axial-b-phantom"));
}

TEST(Contrast, ComesBackFromItsText)
{
  for (const Contrast contrast : {Contrast::T2w, Contrast::CeT1w})
  {
    EXPECT_EQ(contrast, ParseContrast(ToString(contrast)));
  }
  EXPECT_EQ(Contrast::T2w, ParseContrast(""));
  EXPECT_THROW(ParseContrast("t1"), Error);
}
