// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Delivery/DeliveryObjects.h"

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/ResultJson.h"
#include "Plugin/Pipeline/StudyContent.h"

#include <algorithm>

namespace H3K27M::Delivery
{
  namespace
  {
    using Settings::DeliveryContent;

    void AddUnlessThere(std::vector<std::string>& resources, const std::string& id)
    {
      if (std::find(resources.begin(), resources.end(), id) == resources.end())
      {
        resources.push_back(id);
      }
    }

    // What people made of the study.
    void AddReportsAndMasks(const Archive::StudySnapshot& study, std::vector<std::string>& resources)
    {
      for (const auto number :
           {Results::OwnSeriesNumber::Label, Results::OwnSeriesNumber::ReferenceMask, Results::OwnSeriesNumber::Review})
      {
        for (const Archive::SeriesSnapshot& series : Pipeline::GetOwnSeries(study, number))
        {
          AddUnlessThere(resources, series.id);
        }
      }
    }
  }

  std::optional<std::vector<std::string>> FindResources(const Settings::DeliveryRuleSettings& rule,
                                                        const std::optional<Archive::StudySnapshot>& study,
                                                        const WorkState::Delivery& delivery)
  {
    std::vector<std::string> resources;

    if (!study)
    {
      return std::nullopt;
    }

    const bool sendsImages = rule.send != DeliveryContent::Report;
    const bool sendsReports = rule.send != DeliveryContent::Segmentation;

    for (const Json::Value& result : Protocol::ParseJson(delivery.resultJson))
    {
      if (!Pipeline::IsStored(result, *study))
      {
        return std::nullopt;
      }

      if (sendsImages && result["segmentation"].isString())
      {
        AddUnlessThere(resources, result["segmentation"].asString());
      }

      // Before the report, which names it.
      if (sendsImages && sendsReports && result["saliency"].isString())
      {
        AddUnlessThere(resources, result["saliency"].asString());
      }

      if (sendsReports)
      {
        AddUnlessThere(resources, result["report"].asString());
      }

      if (rule.sourceSeries)
      {
        AddUnlessThere(resources, result["series"].asString());
      }
    }

    if (rule.send == DeliveryContent::AllResults)
    {
      AddReportsAndMasks(*study, resources);
    }

    return resources;
  }
}
