// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/SeriesRouter.h"
#include "Plugin/Routing/OwnResults.h"
#include "Plugin/Volume/DicomReader.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/dcmdata/dctk.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

using namespace H3K27M;
using namespace H3K27M::Routing;
using Support::DicomSeriesBuilder;
using Support::DicomSeriesOptions;
using testing::AllOf;
using testing::HasSubstr;

namespace
{
  std::vector<Volume::DicomHeader> ReadAll(const std::vector<std::string>& files)
  {
    std::vector<Volume::DicomHeader> headers;
    for (const std::string& file : files)
    {
      Volume::ReadOutcome outcome = Volume::DicomReader(Volume::VolumeLimits()).Read(file);
      headers.push_back(std::get<Volume::DicomHeader>(std::move(outcome)));
    }
    return headers;
  }

  RoutingDecision Decide(const std::vector<std::string>& files, const RoutingRules& rules = {})
  {
    const std::vector<Volume::DicomHeader> headers = ReadAll(files);
    return SeriesRouter(rules).Decide(DescribeSeries(headers),
                                      Volume::VolumeAssembler(Volume::VolumeLimits()).Assemble(headers));
  }

  RoutingDecision DecideOn(DicomSeriesOptions options, const std::function<void(DcmDataset&)>& edit = {},
                           const RoutingRules& rules = {})
  {
    if (edit)
    {
      options.edit = [edit](DcmDataset& dataset, std::size_t) { edit(dataset); };
    }
    return Decide(DicomSeriesBuilder(options).MakeFiles(), rules);
  }

  RoutingDecision DecideOnEdited(const std::function<void(DcmDataset&)>& edit, const RoutingRules& rules = {})
  {
    return DecideOn({}, edit, rules);
  }

  RoutingDecision DecideOnEnhanced(const std::function<void(DcmDataset&)>& edit)
  {
    DicomSeriesOptions options;
    options.edit = [edit](DcmDataset& dataset, std::size_t) { edit(dataset); };
    return Decide({DicomSeriesBuilder(options).MakeEnhancedFile()});
  }

  // The names of the criteria that failed.
  std::vector<std::string> Failed(const RoutingDecision& decision)
  {
    std::vector<std::string> names;
    for (const RoutingCriterion& criterion : decision.criteria)
    {
      if (!criterion.passed)
      {
        names.push_back(criterion.name);
      }
    }
    return names;
  }

  const RoutingCriterion& Find(const RoutingDecision& decision, const std::string& name)
  {
    for (const RoutingCriterion& criterion : decision.criteria)
    {
      if (criterion.name == name)
      {
        return criterion;
      }
    }
    throw std::runtime_error("no criterion " + name);
  }

  void Put(DcmDataset& dataset, const DcmTag& tag, const char* value)
  {
    ASSERT_TRUE(dataset.putAndInsertString(tag, value).good());
  }

  using Names = std::vector<std::string>;
}

TEST(SeriesRouter, TakesAxialT2OfTheBrain)
{
  const RoutingDecision decision = DecideOn({});
  EXPECT_TRUE(decision.accepted) << testing::PrintToString(decision.reasons);
  EXPECT_TRUE(decision.reasons.empty());
}

TEST(SeriesRouter, TakesEnhancedMultiFrame)
{
  const RoutingDecision decision = DecideOnEnhanced([](DcmDataset&) {});
  EXPECT_TRUE(decision.accepted) << testing::PrintToString(decision.reasons);
}

TEST(SeriesRouter, TakesT2WithoutAnyDescriptionByItsPhysics)
{
  DicomSeriesOptions options;
  options.seriesDescription = "";
  options.bodyPartExamined = "";
  const RoutingDecision decision = DecideOn(options);
  EXPECT_TRUE(decision.accepted) << testing::PrintToString(decision.reasons);
  EXPECT_EQ(Find(decision, "description").seen, "absent");
}

