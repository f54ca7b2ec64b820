// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/TrainingProgress.h"

#include "Inference/Protocol/JsonText.h"

#include <cstdio>

namespace H3K27M::Commands
{
  namespace
  {
    constexpr std::size_t REPORT_INTERVAL = 10;  // steps
    constexpr std::size_t LOAD_INTERVAL = 50;    // volumes
  }

  TrainingProgress::TrainingProgress(const StandardOutput& output, bool asJson) :
    output_(output),
    asJson_(asJson)
  {
  }

  void TrainingProgress::OnLoaded(std::size_t done, std::size_t count) const
  {
    if (done % LOAD_INTERVAL == 0 || done == count)
    {
      Json::Value line;
      line["event"] = "data";
      line["done"] = Json::UInt64{done};
      line["of"] = Json::UInt64{count};
      Write(line, "volumes " + std::to_string(done) + "/" + std::to_string(count));
    }
  }

  std::optional<Json::Value> TrainingProgress::OnStep(const Trainers::Stage& stage, const Trainers::StepReport& step)
  {
    steps_++;
    crossEntropy_ += step.crossEntropy;
    iou_ += step.iou;
    focal_ += step.focal;
    total_ += step.total;
    if (step.step % REPORT_INTERVAL != 0 && step.step != stage.steps)
    {
      return std::nullopt;
    }
    const auto count = static_cast<double>(steps_);
    // Of the steps since the last report: a run that was resumed has not taken the others.
    const double perStep = (step.seconds < firstSeconds_ ? step.seconds : step.seconds - firstSeconds_) / count;
    Json::Value line;
    line["event"] = "step";
    line["input_size"] = Json::Int64{stage.inputSize};
    line["step"] = Json::UInt64{step.step};
    line["of"] = Json::UInt64{stage.steps};
    line["rate"] = step.rate;
    line["cross_entropy"] = crossEntropy_ / count;
    line["iou"] = iou_ / count;
    line["focal"] = focal_ / count;
    line["total"] = total_ / count;
    line["gradient_norm"] = step.gradientNorm;
    line["seconds"] = step.seconds;
    line["seconds_left"] = perStep * static_cast<double>(stage.steps - step.step);
    char text[200];
    std::snprintf(text, sizeof(text),
                  "step %zu/%zu  CE %.3f  IoU loss %.3f  focal %.4f  total %.3f  gradient %.2f  %.2f s/step", step.step,
                  stage.steps, crossEntropy_ / count, iou_ / count, focal_ / count, total_ / count, step.gradientNorm,
                  perStep);
    Write(line, text);
    crossEntropy_ = iou_ = focal_ = total_ = 0;
    steps_ = 0;
    firstSeconds_ = step.seconds;
    return line;
  }

  void TrainingProgress::Write(const Json::Value& line, const std::string& text) const
  {
    output_.WriteLine(asJson_ ? Protocol::WriteCompactJson(line) : text);
  }
}
