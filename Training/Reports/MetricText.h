// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <string>

namespace H3K27M::Reports
{
  // "0.810 (0.700 to 0.900)" of an Estimate's JSON, "1.000 (no interval)" where both ends are one; "not defined" where
  // it is null.
  std::string FormatEstimate(const Json::Value& estimate);

  // Of the figures of a set of patients (HeldOutEvaluation::Summarise(), or their `oracle`) the AUROC as it is printed:
  // with the interval on the logit scale (Statistics/DeLong.h); with the other one where an earlier release made none.
  const Json::Value& GetAuroc(const Json::Value& figures);

  // Three decimals; "not defined" where it is no number.
  std::string FormatNumber(const Json::Value& number);

  // The p of a comparison, as adjusted by Holm, beside the one of its own: "0.012 (Holm 0.060)".
  std::string FormatP(const Json::Value& comparison);
}
