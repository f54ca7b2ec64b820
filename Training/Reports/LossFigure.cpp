// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/LossFigure.h"

#include "Inference/Protocol/JsonText.h"

#include <algorithm>
#include <exception>
#include <fstream>
#include <map>
#include <utility>

namespace H3K27M::Reports
{
  namespace
  {
    struct Curve
    {
      Figure::Points points;  // of ascending steps
      // Steps before each stage, which its input size and its number of steps tell: a resumed run may go back into the
      // one before.
      std::map<std::pair<double, double>, double> offsets;
      double end = 0;  // of the last stage that has begun
    };

    void Append(Curve& curve, const Json::Value& event, double value)
    {
      const std::pair<double, double> stage(event["input_size"].asDouble(), event["of"].asDouble());
      const double offset = curve.offsets.try_emplace(stage, curve.end).first->second;
      const double position = offset + event["step"].asDouble();
      curve.end = std::max({curve.end, position, offset + stage.second});
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
    figure.SetKey(curves.size() > 8 ? "off" : "top right");
    for (const auto& [unit, curve] : curves)
    {
      figure.Add(unit, curve.points, Figure::Style::Lines);
    }
    return figure;
  }
}
