// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/PhantomDescription.h"
#include "Plugin/Results/Prediction.h"

#include <gtest/gtest.h>

#include <string>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;

  const std::string GOOD = R"({
    "genotype": {"status": "altered", "probability_altered": 0.75, "member_probabilities": [0.5, 1],
      "threshold": 0.5, "logic": "sum of softmaxes",
      "slices": [{"slice": 2, "probability_altered": 0.7, "tumour_area_mm2": 120.5},
                 {"slice": 3, "probability_altered": null, "tumour_area_mm2": 10}],
      "agrees_with_mask": false, "reason": ""},
    "tumour": {"found": true, "voxels": 1200, "volume_mm3": 5400.5, "slices": [2, 3]},
    "timings_ms": {"receive": 1, "preprocess": 2.5, "network": 100, "postprocess": 3, "total": 106.5},
    "network_ms_per_slice": 20, "slices_computed": 5, "warnings": ["uneven spacing"]})";

  std::string Replace(std::string text, const std::string& from, const std::string& to)
  {
    const std::size_t at = text.find(from);
    EXPECT_NE(std::string::npos, at) << from;
    return text.replace(at, from.size(), to);
  }

  // The message names the member at fault.
  void ExpectRefused(const std::string& from, const std::string& to, const std::string& member)
  {
    try
    {
      ParsePrediction(Replace(GOOD, from, to), 5);
      ADD_FAILURE() << "accepted: " << to;
    }
    catch (const Error& error)
    {
      EXPECT_EQ(ErrorCode::Corrupt, error.GetCode());
      EXPECT_NE(std::string::npos, std::string(error.what()).find(member)) << error.what();
    }
  }
}

TEST(Prediction, ReadsTheEnginesAnswer)
{
  const Prediction prediction = ParsePrediction(GOOD, 5);
  EXPECT_EQ(GenotypeStatus::Altered, prediction.genotype.status);
  EXPECT_DOUBLE_EQ(0.75, *prediction.genotype.probabilityAltered);
  EXPECT_EQ((std::vector<double>{0.5, 1}), prediction.genotype.memberProbabilities);
  ASSERT_EQ(2u, prediction.genotype.slices.size());
  EXPECT_EQ(2u, prediction.genotype.slices[0].slice);
  EXPECT_DOUBLE_EQ(120.5, prediction.genotype.slices[0].tumourAreaMm2);
  EXPECT_FALSE(prediction.genotype.slices[1].probabilityAltered.has_value());
  EXPECT_FALSE(*prediction.genotype.agreesWithMask);
  EXPECT_EQ(1200u, prediction.tumour.voxels);
  EXPECT_EQ((std::vector<std::size_t>{2, 3}), prediction.tumour.slices);
  EXPECT_DOUBLE_EQ(106.5, prediction.timings.totalMs);
  EXPECT_EQ(5u, prediction.slicesComputed);
  EXPECT_EQ("uneven spacing", prediction.warnings.at(0));
}

TEST(Prediction, ReadsAnAnswerWithoutTumour)
{
  std::string text = Replace(GOOD, R"("status": "altered", "probability_altered": 0.75)",
                             R"("status": "not determined", "probability_altered": null)");
  text = Replace(text, R"("found": true, "voxels": 1200, "volume_mm3": 5400.5, "slices": [2, 3])",
                 R"("found": false, "voxels": 0, "volume_mm3": 0, "slices": [])");
  text = Replace(text, R"("agrees_with_mask": false)", R"("agrees_with_mask": null)");
  const Prediction prediction = ParsePrediction(text, 5);
  EXPECT_EQ(GenotypeStatus::NotDetermined, prediction.genotype.status);
  EXPECT_FALSE(prediction.genotype.probabilityAltered.has_value());
  EXPECT_FALSE(prediction.tumour.found);
}

TEST(Prediction, ReadsHowUsualTheStudyLooksToTheModel)
{
  EXPECT_FALSE(ParsePrediction(GOOD, 5).typicality);
  const std::string text = Replace(GOOD, R"("tumour": {)",
                                   R"("typicality": {"share": 0.02, "patients": 60, "distances": [31.5],
                                      "abstained": false}, "tumour": {)");
  const Prediction prediction = ParsePrediction(text, 5);
  EXPECT_DOUBLE_EQ(0.02, prediction.typicality->share);
  EXPECT_EQ(60u, prediction.typicality->patients);
  EXPECT_FALSE(prediction.typicality->abstained);
  for (const auto& [from, to] :
       {std::pair("0.02", "1.5"), std::pair("60", "-1"), std::pair(R"("abstained": false)", R"("abstained": true)")})
  {
    EXPECT_THROW(ParsePrediction(Replace(text, from, to), 5), Error) << to;
  }
}

