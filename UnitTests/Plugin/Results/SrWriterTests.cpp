// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Results/SegWriter.h"
#include "Plugin/Results/SrWording.h"
#include "Plugin/Results/SrWriter.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmsr/dsrdoc.h>

#include <gtest/gtest.h>

#include <sstream>
#include <tuple>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;
  using Strings = std::vector<std::string>;
  using Tests::FindContent;
  using Tests::GetText;

  class SrWriterTest : public testing::Test
  {
  protected:
    SrWriterTest() :
      source_(Tests::MakeSampleSource()),
      mask_(Tests::MakeSampleMask(source_, 1, 3)),
      prediction_(Tests::MakeSamplePrediction(mask_, source_)),
      model_(Tests::MakeSampleModel())
    {
    }

    ResultIdentity GetIdentity() const
    {
      return ResultIdentity(source_, model_.hash, "configuration");
    }

    DicomInstance Write(const SrOptions& options = SrOptions()) const
    {
      const ResultIdentity identity = GetIdentity();
      return SrWriter(options).Write({source_, identity, model_, Tests::MakeSampleTime()}, prediction_, mask_);
    }

    std::unique_ptr<DcmFileFormat> Read(const SrOptions& options = SrOptions()) const
    {
      return Tests::ReadDicom(Write(options).bytes);
    }

    Volume::SourceSeries source_;
    MaskVolume mask_;
    Prediction prediction_;
    ModelInfo model_;
  };

  std::string GetTitle(DcmItem& sr)
  {
    DcmItem* item = nullptr;
    return sr.findAndGetSequenceItem(DCM_ConceptNameCodeSequence, item, 0).good() ? GetText(*item, DCM_CodeValue) : "";
  }

  // Number of SCOORD items anywhere below.
  unsigned CountContours(DcmItem& item)
  {
    unsigned count = GetText(item, DCM_ValueType) == "SCOORD" ? 1 : 0;
    DcmItem* child = nullptr;
    for (long i = 0; item.findAndGetSequenceItem(DCM_ContentSequence, child, i).good() && child != nullptr; i++)
    {
      count += CountContours(*child);
    }
    return count;
  }
}

TEST_F(SrWriterTest, StatesStatusProbabilityAndVolume)
{
  const auto file = Read();
  DcmDataset& sr = *file->getDataset();
  EXPECT_EQ("126001", GetTitle(sr));
  EXPECT_EQ("UNVERIFIED", GetText(sr, DCM_VerificationFlag));
  EXPECT_EQ("COMPLETE", GetText(sr, DCM_CompletionFlag));
  EXPECT_EQ(Strings{"altered"}, FindContent(sr, "predicted-status"));
  EXPECT_EQ(Strings{"87.31"}, FindContent(sr, "122157"));
  EXPECT_EQ(Strings{"12738006"}, FindContent(sr, "363698007"));
  const Strings volumes = FindContent(sr, "118565006");
  ASSERT_EQ(1u, volumes.size());
  EXPECT_NEAR(ComputeVolumeMm3(mask_, source_), std::stod(volumes[0]), 0.0005);
  EXPECT_EQ(Strings{"111242"}, FindContent(sr, "111017"));
  EXPECT_NE(std::string::npos, FindContent(sr, "121106").at(0).find("RESEARCH USE ONLY"));
  EXPECT_NE(std::string::npos, FindContent(sr, "limits").at(0).find("newly diagnosed"));
  EXPECT_EQ(Strings{model_.trainedOn}, FindContent(sr, "training-data"));
  EXPECT_EQ(Strings{"phantom-demonstration"}, FindContent(sr, "111001"));
}

TEST_F(SrWriterTest, SharesTrackingUidAndReferenceWithTheSegmentation)
{
  const ResultIdentity identity = GetIdentity();
  const DicomInstance segmentation = SegWriter().Write({source_, identity, model_, Tests::MakeSampleTime()}, mask_);
  const auto segFile = Tests::ReadDicom(segmentation.bytes);
  DcmItem* segment = nullptr;
  ASSERT_TRUE(segFile->getDataset()->findAndGetSequenceItem(DCM_SegmentSequence, segment, 0).good());

  const auto file = Read();
  DcmDataset& sr = *file->getDataset();
  EXPECT_EQ(Strings{GetText(*segment, DCM_TrackingUID)}, FindContent(sr, "112040"));
  EXPECT_EQ(Strings{GetText(*segment, DCM_TrackingID)}, FindContent(sr, "112039"));
  EXPECT_EQ(Strings{segmentation.sopInstanceUid}, FindContent(sr, "121191"));
  EXPECT_EQ(Strings{source_.seriesInstanceUid}, FindContent(sr, "121232"));
  EXPECT_EQ(source_.slices.size(), FindContent(sr, "260753009").size());  // the image library
}

