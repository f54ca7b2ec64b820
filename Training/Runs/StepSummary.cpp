// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/StepSummary.h"

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::size_t STEPS_PER_EVENT = 10;  // steps
  }

  StepSummary::StepSummary() :
    means_(STEPS_PER_EVENT)
  {
  }

  std::optional<Json::Value> StepSummary::Add(const Trainers::Stage& stage, const Trainers::StepReport& step)
  {
    const auto mean =
      means_.Add(step.step, stage.steps, step.seconds, {step.crossEntropy, step.iou, step.focal, step.total});
    if (!mean)
    {
      return std::nullopt;
    }
    const std::size_t stepInAll = stage.stepsBefore + step.step;
    Json::Value event;
    event["event"] = "step";
    event["input_size"] = Json::Int64{stage.inputSize};
    event["step"] = Json::UInt64{step.step};
    event["of"] = Json::UInt64{stage.steps};
    event["step_in_all"] = Json::UInt64{stepInAll};
    event["of_all"] = Json::UInt64{stage.stepsInAll};
    event["rate"] = step.rate;
    event["cross_entropy"] = mean->values[0];
    event["iou"] = mean->values[1];
    event["focal"] = mean->values[2];
    event["total"] = mean->values[3];
    event["gradient_norm"] = step.gradientNorm;
    event["seconds"] = step.seconds;
    event["seconds_per_step"] = mean->secondsPerStep;
    event["seconds_left"] = mean->secondsPerStep * static_cast<double>(stage.stepsInAll - stepInAll);
    return event;
  }
}
