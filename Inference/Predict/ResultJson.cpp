// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/ResultJson.h"

#include "Inference/Protocol/Message.h"

#ifndef H3K27M_VERSION
#error "H3K27M_VERSION must be defined by the build"
#endif

namespace H3K27M::Predict
{
  namespace
  {
    Json::Value ToJson(const std::vector<std::string>& texts)
    {
      Json::Value list(Json::arrayValue);
      for (const std::string& text : texts)
      {
        list.append(text);
      }
      return list;
    }

    // Without the hashes of the images that the model and the one before it learned from: a card may hold so many that
    // no frame of the protocol has room for them.
    Json::Value LeaveOutImages(Json::Value card)
    {
      card.removeMember("training_data");
      card.removeMember("input_reference_data");
      if (card.isMember("run") && card["run"].isObject())
      {
        card["run"].removeMember("from");
      }
      return card;
    }

    Json::Value DescribeGenotype(const StudyResult& result)
    {
      const PatientScore& patient = result.patient;
      Json::Value genotype;
      genotype["status"] = std::string(ToString(patient.call));
      genotype["probability_altered"] =
        patient.probabilityAltered ? Json::Value(*patient.probabilityAltered) : Json::Value();
      genotype["member_probabilities"] = Json::Value(Json::arrayValue);
      for (const double probability : patient.memberProbabilities)
      {
        genotype["member_probabilities"].append(probability);
      }
      genotype["threshold"] = result.threshold;
      genotype["logic"] = patient.logic;
      genotype["reason"] = patient.reason;
      genotype["agrees_with_mask"] = patient.agreesWithMask ? Json::Value(*patient.agreesWithMask) : Json::Value();
      genotype["slices"] = Json::Value(Json::arrayValue);
      for (const std::size_t index : patient.chosen)
      {
        Json::Value slice;
        slice["slice"] = Json::UInt64(result.scores[index].slice);
        slice["probability_altered"] = result.scores[index].probabilityAltered;
        slice["tumour_area_mm2"] = result.scores[index].tumourAreaMm2;
        genotype["slices"].append(slice);
      }
      return genotype;
    }

    Json::Value DescribeTypicality(const StudyResult& result)
    {
      if (!result.typicality)
      {
        return {};
      }
      Json::Value json;
      json["share"] = result.typicality->share;
      json["patients"] = Json::UInt64(result.typicality->patients);
      json["distances"] = Json::arrayValue;
      for (const double distance : result.typicality->distances)
      {
        json["distances"].append(distance);
      }
      json["abstained"] = result.abstained;
      return json;
    }
  }

  Json::Value DescribeEngine(const EngineDescription& engine)
  {
    Json::Value info;
    info["engine_version"] = H3K27M_VERSION;
    info["protocol"] = Protocol::PROTOCOL_VERSION;
    info["libtorch_version"] = engine.backend.libtorchVersion;
    info["cuda_version"] = engine.backend.cudaVersion;
    info["device"] = engine.backend.device;
    info["device_kind"] = engine.backend.deviceKind;
    info["device_note"] = engine.backend.note;
    info["own_kernels"] = engine.backend.usesOwnKernels;
    info["precision"] = std::string(ToString(engine.backend.precision));
    info["threads"] = engine.backend.threads;
    info["batch_size"] = Json::UInt64(engine.backend.batchSize);
    info["model"] = LeaveOutImages(engine.modelCard);
    info["model_hash"] = engine.modelHash;
    info["self_test"] = Describe(engine.selfTest);
    return info;
  }

  Json::Value DescribeResult(const StudyResult& result)
  {
    Json::Value json;
    json["genotype"] = DescribeGenotype(result);
    json["typicality"] = DescribeTypicality(result);
    Json::Value& tumour = json["tumour"];
    tumour["found"] = result.tumourVoxels > 0;
    tumour["voxels"] = Json::UInt64(result.tumourVoxels);
    tumour["volume_mm3"] = result.tumourVolumeMm3;
    tumour["slices"] = Json::Value(Json::arrayValue);
    for (const auto& [slice, mask] : result.masks)
    {
      tumour["slices"].append(Json::UInt64(slice));
    }
    json["saliency"]["slices"] = Json::arrayValue;
    for (const auto& [slice, map] : result.saliency)
    {
      json["saliency"]["slices"].append(Json::UInt64(slice));
    }
    Json::Value& timings = json["timings_ms"];
    timings["receive"] = result.timings.receiveMs;
    timings["preprocess"] = result.timings.preprocessMs;
    timings["network"] = result.timings.networkMs;
    timings["postprocess"] = result.timings.postprocessMs;
    timings["saliency"] = result.timings.saliencyMs;
    timings["total"] = result.timings.totalMs;
    const std::size_t computed = result.scores.size();
    json["slices_computed"] = Json::UInt64(computed);
    json["network_ms_per_slice"] = computed == 0 ? 0.0 : result.timings.networkMs / static_cast<double>(computed);
    json["warnings"] = ToJson(result.warnings);
    return json;
  }
}