TEST_F(SrWriterTest, SaysThatNoTumourWasFoundAndRefersToNoSegmentation)
{
  mask_ = MaskVolume(source_);
  prediction_ = Tests::MakeSamplePrediction(mask_, source_);
  const DicomInstance instance = Write();
  const auto file = Tests::ReadDicom(instance.bytes);
  DcmDataset& sr = *file->getDataset();
  EXPECT_EQ(Strings{"111241"}, FindContent(sr, "111017"));
  EXPECT_EQ(Strings{"not-determined"}, FindContent(sr, "predicted-status"));
  EXPECT_TRUE(FindContent(sr, "122157").empty());
  EXPECT_TRUE(FindContent(sr, "121191").empty());
  EXPECT_TRUE(FindContent(sr, "112040").empty());
  EXPECT_EQ(std::string::npos, instance.bytes.find(GetIdentity().GetUid(ResultRole::Segmentation)));
  EXPECT_NE(std::string::npos,
            FindContent(sr, "121077").at(0).find("No tumour region of at least 40 mm2 on a slice was found"));
  EXPECT_NE(std::string::npos, FindContent(sr, "121077").at(0).find(prediction_.genotype.reason));
}

TEST_F(SrWriterTest, SaysNothingFoundWithoutReserveOnlyWhereNothingSpeaksAgainstIt)
{
  mask_ = MaskVolume(source_);
  prediction_ = Tests::MakeSamplePrediction(mask_, source_);
  prediction_.genotype.slices.push_back({2, std::nullopt, 30});
  const auto small = Read();
  EXPECT_EQ(Strings{"111243"}, FindContent(*small->getDataset(), "111017"));
  EXPECT_NE(
    std::string::npos,
    FindContent(*small->getDataset(), "121077").at(0).find("CAUTION: the model outlined smaller areas on 1 slice"));

  prediction_.genotype.slices.clear();
  prediction_.typicality = InputTypicality{0.01, 99, false};
  EXPECT_EQ(Strings{"111241"}, FindContent(*Read()->getDataset(), "111017"));
  model_.minimumTypicality = 0.05;
  const auto unusual = Read();
  EXPECT_EQ(Strings{"111243"}, FindContent(*unusual->getDataset(), "111017"));
  EXPECT_NE(std::string::npos, FindContent(*unusual->getDataset(), "121077").at(0).find("tumour may have been missed"));
}

TEST_F(SrWriterTest, SaysWhichSeriesWasRead)
{
  EXPECT_TRUE(FindContent(*Read()->getDataset(), "121077").at(0).ends_with(" Read from the series AX T2 TSE."));
}

TEST_F(SrWriterTest, StatesAbstentionBesideAMask)
{
  prediction_.genotype.status = GenotypeStatus::NotDetermined;
  prediction_.genotype.probabilityAltered = std::nullopt;
  prediction_.genotype.reason = "out of the model's distribution";
  const auto file = Read();
  DcmDataset& sr = *file->getDataset();
  EXPECT_EQ(Strings{"not-determined"}, FindContent(sr, "predicted-status"));
  EXPECT_TRUE(FindContent(sr, "122157").empty());
  EXPECT_EQ(1u, FindContent(sr, "118565006").size());
  EXPECT_NE(std::string::npos, FindContent(sr, "121077").at(0).find("NOT DETERMINED: out of the model's"));
}

TEST_F(SrWriterTest, SaysHowUsualTheImagesLookToTheModel)
{
  prediction_.typicality = InputTypicality{20.0 / 61, 60, false};
  const auto usual = Read();
  EXPECT_NE(std::string::npos, FindContent(*usual->getDataset(), "decision")
                                 .at(0)
                                 .find("of 60 patients that it had not seen, 19 look at least as unusual."));
  prediction_.typicality->abstained = true;
  prediction_.genotype.status = GenotypeStatus::NotDetermined;
  prediction_.genotype.probabilityAltered = std::nullopt;
  const auto odd = Read();
  EXPECT_NE(std::string::npos,
            FindContent(*odd->getDataset(), "decision").at(0).find("no status is stated because of it"));
}