TEST(SeriesRouter, CarriesEveryCriterionWhateverTheVerdict)
{
  DicomSeriesOptions pd;
  pd.echoTime = "22";
  const RoutingDecision refused = DecideOn(pd);
  const RoutingDecision taken = DecideOn({});
  ASSERT_EQ(refused.criteria.size(), taken.criteria.size());
  for (std::size_t i = 0; i < taken.criteria.size(); ++i)
  {
    EXPECT_EQ(refused.criteria[i].name, taken.criteria[i].name);
    EXPECT_FALSE(taken.criteria[i].seen.empty());
    EXPECT_FALSE(taken.criteria[i].wanted.empty());
  }
  ASSERT_EQ(refused.reasons.size(), 1u);
  EXPECT_EQ(refused.reasons[0], "echo_time: 22 ms (wanted: 70 to 500 ms)");
}

TEST(SeriesRouter, RefusesProtonDensity)
{
  DicomSeriesOptions options;
  options.echoTime = "22";
  EXPECT_EQ(Failed(DecideOn(options)), Names{"echo_time"});
}

TEST(SeriesRouter, RefusesShortRepetitionTime)
{
  DicomSeriesOptions options;
  options.repetitionTime = "600";
  EXPECT_EQ(Failed(DecideOn(options)), Names{"repetition_time"});
}

TEST(SeriesRouter, RefusesSeriesThatDoNotSayTheirTimes)
{
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { delete d.remove(DCM_EchoTime); })), Names{"echo_time"});
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { delete d.remove(DCM_RepetitionTime); })),
            Names{"repetition_time"});
}

TEST(SeriesRouter, RefusesSagittalT2)
{
  DicomSeriesOptions options;
  options.orientation = {"0", "1", "0", "0", "0", "-1"};
  const RoutingDecision decision = DecideOn(options);
  EXPECT_EQ(Failed(decision), Names{"orientation"});
  EXPECT_EQ(Find(decision, "orientation").seen, "90 degrees from axial");
}

TEST(SeriesRouter, APersonOverrulesWordsAndPhysics)
{
  DicomSeriesOptions options;
  options.seriesDescription = "AX FLAIR KNEE";
  options.echoTime = "22";
  const RoutingDecision refused = DecideOn(options);
  ASSERT_EQ(Failed(refused), (Names{"echo_time", "description", "body_part"}));
  const RoutingDecision chosen = SeriesRouter::Overrule(refused);
  EXPECT_TRUE(chosen.accepted);
  EXPECT_TRUE(chosen.reasons.empty());
  EXPECT_EQ(chosen.overruled, refused.reasons);
  EXPECT_EQ(Failed(chosen), Failed(refused)) << "what was seen stays";
}

TEST(SeriesRouter, APersonDoesNotOverruleThatTheSlicesAreNotAxial)
{
  DicomSeriesOptions options;
  options.seriesDescription = "SAG FLAIR";
  options.orientation = {"0", "1", "0", "0", "0", "-1"};
  const RoutingDecision chosen = SeriesRouter::Overrule(DecideOn(options));
  EXPECT_FALSE(chosen.accepted);
  EXPECT_THAT(chosen.reasons, testing::ElementsAre(HasSubstr("orientation: 90 degrees")));
  EXPECT_THAT(chosen.overruled, testing::ElementsAre(HasSubstr("description: ")));
}

TEST(SeriesRouter, APersonDoesNotOverruleWhatIsNoSeriesOfPlainMrSlices)
{
  const std::vector<std::pair<DcmTag, const char*>> edits = {{DCM_Modality, "CT"},
                                                             {DCM_BurnedInAnnotation, "YES"},
                                                             {DCM_ImageType, "DERIVED\\PRIMARY\\MOSAIC"},
                                                             {DCM_ImageType, "DERIVED\\SECONDARY\\MIP"},
                                                             {DCM_ImageType, "DERIVED\\PRIMARY\\T2 MAP"}};
  for (const std::pair<DcmTag, const char*>& edit : edits)
  {
    const RoutingDecision refused =
      DecideOnEdited([&edit](DcmDataset& dataset) { Put(dataset, edit.first, edit.second); });
    EXPECT_FALSE(refused.accepted) << edit.second;
    EXPECT_FALSE(SeriesRouter::Overrule(refused).accepted) << edit.second;
  }
}

