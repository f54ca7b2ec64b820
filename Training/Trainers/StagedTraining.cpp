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

    CoTrainerOptions GetStageOptions(const CoTrainerOptions& options, const Network::NetworkOptions& layout,
                                     const std::vector<Stage>& stages, std::size_t index)
    {
      CoTrainerOptions own = options;
      own.steps = stages[index].steps;
      own.batch.shrink = layout.inputSize / stages[index].inputSize;
      own.batch.seed = options.batch.seed + index;
      own.freezeEncoderSteps = index == 0 ? options.freezeEncoderSteps : 0;
      for (std::size_t i = 0; i < index; i++)
      {
        own.peakRate *= STAGE_RATE;
      }
      return own;
    }

    Stage PlaceStage(const std::vector<Stage>& stages, std::size_t index)
    {
      Stage placed = stages[index];
      placed.number = index + 1;
      placed.stepsBefore = 0;
      placed.stepsInAll = 0;
      for (std::size_t i = 0; i < stages.size(); i++)
      {
        placed.stepsBefore += i < index ? stages[i].steps : 0;
        placed.stepsInAll += stages[i].steps;
      }
      return placed;
    }

    void RunStage(CoTrainer& trainer, const Stage& stage, std::size_t index, const StageObserver& observer)
    {
      trainer.Run([&](const StepReport& step)
      {
        observer.onStep(stage, step);
        const bool isDue = observer.checkpointSteps > 0 && step.step % observer.checkpointSteps == 0;
        if (observer.onCheckpoint && (isDue || step.step == stage.steps))
        {
          observer.onCheckpoint(trainer.MakeCheckpoint(index, observer.identity));
        }
      });
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

  Weights::TensorMap TrainInStages(const Network::NetworkOptions& layout, const StageStart& start,
                                   const Data::SliceDataset& dataset, const CoTrainerOptions& options,
                                   const std::vector<Stage>& stages, const StageObserver& observer)
  {
    const Checkpoint* const resume = start.resume;
    Weights::TensorMap weights = start.weights;
    std::int64_t size = layout.inputSize;
    const std::size_t first = resume != nullptr ? resume->GetPosition().stage : 0;
    if (first >= stages.size())
    {
      throw Error(ErrorCode::BadInput, "The checkpoint is of a stage that this run does not have");
    }
    for (std::size_t i = first; i < stages.size(); i++)
    {
      const Stage stage = PlaceStage(stages, i);
      Network::NetworkOptions small = layout;
      small.inputSize = stage.inputSize;
      Network::GenotypeNet network(small);
      const bool isResumed = resume != nullptr && i == first;
      if (!isResumed)
      {
        ResizeInput(weights, size, stage.inputSize).CopyInto(*network);
      }
      CoTrainer trainer(network, dataset, GetStageOptions(options, layout, stages, i), start.device, start.ranks);
      if (isResumed)
      {
        trainer.Restore(*resume);
      }
      RunStage(trainer, stage, i, observer);
      weights = Weights::TensorMap::FromModule(*network);
      size = stage.inputSize;
      if (i + 1 < stages.size() && observer.onStage)
      {
        observer.onStage(stage, weights);
      }
    }
    return weights;
  }
}
