// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/RunConfig.h"

#include "Inference/Protocol/Error.h"
#include "Training/Data/TabSeparatedTable.h"
#include "Training/Runs/ConfigJson.h"

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::int64_t MAX_STEPS = 100'000'000;
    constexpr const char* HEAD = "head";
    constexpr const char* CENTRE_SQUARE = "centre-square";

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
      visitor.Value("steps", options.steps, std::size_t{1}, std::size_t{MAX_STEPS});
      visitor.Value("batch", options.batch.batchSize, std::size_t{1}, std::size_t{4096});
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
      visitor.Value("steps", options.steps, std::size_t{1}, std::size_t{MAX_STEPS});
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

    template <typename Visitor, typename Config, typename Names>
    void Visit(Visitor& visitor, Config& config, Names& words)
    {
      visitor.Value("preset", config.preset, {"recommended", "paper"});
      visitor.Value("control", config.control, {"none", "permuted"});
      visitor.Value("contrast", words.contrast, {"T2w", "ceT1w"});
      visitor.Value("framing", words.framing, {HEAD, CENTRE_SQUARE});
      visitor.Value("seed", config.seed, std::size_t{0}, std::size_t{1} << 53);
      visitor.Value("folds", config.folds, std::size_t{2}, std::size_t{100});
      visitor.Value("gate_margin", config.gateMargin, 0.001, 0.5);
      visitor.Value("gate_minimum_patients", config.gateMinimumPatients, std::size_t{2}, std::size_t{10000});
      visitor.Text("stages", config.stages);
      visitor.Value("checkpoint_steps", config.checkpointSteps, std::size_t{1}, std::size_t{MAX_STEPS});
      visitor.Value("threshold", config.threshold, 0, 1);
      visitor.Value("minimum_tumour_area_mm2", config.minimumAreaMm2, 0, 10000);
      visitor.Group("network", [&](auto& group)
      {
        group.Value("variant", words.variant, {"classification", "parallel", "fusion"});
        group.Value("input_size", config.network.inputSize, std::int64_t{32}, std::int64_t{1024});
        group.Value("width", config.network.width, std::int64_t{8}, std::int64_t{256});
        group.Value("dropout", config.network.dropout, 0, 0.9);
      });
      visitor.Group("training", [&config](auto& group) { VisitTraining(group, config.training); });
      visitor.Group("pretraining", [&config](auto& group) { VisitPretraining(group, config.pretraining); });
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
    config.framing = words.framing == HEAD ? Preprocess::Framing::Head : Preprocess::Framing::CentreSquare;
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
    Check([&config] { config.GetStages(); });
    Data::ThrowFaults("The run's configuration cannot be used", faults);
    return config;
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
    return framing == Preprocess::Framing::Head ? HEAD : CENTRE_SQUARE;
  }

  std::vector<Trainers::Stage> RunConfig::GetStages() const
  {
    return stages.empty() ? std::vector<Trainers::Stage>{{network.inputSize, training.steps}}
                          : Trainers::ParseStages(stages, network.inputSize);
  }
}