TEST(SeriesRouter, APersonDoesNotOverruleSlicesThatMakeNoVolume)
{
  DicomSeriesOptions options;
  options.edit = [](DcmDataset& dataset, std::size_t slice)
  { Put(dataset, DCM_PixelSpacing, slice == 0 ? "0.7\\0.7" : "0.5\\0.5"); };
  const RoutingDecision refused = Decide(DicomSeriesBuilder(options).MakeFiles());
  ASSERT_EQ(Failed(refused), Names{"volume"});
  EXPECT_FALSE(SeriesRouter::Overrule(refused).accepted);
}

TEST(SeriesRouter, TakesObliqueAxialWithinTheTolerance)
{
  DicomSeriesOptions options;
  options.orientation = {"1", "0", "0", "0", "0.881921", "0.471397"};  // 28.1 degrees
  EXPECT_TRUE(DecideOn(options).accepted);
  options.orientation = {"1", "0", "0", "0", "0.84339145", "0.53729961"};  // 32.5 degrees
  EXPECT_EQ(Failed(DecideOn(options)), Names{"orientation"});
  RoutingRules rules;
  rules.orientationToleranceDegrees = 40;
  EXPECT_TRUE(DecideOn(options, {}, rules).accepted);
}

TEST(SeriesRouter, TakesAxialSlicesThatRunFeetwards)
{
  DicomSeriesOptions options;
  options.orientation = {"1", "0", "0", "0", "-1", "0"};
  EXPECT_TRUE(DecideOn(options).accepted);
}

TEST(SeriesRouter, RefusesFlairByItsInversionTime)
{
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_InversionTime, "2500"); })), Names{"inversion"});
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ScanningSequence, "SE\\IR"); })), Names{"inversion"});
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_SequenceName, "*tir2d1_16"); })), Names{"inversion"});
  EXPECT_TRUE(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_InversionTime, "0"); }).accepted);
}

TEST(SeriesRouter, RefusesEnhancedFlair)
{
  const RoutingDecision decision = DecideOnEnhanced([](DcmDataset& dataset)
  {
    DcmItem* shared = nullptr;
    DcmItem* modifier = nullptr;
    ASSERT_TRUE(dataset.findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, shared).good());
    ASSERT_TRUE(shared->findAndGetSequenceItem(DCM_MRModifierSequence, modifier).good());
    modifier->putAndInsertString(DCM_InversionRecovery, "YES");
    modifier->putAndInsertFloat64(DCM_InversionTimes, 2200);
  });
  EXPECT_EQ(Failed(decision), Names{"inversion"});
  EXPECT_THAT(Find(decision, "inversion").seen, AllOf(HasSubstr("YES"), HasSubstr("2200 ms")));
}

TEST(SeriesRouter, RefusesFlairByNameInSeveralLanguages)
{
  for (const char* const text : {"AX T2 FLAIR", "t2_tirm_tra_dark-fluid", "T2FLAIR", "T2 压水 轴位", "T2 水抑制"})
  {
    DicomSeriesOptions options;
    options.seriesDescription = text;
    EXPECT_EQ(Failed(DecideOn(options)), Names{"description"}) << text;
  }
}

TEST(SeriesRouter, RefusesGradientEchoT2Star)
{
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ScanningSequence, "GR"); })), Names{"spin_echo"});
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ScanningSequence, "SE\\GR"); })), Names{"spin_echo"});
  DicomSeriesOptions options;
  options.seriesDescription = "T2* HEMO";
  EXPECT_EQ(Failed(DecideOn(options)), Names{"description"});
}

TEST(SeriesRouter, RefusesEnhancedSteadyState)
{
  EXPECT_EQ(Failed(DecideOnEnhanced([](DcmDataset& d) { Put(d, DCM_SteadyStatePulseSequence, "FREE_PRECESSION"); })),
            Names{"spin_echo"});
}

