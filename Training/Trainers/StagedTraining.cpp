// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/StagedTraining.h"

#include "Inference/Protocol/Error.h"
#include "Training/Trainers/InputResize.h"

#include <charconv>
#include <sstream>
#include <string_view>

namespace H3K27M::Trainers
{
  namespace
  {
    constexpr double STAGE_RATE = 0.6;
    constexpr std::int64_t SIZE_UNIT = 16;  // the network halves its input four times

    // The whole of `text` as a number.
    template <typename Number>
    bool Parse(std::string_view text, Number& number)
    {
      const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
      return result.ec == std::errc() && result.ptr == text.data() + text.size();
    }
  }

  std::vector<Stage> ParseStages(const std::string& text, std::int64_t inputSize)
  {
    std::vector<Stage> stages;
    std::istringstream list(text);
    std::string item;
    while (std::getline(list, item, ','))
    {
      const std::string_view view = item;
      const std::size_t colon = view.find(':');
      Stage stage;
      if (colon == std::string_view::npos || !Parse(view.substr(0, colon), stage.inputSize) ||
          !Parse(view.substr(colon + 1), stage.steps) || stage.steps == 0 || stage.inputSize < SIZE_UNIT ||
          stage.inputSize % SIZE_UNIT != 0 || inputSize % stage.inputSize != 0)
      {
        throw Error(ErrorCode::BadInput, "Stages: '" + item + "' is no SIZE:STEPS with a size that is a multiple of " +
                                           std::to_string(SIZE_UNIT) + " and divides " + std::to_string(inputSize));
      }
      stages.push_back(stage);
    }
    if (stages.empty() || stages.back().inputSize != inputSize)
    {
      throw Error(ErrorCode::BadInput, "Stages: the last one must have the input size " + std::to_string(inputSize));
    }
    return stages;
  }

  Weights::TensorMap TrainInStages(const Network::NetworkOptions& layout, Weights::TensorMap weights,
                                   const Data::SliceDataset& dataset, const CoTrainerOptions& options,
                                   const std::vector<Stage>& stages, const StageObserver& observer)
  {
    std::int64_t size = layout.inputSize;
    CoTrainerOptions own = options;
    for (std::size_t i = 0; i < stages.size(); i++)
    {
      const Stage& stage = stages[i];
      Network::NetworkOptions small = layout;
      small.inputSize = stage.inputSize;
      Network::GenotypeNet network(small);
      ResizeInput(weights, size, stage.inputSize).CopyInto(*network);
      own.steps = stage.steps;
      own.batch.shrink = layout.inputSize / stage.inputSize;
      own.batch.seed = options.batch.seed + i;
      CoTrainer(network, dataset, own)
        .Run([&observer, &stage](const StepReport& step) { observer.onStep(stage, step); });
      weights = Weights::TensorMap::FromModule(*network);
      size = stage.inputSize;
      own.peakRate *= STAGE_RATE;
      if (i + 1 < stages.size())
      {
        observer.onStage(stage, weights);
      }
    }
    return weights;
  }
}
