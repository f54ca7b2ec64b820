// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/Estimate.h"

#include "Training/Statistics/PValue.h"

namespace H3K27M::Statistics
{
  Json::Value Estimate::ToJson() const
  {
    Json::Value json;
    json["value"] = value;
    json["low"] = low;
    json["high"] = high;
    json["confidence"] = CONFIDENCE;
    json["method"] = method;
    return json;
  }

  Json::Value Comparison::ToJson() const
  {
    Json::Value json;
    json["difference"] = difference.ToJson();
    json["statistic"] = statistic ? Json::Value(*statistic) : Json::Value();
    json["p"] = pValue ? Json::Value(*pValue) : Json::Value();
    json["p_text"] = pValue ? Json::Value(FormatPValue(*pValue)) : Json::Value();
    return json;
  }
}