TEST(SeriesRouter, TakesTheNameWhereTheSequenceIsNotStated)
{
  EXPECT_TRUE(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ScanningSequence, "RM"); }).accepted);
  EXPECT_EQ(Failed(DecideOnEdited(
              [](DcmDataset& d)
  {
    Put(d, DCM_ScanningSequence, "");
    Put(d, DCM_SeriesDescription, "");
  })),
            Names{"spin_echo"});
}

TEST(SeriesRouter, RefusesEchoPlanarImages)
{
  const RoutingDecision decision = DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ScanningSequence, "EP\\SE"); });
  EXPECT_EQ(Failed(decision), (Names{"spin_echo", "echo_planar"}));
  EXPECT_EQ(Failed(DecideOnEnhanced([](DcmDataset& d) { Put(d, DCM_EchoPlanarPulseSequence, "YES"); })),
            Names{"echo_planar"});
}

TEST(SeriesRouter, RefusesDiffusion)
{
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { d.putAndInsertFloat64(DCM_DiffusionBValue, 1000); })),
            Names{"diffusion"});
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ImageType, "DERIVED\\PRIMARY\\DIFFUSION\\ADC"); })),
            Names{"diffusion"});
  EXPECT_TRUE(DecideOnEdited([](DcmDataset& d) { d.putAndInsertFloat64(DCM_DiffusionBValue, 0); }).accepted);
}

TEST(SeriesRouter, RefusesDiffusionThatBeginsWithoutWeighting)
{
  DicomSeriesOptions options;
  options.edit = [](DcmDataset& dataset, std::size_t slice)
  { dataset.putAndInsertFloat64(DCM_DiffusionBValue, slice == 0 ? 0 : 1000); };
  EXPECT_EQ(Failed(Decide(DicomSeriesBuilder(options).MakeFiles())), Names{"diffusion"});
}

TEST(SeriesRouter, RefusesPerfusion)
{
  EXPECT_EQ(
    Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ImageType, "DERIVED\\PRIMARY\\PERFUSION\\ASL\\RELCBF"); })),
    Names{"perfusion"});
}

TEST(SeriesRouter, RefusesSubtraction)
{
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ImageType, "DERIVED\\PRIMARY\\M\\SUB"); })),
            Names{"subtraction"});
  DicomSeriesOptions options;
  options.seriesDescription = "T2 soustraction";
  EXPECT_EQ(Failed(DecideOn(options)), Names{"description"});
}

TEST(SeriesRouter, RefusesAngiography)
{
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_AngioFlag, "Y"); })), Names{"angiography"});
}

TEST(SeriesRouter, RefusesPhaseImages)
{
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ImageType, "ORIGINAL\\PRIMARY\\P\\ND"); })),
            Names{"complex_component"});
}

TEST(SeriesRouter, RefusesEnhancedImagesOfAnotherContrast)
{
  EXPECT_EQ(Failed(DecideOnEnhanced([](DcmDataset& d) { Put(d, DCM_AcquisitionContrast, "PROTON_DENSITY"); })),
            Names{"acquisition_contrast"});
}

TEST(SeriesRouter, RefusesMosaics)
{
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC"); })),
            Names{"image_type"});
}

TEST(SeriesRouter, RefusesProjectionsOfEnhancedImages)
{
  for (const char* const type : {"DERIVED\\PRIMARY\\VOLUME\\MAX_IP", "DERIVED\\PRIMARY\\VOLUME\\MIN_IP"})
  {
    EXPECT_EQ(Failed(DecideOnEnhanced([type](DcmDataset& d) { Put(d, DCM_ImageType, type); })), Names{"image_type"});
  }
  for (const char* const technique : {"MAX_IP", "MIN_IP", "VOLUME_RENDER", "SURFACE_RENDER", "CURVED_MPR"})
  {
    const RoutingDecision decision =
      DecideOnEnhanced([technique](DcmDataset& d) { Put(d, DCM_VolumeBasedCalculationTechnique, technique); });
    EXPECT_EQ(Failed(decision), Names{"image_type"}) << technique;
    EXPECT_THAT(Find(decision, "image_type").seen, HasSubstr(technique));
  }
  for (const char* const technique : {"NONE", "MPR"})
  {
    EXPECT_TRUE(
      DecideOnEnhanced([technique](DcmDataset& d) { Put(d, DCM_VolumeBasedCalculationTechnique, technique); }).accepted)
      << technique;
  }
}

