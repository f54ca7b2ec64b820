// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/EvaluateCommand.h"

#include "Inference/Commands/BackendCommandLine.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Predict/LoadedEngine.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Predict/StudyPredictor.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Data/PhantomCaseSource.h"
#include "Training/Evaluation/HeldOutEvaluation.h"

#include <unistd.h>

#include <cstdio>

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    struct EvaluateRequest
    {
      std::filesystem::path model;
      Phantom::PhantomDatasetOptions phantoms;
    };

    CommandLine MakeCommandLine(EvaluateRequest& request)
    {
      CommandLine line;
      line.usage = "evaluate --model DIR --phantoms N --seed S [OPTIONS]";
      line.description =
        "Runs the model over synthetic volumes that it has not seen, whole heads as a PACS sends them (slice protocol\n"
        "`automatic`), and prints one JSON object: AUROC (DeLong), AUPRC, Brier score and Dice (bootstrap),\n"
        "sensitivity, specificity, PPV, NPV, accuracy and F1 (Wilson) with 95 % intervals, and the calibration.\n"
        "Volumes that the model was trained on are refused. Research use only.";
      line.options.add_options()("model", po::value(&request.model)->required(), "model folder")(
        "phantoms", po::value(&request.phantoms.count)->required(), "how many volumes")(
        "seed", po::value(&request.phantoms.firstSeed)->default_value(1000001),
        "of the first volume")("signal-strength", po::value(&request.phantoms.signalStrength)->default_value(1.0, "1"),
                               "how far the status shows in the phantoms, 0 to 1")(
        "tumour-free-share", po::value(&request.phantoms.tumourFreeShare)->default_value(0.2, "0.2"),
        "0 to 1")("maximum-matrix", po::value(&request.phantoms.maximumMatrix)->default_value(256), "64 to 512")(
        "cases", "also one JSON line per case")("update-card", "write the metrics into the model's card");
      AddBackendOptions(line.options);
      return line;
    }

    // A patient on both sides stops the run. Looks at the model's own training and at those that it started from.
    void RefuseSeenPhantoms(const Json::Value& card, const Phantom::PhantomDatasetOptions& phantoms)
    {
      const Json::Value& trained = card["training_data"];
      if (trained.isObject() && trained["first_seed"].isUInt64() && trained["count"].isUInt64())
      {
        const std::uint64_t first = trained["first_seed"].asUInt64();
        const std::uint64_t end = first + trained["count"].asUInt64();
        if (phantoms.firstSeed < end && first < phantoms.firstSeed + phantoms.count)
        {
          throw Error(ErrorCode::BadInput, "The model was trained on phantoms with the seeds " + std::to_string(first) +
                                             " to " + std::to_string(end - 1) + ": choose another --seed");
        }
      }
      if (card["run"].isObject() && card["run"]["from"].isObject())
      {
        RefuseSeenPhantoms(card["run"]["from"], phantoms);
      }
    }

    void WriteCases(const StandardOutput& output, const Evaluation::HeldOutEvaluation& evaluation)
    {
      for (const Evaluation::CaseOutcome& outcome : evaluation.GetOutcomes())
      {
        Json::Value line;
        line["id"] = outcome.id;
        line["has_tumour"] = outcome.hasTumour;
        line["genotype"] = Json::Int64{outcome.genotype};
        line["probability_altered"] =
          outcome.probabilityAltered ? Json::Value(*outcome.probabilityAltered) : Json::Value();
        line["dice"] = outcome.dice;
        line["volume_mm3"] = outcome.predictedVolumeMm3;
        output.WriteLine(Protocol::WriteCompactJson(line));
      }
    }
  }

  int RunEvaluate(const std::vector<std::string>& arguments)
  {
    EvaluateRequest request;
    const auto values = MakeCommandLine(request).Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const StandardOutput output;
    Predict::ProcessTuning::KeepFreedMemory();
    auto engine = Predict::LoadedEngine::Load(request.model, ReadBackendOptions(*values));
    RefuseSeenPhantoms(engine.description.modelCard, request.phantoms);

    const Data::PhantomCaseSource source(request.phantoms);
    Predict::StudyPredictor predictor(*engine.backend, engine.framing);
    Predict::ScoreRules rules = engine.rules;
    rules.hasSegmentation = engine.backend->GetInfo().hasSegmentation;
    const bool isTerminal = isatty(STDERR_FILENO) != 0;
    const auto evaluation =
      Evaluation::HeldOutEvaluation::Run(source, predictor, rules, [isTerminal, &source](std::size_t done)
    {
      if (isTerminal)
      {
        std::fprintf(stderr, "\r%zu of %zu cases", done, source.GetCount());
      }
    });
    if (values->count("cases") != 0)
    {
      WriteCases(output, evaluation);
    }
    Json::Value metrics = evaluation.Summarise(rules.threshold);
    metrics["data"] = source.Describe();
    metrics["weights_sha256"] = engine.description.modelHash;
    output.WriteLine(Protocol::WriteCompactJson(metrics));
    if (values->count("update-card") != 0)
    {
      const std::filesystem::path path = request.model / Weights::ModelPackage::CARD_FILE;
      Weights::ModelCard card = Weights::ModelCard::Load(path);
      card.Set("metrics", metrics);
      card.Save(path);
    }
    return ExitCode::OK;
  }
}
