// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/RunConfig.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/StudyLimits.h"
#include "Training/Data/Faults.h"
#include "Training/Runs/ConfigJson.h"

#include <algorithm>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::int64_t MAX_STEPS = 100'000'000;
    constexpr std::size_t MAX_EPOCHS = 100'000;

    template <typename Visitor, typename Options>
    void VisitAugmentation(Visitor& visitor, Options& options)
    {
      visitor.Value("brightness", options.brightness, 0, 1);
      visitor.Value("contrast", options.contrast, 0, 1);
      visitor.Value("shift", options.shift, 0, 0.5);
      visitor.Value("scale", options.scale, 0, 0.5);
      visitor.Value("rotation_degrees", options.rotationDegrees, 0, 180);
      visitor.Value("flip_columns", options.flipColumns);
      visitor.Value("flip_rows", options.flipRows);
      visitor.Value("gamma", options.gamma, 0, 0.9);
      visitor.Value("noise", options.noise, 0, 1);
      visitor.Value("blur", options.blur, 0, 1);
    }

    template <typename Visitor, typename Options>
    void VisitTraining(Visitor& visitor, Options& options)
    {
      visitor.Value("steps", options.steps, std::size_t{0}, std::size_t{MAX_STEPS});
      visitor.Value("batch", options.batch.batchSize, std::size_t{1}, std::size_t{4096});
      visitor.Value("balanced", options.batch.isBalanced);
      visitor.Value("tumour_free_share", options.batch.tumourFreeShare, 0, 0.95);
      visitor.Value("peak_rate", options.peakRate, 1e-9, 10);
      visitor.Value("warm_up_share", options.warmUpShare, 0, 1);
      visitor.Value("weight_decay", options.weightDecay, 0, 1);
      visitor.Value("clip_norm", options.clipNorm, 0, 1e6);
      visitor.Value("accumulation", options.accumulation, std::size_t{1}, std::size_t{1024});
      visitor.Value("freeze_encoder_steps", options.freezeEncoderSteps, std::size_t{0}, std::size_t{MAX_STEPS});
      visitor.Value("momentum", options.momentum, 0, 0.9999);
      visitor.Value("region_loss", options.usesRegionLoss);
      visitor.Value("pooled_class_layer", options.poolsClassLayer);
      visitor.Value("bf16", options.useBFloat16);
      visitor.Group("losses", [&options](auto& group)
      {
        group.Value("cross_entropy", options.weights.crossEntropy, 0, 1000);
        group.Value("iou", options.weights.iou, 0, 1000);
        group.Value("focal", options.weights.focal, 0, 1000);
      });
      visitor.Group("augmentation", [&options](auto& group) { VisitAugmentation(group, options.batch.augmentation); });
    }

    template <typename Visitor, typename Options>
    void VisitPretraining(Visitor& visitor, Options& options)
    {
      visitor.Value("steps", options.steps, std::size_t{0}, std::size_t{MAX_STEPS});
      visitor.Value("batch", options.batch.batchSize, std::size_t{1}, std::size_t{4096});
      visitor.Value("mask_ratio", options.batch.maskRatio, 0.01, 0.99);
      visitor.Value("peak_rate", options.peakRate, 1e-9, 10);
      visitor.Value("warm_up_share", options.warmUpShare, 0, 1);
      visitor.Value("weight_decay", options.weightDecay, 0, 1);
      visitor.Value("clip_norm", options.clipNorm, 0, 1e6);
      visitor.Value("accumulation", options.accumulation, std::size_t{1}, std::size_t{1024});
      visitor.Value("decoupled_decay", options.decouples);
      visitor.Value("schedule", options.hasSchedule);
      visitor.Group("augmentation", [&options](auto& group) { VisitAugmentation(group, options.batch.augmentation); });
    }

    // The enumerations as text, for the time of a visit.
    struct Words
    {
      std::string contrast;
      std::string framing;
      std::string variant;
    };

    Words GetWords(const RunConfig& config)
    {
      return {Data::ToString(config.contrast), config.GetFramingName(),
              std::string(Network::ToString(config.network.variant))};
    }

    bool IsSet(const Json::Value& json, const std::string& group, const char* key)
    {
      return json[group].isObject() && json[group].isMember(key);
    }

    // How long it takes is said once: what is set takes the place of what the preset says, and two that are set beside
    // each other are a fault.
    void SettleLength(const Json::Value& json, const std::string& group, std::size_t& steps, std::size_t& epochs,
                      std::vector<std::string>& faults)
    {
      if (IsSet(json, group, "steps") && steps > 0 && !IsSet(json, group, "epochs"))
      {
        epochs = 0;
      }
      if (IsSet(json, group, "epochs") && epochs > 0 && !IsSet(json, group, "steps"))
      {
        steps = 0;
      }
      if (steps == 0 && epochs == 0)
      {
        faults.push_back(group + ".steps must be a whole number from 1 to " + std::to_string(MAX_STEPS) + ", or " +
                         group + ".epochs be above 0");
      }
      if (steps > 0 && epochs > 0)
      {
        faults.push_back(group + ".steps and " + group + ".epochs exclude each other");
      }
    }

    void SettleStages(const Json::Value& json, RunConfig& config, std::vector<std::string>& faults)
    {
      std::size_t sum = 0;
      for (const Trainers::Stage& stage : config.GetStages())
      {
        sum += stage.steps;
      }
      if (IsSet(json, "training", "steps") && config.training.steps > 0 && config.training.steps != sum)
      {
        faults.push_back("training.steps is " + std::to_string(config.training.steps) + ", and the stages take " +
                         std::to_string(sum) + ": leave it out");
      }
      if (IsSet(json, "training", "epochs") && config.trainingEpochs > 0)
      {
        faults.emplace_back("training.epochs and stages exclude each other");
      }
      config.training.steps = sum;
      config.trainingEpochs = 0;
    }

    // A later stage trains all: what is to stay frozen beyond the first one would be let go unsaid. Nothing is known
    // yet where epochs say how long.
    void CheckFrozenSteps(const RunConfig& config, std::vector<std::string>& faults)
    {
      const std::size_t frozen = config.training.freezeEncoderSteps;
      const std::size_t steps = config.GetStages().front().steps;
      if (steps > 0 && frozen > steps)
      {
        faults.push_back("training.freeze_encoder_steps is " + std::to_string(frozen) + ", and the " +
                         (config.stages.empty() ? "training" : "first stage") + " takes " + std::to_string(steps) +
                         " steps: set at most as many");
      }
    }

    std::size_t CountSteps(std::size_t epochs, std::size_t slices, std::size_t perStep)
    {
      return std::max<std::size_t>(1, (epochs * slices + perStep - 1) / perStep);
    }

    template <typename Visitor, typename Config, typename Names>
    void Visit(Visitor& visitor, Config& config, Names& words)
    {
      visitor.Value("preset", config.preset, {"recommended", "paper"});
      visitor.Value("control", config.control, {"none", "permuted", "planted"});
      visitor.Value("contrast", words.contrast, {"T2w", "ceT1w"});
      visitor.Value(
        "framing", words.framing,
        {Preprocess::ToString(Preprocess::Framing::Head), Preprocess::ToString(Preprocess::Framing::CentreSquare)});
      visitor.Value("seed", config.seed, std::size_t{0}, std::size_t{1} << 53);
      visitor.Value("folds", config.folds, std::size_t{2}, std::size_t{100});
      visitor.Value("gate_margin", config.gateMargin, 0.001, 0.5);
      visitor.Value("gate_minimum_patients", config.gateMinimumPatients, std::size_t{2}, std::size_t{10000});
      visitor.Text("stages", config.stages);
      visitor.Value("checkpoint_steps", config.checkpointSteps, std::size_t{1}, std::size_t{MAX_STEPS});
      visitor.Value("threshold", config.threshold, 0, 1);
      visitor.Value("minimum_tumour_area_mm2", config.minimumAreaMm2, 0, Protocol::StudyLimits::MAX_CHOSEN_AREA_MM2);
      visitor.Group("network", [&](auto& group)
      {
        group.Value("variant", words.variant, {"classification", "parallel", "fusion"});
        group.Value("input_size", config.network.inputSize, std::int64_t{32}, std::int64_t{1024});
        group.Value("width", config.network.width, std::int64_t{8}, std::int64_t{256});
        group.Value("dropout", config.network.dropout, 0, 0.9);
      });
      visitor.Group("training", [&config](auto& group)
      {
        group.Value("epochs", config.trainingEpochs, std::size_t{0}, MAX_EPOCHS);
        VisitTraining(group, config.training);
      });
      visitor.Group("pretraining", [&config](auto& group)
      {
        group.Value("epochs", config.pretrainingEpochs, std::size_t{0}, MAX_EPOCHS);
        VisitPretraining(group, config.pretraining);
      });
    }
  }

  RunConfig RunConfig::FromPreset(const std::string& preset)
  {
    RunConfig config;
    config.preset = preset;
    if (preset == "paper")
    {
      config.training = Trainers::CoTrainerOptions::Paper();
      config.pretraining = Trainers::MaskedTrainerOptions::Paper();
      config.training.steps = 0;
      config.trainingEpochs = 200;
      config.pretraining.steps = 0;
      config.pretrainingEpochs = 1000;
      config.framing = Preprocess::Framing::CentreSquare;
    }
    else if (preset == "recommended")
    {
      config.training = Trainers::CoTrainerOptions::Recommended();
    }
    else
    {
      throw Error(ErrorCode::BadInput, "The preset must be recommended or paper, not '" + preset + "'");
    }
    return config;
  }

  RunConfig RunConfig::Parse(const Json::Value& json)
  {
    if (!json.isObject())
    {
      throw Error(ErrorCode::BadInput, "A run's configuration is a JSON object");
    }
    const Json::Value& preset = json["preset"];
    RunConfig config = FromPreset(preset.isString() && preset.asString() == "paper" ? "paper" : "recommended");
    Words words = GetWords(config);
    std::vector<std::string> faults;
    ConfigReader reader(json, {}, faults);
    Visit(reader, config, words);
    reader.Finish();
    config.contrast = Data::ParseContrast(words.contrast);
    config.framing = Preprocess::FindFraming(words.framing).value_or(config.framing);
    config.network.variant = Network::ParseVariant(words.variant);
    config.SetSeed(config.seed);
    const auto Check = [&faults](const auto& check)
    {
      try
      {
        check();
      }
      catch (const Error& e)
      {
        faults.emplace_back(e.what());
      }
    };
    Check([&config] { config.network.Check(); });
    if (config.training.batch.CountWithTumour() == 0)
    {
      faults.push_back("training.tumour_free_share leaves no slice with tumour in a batch of " +
                       std::to_string(config.training.batch.batchSize) + ": lower it, or make the batch larger");
    }
    Check([&]
    {
      if (config.stages.empty())
      {
        SettleLength(json, "training", config.training.steps, config.trainingEpochs, faults);
      }
      else
      {
        SettleStages(json, config, faults);
      }
      CheckFrozenSteps(config, faults);
    });
    SettleLength(json, "pretraining", config.pretraining.steps, config.pretrainingEpochs, faults);
    Data::ThrowFaults("The run's configuration cannot be used", faults);
    return config;
  }

  RunConfig RunConfig::WithTrainingSteps(const Data::SliceDataset& dataset) const
  {
    RunConfig settled = *this;
    if (trainingEpochs > 0)
    {
      const std::size_t perStep = std::max<std::size_t>(1, training.batch.CountWithTumour()) * training.accumulation;
      settled.training.steps = CountSteps(trainingEpochs, dataset.ListTumourSlices().size(), perStep);
      settled.trainingEpochs = 0;
      std::vector<std::string> faults;
      CheckFrozenSteps(settled, faults);
      Data::ThrowFaults("The run's configuration does not go together with its data", faults);
    }
    return settled;
  }

  RunConfig RunConfig::WithPretrainingSteps(const Data::SliceDataset& dataset) const
  {
    RunConfig settled = *this;
    if (pretrainingEpochs > 0)
    {
      settled.pretraining.steps = CountSteps(pretrainingEpochs, dataset.ListSlices().size(),
                                             pretraining.batch.batchSize * pretraining.accumulation);
      settled.pretrainingEpochs = 0;
    }
    return settled;
  }

  void RunConfig::RefuseControl(const std::string& command) const
  {
    if (control != "none")
    {
      throw Error(ErrorCode::BadInput,
                  "control is of cross-validate and ablate, which shuffle the labels; " + command + " does not");
    }
  }

  void RunConfig::RefuseFrozenEncoder() const
  {
    if (training.freezeEncoderSteps > 0)
    {
      throw Error(ErrorCode::BadInput,
                  "training.freeze_encoder_steps needs a model or an encoder to start from: without one it would hold "
                  "random weights; leave it out, or say what to start from");
    }
  }

  Json::Value RunConfig::ToJson() const
  {
    Json::Value json(Json::objectValue);
    ConfigWriter writer(json);
    const Words words = GetWords(*this);
    Visit(writer, *this, words);
    return json;
  }

  Json::Value RunConfig::ToJson(const std::string& kind) const
  {
    Json::Value json = ToJson();
    json["kind"] = kind;
    return json;
  }

  void RunConfig::SetSeed(std::size_t value)
  {
    seed = value;
    training.batch.seed = value;
    pretraining.batch.seed = value;
  }

  std::string RunConfig::GetFramingName() const
  {
    return Preprocess::ToString(framing);
  }

  std::vector<Trainers::Stage> RunConfig::GetStages() const
  {
    return stages.empty() ? std::vector<Trainers::Stage>{{network.inputSize, training.steps}}
                          : Trainers::ParseStages(stages, network.inputSize);
  }
}
