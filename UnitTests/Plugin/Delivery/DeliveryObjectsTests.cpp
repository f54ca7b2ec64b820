// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Delivery/DeliveryObjects.h"

#include <gtest/gtest.h>

namespace H3K27M::Delivery
{
  namespace
  {
    using Settings::DeliveryContent;
    using Ids = std::vector<std::string>;

    class DeliveryObjects : public testing::Test
    {
    protected:
      DeliveryObjects()
      {
        for (const char* name : {"seg", "sc", "sr"})
        {
          Archive::SeriesSnapshot series;
          series.id = std::string(name) + "-series";
          series.instances = {name};
          study_.series.push_back(series);
        }

        delivery_.resultJson = R"([{"series": "t2", "report": "sr", "segmentation": "seg",
          "segmentation_instance_uid": "1.2.4", "saliency": "sc", "saliency_instance_uid": "1.2.5"}])";
      }

      std::optional<Ids> Find(DeliveryContent send) const
      {
        Settings::DeliveryRuleSettings rule;
        rule.send = send;
        return FindResources(rule, study_, delivery_);
      }

      Archive::StudySnapshot study_;
      WorkState::Delivery delivery_;
    };

    TEST_F(DeliveryObjects, SendsWhatAReportNamesBeforeTheReport)
    {
      EXPECT_EQ((Ids{"seg", "sc", "sr"}), Find(DeliveryContent::Result));
      EXPECT_EQ((Ids{"seg", "sc", "sr"}), Find(DeliveryContent::AllResults));
    }

    TEST_F(DeliveryObjects, SendsOneKindAloneToWhoeverWantsIt)
    {
      EXPECT_EQ(Ids{"seg"}, Find(DeliveryContent::Segmentation));
      EXPECT_EQ(Ids{"sr"}, Find(DeliveryContent::Report));
    }

    TEST_F(DeliveryObjects, FindsNothingOnceAnObjectIsGone)
    {
      study_.series.erase(study_.series.begin() + 1);
      EXPECT_EQ(std::nullopt, Find(DeliveryContent::Result)) << "the saliency picture";
    }

    TEST_F(DeliveryObjects, SendsResultsRecordedBeforeThereWasSaliency)
    {
      delivery_.resultJson = R"([{"report": "sr", "segmentation": null, "segmentation_instance_uid": null}])";
      EXPECT_EQ(Ids{"sr"}, Find(DeliveryContent::Result));
    }
  }
}
