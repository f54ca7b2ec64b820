// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/FeatureFigure.h"

#include "Inference/Network/Axes.h"

#include <cstdio>

namespace H3K27M::Reports
{
  Figure MakeFeatureFigure(const std::string& name, const std::string& title, const Json::Value& map)
  {
    Figure::Points altered;
    Figure::Points wildType;
    for (const Json::Value& point : map["points"])
    {
      Figure::Points& points = point[2].asInt64() == Network::GENOTYPE_ALTERED ? altered : wildType;
      points.emplace_back(point[0].asDouble(), point[1].asDouble());
    }
    Figure figure(name, title, "t-SNE 1", "t-SNE 2");
    figure.HideNumbers();
    figure.SetKey("outside");
    figure.Add("altered", altered, Figure::Style::Dots, Figure::ALTERED);
    figure.Add("wild type", wildType, Figure::Style::Dots, Figure::WILD_TYPE);
    return figure;
  }

  std::string DescribeFeatureMap(const Json::Value& map)
  {
    char text[256];
    std::snprintf(
      text, sizeof(text),
      "Features before the last linear layer of the first fold's network, %d slices with tumour that it has "
      "not seen; t-SNE, perplexity %.3g. Distances between groups mean little, and no test follows from them.",
      map["slices"].asInt(), map["perplexity"].asDouble());
    return text;
  }
}
