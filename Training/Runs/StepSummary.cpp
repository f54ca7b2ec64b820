// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/StepSummary.h"

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::size_t INTERVAL = 10;  // steps
  }

  std::optional<Json::Value> StepSummary::Add(const Trainers::Stage& stage, const Trainers::StepReport& step)
  {
    steps_++;
    crossEntropy_ += step.crossEntropy;
    iou_ += step.iou;
    focal_ += step.focal;
    total_ += step.total;
    if (step.step % INTERVAL != 0 && step.step != stage.steps)
    {
      return std::nullopt;
    }
    const auto count = static_cast<double>(steps_);
    // Each stage counts its seconds from its own beginning.
    const double elapsed = step.seconds < firstSeconds_ ? step.seconds : step.seconds - firstSeconds_;
    Json::Value event;
    event["event"] = "step";
    event["input_size"] = Json::Int64{stage.inputSize};
    event["step"] = Json::UInt64{step.step};
    event["of"] = Json::UInt64{stage.steps};
    event["rate"] = step.rate;
    event["cross_entropy"] = crossEntropy_ / count;
    event["iou"] = iou_ / count;
    event["focal"] = focal_ / count;
    event["total"] = total_ / count;
    event["gradient_norm"] = step.gradientNorm;
    event["seconds"] = step.seconds;
    event["seconds_per_step"] = elapsed / count;
    event["seconds_left"] = elapsed / count * static_cast<double>(stage.steps - step.step);
    crossEntropy_ = iou_ = focal_ = total_ = 0;
    steps_ = 0;
    firstSeconds_ = step.seconds;
    return event;
  }
}
