// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/EngineStatus.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Engine
{
  namespace
  {
    const Json::Value& Require(const Json::Value& json, const char* key, bool fits)
    {
      if (!fits)
      {
        throw Error(ErrorCode::BadInput,
                    std::string("The engine's hello lacks '") + key + "' or it is of the wrong kind");
      }

      return json[key];
    }

    std::string RequireText(const Json::Value& json, const char* key)
    {
      return Require(json, key, json.isObject() && json[key].isString()).asString();
    }
  }

  std::string_view ToString(EngineState state) noexcept
  {
    switch (state)
    {
      case EngineState::Stopped:
        return "stopped";

      case EngineState::Starting:
        return "starting";

      case EngineState::Ready:
        return "ready";

      case EngineState::Waiting:
        return "waiting";

      case EngineState::GivenUp:
        return "given-up";
    }

    return "";
  }

  EngineInfo ParseEngineInfo(const Json::Value& json)
  {
    EngineInfo info;
    info.engineVersion = RequireText(json, "engine_version");
    info.libtorchVersion = RequireText(json, "libtorch_version");
    info.cudaVersion = RequireText(json, "cuda_version");
    info.device = RequireText(json, "device");
    info.deviceKind = RequireText(json, "device_kind");
    info.precision = RequireText(json, "precision");
    info.modelHash = RequireText(json, "model_hash");
    info.threads = Require(json, "threads", json["threads"].isUInt()).asUInt();
    info.model = Require(json, "model", json["model"].isObject());
    info.selfTest = Require(json, "self_test", json["self_test"].isObject() && json["self_test"]["passed"].isBool());
    return info;
  }

  bool EngineInfo::ComputesAs(const EngineInfo& other) const
  {
    return engineVersion == other.engineVersion && deviceKind == other.deviceKind && precision == other.precision &&
           modelHash == other.modelHash && model == other.model;
  }

  Json::Value ToJson(const EngineStatus& status)
  {
    Json::Value json(Json::objectValue);
    json["state"] = std::string(ToString(status.state));
    json["pid"] = status.pid == 0 ? Json::Value() : Json::Value(status.pid);
    json["starts"] = static_cast<Json::UInt64>(status.starts);
    json["failures_in_a_row"] = status.failuresInARow;
    json["last_error"] = status.lastError.empty() ? Json::Value() : Json::Value(status.lastError);
    json["next_start_seconds"] = status.IsPausing() ? Json::Value(status.nextStartSeconds) : Json::Value();
    json["uptime_seconds"] = status.uptimeSeconds;
    json["rss_bytes"] = static_cast<Json::UInt64>(status.rssBytes);
    json["peak_rss_bytes"] = static_cast<Json::UInt64>(status.peakRssBytes);
    json["batches"] = static_cast<Json::UInt64>(status.progress);
    json["busy"] = !status.busy.empty();
    json["open_requests"] = static_cast<Json::UInt64>(status.openRequests);

    for (const char* key : {"engine_version", "libtorch_version", "cuda_version", "device", "device_kind", "precision",
                            "threads", "model", "model_hash", "self_test"})
    {
      json[key] = Json::Value();
    }

    if (status.info)
    {
      json["engine_version"] = status.info->engineVersion;
      json["libtorch_version"] = status.info->libtorchVersion;
      json["cuda_version"] = status.info->cudaVersion.empty() ? Json::Value() : Json::Value(status.info->cudaVersion);
      json["device"] = status.info->device;
      json["device_kind"] = status.info->deviceKind;
      json["precision"] = status.info->precision;
      json["threads"] = status.info->threads;
      json["model"] = status.info->model;
      json["model_hash"] = status.info->modelHash;
      json["self_test"] = status.info->selfTest;
    }

    return json;
  }
}
