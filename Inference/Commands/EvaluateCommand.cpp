// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/EvaluateCommand.h"

#include "Inference/Commands/BackendCommandLine.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/RunEvents.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Data/BidsCaseSource.h"
#include "Training/Data/PhantomCaseSource.h"
#include "Training/Evaluation/ModelEvaluation.h"
#include "Training/Evaluation/OutcomesJson.h"
#include "Training/Reports/RunReport.h"
#include "Training/Runs/ExternalEvaluation.h"
#include "Training/Runs/LeakageCheck.h"
#include "Training/Runs/LearnInputs.h"
#include "Training/Runs/Lineage.h"
#include "Training/Runs/TrainedCard.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    struct EvaluateRequest
    {
      std::filesystem::path model;
      std::filesystem::path dataset;  // empty: phantoms
      std::string contrast;
      std::string split;
      std::filesystem::path output;  // of a run; empty: nothing is written
      Phantom::PhantomDatasetOptions phantoms;
    };

    CommandLine MakeCommandLine(EvaluateRequest& request)
    {
      CommandLine line;
      line.usage = "evaluate --model DIR (--dataset DIR | --phantoms N) [OPTIONS]";
      line.description =
        "Runs the model over cases that it has not seen, of a BIDS folder or synthetic, whole heads as a PACS sends\n"
        "them (slice protocol `automatic`), and prints one JSON object: AUROC (DeLong), AUPRC, Brier score and Dice\n"
        "(bootstrap), sensitivity, specificity, PPV, NPV, accuracy and F1 (Wilson) with 95 % intervals, the\n"
        "calibration, and the paper's protocol `oracle`. Volumes that the model was trained on are refused. With\n"
        "--output also a folder as other runs leave it, with each patient's outcome and a report. Research use only.";
      line.options.add_options()("model", po::value(&request.model)->required(), "model folder")(
        "dataset", po::value(&request.dataset), "BIDS folder with participants.tsv (h3k27m_status) and masks")(
        "split", po::value(&request.split)->default_value("external"), "of the data set: external or development")(
        "contrast", po::value(&request.contrast)->default_value("T2w"),
        "of the data set: T2w or ceT1w")("phantoms", po::value(&request.phantoms.count), "how many synthetic volumes")(
        "seed", po::value(&request.phantoms.firstSeed)->default_value(1000001),
        "of the first volume")("signal-strength", po::value(&request.phantoms.signalStrength)->default_value(1.0, "1"),
                               "how far the status shows in the phantoms, 0 to 1")(
        "tumour-free-share", po::value(&request.phantoms.tumourFreeShare)->default_value(0.2, "0.2"),
        "0 to 1")("maximum-matrix", po::value(&request.phantoms.maximumMatrix)->default_value(256), "64 to 512")(
        "cases", "also one JSON line per case")("update-card", "write the metrics into the model's card")(
        "learn-inputs",
        "of a model that was trained before: put into it what these cases (five or more) look like to it, so that it\n"
        "can tell inputs of another kind; changes the hash of its weights");
      line.options.add_options()("output", po::value(&request.output), "folder for outcomes, metrics and report")(
        "resume", "the folder may hold the same evaluation already");
      AddBackendOptions(line.options);
      return line;
    }

    std::unique_ptr<Data::ICaseSource> OpenSource(const EvaluateRequest& request)
    {
      if (request.dataset.empty())
      {
        return std::make_unique<Data::PhantomCaseSource>(request.phantoms);
      }
      return std::make_unique<Data::BidsCaseSource>(
        std::make_shared<Data::BidsFolder>(request.dataset, Data::ParseContrast(request.contrast)), request.split);
    }

    // Into a folder, with a report.
    void EvaluateIntoFolder(const EvaluateRequest& request, const po::variables_map& values,
                            const StandardOutput& output)
    {
      if (request.dataset.empty() || values.count("cases") != 0 || values.count("update-card") != 0 ||
          values.count("learn-inputs") != 0)
      {
        throw UsageError("--output needs --dataset, and takes neither --cases nor --update-card nor --learn-inputs");
      }
      const Runs::ExternalEvaluation evaluation{request.model, request.dataset, Data::ParseContrast(request.contrast),
                                                request.split, ReadBackendOptions(values)};
      const bool resumes = values.count("resume") != 0;
      RunEvents events;
      events.ShowLife(request.output, resumes);
      const Json::Value metrics =
        evaluation.Run(request.output, resumes, [&, isJudged = false](const Json::Value& event) mutable
      {
        if (!std::exchange(isJudged, true))
        {
          events.Follow(request.output, 1);
        }
        events.Tell(event);
      });
      Reports::WriteRunReport(request.output);
      output.WriteLine(Protocol::WriteCompactJson(metrics));
    }

    void WriteCases(const StandardOutput& output, const Evaluation::HeldOutEvaluation& evaluation)
    {
      for (const Evaluation::CaseOutcome& outcome : evaluation.GetOutcomes())
      {
        output.WriteLine(Protocol::WriteCompactJson(Evaluation::WriteOutcome(outcome)));
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
    if (request.dataset.empty() == (values->count("phantoms") == 0))
    {
      throw UsageError("either --dataset or --phantoms is needed");
    }
    const StandardOutput output;
    Predict::ProcessTuning::KeepFreedMemory();
    if (!request.output.empty())
    {
      EvaluateIntoFolder(request, *values, output);
      return ExitCode::OK;
    }
    const std::filesystem::path path = request.model / Weights::ModelPackage::CARD_FILE;
    Weights::ModelCard card = Weights::ModelCard::Load(path);
    const std::unique_ptr<Data::ICaseSource> source = OpenSource(request);
    const Json::Value description = source->Describe();
    Runs::RefuseSeenCases(card.GetJson(), description);
    Runs::RefuseOtherContrast(card.GetJson(), Data::ParseContrast(request.contrast));

    const bool isTerminal = isatty(STDERR_FILENO) != 0;
    const Evaluation::HeldOutEvaluation evaluation(Evaluation::EvaluateModel(
      *source, request.model, Evaluation::ChooseSoundOptions(request.model, ReadBackendOptions(*values)),
      [isTerminal, &source, done = std::size_t{0}](const Evaluation::CaseOutcome&) mutable
    {
      done++;
      if (isTerminal)
      {
        std::fprintf(stderr, "\r%zu of %zu cases", done, source->GetCount());
      }
    }));
    if (values->count("cases") != 0)
    {
      WriteCases(output, evaluation);
    }
    if (values->count("learn-inputs") != 0)
    {
      card = Runs::LearnInputsAfterwards(request.model, evaluation.GetOutcomes(), description);
    }
    Json::Value metrics = evaluation.Summarise(card.GetThreshold());
    metrics["data"] = description;
    metrics["learned_from"] = Runs::DescribeLineage(card.GetJson());
    metrics["weights_sha256"] = card.GetWeightsSha256();
    output.WriteLine(Protocol::WriteCompactJson(metrics));
    if (values->count("update-card") != 0)
    {
      card.Set("metrics", metrics);
      card.Save(path);
    }
    return ExitCode::OK;
  }
}