TEST_F(SrWriterTest, StatesDisagreementOfMaskAndClassHead)
{
  EXPECT_EQ(Strings{"agree"}, FindContent(*Read()->getDataset(), "mask-agreement"));
  prediction_.genotype.agreesWithMask = false;
  const auto file = Read();
  EXPECT_EQ(Strings{"disagree"}, FindContent(*file->getDataset(), "mask-agreement"));
  EXPECT_NE(std::string::npos, FindContent(*file->getDataset(), "121077").at(0).find("DISAGREE"));
}

// The number is for programs too, which may compare or average it; the sentence is for people.
TEST_F(SrWriterTest, RoundsAProbabilityButNeverToNeverOrAlways)
{
  for (const auto& [probability, number, words] : std::vector<std::tuple<double, std::string, std::string>>{
         {0.00001, "0.001", "estimated probability of alteration less than 0.1 % (decision threshold 50.0 %)."},
         {0.99999, "99.999", "estimated probability of alteration more than 99.9 % (decision threshold 50.0 %)."},
         {1.0 / 3, "33.33", "estimated probability of alteration 33.3 % (decision threshold 50.0 %)."}})
  {
    prediction_.genotype.probabilityAltered = probability;
    prediction_.genotype.status = probability > 0.5 ? GenotypeStatus::Altered : GenotypeStatus::WildType;
    const auto file = Read();
    const Strings numbers = FindContent(*file->getDataset(), "122157");
    EXPECT_EQ(Strings{number}, numbers);
    EXPECT_LE(numbers.at(0).size(), 16u) << "a DS holds no more";
    EXPECT_NE(std::string::npos, FindContent(*file->getDataset(), "121077").at(0).find(words)) << words;
  }
}

TEST_F(SrWriterTest, StatesTheSpreadOfAnEnsemble)
{
  EXPECT_TRUE(FindContent(*Read()->getDataset(), "ensemble-spread").empty()) << "one network";
  prediction_.genotype.memberProbabilities = {0.71, 0.9, 0.95};
  const auto agreed = Read();
  EXPECT_EQ(Strings{"The 3 networks of the ensemble, each by itself, estimate 71.0 % to 95.0 % (their spread, not a "
                    "confidence interval)."},
            FindContent(*agreed->getDataset(), "ensemble-spread"));
  EXPECT_EQ(std::string::npos, FindContent(*agreed->getDataset(), "121077").at(0).find("CAUTION: The 3"));
  prediction_.genotype.memberProbabilities = {0.21, 0.9, 0.95};
  const auto split = Read();
  EXPECT_NE(std::string::npos, FindContent(*split->getDataset(), "121077").at(0).find("1 of 3 would say the other"))
    << "a reader of the conclusion must know";
}

TEST_F(SrWriterTest, StatesMissingSlicesByImageNumber)
{
  EXPECT_TRUE(FindContent(*Read()->getDataset(), "missing-slices").empty());
  source_.gaps = {{1, 2}};
  const auto file = Read();
  const Strings sentences = FindContent(*file->getDataset(), "missing-slices");
  ASSERT_EQ(1u, sentences.size());
  // Six slices, numbered from the top: slices 1 and 2 along the normal are images 5 and 4.
  EXPECT_NE(std::string::npos, sentences[0].find("2 slice positions are without an image between images 5 and 4"));
  EXPECT_NE(std::string::npos, FindContent(*file->getDataset(), "121077").at(0).find("MISSING"));
}

TEST_F(SrWriterTest, PairsTheGroupWithAContourUnderTheImagingTitle)
{
  EXPECT_EQ(0u, CountContours(*Read()->getDataset()));
  SrOptions options;
  options.title = SrTitle::Imaging;
  const auto file = Read(options);
  DcmDataset& sr = *file->getDataset();
  EXPECT_EQ("126000", GetTitle(sr));
  EXPECT_EQ(1u, CountContours(sr));
  const Strings tracking = FindContent(sr, "112040");
  ASSERT_EQ(2u, tracking.size());
  EXPECT_EQ(tracking[0], tracking[1]);
}

