// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/ResultJson.h"

#include <gtest/gtest.h>

namespace H3K27M::Pipeline
{
  namespace
  {
    Archive::StudySnapshot MakeStudy(const std::vector<std::string>& instances)
    {
      Archive::StudySnapshot study;

      for (const std::string& instance : instances)
      {
        study.series.emplace_back();
        study.series.back().instances = {"another", instance};
      }

      return study;
    }
  }

  TEST(ResultJson, AResultStandsWhereBothItsObjectsAreInThisStudy)
  {
    const Json::Value result =
      Protocol::ParseJson(R"({"report":"sr","segmentation":"seg","segmentation_instance_uid":"2.25.1"})");
    EXPECT_TRUE(IsStored(result, MakeStudy({"mr", "seg", "sr"})));
    EXPECT_FALSE(IsStored(result, MakeStudy({"mr", "sr"})));
    EXPECT_FALSE(IsStored(result, MakeStudy({"mr", "seg"})));

    // The same examination under another PatientID: same UIDs, other identifiers.
    EXPECT_FALSE(IsStored(result, MakeStudy({"mr-2", "seg-2", "sr-2"})));
  }

  TEST(ResultJson, AResultWithoutTumourStandsByItsReportAlone)
  {
    const Json::Value result =
      Protocol::ParseJson(R"({"report":"sr","segmentation":null,"segmentation_instance_uid":null})");
    EXPECT_TRUE(IsStored(result, MakeStudy({"mr", "sr"})));
    EXPECT_FALSE(IsStored(result, MakeStudy({"mr"})));
  }
}