TEST(Prediction, RefusesWhatContradictsItself)
{
  ExpectRefused("\"altered\"", "\"mutant\"", "genotype.status");
  ExpectRefused("\"probability_altered\": 0.75", "\"probability_altered\": null", "genotype.probability_altered");
  ExpectRefused("\"probability_altered\": 0.75", "\"probability_altered\": 1.01", "genotype.probability_altered");
  ExpectRefused("\"probability_altered\": 0.75", "\"probability_altered\": \"0.75\"", "genotype.probability_altered");
  ExpectRefused("[0.5, 1]", "[0.5, 1.1]", "genotype.member_probabilities[1]");
  ExpectRefused("[0.5, 1]", "[\"0.5\"]", "genotype.member_probabilities[0]");
  ExpectRefused("\"member_probabilities\": [0.5, 1],", "", "genotype.member_probabilities");
  ExpectRefused("\"slice\": 2", "\"slice\": 5", "genotype.slices[0].slice");
  ExpectRefused("\"slice\": 3", "\"slice\": 2", "genotype.slices[1].slice");
  ExpectRefused("\"slice\": 3", "\"slice\": -1", "genotype.slices[1].slice");
  ExpectRefused("\"voxels\": 1200", "\"voxels\": 0", "tumour.found");
  ExpectRefused("\"voxels\": 1200", "\"voxels\": 1.5", "tumour.voxels");
  ExpectRefused("[2, 3]", "[3, 2]", "tumour.slices[1]");
  ExpectRefused("5400.5", "-1", "tumour.volume_mm3");
  ExpectRefused("\"network\": 100, ", "", "timings_ms.network");
  ExpectRefused("\"slices_computed\": 5", "\"slices_computed\": 6", "slices_computed");
  ExpectRefused("[\"uneven spacing\"]", "[7]", "warnings[0]");
  EXPECT_THROW(ParsePrediction("", 5), Error);
  EXPECT_THROW(ParsePrediction("[]", 5), Error);
  EXPECT_THROW(ParsePrediction(GOOD + "x", 5), Error);
  EXPECT_THROW(ParsePrediction(std::string(100000, '['), 5), Error);
}

TEST(PhantomDescription, ReadsTheEnginesAnswerAndRefusesBadOnes)
{
  const std::string good = R"({"seed": 18446744073709551615, "status": "wild-type", "signal_strength": 0.5, "rows": 256,
    "columns": 224, "slices": 24, "pixel_spacing_mm": [0.9, 0.8], "slice_spacing_mm": 6, "slice_thickness_mm": 5,
    "first_slice_position_mm": [-100, -120.5, -60], "tumour_volume_mm3": 12000, "tumour_site": "thalamus",
    "echo_time_ms": 100, "repetition_time_ms": 4000})";
  const PhantomDescription phantom = ParsePhantomDescription(good);
  EXPECT_EQ(18446744073709551615u, phantom.seed);
  EXPECT_EQ(GenotypeStatus::WildType, phantom.status);
  EXPECT_DOUBLE_EQ(0.8, phantom.pixelSpacingMm[1]);
  EXPECT_DOUBLE_EQ(-120.5, phantom.firstSlicePositionMm[1]);
  EXPECT_DOUBLE_EQ(5, phantom.sliceThicknessMm);

  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"\"rows\": 256", "\"rows\": 65535"},
                                                        {"\"rows\": 256", "\"rows\": 0"},
                                                        {"[0.9, 0.8]", "[0.9]"},
                                                        {"[0.9, 0.8]", "[0.9, -1]"},
                                                        {"\"slice_spacing_mm\": 6", "\"slice_spacing_mm\": 0"},
                                                        {"\"wild-type\"", "\"not determined\""},
                                                        {"\"wild-type\"", "null"},
                                                        {"\"seed\": 18446744073709551615, ", ""}})
  {
    EXPECT_THROW(ParsePhantomDescription(Replace(good, from, to)), Error) << to;
  }
}
