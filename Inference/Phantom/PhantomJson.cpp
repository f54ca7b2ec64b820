// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/PhantomJson.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <set>

namespace H3K27M::Phantom
{
  namespace
  {
    [[noreturn]] void Refuse(const std::string& key, const char* wanted)
    {
      throw Error(ErrorCode::BadInput, "Phantom request: '" + key + "' must be " + wanted);
    }

    void Read(double& value, const Json::Value& request, const char* key)
    {
      if (request.isMember(key))
      {
        if (!request[key].isNumeric())
        {
          Refuse(key, "a number");
        }
        value = request[key].asDouble();
      }
    }

    void Read(unsigned int& value, const Json::Value& request, const char* key)
    {
      if (request.isMember(key))
      {
        if (!request[key].isUInt())
        {
          Refuse(key, "a whole number that is not negative");
        }
        value = request[key].asUInt();
      }
    }

    void CheckKeys(const Json::Value& request)
    {
      static const std::set<std::string> known = {"seed",   "status",           "signal_strength",
                                                  "rows",   "columns",          "slices",
                                                  "tumour", "pixel_spacing_mm", "slice_spacing_mm"};
      if (!request.isObject())
      {
        throw Error(ErrorCode::BadInput, "Phantom request: not a JSON object");
      }
      for (const std::string& key : request.getMemberNames())
      {
        if (known.count(key) == 0)
        {
          throw Error(ErrorCode::BadInput, "Phantom request: unknown key '" + key + "'");
        }
      }
    }
  }

  PhantomParameters ParsePhantomRequest(std::string_view json)
  {
    const Json::Value request = Protocol::ParseJson(json);
    CheckKeys(request);
    PhantomParameters parameters;
    if (!request["seed"].isUInt64())
    {
      Refuse("seed", "given, a whole number that is not negative");
    }
    parameters.seed = request["seed"].asUInt64();
    if (request.isMember("status"))
    {
      if (!request["status"].isString())
      {
        Refuse("status", "'altered' or 'wild-type'");
      }
      parameters.status = ParseGenotypeStatus(request["status"].asString());
    }
    if (request.isMember("tumour"))
    {
      if (!request["tumour"].isBool())
      {
        Refuse("tumour", "true or false");
      }
      parameters.hasTumour = request["tumour"].asBool();
    }
    Read(parameters.signalStrength, request, "signal_strength");
    Read(parameters.rows, request, "rows");
    Read(parameters.columns, request, "columns");
    Read(parameters.slices, request, "slices");
    Read(parameters.pixelSpacingMm, request, "pixel_spacing_mm");
    Read(parameters.sliceSpacingMm, request, "slice_spacing_mm");
    parameters.Validate();
    return parameters;
  }

  std::string DescribePhantom(const PhantomVolume& volume)
  {
    const PhantomParameters& parameters = volume.parameters;
    Json::Value description(Json::objectValue);
    description["seed"] = Json::UInt64(parameters.seed);
    description["tumour"] = parameters.hasTumour;
    description["status"] =
      parameters.hasTumour ? Json::Value(std::string(ToString(parameters.status))) : Json::Value(Json::nullValue);
    description["signal_strength"] = parameters.signalStrength;
    description["rows"] = parameters.rows;
    description["columns"] = parameters.columns;
    description["slices"] = parameters.slices;
    description["pixel_spacing_mm"] = parameters.pixelSpacingMm;
    description["slice_spacing_mm"] = parameters.sliceSpacingMm;
    description["slice_thickness_mm"] = volume.sliceThicknessMm;
    Json::Value& position = description["first_slice_position_mm"] = Json::Value(Json::arrayValue);
    for (const double coordinate : volume.firstSlicePositionMm)
    {
      position.append(coordinate);
    }
    description["tumour_volume_mm3"] = volume.tumourVolumeMm3;
    description["tumour_site"] = volume.tumourSite;
    description["echo_time_ms"] = volume.echoTimeMs;
    description["repetition_time_ms"] = volume.repetitionTimeMs;
    return Protocol::WriteCompactJson(description);
  }
}
