// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/EventPrinter.h"

#include "Inference/Protocol/JsonText.h"

#include <cstdio>
#include <string>

namespace H3K27M::Commands
{
  namespace
  {
    std::string DescribeStep(const Json::Value& event)
    {
      char text[240];
      std::snprintf(
        text, sizeof(text),
        "step %s/%s  CE %.3f  IoU loss %.3f  focal %.4f  total %.3f  gradient %.2f  %.2f s/step  %.0f s left",
        event["step"].asString().c_str(), event["of"].asString().c_str(), event["cross_entropy"].asDouble(),
        event["iou"].asDouble(), event["focal"].asDouble(), event["total"].asDouble(),
        event["gradient_norm"].asDouble(), event["seconds_per_step"].asDouble(), event["seconds_left"].asDouble());
      return text;
    }

    std::string DescribePretraining(const Json::Value& event)
    {
      char text[160];
      std::snprintf(text, sizeof(text), "step %s/%s  reconstruction %.4f  gradient %.2f  %.2f s/step  %.0f s left",
                    event["step"].asString().c_str(), event["of"].asString().c_str(),
                    event["reconstruction"].asDouble(), event["gradient_norm"].asDouble(),
                    event["seconds_per_step"].asDouble(), event["seconds_left"].asDouble());
      return text;
    }

    std::string DescribeEvent(const Json::Value& event)
    {
      const std::string kind = event["event"].asString();
      if (kind == "data")
      {
        return "volumes " + event["done"].asString() + "/" + event["of"].asString();
      }
      if (kind == "step")
      {
        const std::string unit = event["unit"].asString();
        return (unit.empty() ? "" : unit + "  ") +
               (event.isMember("reconstruction") ? DescribePretraining(event) : DescribeStep(event));
      }
      if (kind == "resumed")
      {
        return "resumed after step " + event["step"].asString() +
               (event.isMember("stage") ? " of stage " + event["stage"].asString() : "");
      }
      if (kind == "model")
      {
        return "wrote " + event["folder"].asString() + " (" + event["weights_sha256"].asString() + ")";
      }
      if (kind == "unit")
      {
        return event["unit"].asString() + ": " + event["state"].asString();
      }
      return Protocol::WriteCompactJson(event);
    }
  }

  EventPrinter::EventPrinter(const StandardOutput& output, bool asJson) :
    output_(output),
    asJson_(asJson)
  {
  }

  void EventPrinter::Print(const Json::Value& event) const
  {
    output_.WriteLine(asJson_ ? Protocol::WriteCompactJson(event) : DescribeEvent(event));
  }
}
