// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/SeriesResultMaker.h"

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/ResultJson.h"
#include "Plugin/Pipeline/Stopwatch.h"
#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/SegWriter.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Results/SrWording.h"
#include "Plugin/Volume/ParsedFile.h"

#include <dcmtk/dcmdata/dcdatset.h>

#include <utility>

namespace H3K27M::Pipeline
{
  namespace
  {
    std::string GetText(const Json::Value& card, const char* key)
    {
      return card[key].isString() ? card[key].asString() : std::string();
    }

    // The engine has checked its card; a stranger's answer must not end in a JSON error all the same.
    double GetNumber(const Json::Value& card, const char* key, double byDefault)
    {
      return card[key].isNumeric() ? card[key].asDouble() : byDefault;
    }

    Results::ModelInfo DescribeModel(const Engine::EngineInfo& engine, const TriageOptions& options)
    {
      Results::ModelInfo model;
      model.name = GetText(engine.model, "name");
      model.version = GetText(engine.model, "version");
      model.hash = engine.modelHash;
      model.variant = GetText(engine.model, "variant");
      model.trainedOn = GetText(engine.model, "trained_on");
      model.intendedUse = GetText(engine.model, "intended_use");
      model.softwareVersion = options.softwareVersion;
      model.deviceKind = engine.deviceKind;
      model.precision = engine.precision;
      model.threshold = options.threshold.value_or(GetNumber(engine.model, "threshold", model.threshold));
      model.minimumTumourAreaMm2 =
        options.minimumTumourAreaMm2.value_or(GetNumber(engine.model, "minimum_tumour_area_mm2", 0));
      model.minimumTypicality = options.minimumTypicality;
      return model;
    }

    // All that can change the bytes of a result besides series and weights: two cards may share their weights, and an
    // engine may be newer than the plugin. Written out instead of hashed: it is short, and ResultIdentity hashes it
    // anyway.
    std::string DescribeConfiguration(const Engine::EngineInfo& engine, const Results::ModelInfo& model,
                                      const TriageOptions& options, const std::string& choice)
    {
      Json::Value json;
      json["software"] = model.softwareVersion;
      json["engine"] = engine.engineVersion;
      json["model"].append(model.name);
      json["model"].append(model.version);
      json["model"].append(model.variant);
      json["model"].append(model.trainedOn);
      json["model"].append(model.intendedUse);
      json["preprocessing"] = engine.model["preprocessing"];
      json["device_kind"] = model.deviceKind;
      json["precision"] = model.precision;
      json["threshold"] = model.threshold;
      json["minimum_tumour_area_mm2"] = model.minimumTumourAreaMm2;
      json["minimum_typicality"] = model.minimumTypicality;
      json["slice_protocol"] = model.sliceProtocol;
      json["sr_title"] = static_cast<int>(options.report.title);
      json["saliency"] = Engine::ToString(options.saliency);
      json["sr_contour"] = options.report.withContour;

      if (!choice.empty())  // else the UIDs stay those of before there was a choice
      {
        json["choice"] = choice;
      }

      return Protocol::WriteCompactJson(json);
    }

    Json::Value DescribeTimings(const Results::EngineTimings& timings)
    {
      Json::Value json;
      json["engine_receive"] = timings.receiveMs;
      json["preprocess"] = timings.preprocessMs;
      json["network"] = timings.networkMs;
      json["postprocess"] = timings.postprocessMs;
      json["engine_total"] = timings.totalMs;
      return json;
    }

    unsigned CountMissing(const Volume::SourceSeries& source)
    {
      unsigned missing = 0;

      for (const Volume::SliceGap& gap : source.gaps)
      {
        missing += gap.missingSlices;
      }

      return missing;
    }

    Json::Value ToJsonArray(const std::vector<std::size_t>& values)
    {
      Json::Value array(Json::arrayValue);

      for (const std::size_t value : values)
      {
        array.append(static_cast<Json::UInt64>(value));
      }

      return array;
    }

    Json::Value DescribeModelForCase(const Results::ModelInfo& model)
    {
      Json::Value json;
      json["name"] = model.name;
      json["version"] = model.version;
      json["hash"] = model.hash;

      if (!model.variant.empty())
      {
        json["variant"] = model.variant;
      }

      json["trained_on"] = model.trainedOn;
      json["device_kind"] = model.deviceKind;
      json["precision"] = model.precision;
      return json;
    }
  }

  SeriesResultMaker::SeriesResultMaker(const Volume::SourceSeries& source, const Engine::EngineInfo& engine,
                                       const TriageOptions& options, std::string choice) :
    source_(source),
    options_(options),
    choice_(std::move(choice)),
    model_(DescribeModel(engine, options)),
    identity_(source, engine.modelHash, DescribeConfiguration(engine, model_, options, choice_))
  {
  }

  Engine::StudyRequest SeriesResultMaker::MakeRequest() const
  {
    Engine::StudyRequest request;
    request.slices = source_.slices.size();
    request.rows = source_.rows;
    request.columns = source_.columns;
    request.pixelSpacingMm = source_.pixelSpacingMm;
    request.sliceSpacingMm = source_.sliceSpacingMm;
    request.imageOrientationPatient = source_.imageOrientationPatient;
    request.minimumTumourAreaMm2 = model_.minimumTumourAreaMm2;
    request.threshold = model_.threshold;
    request.minimumTypicality = options_.minimumTypicality;
    request.saliency = options_.shadow ? Engine::SaliencyChoice::None : options_.saliency;
    return request;
  }

