// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Commands/StandardOutput.h"
#include "Training/Trainers/CoTrainer.h"
#include "Training/Trainers/StagedTraining.h"

#include <json/value.h>

#include <optional>
#include <string>

namespace H3K27M::Commands
{
  // A training's progress on standard output, as text for people or as JSON lines for programs.
  class TrainingProgress
  {
  public:
    // `output` must outlive this object.
    TrainingProgress(const StandardOutput& output, bool asJson);

    void OnLoaded(std::size_t done, std::size_t count) const;

    // Every ten steps, and after the last of a stage, prints the mean of the losses since the last time and returns it:
    // {event: "step", input_size, step, of, rate, cross_entropy, iou, focal, total, gradient_norm, seconds,
    // seconds_left}.
    std::optional<Json::Value> OnStep(const Trainers::Stage& stage, const Trainers::StepReport& step);

    // `line` for programs, `text` for people.
    void Write(const Json::Value& line, const std::string& text) const;

  private:
    const StandardOutput& output_;
    bool asJson_;
    std::size_t steps_ = 0;  // in the sums
    double firstSeconds_ = 0;
    double crossEntropy_ = 0;
    double iou_ = 0;
    double focal_ = 0;
    double total_ = 0;
  };
}
