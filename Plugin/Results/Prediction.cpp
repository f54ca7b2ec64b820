// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/Prediction.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/JsonFields.h"

#include <limits>

namespace H3K27M::Results
{
  namespace
  {
    constexpr double ANY = std::numeric_limits<double>::max();
    constexpr std::size_t MAXIMUM_WARNINGS = 1000;
    constexpr std::size_t MAXIMUM_MEMBERS = 100;

    std::vector<SliceScore> ParseSliceScores(const JsonFields& genotype, std::size_t sliceCount)
    {
      std::vector<SliceScore> scores;
      const Json::Value& array = genotype.GetArray("slices", sliceCount);
      for (Json::ArrayIndex i = 0; i < array.size(); i++)
      {
        const JsonFields fields(array[i], genotype.GetPath("slices[" + std::to_string(i) + "]"));
        SliceScore score;
        score.slice = fields.GetCount("slice", sliceCount - 1);
        score.probabilityAltered = fields.GetNumberOrNull("probability_altered", 0, 1);
        score.tumourAreaMm2 = fields.GetNumber("tumour_area_mm2", 0, ANY);
        if (!scores.empty() && score.slice <= scores.back().slice)
        {
          fields.Refuse("slice", "above the one before it");
        }
        scores.push_back(score);
      }
      return scores;
    }

    std::vector<double> ParseMembers(const JsonFields& genotype)
    {
      std::vector<double> members;
      const Json::Value& array = genotype.GetArray("member_probabilities", MAXIMUM_MEMBERS);
      for (Json::ArrayIndex i = 0; i < array.size(); i++)
      {
        const double value = array[i].isDouble() ? array[i].asDouble() : -1;
        if (!(value >= 0 && value <= 1))
        {
          genotype.Refuse("member_probabilities[" + std::to_string(i) + "]", "a number of 0 to 1");
        }
        members.push_back(value);
      }
      return members;
    }

    GenotypePrediction ParseGenotype(const JsonFields& fields, std::size_t sliceCount)
    {
      GenotypePrediction genotype;
      try
      {
        genotype.status = ParseGenotypeStatus(fields.GetText("status"));
      }
      catch (const Error& error)
      {
        throw Error(ErrorCode::Corrupt, fields.GetPath("status") + ": " + error.what());
      }
      genotype.probabilityAltered = fields.GetNumberOrNull("probability_altered", 0, 1);
      genotype.memberProbabilities = ParseMembers(fields);
      genotype.threshold = fields.GetNumber("threshold", 0, 1);
      genotype.logic = fields.GetText("logic");
      genotype.slices = ParseSliceScores(fields, sliceCount);
      genotype.agreesWithMask = fields.GetFlagOrNull("agrees_with_mask");
      genotype.reason = fields.Has("reason") ? fields.GetText("reason") : std::string();
      if (genotype.status != GenotypeStatus::NotDetermined && !genotype.probabilityAltered)
      {
        fields.Refuse("probability_altered", "a number when the status is determined");
      }
      return genotype;
    }

    InputTypicality ParseTypicality(const JsonFields& fields)
    {
      InputTypicality typicality;
      typicality.share = fields.GetNumber("share", 0, 1);
      typicality.patients = fields.GetCount("patients", std::numeric_limits<std::int64_t>::max());
      typicality.abstained = fields.GetFlag("abstained");
      return typicality;
    }

    TumourFinding ParseTumour(const JsonFields& fields, std::size_t sliceCount)
    {
      TumourFinding tumour;
      tumour.found = fields.GetFlag("found");
      tumour.voxels = fields.GetCount("voxels", std::numeric_limits<std::int64_t>::max());
      tumour.volumeMm3 = fields.GetNumber("volume_mm3", 0, ANY);
      const Json::Value& array = fields.GetArray("slices", sliceCount);
      for (Json::ArrayIndex i = 0; i < array.size(); i++)
      {
        const std::string member = "slices[" + std::to_string(i) + "]";
        if (!array[i].isUInt64() || array[i].asUInt64() >= sliceCount)
        {
          fields.Refuse(member, "an index below " + std::to_string(sliceCount));
        }
        if (!tumour.slices.empty() && array[i].asUInt64() <= tumour.slices.back())
        {
          fields.Refuse(member, "above the one before it");
        }
        tumour.slices.push_back(array[i].asUInt64());
      }
      if (tumour.found != (tumour.voxels != 0) || tumour.found != !tumour.slices.empty())
      {
        fields.Refuse("found", "in accord with voxels and slices");
      }
      return tumour;
    }

    EngineTimings ParseTimings(const JsonFields& fields)
    {
      EngineTimings timings;
      timings.receiveMs = fields.GetNumber("receive", 0, ANY);
      timings.preprocessMs = fields.GetNumber("preprocess", 0, ANY);
      timings.networkMs = fields.GetNumber("network", 0, ANY);
      timings.postprocessMs = fields.GetNumber("postprocess", 0, ANY);
      timings.totalMs = fields.GetNumber("total", 0, ANY);
      return timings;
    }
  }

  std::string_view ToString(GenotypeStatus status) noexcept
  {
    switch (status)
    {
      case GenotypeStatus::Altered:
        return "altered";
      case GenotypeStatus::WildType:
        return "wild-type";
      default:
        return "not determined";
    }
  }

  GenotypeStatus ParseGenotypeStatus(std::string_view text)
  {
    for (const GenotypeStatus status :
         {GenotypeStatus::Altered, GenotypeStatus::WildType, GenotypeStatus::NotDetermined})
    {
      if (text == ToString(status))
      {
        return status;
      }
    }
    throw Error(ErrorCode::BadInput, "A genotype status is altered, wild-type or not determined");
  }

  Prediction ParsePrediction(std::string_view json, std::size_t sliceCount)
  {
    if (sliceCount == 0)
    {
      throw Error(ErrorCode::BadInput, "A prediction needs a series with slices");
    }
    const Json::Value value = ParseJsonObject(json, "The engine's result");
    const JsonFields fields(value, "result");

    Prediction prediction;
    prediction.genotype = ParseGenotype(fields.GetObject("genotype"), sliceCount);
    if (fields.Has("typicality"))
    {
      prediction.typicality = ParseTypicality(fields.GetObject("typicality"));
      if (prediction.typicality->abstained && prediction.genotype.status != GenotypeStatus::NotDetermined)
      {
        fields.Refuse("typicality", "without abstention where the status is determined");
      }
    }
    prediction.tumour = ParseTumour(fields.GetObject("tumour"), sliceCount);
    prediction.timings = ParseTimings(fields.GetObject("timings_ms"));
    prediction.networkMsPerSlice = fields.GetNumber("network_ms_per_slice", 0, ANY);
    prediction.slicesComputed = static_cast<unsigned>(fields.GetCount("slices_computed", sliceCount));

    const Json::Value& warnings = fields.GetArray("warnings", MAXIMUM_WARNINGS);
    for (Json::ArrayIndex i = 0; i < warnings.size(); i++)
    {
      if (!warnings[i].isString())
      {
        fields.Refuse("warnings[" + std::to_string(i) + "]", "text");
      }
      prediction.warnings.push_back(warnings[i].asString());
    }
    return prediction;
  }
}
