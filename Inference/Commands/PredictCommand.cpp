// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/PredictCommand.h"

#include "Inference/Commands/BackendCommandLine.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Predict/LoadedEngine.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Preprocess/NiftiVolume.h"
#include "Inference/Protocol/FrameChannel.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Serve/StudyAssembler.h"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    CommandLine MakePredictCommandLine()
    {
      CommandLine line;
      line.usage = "predict --model DIR [OPTIONS] FILE";
      line.description =
        "Predicts one volume: FILE is a NIfTI volume (.nii, .nii.gz) of an axial T2-weighted head, or the\n"
        "recorded frames of requests (study-begin ... study-end). Prints one line of JSON per study: the result,\n"
        "and under `engine` device, model and self-test. Research use only.";
      line.options.add_options()("file", po::value<std::filesystem::path>()->required(),
                                 "NIfTI volume or recorded frames")(
        "model", po::value<std::filesystem::path>()->required(), "model folder (model.safetensors and card.json)")(
        "mask", po::value<std::filesystem::path>(),
        "write the mask there (.nii, .nii.gz): 0 background, 1 tumour of an altered case, 2 of a wild-type case; on\n"
        "the voxels of a NIfTI input. Of recorded frames only the last study's")(
        "threshold", po::value<double>(), "of the probability; the card's by default. Not for recorded frames")(
        "minimum-tumour-area", po::value<double>(),
        "of a slice, in mm2; the card's by default. Not for recorded frames")(
        "minimum-typicality", po::value<double>(),
        "0 to 1: of studies less typical of what the model knows no genotype is stated; 0 by default. Not for\n"
        "recorded frames");
      AddBackendOptions(line.options);
      line.positional.add("file", 1);
      return line;
    }

    std::vector<std::uint8_t> JoinMasks(const Predict::StudyResult& result, const Preprocess::VolumeView& volume)
    {
      std::vector<std::uint8_t> labels(volume.slices * volume.GetSliceSize(), 0);
      for (const auto& [slice, mask] : result.masks)
      {
        std::copy(mask.begin(), mask.end(),
                  labels.begin() + static_cast<std::ptrdiff_t>(slice * volume.GetSliceSize()));
      }
      return labels;
    }

    // What one call of `predict` works with.
    struct Prediction
    {
      Predict::LoadedEngine engine;
      Predict::ScoreRules rules;
      std::optional<std::filesystem::path> mask;
      const StandardOutput& output;

      void Print(const std::string& id, const Predict::StudyResult& result) const
      {
        Json::Value json = Predict::DescribeResult(result);
        json["id"] = id;
        json["engine"] = Predict::DescribeEngine(engine.description);
        json["intended_use"] = "research use only";
        output.WriteLine(Protocol::WriteCompactJson(json));
      }

      void RunNifti(const std::filesystem::path& path) const
      {
        const auto volume = Preprocess::NiftiVolume::Read(path);
        const auto view = volume.GetView();
        const auto result =
          Predict::StudyPredictor(*engine.backend, engine.framing, engine.references).Run(view, rules);
        if (mask)
        {
          volume.WriteLabels(*mask, JoinMasks(result, view));
        }
        Print("", result);
      }

      void RunStudy(const Serve::ReceivedStudy& study) const
      {
        const auto view = study.GetView();
        const auto result = Predict::StudyPredictor(*engine.backend, engine.framing, engine.references)
                              .Run(view, study.request.rules, {}, study.request.saliency);
        if (mask)
        {
          const auto labels = JoinMasks(result, view);
          Preprocess::NiftiVolume::Write(*mask, {view, {}}, std::span<const std::uint8_t>(labels));
        }
        Print(study.id, result);
      }

      void RunFrames(const std::filesystem::path& path) const
      {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0)
        {
          throw Error(ErrorCode::NotFound, "The file " + path.string() + " cannot be opened");
        }
        Protocol::FrameChannel channel(descriptor);
        Serve::ServeLimits limits;
        limits.rules = engine.rules;
        Serve::StudyAssembler assembler(limits);
        std::size_t studies = 0;
        while (auto frame = channel.Read())
        {
          const Protocol::ReceivedMessage message(std::move(*frame));
          if (message.GetVerb() == Protocol::Verb::STUDY_BEGIN)
          {
            assembler.Begin(message, 0, 0);
          }
          else if (message.GetVerb() == Protocol::Verb::SLICE)
          {
            assembler.AddBand(message);
          }
          else if (message.GetVerb() == Protocol::Verb::STUDY_END)
          {
            if (const auto study = assembler.End(message))
            {
              RunStudy(*study);
              ++studies;
            }
          }
        }
        if (studies == 0)
        {
          throw Error(ErrorCode::BadInput, "The file " + path.string() + " holds no complete study");
        }
      }
    };
  }

  int RunPredict(const std::vector<std::string>& arguments)
  {
    const auto values = MakePredictCommandLine().Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const StandardOutput output;
    Predict::ProcessTuning::KeepFreedMemory();
    const auto file = (*values)["file"].as<std::filesystem::path>();
    if (!std::filesystem::exists(file))
    {
      throw Error(ErrorCode::NotFound, "The file " + file.string() + " is not there");
    }
    Prediction prediction{
      Predict::LoadedEngine::Load((*values)["model"].as<std::filesystem::path>(), ReadBackendOptions(*values)),
      {},
      std::nullopt,
      output};
    prediction.rules = prediction.engine.rules;
    if (values->count("threshold") != 0)
    {
      prediction.rules.threshold = (*values)["threshold"].as<double>();
    }
    if (values->count("minimum-tumour-area") != 0)
    {
      prediction.rules.minimumTumourAreaMm2 = (*values)["minimum-tumour-area"].as<double>();
    }
    if (values->count("minimum-typicality") != 0)
    {
      prediction.rules.minimumTypicality = (*values)["minimum-typicality"].as<double>();
    }
    if (values->count("mask") != 0)
    {
      prediction.mask = (*values)["mask"].as<std::filesystem::path>();
    }
    if (!prediction.engine.description.selfTest.passed)
    {
      throw Error(ErrorCode::Internal, "The device's answer differs from fp32 by more than the tolerance: " +
                                         Protocol::WriteCompactJson(Describe(prediction.engine.description.selfTest)));
    }
    const std::string name = file.filename().string();
    if (name.ends_with(".nii") || name.ends_with(".nii.gz"))
    {
      prediction.RunNifti(file);
    }
    else
    {
      prediction.RunFrames(file);
    }
    return ExitCode::OK;
  }
}
