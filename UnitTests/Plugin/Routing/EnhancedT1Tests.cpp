// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Routing/SeriesRouter.h"
#include "Plugin/Volume/DicomReader.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"
#include "UnitTests/Support/Fixtures.h"

#include <dcmtk/dcmdata/dctk.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  for (const char* description : {"AX T1 +C", "t1_se_tra_KM", "T1 tra post Gd", "Ax T1 C+", "T1 AXIAL POST CONTRAST",
                                  "t1 gadolinium preop", "T1 增强", "T1 ax with contrast", "Pre-op T1 +C"})
  {
    EXPECT_THAT(Judge(MakeSpinEcho(description)), IsEmpty()) << description;
  }
}

TEST(EnhancedT1, IsNotTakenBeforeTheInjection)
{
  EXPECT_THAT(Judge(MakeSpinEcho("T1 SE TRA")), ElementsAre("contrast_agent"));
  for (const char* description :
       {"T1 pre contrast", "T1 tra nativ", "AX T1 W/O CONTRAST", "T1 sans injection", "T1 ohne KM", "T1 平扫"})
  {
    EXPECT_THAT(Judge(MakeSpinEcho(description), Put(DCM_ContrastBolusAgent, AGENT)), ElementsAre("contrast_agent"))
      << description << ": the tag is copied from series to series";
  }
  for (const char* nothing : {"None", "no", "without"})
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
              ElementsAre("echo_time", "repetition_time", "description"));
  EXPECT_THAT(Judge(MakeSpinEcho("T1 subtraction +C")), ElementsAre("description"));
  EXPECT_THAT(Judge(MakeSpinEcho("T1 perfusion +C")), ElementsAre("description"));
  EXPECT_THAT(Judge(MakeSpinEcho("T1 +C"), Put(DCM_AngioFlag, "Y")), ElementsAre("angiography"));
}

TEST(EnhancedT1, IsNeverWhatTriageReads)
{
  const auto failed = Judge(MakeSpinEcho("T1 +C"), Put(DCM_ContrastBolusAgent, AGENT), RoutingRules());
  EXPECT_THAT(failed, ElementsAre("echo_time", "repetition_time", "description"));
}

// None of the real series was acquired after a contrast agent.
TEST(EnhancedT1, NoRealSeriesIsTakenForOne)
{
  const std::vector<Support::FixtureEntry> index = Support::ReadFixtureIndex();
  if (index.empty())
  {
    GTEST_SKIP() << "../shared/fixtures/index.json is not there";
  }
  std::size_t judged = 0;
  for (const Support::FixtureEntry& entry : index)
  {
    if (entry.folder.rfind("mr/", 0) != 0)
    {
      continue;
    }
    for (const std::string& file : Support::ReadFixtureFiles(Support::FindFixture(entry.folder).value()))
    {
      const Volume::ReadOutcome outcome = Volume::DicomReader(Volume::VolumeLimits()).Read(file);
      const auto decision = SeriesRouter(RoutingRules::DefaultOfEnhancedT1())
                              .Decide(DescribeSeries(std::span(&std::get<Volume::DicomHeader>(outcome), 1)));
      EXPECT_FALSE(decision.accepted) << entry.folder;
      judged++;
    }
  }
  EXPECT_GT(judged, 0u);
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
