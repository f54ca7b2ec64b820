// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/NonInferiorityTest.h"

#include "Inference/Protocol/Error.h"
#include "Training/Statistics/DeLong.h"
#include "Training/Statistics/DiscordantPairs.h"

#include <array>
#include <cstdio>

namespace H3K27M::Statistics
{
  namespace
  {
    // Why nothing is judged; "" where something is.
    std::string FindObstacle(const Comparison& comparison, std::size_t discordantPairs)
    {
      // Without a variance the bound is not that of the test, which says nothing then.
      if (!comparison.statistic)
      {
        return "not judged: " + comparison.difference.method + ". ";
      }
      if (discordantPairs < NonInferiorityTest::MINIMUM_DISCORDANT_PAIRS)
      {
        return "not judged: the difference rests on too few patients: the models differ on no more than " +
               std::to_string(discordantPairs) + " pairs without a patient in common, at least " +
               std::to_string(NonInferiorityTest::MINIMUM_DISCORDANT_PAIRS) + " are needed. ";
      }
      return "";
    }
  }

  NonInferiorityTest NonInferiorityTest::Run(const ScoredPatients& candidate, const ScoredPatients& reference,
                                             double margin)
  {
    if (!(margin > 0 && margin < 1))
    {
      throw Error(ErrorCode::BadInput, "The margin of non-inferiority lies between 0 and 1");
    }
    NonInferiorityTest test;
    test.comparison = CompareAuroc(candidate, reference);
    test.margin = margin;
    const std::string obstacle =
      FindObstacle(test.comparison, CountDiscordantPairs(candidate, reference, MINIMUM_DISCORDANT_PAIRS));
    test.isJudged = obstacle.empty();
    test.isPassed = test.isJudged && test.comparison.difference.low > -margin;
    std::array<char, 160> text{};
    std::snprintf(
      text.data(), text.size(), "AUROC differs by %+.4f (95 %% interval %+.4f to %+.4f), the margin is %.4f",
      test.comparison.difference.value, test.comparison.difference.low, test.comparison.difference.high, margin);
    test.reason = obstacle + text.data();
    return test;
  }

  Json::Value NonInferiorityTest::ToJson() const
  {
    Json::Value json;
    json["passed"] = isPassed;
    json["margin"] = margin;
    json["reason"] = reason;
    json["comparison"] = comparison.ToJson();
    return json;
  }
}
