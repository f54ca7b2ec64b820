// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/MetricText.h"

#include <cstdio>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr const char* NOT_DEFINED = "not defined";

    std::string Print(double value, int decimals)
    {
      char text[32];
      std::snprintf(text, sizeof(text), "%.*f", decimals, value);
      return text;
    }
  }

  std::string FormatEstimate(const Json::Value& estimate)
  {
    if (!estimate.isObject() || !estimate["value"].isNumeric())
    {
      return NOT_DEFINED;
    }
    if (estimate["low"] == estimate["high"])
    {
      return Print(estimate["value"].asDouble(), 3) + " (no interval)";  // a bootstrap that had nothing to vary
    }
    return Print(estimate["value"].asDouble(), 3) + " (" + Print(estimate["low"].asDouble(), 3) + " to " +
           Print(estimate["high"].asDouble(), 3) + ")";
  }

  const Json::Value& GetAuroc(const Json::Value& figures)
  {
    return figures["auroc_logit"].isObject() ? figures["auroc_logit"] : figures["auroc"];
  }

  std::string FormatNumber(const Json::Value& number)
  {
    return number.isNumeric() ? Print(number.asDouble(), 3) : NOT_DEFINED;
  }

  std::string FormatP(const Json::Value& comparison)
  {
    if (!comparison.isObject() || !comparison["p_text"].isString())
    {
      return NOT_DEFINED;
    }
    return comparison["p_text"].asString() +
           (comparison["p_holm_text"].isString() ? " (Holm " + comparison["p_holm_text"].asString() + ")" : "");
  }
}
