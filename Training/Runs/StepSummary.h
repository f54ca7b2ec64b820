// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Runs/StepMeans.h"
#include "Training/Trainers/StagedTraining.h"

#include <json/value.h>

#include <optional>

namespace H3K27M::Runs
{
  // Turns the steps of a training into the events that a loss curve is drawn from.
  class StepSummary
  {
  public:
    StepSummary();

    // Every ten steps, and after the last of a stage: the means since the last time as
    // {event: "step", input_size, step, of, step_in_all, of_all, rate, cross_entropy, iou, focal, total, gradient_norm,
    // seconds, seconds_per_step, seconds_left}. `step` and `of` are the stage's, as a curve needs them; `step_in_all`
    // and `of_all` the whole training's, and so is seconds_left, at the pace of this stage.
    std::optional<Json::Value> Add(const Trainers::Stage& stage, const Trainers::StepReport& step);

  private:
    StepMeans means_;
  };
}