TEST_F(SrWriterTest, ReportsAModelThatDrawsNoMask)
{
  model_.variant = "classification";
  mask_ = MaskVolume(source_);
  prediction_.tumour = TumourFinding();
  prediction_.genotype.agreesWithMask = std::nullopt;
  SrOptions options;
  options.title = SrTitle::Imaging;
  const auto file = Read(options);
  DcmDataset& sr = *file->getDataset();
  EXPECT_EQ("126001", GetTitle(sr));  // a group without contour crashes a viewer under 126000
  EXPECT_EQ(Strings{"altered"}, FindContent(sr, "predicted-status"));
  EXPECT_EQ(Strings{"87.31"}, FindContent(sr, "122157"));
  EXPECT_TRUE(FindContent(sr, "118565006").empty());
  EXPECT_EQ(std::string::npos, FindContent(sr, "121077").at(0).find("No tumour"));
  EXPECT_EQ(Strings{}, FindContent(sr, "111017")) << "nobody looked for a tumour";
  EXPECT_EQ(Strings{}, FindContent(sr, "121071"));
  EXPECT_EQ(std::string::npos, FindContent(sr, "limits").at(0).find("outline"));
}

TEST_F(SrWriterTest, RefusesAPredictionThatIsNotOfThisMask)
{
  prediction_.genotype.probabilityAltered = std::nullopt;
  EXPECT_THROW(Write(), Error);
  prediction_ = Tests::MakeSamplePrediction(mask_, source_);
  EXPECT_NO_THROW(Write());
  prediction_.tumour.voxels++;
  EXPECT_THROW(Write(), Error);
}

TEST_F(SrWriterTest, GivesTheSameBytesTwice)
{
  EXPECT_EQ(Write().bytes, Write().bytes);
}

TEST_F(SrWriterTest, NamesOneDeviceInTheReportsOfAllPatients)
{
  const Strings device = FindContent(*Read()->getDataset(), "121012");
  ASSERT_EQ(1u, device.size());
  EXPECT_EQ(0u, device[0].find("2.25."));
  source_.seriesInstanceUid += ".7";
  for (Volume::SourceSlice& slice : source_.slices)
  {
    slice.sopInstanceUid += ".7";
  }
  EXPECT_EQ(device, FindContent(*Read()->getDataset(), "121012"));
  model_.softwareVersion = "0.2.0";
  EXPECT_NE(device, FindContent(*Read()->getDataset(), "121012"));
}

TEST_F(SrWriterTest, StatesAFrameOfReferenceOnlyWhereTheImagesHaveOne)
{
  EXPECT_EQ(Strings{source_.frameOfReferenceUid}, FindContent(*Read()->getDataset(), "112227"));
  source_.frameOfReferenceUid.clear();
  EXPECT_EQ(Strings{}, FindContent(*Read()->getDataset(), "112227"));
}

TEST_F(SrWriterTest, SaysWhatWasExaminedBesideTheFindingAndBesideNoFinding)
{
  const std::string coverage = "covers only 32 mm; 6 of 6 slices examined.";
  EXPECT_NE(std::string::npos, FindContent(*Read()->getDataset(), "121077").at(0).find(coverage));
  mask_ = MaskVolume(source_);
  prediction_ = Tests::MakeSamplePrediction(mask_, source_);
  EXPECT_NE(std::string::npos, FindContent(*Read()->getDataset(), "121077").at(0).find(coverage));
}

TEST_F(SrWriterTest, StatesTheThresholdThatTheEngineDecidedBy)
{
  model_.threshold = 0.47;
  EXPECT_THROW(Write(), Error);
  prediction_.genotype.threshold = 0.47;
  const auto file = Read();
  EXPECT_NE(std::string::npos, FindContent(*file->getDataset(), "121077").at(0).find("decision threshold 47.0 %"));
  EXPECT_NE(std::string::npos, FindContent(*file->getDataset(), "111002").at(0).find("threshold 0.47;"));
}

