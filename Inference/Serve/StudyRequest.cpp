// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Serve/StudyRequest.h"

#include "Inference/Preprocess/VolumeView.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/StudyLimits.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

namespace H3K27M::Serve
{
  namespace StudyLimits = Protocol::StudyLimits;

  namespace
  {
    Error MakeError(const char* key, const std::string& reason)
    {
      return Error(ErrorCode::BadInput, std::string("study-begin: '") + key + "' " + reason);
    }

    const Json::Value& Get(const Json::Value& json, const char* key)
    {
      if (!json.isMember(key))
      {
        throw MakeError(key, "is missing");
      }
      return json[key];
    }

    std::size_t GetCount(const Json::Value& json, const char* key, std::size_t minimum, std::size_t maximum)
    {
      const Json::Value& value = Get(json, key);
      if (!value.isUInt64() || value.asUInt64() < minimum || value.asUInt64() > maximum)
      {
        throw MakeError(key,
                        "must be a whole number from " + std::to_string(minimum) + " to " + std::to_string(maximum));
      }
      return static_cast<std::size_t>(value.asUInt64());
    }

    double GetLength(const Json::Value& value, const char* key)
    {
      if (!value.isNumeric() || !std::isfinite(value.asDouble()) || value.asDouble() < StudyLimits::MIN_SPACING_MM ||
          value.asDouble() > StudyLimits::MAX_SPACING_MM)
      {
        throw MakeError(key, "must be between 0.01 and 100 mm");
      }
      return value.asDouble();
    }

    double GetOptionalNumber(const Json::Value& json, const char* key, double byDefault, double maximum)
    {
      if (!json.isMember(key))
      {
        return byDefault;
      }
      const Json::Value& value = json[key];
      if (!value.isNumeric() || !(value.asDouble() >= 0 && value.asDouble() <= maximum))
      {
        throw MakeError(key, "must be between 0 and " + std::to_string(maximum));
      }
      return value.asDouble();
    }

    void RefuseUnknownKeys(const Json::Value& json)
    {
      static const std::set<std::string> KNOWN{
        "slices",         "rows",      "columns", "pixel_spacing_mm", "slice_spacing_mm",  "minimum_tumour_area_mm2",
        "slice_protocol", "threshold", "masks",   "saliency",         "minimum_typicality"};
      for (const std::string& key : json.getMemberNames())
      {
        if (KNOWN.count(key) == 0)
        {
          throw MakeError(key.c_str(), "is not known");
        }
      }
    }
  }

  StudyRequest StudyRequest::Parse(const Json::Value& json, const ServeLimits& limits)
  {
    if (!json.isObject())
    {
      throw Error(ErrorCode::BadInput, "study-begin: 'request' is not a JSON object");
    }
    RefuseUnknownKeys(json);
    using Preprocess::VolumeView;
    StudyRequest request;
    request.rules = limits.rules;
    request.slices = GetCount(json, "slices", 1, std::min(limits.maxSlices, VolumeView::MAX_SLICES));
    const std::size_t maxSide = std::min(limits.maxSide, VolumeView::MAX_SIDE);
    request.rows = GetCount(json, "rows", VolumeView::MIN_SIDE, maxSide);
    request.columns = GetCount(json, "columns", VolumeView::MIN_SIDE, maxSide);
    if (request.GetVoxelCount() * sizeof(float) > limits.maxStudyBytes)
    {
      throw Error(ErrorCode::BadInput, "study-begin: " + std::to_string(request.GetVoxelCount()) +
                                         " voxels are more than this engine takes in one study (" +
                                         std::to_string(limits.maxStudyBytes / sizeof(float)) + ")");
    }
    const Json::Value& spacing = Get(json, "pixel_spacing_mm");
    if (!spacing.isArray() || spacing.size() != 2)
    {
      throw MakeError("pixel_spacing_mm", "must hold two numbers");
    }
    request.pixelSpacingMm = {GetLength(spacing[0], "pixel_spacing_mm"), GetLength(spacing[1], "pixel_spacing_mm")};
    request.sliceSpacingMm = GetLength(Get(json, "slice_spacing_mm"), "slice_spacing_mm");
    request.rules.minimumTumourAreaMm2 = GetOptionalNumber(
      json, "minimum_tumour_area_mm2", request.rules.minimumTumourAreaMm2, StudyLimits::MAX_TUMOUR_AREA_MM2);
    request.rules.threshold = GetOptionalNumber(json, "threshold", request.rules.threshold, 1);
    request.rules.minimumTypicality = GetOptionalNumber(json, "minimum_typicality", request.rules.minimumTypicality, 1);
    if (json.isMember("slice_protocol") &&
        (!json["slice_protocol"].isString() || json["slice_protocol"].asString() != "automatic"))
    {
      throw MakeError("slice_protocol", "must be 'automatic': reference contours are not known here");
    }
    if (json.isMember("masks"))
    {
      if (!json["masks"].isBool())
      {
        throw MakeError("masks", "must be true or false");
      }
      request.masks = json["masks"].asBool();
    }
    if (json.isMember("saliency"))
    {
      const auto choice =
        Predict::ParseSaliencyChoice(json["saliency"].isString() ? json["saliency"].asString() : std::string());
      if (!choice)
      {
        throw MakeError("saliency", "must be 'none', 'key' or 'all'");
      }
      request.saliency = *choice;
    }
    return request;
  }
}
