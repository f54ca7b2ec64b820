// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/LossFigure.h"

#include "Inference/Protocol/JsonText.h"

#include <algorithm>
#include <exception>
#include <fstream>
#include <map>

namespace H3K27M::Reports
{
  namespace
  {
    struct Curve
    {
      Figure::Points points;
      double offset = 0;    // steps of the stages before
      double lastStep = 0;  // of this stage
    };

    void Append(Curve& curve, double step, double value)
    {
      // A new stage begins at step 1; a resumed run repeats what was after its checkpoint.
      if (step < curve.lastStep)
      {
        const double position = curve.offset + step;
        const bool isResumed = std::any_of(curve.points.begin(), curve.points.end(),
                                           [position](const auto& point) { return point.first == position; }) &&
                               step > 10;
        if (isResumed)
        {
          std::erase_if(curve.points, [position](const auto& point) { return point.first >= position; });
        }
        else
        {
          curve.offset += curve.lastStep;
        }
      }
      curve.lastStep = step;
      curve.points.emplace_back(curve.offset + step, value);
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
        Append(curves[event["unit"].asString()], event["step"].asDouble(), event[field].asDouble());
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