// As dsrdump prints it: what a radiologist without a special viewer gets to see.
TEST_F(SrWriterTest, ReadsInPlainTextAsFindingLocationSizeProbabilityModelAndLimits)
{
  const auto file = Read();
  DSRDocument document;
  ASSERT_TRUE(document.read(*file->getDataset()).good());
  std::ostringstream stream;
  ASSERT_TRUE(document.print(stream, 0).good());
  const std::string text = stream.str();
  const std::string volume = ToRoundedDecimalString(ComputeVolumeMm3(mask_, source_));

  // Concept, value and unit on one line each.
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
         {"Finding", "Neoplasm"},
         {"Finding Site", "Brain"},
         {"Volume", "\"" + volume + "\" (mm3"},
         {"Images with outlined region", "images 3-5 (3 of 6)"},
         {"H3 K27M status predicted by the model", "H3 K27M-altered (mutant)"},
         {"Probability", "\"87.31\" (%"},
         {"Probability of", "H3 K27M-altered (mutant)"},
         {"Algorithm Name", "phantom-demonstration"},
         {"Algorithm Version", "1.0"},
         {"Algorithm Parameters", "threshold 0.5;"},
         {"Model trained on", "synthetic phantoms only"},
         {"Limits of this result", "Not validated for clinical use"},
         {"Comment", "FOR RESEARCH USE ONLY"}})
  {
    bool found = false;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
    {
      found = found || (line.find("\"" + name + "\"") != std::string::npos && line.find(value) != std::string::npos);
    }
    EXPECT_TRUE(found) << name << ": " << value << "\n" << text;
  }
}

// DCMTK's own parser holds the tree to the rules of the IOD and warns on stderr; it must accept every kind.
TEST_F(SrWriterTest, IsAValidTreeForDcmtk)
{
  SrOptions imaging;
  imaging.title = SrTitle::Imaging;
  for (const SrOptions& options : {SrOptions(), imaging})
  {
    const auto file = Read(options);
    DSRDocument document;
    ASSERT_TRUE(document.read(*file->getDataset(), DSRTypes::RF_readDigitalSignatures).good());
    EXPECT_EQ(DSRTypes::DT_Comprehensive3DSR, document.getDocumentType());
    EXPECT_TRUE(document.getTree().isValid());
    EXPECT_EQ(DSRTypes::CF_Complete, document.getCompletionFlag());
  }
}

TEST(Wording, RoundsNoProbabilityToCertainty)
{
  EXPECT_EQ("more than 99.9 %", Wording::ToPercent(0.99999));
  EXPECT_EQ("more than 99.9 %", Wording::ToPercent(1)) << "a float that has no digits left";
  EXPECT_EQ("99.9 %", Wording::ToPercent(0.999));
  EXPECT_EQ("less than 0.1 %", Wording::ToPercent(0.00001));
  EXPECT_EQ("less than 0.1 %", Wording::ToPercent(0));
  EXPECT_EQ("0.1 %", Wording::ToPercent(0.001));
  EXPECT_EQ("50.0 %", Wording::ToPercent(0.5));
}

TEST(Wording, EndsEachSentenceOnce)
{
  EXPECT_EQ("A. B. C.", Wording::JoinSentences({"A", "", "B.", "C. "}));
  EXPECT_EQ("", Wording::JoinSentences({"", "."}));
}

TEST(Wording, NamesSlicesByWhatAViewerShows)
{
  Volume::SourceSeries source = Tests::MakeSampleSource();
  EXPECT_EQ("images 1, 3-5 (4 of 6)", Wording::DescribeSlices(source, {1, 2, 3, 5}));
  EXPECT_EQ("image 6 (1 of 6)", Wording::DescribeSlices(source, {0}));
}

