// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/LossFigure.h"

#include "Inference/Protocol/JsonText.h"
#include "Training/Reports/StepPositions.h"

#include <exception>
#include <fstream>
#include <map>
#include <vector>

namespace H3K27M::Reports
{
  namespace
  {
    struct Curve
    {
      Figure::Points points;  // of ascending steps
      StepPositions positions;
    };

    // "model-6" of "model-6/fold-2", "encoder" of "encoder-fold-1"; empty of a fold of a cross-validation.
    std::string GetFamily(const std::string& unit)
    {
      const std::size_t fold = unit.rfind("fold-");
      const std::string family = unit.substr(0, fold);
      return fold == std::string::npos || fold == 0 ? family : family.substr(0, fold - 1);
    }

    // One colour and one name for the folds of each model.
    void AddFamilies(Figure& figure, const std::map<std::string, Curve>& curves)
    {
      std::map<std::string, std::vector<const Curve*>> families;
      for (const auto& [unit, curve] : curves)
      {
        families[GetFamily(unit)].push_back(&curve);
      }
      for (const auto& [family, members] : families)
      {
        const std::string count = std::to_string(members.size()) + (members.size() == 1 ? " fold" : " folds");
        std::vector<Figure::Points> lines;
        lines.reserve(members.size());
        for (const Curve* const member : members)
        {
          lines.push_back(member->points);
        }
        figure.AddFamily(family.empty() ? count : std::string(family).append(" (").append(count).append(")"), lines);
      }
    }

    void Append(Curve& curve, const Json::Value& event, double value)
    {
      const auto position = static_cast<double>(curve.positions.Locate(event));
      // What a run repeats, that was resumed or began anew, takes the place of what it told before.
      while (!curve.points.empty() && curve.points.back().first >= position)
      {
        curve.points.pop_back();
      }
      curve.points.emplace_back(position, value);
    }
  }

  Figure MakeLossFigure(const std::string& name, const std::string& title, const std::filesystem::path& events,
                        const std::string& field)
  {
    std::map<std::string, Curve> curves;
    std::ifstream stream(events, std::ios::binary);
    std::string line;
    while (std::getline(stream, line))
    {
      Json::Value event;
      try
      {
        event = Protocol::ParseJson(line);
      }
      catch (const std::exception&)
      {
        continue;  // the last line of a run that was killed
      }
      if (event["event"] == "step" && event[field].isNumeric())
      {
        Append(curves[event["unit"].asString()], event, event[field].asDouble());
      }
    }
    Figure figure(name, title, "step", field == "total" ? "loss" : "mean squared error");
    figure.SetKey("top right");
    if (curves.size() > Figure::COLOURS)
    {
      AddFamilies(figure, curves);
      return figure;
    }
    for (const auto& [unit, curve] : curves)
    {
      figure.Add(unit, curve.points, Figure::Style::Lines);
    }
    return figure;
  }
}