TEST(SeriesRouter, RefusesWordsBurnedIntoAnyImage)
{
  DicomSeriesOptions options;
  options.edit = [](DcmDataset& d, std::size_t slice) { Put(d, DCM_BurnedInAnnotation, slice == 3 ? "YES" : "NO"); };
  const RoutingDecision decision = Decide(DicomSeriesBuilder(options).MakeFiles());
  EXPECT_EQ(Failed(decision), Names{"burned_in_annotation"});
  ASSERT_EQ(decision.reasons.size(), 1u);
  EXPECT_EQ(decision.reasons[0], "burned_in_annotation: YES (wanted: NO, or not stated)");
  EXPECT_TRUE(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_BurnedInAnnotation, "NO"); }).accepted);
}

TEST(SeriesRouter, RefusesTheFatAndOutOfPhaseImagesOfDixon)
{
  for (const char* const type :
       {"DERIVED\\PRIMARY\\DIXON\\FAT", "ORIGINAL\\PRIMARY\\DIXON\\OPP_PHASE", "ORIGINAL\\PRIMARY\\OUT_PHASE",
        "DERIVED\\PRIMARY\\F\\F\\DERIVED", "DERIVED\\PRIMARY\\DIXON\\FAT_FRACTION"})
  {
    const RoutingDecision decision = DecideOnEdited([type](DcmDataset& d) { Put(d, DCM_ImageType, type); });
    EXPECT_EQ(Failed(decision), Names{"image_type"}) << type;
    EXPECT_THAT(Find(decision, "image_type").seen, HasSubstr("a fat or out-of-phase image of a Dixon series"));
  }
  for (const char* const type : {"DERIVED\\PRIMARY\\DIXON\\WATER", "ORIGINAL\\PRIMARY\\DIXON\\IN_PHASE"})
  {
    EXPECT_TRUE(DecideOnEdited([type](DcmDataset& d) { Put(d, DCM_ImageType, type); }).accepted) << type;
  }
}

TEST(SeriesRouter, RefusesDerivedOnlyWhereConfigured)
{
  const auto derive = [](DcmDataset& d) { Put(d, DCM_ImageType, "DERIVED\\PRIMARY\\MPR"); };
  EXPECT_TRUE(DecideOnEdited(derive).accepted);
  RoutingRules rules;
  rules.allowDerived = false;
  EXPECT_EQ(Failed(DecideOnEdited(derive, rules)), Names{"image_type"});
}

TEST(SeriesRouter, RefusesColour)
{
  const RoutingDecision decision = DecideOnEdited([](DcmDataset& d)
  {
    d.putAndInsertUint16(DCM_SamplesPerPixel, 3);
    Put(d, DCM_PhotometricInterpretation, "RGB");
  });
  EXPECT_THAT(Failed(decision), testing::Contains("pixels"));
  EXPECT_THAT(Find(decision, "pixels").seen, HasSubstr("RGB"));
}

TEST(SeriesRouter, RefusesOtherModalitiesAndObjects)
{
  EXPECT_THAT(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_Modality, "CT"); })), testing::Contains("modality"));
  EXPECT_THAT(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DCM_SOPClassUID, UID_RawDataStorage); })),
              testing::Contains("sop_class"));
}

TEST(SeriesRouter, RefusesOwnResults)
{
  const RoutingDecision decision = DecideOnEdited([](DcmDataset& d)
  {
    Put(d, DCM_Modality, "SEG");
    Put(d, DCM_Manufacturer, std::string(OWN_MANUFACTURER).c_str());
  });
  EXPECT_THAT(Failed(decision), testing::Contains("own_result"));
}