// Numbers that no viewer shows must not pass for the numbers of images.
TEST(Wording, CountsSlicesFromTheLowestWhereInstanceNumbersAreMissingOrRepeated)
{
  Volume::SourceSeries source = Tests::MakeSampleSource();
  const MaskVolume mask = Tests::MakeSampleMask(source, 1, 3);
  const Prediction prediction = Tests::MakeSamplePrediction(mask, source);
  source.gaps = {{1, 2}};
  EXPECT_EQ(0u, Wording::DescribeSliceScores(source, prediction).find("image 3: "));

  Volume::SourceSeries repeated = source;
  repeated.slices[1].instanceNumber = repeated.slices[0].instanceNumber;
  Volume::SourceSeries missing = source;
  missing.slices[4].instanceNumber = 0;
  for (const Volume::SourceSeries& series : {repeated, missing})
  {
    EXPECT_EQ("slices 2-4 counted from the lowest (3 of 6)", Wording::DescribeSlices(series, {1, 2, 3}));
    EXPECT_EQ("slice 1 counted from the lowest (1 of 6)", Wording::DescribeSlices(series, {0}));
    const std::string scores = Wording::DescribeSliceScores(series, prediction);
    EXPECT_EQ(0u, scores.find("slice 2: ")) << scores;
    EXPECT_NE(std::string::npos, scores.find("(slices counted from the lowest)")) << scores;
    const std::string gap = Wording::GetMissingSlices(series).at(0);
    EXPECT_NE(std::string::npos, gap.find("between slices 2 and 3 counted from the lowest")) << gap;

    const ModelInfo model = Tests::MakeSampleModel();
    const ResultIdentity identity(series, model.hash, "configuration");
    const std::string conclusion =
      Wording::GetConclusion({series, identity, model, Tests::MakeSampleTime()}, prediction, mask, true);
    EXPECT_NE(std::string::npos, conclusion.find("on slices 2-4 counted from the lowest (3 of 6)")) << conclusion;
    EXPECT_EQ(std::string::npos, scores.find("image")) << scores;
    EXPECT_EQ(std::string::npos, conclusion.find("image")) << conclusion;
  }
}

TEST(Wording, CallsTheSliceNearestToTheFeetTheLowestAlsoWhenTheNormalPointsThere)
{
  Volume::SourceSeries source = Tests::MakeSampleSource();
  source.slices[0].instanceNumber = 0;
  for (Volume::SourceSlice& slice : source.slices)
  {
    slice.imagePositionPatient[2] = -slice.imagePositionPatient[2];
  }
  EXPECT_EQ("slice 6 counted from the lowest (1 of 6)", Wording::DescribeSlices(source, {0}));
}

TEST(Wording, SaysHowMuchOfTheHeadWasLookedAt)
{
  Tests::SampleSourceOptions options;
  options.slices = 24;
  const Volume::SourceSeries whole = Tests::MakeSampleSource(options);
  Prediction prediction;
  prediction.slicesComputed = 22;
  EXPECT_EQ("The series covers 132 mm; 22 of 24 slices examined.", Wording::DescribeCoverage(whole, prediction));
  EXPECT_TRUE(Wording::GetCoverageWarnings(whole).empty());

  const Volume::SourceSeries slab = Tests::MakeSampleSource();
  prediction.slicesComputed = 6;
  EXPECT_EQ("CAUTION: the series covers only 32 mm; 6 of 6 slices examined.",
            Wording::DescribeCoverage(slab, prediction));
  ASSERT_EQ(1u, Wording::GetCoverageWarnings(slab).size());
  EXPECT_NE(std::string::npos, Wording::GetCoverageWarnings(slab)[0].find("only 32 mm"));

  options.slices = 1;
  const Volume::SourceSeries single = Tests::MakeSampleSource(options);
  prediction.slicesComputed = 1;
  EXPECT_EQ("CAUTION: the series covers only 5 mm; 1 of 1 slices examined.",
            Wording::DescribeCoverage(single, prediction));
}

// The WHO's "H3 K27-altered" is wider than what the model was taught.
TEST(Wording, NamesTheMutationAndNotTheWiderAlteration)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  const MaskVolume mask = Tests::MakeSampleMask(source, 1, 3);
  Prediction prediction = Tests::MakeSamplePrediction(mask, source);
  const ModelInfo model = Tests::MakeSampleModel();
  const ResultIdentity identity(source, model.hash, "configuration");
  const ResultContext context = {source, identity, model, Tests::MakeSampleTime()};
  const std::string altered = Wording::GetConclusion(context, prediction, mask, true);
  EXPECT_NE(std::string::npos, altered.find("H3 K27M-ALTERED (mutant)")) << altered;
  prediction.genotype.status = GenotypeStatus::WildType;
  const std::string wildType = Wording::GetConclusion(context, prediction, mask, true);
  EXPECT_NE(std::string::npos, wildType.find("H3 K27M WILD TYPE")) << wildType;
  const std::string limits = Wording::GetLimits(model, true);
  EXPECT_NE(std::string::npos, limits.find("wild type does not exclude other H3 K27 alterations")) << limits;
  EXPECT_NE(std::string::npos, limits.find("EZHIP")) << limits;
  EXPECT_NE(std::string::npos, limits.find("not calibrated for patients of other hospitals")) << limits;
}
