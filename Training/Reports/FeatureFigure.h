// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/Figure.h"

#include <json/value.h>

#include <string>

namespace H3K27M::Reports
{
  // A t-SNE map as Runs::MakeFeatureMap makes it: red altered, blue wild type (the paper's figure 3). The axes have no
  // meaning of their own, and no numbers.
  Figure MakeFeatureFigure(const std::string& name, const std::string& title, const Json::Value& map);

  // What stands below it: what the points are, how many, and the perplexity.
  std::string DescribeFeatureMap(const Json::Value& map);
}
