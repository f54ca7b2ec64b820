// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/ReportingChecklist.h"

#include <cstdio>
#include <set>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr const char* BY_AUTHORS = "to be written by the authors";

    std::string DescribeSample(const RunRecord& run)
    {
      if (run.IsEvaluation())
      {
        return run.metrics["external"]["tumour_cases"].asString() + " patients with tumour";
      }
      return run.metrics["out_of_fold"]["tumour_cases"].asString() + " patients with tumour in development" +
             (run.HasExternal() ? ", " + run.metrics["external"]["tumour_cases"].asString() + " external"
                                : ", none external");
    }

    // Of the splits that this run used.
    bool IsOfRun(const RunRecord& run, const Json::Value& patient)
    {
      const std::string split = patient["split"].asString();
      return run.IsEvaluation() ? split == run.GetSplit() : split == "development" || split == "external";
    }

    std::string DescribeOutcome(const RunRecord& run)
    {
      std::size_t labelled = 0;
      std::size_t withAssay = 0;
      for (const Json::Value& patient : run.patients)
      {
        if (IsOfRun(run, patient) && patient["genotype"].isString())
        {
          labelled++;
          withAssay += patient["assay"].isString() && !patient["assay"].asString().empty() ? 1 : 0;
        }
      }
      return "genotype as labelled in the data set; altered is positive; the assay is stated for " +
             std::to_string(withAssay) + " of " + std::to_string(labelled) + " labelled patients";
    }

    std::string DescribeMissing(const RunRecord& run)
    {
      std::size_t excluded = 0;
      std::size_t withoutMask = 0;
      for (const Json::Value& patient : run.patients)
      {
        excluded += patient["split"] == "excluded" ? 1 : 0;
        withoutMask += IsOfRun(run, patient) && !patient["has_mask"].asBool() ? 1 : 0;
      }
      const Json::Value& measured = run.metrics[run.IsEvaluation() || run.HasExternal() ? "external" : "out_of_fold"];
      return std::to_string(excluded) + " excluded and " + std::to_string(withoutMask) +
             " without a mask, who were not used; no image of any other patient is missing, or the run would have "
             "refused the data set. Without an answer: " +
             measured["not_determined"].asString() + " of " + measured["tumour_cases"].asString() + " (" +
             (run.IsEvaluation() || run.HasExternal() ? run.ensemble.name : run.outOfFold.name) +
             "), counted as wrong and ranked worst, left out of calibration alone";
    }

    // What the code refuses, and no more: what people chose before the run it cannot know.
    std::string DescribeSeparation(const RunRecord& run)
    {
      const std::string unknown = "; whether somebody chose something by these patients before, the run cannot know";
      if (run.IsEvaluation())
      {
        return "split " + run.GetSplit() +
               "; a model whose card, or that of a model it began with, lists one of these images is refused" + unknown;
      }
      return "folds and splits are by patient, a data set in which two patients have the same image is refused, and so "
             "is a model to begin with that has seen one of the images; threshold and number of steps were fixed in "
             "config.json before" +
             unknown;
    }

    // Six digits: 0.003, not 0.0030000000000000001.
    std::string Print(const Json::Value& number)
    {
      if (!number.isDouble() || number.isIntegral())
      {
        return number.asString();
      }
      char text[32];
      std::snprintf(text, sizeof(text), "%.6g", number.asDouble());
      return text;
    }

    std::string DescribePreparation(const RunRecord& run)
    {
      const Json::Value& framing = run.config["framing"];
      return "intensities to 0..1 by percentiles of the volume, framing " +
             (framing.isString() ? framing.asString() : std::string("as the model's card says")) +
             ", the same in training and use";
    }

    // What nobody looked at must not seem to have been found equal.
    std::string DescribeSites(const RunRecord& run)
    {
      std::set<std::string> sites;
      for (const Json::Value& patient : run.patients)
      {
        if (IsOfRun(run, patient) && patient["site"].isString())
        {
          sites.insert(patient["site"].asString());
        }
      }
      sites.erase("");
      if (sites.empty())
      {
        return "the data set names no site: differences between sites were not looked at";
      }
      const std::string found = sites.size() == 1 ? "one site" : std::to_string(sites.size()) + " sites";
      return found + (run.IsEvaluation() ? "" : "; folds stratified by genotype and site") +
             "; no figures by site: how they differ from one site to another was not measured";
    }

    std::string DescribeModel(const RunRecord& run, const std::string& modelFolder)
    {
      if (run.IsEvaluation())
      {
        return "the model " + run.manifest["model"]["name"].asString() + ", as its card says";
      }
      const Json::Value& config = run.config;
      const Json::Value& network = config["network"];
      return "variant " + network["variant"].asString() + ", input " + network["input_size"].asString() +
             " pixels, width " + network["width"].asString() + "; weights and card in " + modelFolder;
    }

    std::string DescribeBalance(const RunRecord& run)
    {
      if (run.IsEvaluation())
      {
        return "nothing was trained";
      }
      return run.config["training"].get("balanced", true).asBool()
               ? "batches hold as many altered as wild-type slices"
               : "each slice with tumour once in an epoch, whatever its genotype; weights in the loss alone";
    }

    // Whether several batches make one step. An earlier release's configuration does not say it.
    bool Accumulates(const Json::Value& training)
    {
      return training.get("accumulation", 1).asUInt64() > 1;
    }

    std::string CountSteps(const Json::Value& training)
    {
      return training["steps"].asString() + (Accumulates(training) ? " steps" : " batches");
    }

    std::string DescribeStepSize(const Json::Value& training)
    {
      return (Accumulates(training) ? training["accumulation"].asString() + " x " : std::string()) +
             training["batch"].asString() + " slices";
    }

    std::string DescribeLength(const Json::Value& training)
    {
      return training["epochs"].asUInt64() > 0
               ? training["epochs"].asString() + " epochs (in steps: each card's run.stages)"
               : CountSteps(training);
    }

    std::string DescribeEncoder(const Json::Value& pretraining)
    {
      return "masked autoencoding, " +
             (pretraining["epochs"].asUInt64() > 0 ? pretraining["epochs"].asString() + " epochs"
                                                   : CountSteps(pretraining)) +
             " of " + DescribeStepSize(pretraining) + ", " + Print(pretraining["mask_ratio"]) +
             " of the patches masked, peak rate " + Print(pretraining["peak_rate"]);
    }

    // What the folds began with (Ablation.h, Runs::DescribeOrigin()).
    std::string DescribeStart(const RunRecord& run)
    {
      const Json::Value& from = run.manifest["from"];
      if (from.isString())
      {
        return "; each fold began with an encoder of its own (" + from.asString() +
               "), pre-trained on the images of the fold's training patients: " +
               DescribeEncoder(run.config["pretraining"]);
      }
      if (!from.isObject())
      {
        return "; from random weights";
      }
      const Json::Value& made = from["run"];
      // Only the card of a network that was co-trained names its stages.
      const bool isEncoder = made.isObject() && made["config"].isObject() && made["stages"].isNull();
      const std::string member = from["member"].asString();  // empty: the model is one network
      return "; each fold began with " + from["name"].asString() +
             (member.empty() ? "" : " (of the ensemble its network " + member + ")") +
             (isEncoder ? ", an encoder: " + DescribeEncoder(made["config"]["pretraining"])
                        : std::string(", whose own training is in manifest.json, `from`"));
    }

    std::string DescribeMethods(const RunRecord& run)
    {
      if (run.IsEvaluation())
      {
        return "a finished model, nothing was trained or chosen here; its training: its card";
      }
      const Json::Value& config = run.config;
      const Json::Value& training = config["training"];
      const std::string stages = config["stages"].asString();
      return config["folds"].asString() + " folds by patient, stratified by genotype and site, seed " +
             config["seed"].asString() + "; preset " + config["preset"].asString() + ", " +
             (stages.empty() ? DescribeLength(training) : "stages " + stages) + " of " + DescribeStepSize(training) +
             ", peak rate " + Print(training["peak_rate"]) + ", seed " + config["seed"].asString() +
             DescribeStart(run) + "; every key in config.json";
    }
  }

  Table MakeChecklist(const RunRecord& run, const std::string& modelFolder)
  {
    Table table{"checklist",
                "Reporting checklist: TRIPOD+AI items, with CLAIM in mind",
                {"Item", "What is asked", "This run"},
                {},
                {}};
    table.AddRow({"1-4", "Title, abstract, background, objectives", BY_AUTHORS});
    table.AddRow({"5a", "Sources of data",
                  "BIDS data set, contrast " + run.manifest["data"]["contrast"].asString() + ", hash " +
                    run.manifest["data"]["hash"].asString()});
    table.AddRow({"5b-6c", "Dates, setting, eligibility, treatments", BY_AUTHORS});
    table.AddRow({"7", "Data preparation", DescribePreparation(run)});
    table.AddRow({"8", "Outcome", DescribeOutcome(run)});
    table.AddRow({"9", "Predictors", "the image alone; no clinical variable enters"});
    table.AddRow({"10", "Sample size", DescribeSample(run) + "; how many were needed: " + BY_AUTHORS});
    table.AddRow({"11", "Missing data", DescribeMissing(run)});
    table.AddRow({"12a-c", "Analytical methods", DescribeMethods(run)});
    table.AddRow({"12d", "Whether and how differences between sites were handled and measured", DescribeSites(run)});
    table.AddRow(
      {"12e-g", "Measures and uncertainty",
       "AUROC (DeLong on the logit scale, exact binomial bound where the classes are separated; metrics.json has "
       "DeLong's own interval too), sensitivity and specificity (Wilson), AUPRC, Dice, Brier score, expected "
       "calibration error and the bands of ROC, precision-recall and decision curves (bootstrap of patients), all "
       "95 %; calibration: reliability curve (Wilson); clinical utility: decision curve; epoch and threshold fixed "
       "beforehand (threshold " +
         run.config["threshold"].asString() + ")"});
    table.AddRow({"13", "Class imbalance", DescribeBalance(run)});
    table.AddRow({"14", "Fairness", "figures by subgroup: " + std::string(BY_AUTHORS)});
    const bool drawsNoMask = run.config["network"]["variant"] == "classification";
    table.AddRow({"15", "Model output",
                  std::string("probability of altered, threshold, ") + (drawsNoMask ? "no mask" : "tumour mask")});
    table.AddRow({"16", "Training against evaluation", DescribeSeparation(run)});
    table.AddRow({"17-19", "Ethics, open science, public involvement", BY_AUTHORS});
    table.AddRow(
      {"20", "Participants",
       "see flow (and left-out, where a snapshot left studies out), demographics (by genotype and, of several "
       "sites, by site) and acquisition"});
    table.AddRow({"21-22", "Model development and specification", DescribeModel(run, modelFolder)});
    table.AddRow({"23", "Performance", "see the tables and figures, with intervals"});
    table.AddRow({"24", "Model updating",
                  run.IsEvaluation()              ? "none"
                  : run.manifest["from"].isNull() ? "from random weights"
                                                  : "see manifest.json"});
    table.AddRow({"25-27", "Interpretation, limitations, usability", std::string("research use only; ") + BY_AUTHORS});
    return table;
  }
}