  std::vector<std::string> SeriesResultMaker::GetSeriesUids(bool hasSegmentation, bool hasSaliency) const
  {
    std::vector<std::string> uids = {identity_.GetUid(Results::ResultRole::ReportSeries)};

    if (hasSegmentation)
    {
      uids.push_back(identity_.GetUid(Results::ResultRole::SegmentationSeries));
    }

    if (hasSaliency)
    {
      uids.push_back(identity_.GetUid(Results::ResultRole::SaliencySeries));
    }

    return uids;
  }

  std::optional<SeriesResult> SeriesResultMaker::FindStored(const Archive::StudySnapshot& study,
                                                            const std::string& previous) const
  {
    if (previous.empty() || options_.shadow)
    {
      return std::nullopt;
    }

    const std::string reportUid = identity_.GetUid(Results::ResultRole::Report);
    Json::Value json = Protocol::ParseJson(previous);
    std::vector<Json::Value> results = {json};

    for (const Json::Value& further : json["further_results"])
    {
      results.push_back(further);
    }

    for (Json::Value& result : results)
    {
      if (result["report_instance_uid"].asString() == reportUid && IsStored(result, study))
      {
        const bool hasSegmentation = !result["segmentation"].isNull();
        const bool hasSaliency = !result["saliency"].isNull();
        result.removeMember("further_results");
        result.removeMember("routing");
        return SeriesResult{result, source_.orthancSeriesId, GetSeriesUids(hasSegmentation, hasSaliency), {}, {}, {},
                            false};
      }
    }

    return std::nullopt;
  }

  bool SeriesResultMaker::AgreesWithImages(const std::string& report) const
  {
    const Volume::ParseOutcome outcome = Volume::ParseFile(report, options_.limits);
    const Volume::ParsedFile* const parsed = std::get_if<Volume::ParsedFile>(&outcome);
    return parsed == nullptr || Results::SourceAttributes(Results::RequireHeader(source_)).AgreesWith(*parsed->dataset);
  }

  std::string SeriesResultMaker::NameHeader() const
  {
    return Results::SourceAttributes(Results::RequireHeader(source_)).Digest();
  }

  Results::MaskVolume SeriesResultMaker::MakeMask(const Engine::StudyResult& computed) const
  {
    Results::MaskVolume mask(source_);

    for (const auto& [slice, values] : computed.masks)
    {
      mask.SetSlice(slice, values);
    }

    return mask;
  }

  Json::Value SeriesResultMaker::Describe(const Results::Prediction& prediction) const
  {
    Json::Value json;
    json["series"] = source_.orthancSeriesId;
    json["series_instance_uid"] = source_.seriesInstanceUid;
    json["segmentation"] = Json::nullValue;
    json["segmentation_instance_uid"] = Json::nullValue;
    json["report"] = Json::nullValue;
    json["saliency"] = Json::nullValue;
    json["saliency_instance_uid"] = Json::nullValue;
    json["saliency_slices"] = Json::arrayValue;
    json["stack"] = Results::NameStack(source_);  // what the indices of slices count in
    json["header"] = NameHeader();
    json["shadow"] = options_.shadow;
    json["prediction"] = ToJson(prediction);
    json["volume_mm3"] = prediction.tumour.volumeMm3;
    json["tumour_slices"] = ToJsonArray(prediction.tumour.slices);
    json["slices"] = static_cast<Json::UInt64>(source_.slices.size());
    json["missing_slices"] = CountMissing(source_);
    json["warnings"] = Json::arrayValue;

    for (const std::string& warning : prediction.warnings)
    {
      json["warnings"].append(warning);
    }

    json["model"] = DescribeModelForCase(model_);
    json["research_use_only"] = true;
    json["timings_ms"] = DescribeTimings(prediction.timings);
    return json;
  }

  SeriesResult SeriesResultMaker::Make(const Engine::StudyResult& computed,
                                       std::span<const Results::SaliencySlice> salient,
                                       const std::vector<std::string>& warnings) const
  {
    Stopwatch clock;
    Results::Prediction prediction = Results::ParsePrediction(computed.json, source_.slices.size());
    prediction.warnings.insert(prediction.warnings.end(), warnings.begin(), warnings.end());

    if (!choice_.empty())
    {
      prediction.warnings.push_back(choice_);
    }

    for (std::string& warning : Results::Wording::GetCoverageWarnings(source_))
    {
      prediction.warnings.push_back(std::move(warning));
    }

    if (!salient.empty() && !Results::SaliencyWriter::Fits(source_, salient.size()))
    {
      prediction.warnings.push_back("The saliency of " + std::to_string(salient.size()) +
                                    " slices is larger than one object may be, and was left out");
      salient = {};
    }

    const Results::MaskVolume mask = MakeMask(computed);
    const Results::ResultContext context = {source_, identity_, model_, Results::GetContentDateTime(source_)};

    SeriesResult result;
    result.json = Describe(prediction);
    result.sourceSeriesId = source_.orthancSeriesId;
    result.seriesUids = GetSeriesUids(!mask.IsEmpty(), !salient.empty());

    if (!mask.IsEmpty())
    {
      result.segmentation = Results::SegWriter().Write(context, mask);
      result.json["segmentation_instance_uid"] = result.segmentation->sopInstanceUid;
    }

    if (!salient.empty())
    {
      result.saliency = Results::SaliencyWriter().Write(context, prediction.genotype.status, salient);
      result.json["saliency_instance_uid"] = result.saliency->sopInstanceUid;

      for (const Results::SaliencySlice& one : salient)
      {
        result.json["saliency_slices"].append(static_cast<Json::UInt64>(one.slice));
      }
    }

    result.report = Results::SrWriter(options_.report).Write(context, prediction, mask, !salient.empty());
    result.json["report_instance_uid"] = result.report->sopInstanceUid;
    result.json["timings_ms"]["write"] = clock.Lap();
    result.json["timings_ms"]["store"] = 0.0;
    return result;
  }
}