TEST(SeriesRouter, RefusesLocalizers)
{
  for (const char* const text : {"localizer T2", "Scout", "3-plane loc", "Übersicht", "定位像"})
  {
    DicomSeriesOptions options;
    options.seriesDescription = text;
    EXPECT_EQ(Failed(DecideOn(options)), Names{"localizer"}) << text;
  }
}

TEST(SeriesRouter, RefusesOtherBodyParts)
{
  for (const char* const text : {"T2 TSE TRA Knie", "t2 tra LWS", "T2 genou", "T2 columna", "腰椎 T2", "膝 T2"})
  {
    DicomSeriesOptions options;
    options.bodyPartExamined = "";
    options.seriesDescription = text;
    EXPECT_EQ(Failed(DecideOn(options)), Names{"body_part"}) << text;
  }
  DicomSeriesOptions options;
  options.bodyPartExamined = "CSPINE";
  EXPECT_EQ(Failed(DecideOn(options)), Names{"body_part"});
}

TEST(SeriesRouter, RefusesTheSpineOfACombinedExamination)
{
  DicomSeriesOptions options;
  options.bodyPartExamined = "CSPINE";
  options.seriesDescription = "AX T2 C-SPINE";
  const RoutingDecision decision = DecideOn(options, [](DcmDataset& d)
  {
    Put(d, DCM_Manufacturer, "GE MEDICAL SYSTEMS");
    Put(d, DCM_ProtocolName, "BRAIN AND C-SPINE");
  });
  EXPECT_EQ(Failed(decision), Names{"body_part"});
}

TEST(SeriesRouter, RefusesABodyPartThatIsNoHeadWithoutKnowingIt)
{
  for (const char* const code : {"CERVIX", "BLADDER", "OVARY", "THYROID", "TONGUE", "LUNG", "FINGER", "SPLEEN"})
  {
    DicomSeriesOptions options;
    options.bodyPartExamined = code;
    EXPECT_EQ(Failed(DecideOn(options)), Names{"body_part"}) << code;
  }
}

TEST(SeriesRouter, TakesHeadNamedBesideAnotherPart)
{
  DicomSeriesOptions options;
  options.bodyPartExamined = "HEADNECK";
  options.seriesDescription = "T2 TSE TRA neck";
  EXPECT_TRUE(DecideOn(options).accepted);
}

TEST(SeriesRouter, AsksTheStudyWhereTheSeriesNamesNoPart)
{
  DicomSeriesOptions options;
  options.bodyPartExamined = "";
  EXPECT_EQ(Failed(DecideOn(options, [](DcmDataset& d) { Put(d, DCM_StudyDescription, "MRI cervical spine"); })),
            Names{"body_part"});
  EXPECT_TRUE(DecideOn(options, [](DcmDataset& d) { Put(d, DCM_StudyDescription, "MRT Schädel"); }).accepted);
  options.bodyPartExamined = "BRAIN";
  EXPECT_TRUE(DecideOn(options, [](DcmDataset& d) { Put(d, DCM_StudyDescription, "MRI lumbar spine"); }).accepted);
}

TEST(SeriesRouter, TakesAHeadThatACodeNamesInLatin1)
{
  for (const char* const meaning : {"Sch\xE4"
                                    "del",
                                    "T\xEAte"})
  {
    const RoutingDecision decision = DecideOnEdited([meaning](DcmDataset& d)
    {
      Put(d, DCM_SpecificCharacterSet, "ISO_IR 100");
      Put(d, DCM_BodyPartExamined, "HEAD");
      DcmItem* region = nullptr;
      ASSERT_TRUE(d.findOrCreateSequenceItem(DCM_AnatomicRegionSequence, region, -2).good());
      region->putAndInsertString(DCM_CodeMeaning, meaning);
    });
    EXPECT_EQ(Failed(decision), Names{}) << meaning;
  }
}

TEST(SeriesRouter, RefusesTheSpineOfAStudyDescribedInJapanese)
{
  const RoutingDecision decision = DecideOnEdited([](DcmDataset& d)
  {
    Put(d, DCM_SpecificCharacterSet, "\\ISO 2022 IR 87");
    Put(d, DCM_BodyPartExamined, "");
    Put(d, DCM_StudyDescription, "\x1B$BptDG\x1B(BMRI");
  });
  EXPECT_EQ(Failed(decision), Names{"body_part"});
}

TEST(SeriesRouter, NeverQuotesTheFreeTextOfTheStudy)
{
  RoutingRules rules;
  rules.allowPhantoms = true;
  const RoutingDecision decision =
    DecideOn({}, [](DcmDataset& d) { Put(d, DCM_StudyDescription, "Phantom knee for Jane Roe"); }, rules);
  for (const RoutingCriterion& criterion : decision.criteria)
  {
    EXPECT_THAT(criterion.seen, testing::Not(HasSubstr("Roe"))) << criterion.name;
  }
  EXPECT_THAT(Find(decision, "phantom").seen, HasSubstr("StudyDescription"));
}

TEST(SeriesRouter, IgnoresGeProtocolNamesWhichNameTheWholeExamination)
{
  DicomSeriesOptions options;
  options.seriesDescription = "";
  const auto edit = [](const char* manufacturer)
  {
    return [manufacturer](DcmDataset& d)
    {
      Put(d, DCM_Manufacturer, manufacturer);
      Put(d, DCM_ProtocolName, "BRAIN WITH PERFUSION");
    };
  };
  EXPECT_TRUE(DecideOn(options, edit("GE MEDICAL SYSTEMS")).accepted);
  EXPECT_EQ(Failed(DecideOn(options, edit("SIEMENS"))), Names{"description"});
}

TEST(SeriesRouter, RefusesPhantomsUnlessTheyAreAllowed)
{
  const auto edit = [](DcmDataset& d) { Put(d, DCM_ProtocolName, "ACR Phantom"); };
  EXPECT_EQ(Failed(DecideOnEdited(edit)), Names{"phantom"});
  RoutingRules rules;
  rules.allowPhantoms = true;
  EXPECT_TRUE(DecideOnEdited(edit, rules).accepted);
  EXPECT_EQ(Failed(DecideOnEdited([](DcmDataset& d) { Put(d, DcmTag(0x0028, 0x0300, EVR_CS), "YES"); })),
            Names{"phantom"});
}

TEST(SeriesRouter, SaysWhyThePlanesAreNoVolume)
{
  const RoutingDecision decision = DecideOnEdited([](DcmDataset& d) { Put(d, DCM_ImagePositionPatient, "0\\0\\0"); });
  EXPECT_EQ(Failed(decision), Names{"volume"});
  EXPECT_THAT(Find(decision, "volume").seen, HasSubstr("6 slices lie at 1 position"));
}

TEST(SeriesRouter, SaysWhichGeometryIsMissing)
{
  const RoutingDecision decision = DecideOnEdited([](DcmDataset& d) { delete d.remove(DCM_ImageOrientationPatient); });
  EXPECT_EQ(Failed(decision), (Names{"orientation", "volume"}));
  EXPECT_THAT(Find(decision, "orientation").seen, HasSubstr("(0020,0037)"));
}

TEST(SeriesRouter, JudgesUnreadableFiles)
{
  const RoutingDecision decision =
    SeriesRouter::Unreadable(Volume::Refusal{Volume::RefusalCode::NotDicom, "the file is empty"});
  EXPECT_FALSE(decision.accepted);
  EXPECT_THAT(decision.reasons.at(0), HasSubstr("the file is empty"));
}

TEST(SeriesRouter, AnswersTheSameWhateverTheArrival)
{
  DicomSeriesOptions options;
  options.edit = [](DcmDataset& dataset, std::size_t slice)
  { dataset.putAndInsertString(DCM_SeriesDescription, slice == 0 ? "T2 TSE" : "T2 FLAIR"); };
  std::vector<std::string> files = DicomSeriesBuilder(options).MakeFiles();
  const RoutingDecision first = Decide(files);
  std::reverse(files.begin(), files.end());
  EXPECT_EQ(Decide(files).reasons, first.reasons);
}
