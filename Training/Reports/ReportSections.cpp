// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/ReportSections.h"

#include "Inference/Network/NetworkOptions.h"
#include "Training/Data/SyntheticSubject.h"
#include "Training/Reports/AbstentionTable.h"
#include "Training/Reports/FeatureFigure.h"
#include "Training/Reports/LeftOutTable.h"
#include "Training/Reports/MetricTables.h"
#include "Training/Reports/MetricText.h"
#include "Training/Reports/OutcomeFigures.h"
#include "Training/Reports/PatientTables.h"
#include "Training/Reports/SliceSections.h"
#include "Training/Runs/JsonFile.h"

#include <algorithm>

namespace H3K27M::Reports
{
  namespace
  {
    bool HoldsPhantoms(const Json::Value& patients)
    {
      for (const std::string& id : patients.getMemberNames())
      {
        if (Data::IsSyntheticSubject(id, patients[id]["synthetic"].asString(), patients[id]["site"].asString()))
        {
          return true;
        }
      }
      return false;
    }

    bool HasDice(const Evaluation::CaseOutcome& outcome)
    {
      return outcome.dice.has_value();
    }

    std::string DescribeControl(const RunRecord& run)
    {
      const bool isPlanted = run.config["control"] == "planted";
      if (run.IsEvaluation())
      {
        return std::string("CONTROL: the model learned labels that were shuffled between patients") +
               (isPlanted ? ", and a signal that was planted by them" : "") +
               "; these figures are against the true labels, and its answers mean nothing.";
      }
      if (isPlanted)
      {
        return "CONTROL: the labels were shuffled between patients, of the development split and of the external one, "
               "and a signal was then planted by the shuffled label: tumours called altered were made brighter, those "
               "called wild type darker (by how much of their intensity: control_strength of manifest.json). All "
               "figures are against the shuffled labels, and a pipeline that is whole finds the signal: the AUROC of "
               "all development patients out of fold (of several models: the last one's) is near 1, here " +
               FormatEstimate(GetAuroc(run.metrics["out_of_fold"])) + " by protocol automatic and " +
               FormatEstimate(GetAuroc(run.metrics["out_of_fold"]["oracle"])) +
               " by protocol oracle. Where both stay far below, labels, masks or images are lost on the way, or the "
               "training was too short; where protocol automatic alone does, tumours are not found.";
      }
      return "CONTROL: the labels were shuffled between patients, of the development split and of the external one, "
             "and all figures are against the shuffled labels. One figure alone is the control's: the AUROC of all "
             "development patients out of fold, protocol automatic (of several models: the last one's), here " +
             FormatEstimate(GetAuroc(run.metrics["out_of_fold"])) +
             ". Where its interval lies above 0.5, a leak is likely; without one that happens once in forty. Patients "
             "without an answer are ranked worst and pull it below 0.5, which shows none. The other figures of this "
             "page, of single folds, of external patients or by the other protocol, are no tests: of so many intervals "
             "some miss 0.5 by chance.";
    }

    // By the metrics' `learned_from`.
    std::string DescribeLearning(const Json::Value& learned)
    {
      std::string text;
      if (learned["phantoms"].asUInt64() > 0)
      {
        text = "What is measured here has learned from " + learned["phantoms"].asString() +
               " synthetic phantoms with a planted signal, itself or in the model that it began with. ";
      }
      const std::string trainedOn = learned["trained_on"].asString();
      return text + (trainedOn.empty() ? "The model's card does not say what it was trained on."
                                       : "Trained on: " + trainedOn + ".");
    }

    std::string ListSets(const Json::Value& sets)
    {
      std::string list;
      for (const Json::Value& set : sets)
      {
        list += (list.empty() ? "" : ", ") + set.asString();
      }
      return list;
    }

    // Sentences, each after a space; none of a run that an earlier release finished.
    std::string DescribeMeasurement(const Json::Value& metrics)
    {
      const Json::Value& makers = metrics["measured_with"];
      std::string text;
      for (const Json::Value& maker : makers)
      {
        text += maker["device"].isString() ? " Measured on " + maker["device"].asString() + " in " +
                                               maker["precision"].asString() + ", LibTorch " + maker["torch"].asString()
                                           : " Device and precision of the measurement were not written down";
        text += makers.size() > 1 ? ": " + ListSets(maker["of"]) + "." : ".";
      }
      for (const Json::Value& remark : metrics["remarks"])
      {
        text += " " + remark.asString();
      }
      return text;
    }
  }

  std::string NameProtocol(const std::string& protocol, bool hasSegmentation)
  {
    return "protocol " + protocol +
           (protocol == "automatic" && !hasSegmentation ? " (no mask is drawn: all slices that show the head speak)"
                                                        : "");
  }

  void AddIntroduction(ReportFolder& report, const RunRecord& run, const Json::Value& patients)
  {
    HtmlPage& page = report.GetPage();
    if (HoldsPhantoms(patients))
    {
      page.AddParagraph(
        "The data are synthetic phantoms with a planted signal, or hold some: these figures say nothing "
        "about patients.");
    }
    if (const Json::Value& learned = run.metrics["learned_from"]; learned.isObject())
    {
      page.AddParagraph(DescribeLearning(learned));
    }
    if (run.config["control"] != "none")
    {
      page.AddParagraph(DescribeControl(run));
    }
    page.AddParagraph(
      "The patient is the unit; altered (H3 K27M) is positive; intervals are 95 %, p values two-sided. "
      "Protocol automatic: the slices in which the model finds tumour speak, as in a PACS; of a model "
      "that draws no mask (variant classification, the paper's models 1 and 2), all slices that show "
      "the head. Protocol oracle, the paper's: the slices that hold tumour by hand contour speak, the "
      "same of every model. A patient without an answer counts as wrong: among the calls, and in AUROC, "
      "AUPRC and their curves below all others (altered) or above them (wild type). Calibration (Brier, "
      "ECE, reliability) is that of answers and leaves such a patient out; in the decision curve nobody "
      "acts on one.");
    page.AddParagraph("The interval of an AUROC is DeLong's on the logit scale. Classes that are completely separated "
                      "have no variance: theirs is the exact binomial bound over as many pairs as the smaller class "
                      "has patients, which assumes less and is wider than that of classes nearly separated.");
    if (!run.IsEvaluation())
    {
      page.AddParagraph("Out of fold, scores of the folds' different networks are ranked together; AUROC within folds "
                        "compares only patients whom the same network scored. Intervals and p values are those of the "
                        "patients: they take each fold's network as fixed, and ignore that another training would give "
                        "another network and that the folds share training patients.");
    }
    const std::string made = run.IsEvaluation() ? "model " + run.manifest["model"]["name"].asString() + " (weights " +
                                                    run.manifest["model"]["weights_sha256"].asString() + ")"
                                                : "preset " + run.config["preset"].asString();
    page.AddParagraph("Contrast " + run.config["contrast"].asString() + ", " + made + ", data set " +
                      run.manifest["data"]["hash"].asString() + "." + DescribeMeasurement(run.metrics));
  }

  void AddPatients(ReportFolder& report, const Json::Value& patients, const Json::Value& leftOut,
                   const std::string& split)
  {
    report.GetPage().AddHeading("Patients");
    report.Add(MakeFlowTable(patients));
    if (const std::optional<Table> studies = MakeLeftOutTable(leftOut, split))
    {
      report.Add(*studies);
    }
    report.Add(MakeDemographicsTable(patients));
    if (const std::optional<Table> sites = MakeSiteTable(patients))
    {
      report.Add(*sites);
    }
    report.Add(MakeAcquisitionTable(patients));
  }

  void AddFoldTables(ReportFolder& report, const RunRecord& run)
  {
    const bool hasSegmentation =
      Network::HasSegmentation(Network::ParseVariant(run.config["network"]["variant"].asString()));
    std::vector<NamedMetrics> internal;
    std::vector<NamedMetrics> external;
    for (const Json::Value& fold : run.metrics["folds"])
    {
      const std::string name = "fold " + fold["fold"].asString();
      internal.push_back({name, fold["internal"], hasSegmentation});
      external.push_back({name, fold["external"], hasSegmentation});
    }
    const NamedMetrics all{"all, out of fold", run.metrics["out_of_fold"], hasSegmentation};
    internal.push_back(all);
    external.push_back({"ensemble of all folds", run.metrics["external"], hasSegmentation});
    for (const char* protocol : {"automatic", "oracle"})
    {
      const std::string suffix = std::string("-") + protocol;
      const std::string named = NameProtocol(protocol, hasSegmentation);
      report.Add(MakeMetricTable("folds-development" + suffix,
                                 "Development, each fold on the patients that it held out; " + named, internal,
                                 protocol));
      if (run.HasExternal())
      {
        report.Add(MakeMetricTable("folds-external" + suffix, "External patients; " + named, external, protocol));
      }
    }
    report.Add(MakeWithinFoldsTable("folds-within", {all}));
    report.Add(MakeSliceTable("folds-slices", "Development, slice by slice", internal));
    if (run.HasExternal())
    {
      report.Add(MakeSliceTable("folds-slices-external", "External patients, slice by slice", external));
    }
  }

  void AddMainFigures(ReportFolder& report, const NamedOutcomes& main, double threshold)
  {
    report.Add(MakeReliabilityFigure("reliability", main),
               "Predicted probability against observed share; protocol automatic.");
    report.Add(MakeDecisionFigure("decision", main),
               "Net benefit of acting on the model's answer, shaded its 95 % interval at each threshold (bootstrap of "
               "patients within each genotype, down to -0.2 or to the curve); nobody acts where there is no answer. "
               "Protocol automatic.");
    if (const auto& outcomes = main.outcomes; std::any_of(outcomes.begin(), outcomes.end(), HasDice))
    {
      report.Add(MakeScoreFigure("scores", main, threshold),
                 "Each patient's probability and Dice; protocol automatic.");
    }
  }

  void AddCurvesOfSet(ReportFolder& report, const std::string& name, const std::string& title,
                      const std::vector<NamedOutcomes>& sets, const std::string& what)
  {
    for (const bool isOracle : {false, true})
    {
      const auto protocol =
        isOracle ? &Evaluation::CaseOutcome::oracleProbability : &Evaluation::CaseOutcome::probabilityAltered;
      const std::string suffix = name + (isOracle ? "-oracle" : "");
      const std::string named = isOracle ? "; protocol oracle" : "; protocol automatic";
      const std::string heading = title + named;
      const std::string shaded =
        " Shaded: 95 % intervals of the bootstrap of patients within each genotype, at each place by itself.";
      std::string roc = "ROC ";
      roc.append(what).append(named);
      roc.append(". In brackets the area with DeLong's interval on the logit scale.").append(shaded);
      std::string precision = "Precision and recall ";
      precision.append(what).append(named);
      precision.append(". AP: average precision, the area under the steps, with the interval of the same bootstrap.");
      precision.append(shaded).append(" Dashed: the share of altered patients.");
      const CurveFigures figures = MakeCurveFigures(suffix, heading, sets, protocol);
      report.Add(figures.roc, roc);
      report.Add(figures.precisionRecall, precision);
    }
  }

  void AddCurves(ReportFolder& report, const RunRecord& run, double threshold)
  {
    AddCurvesOfSet(report, "development", "development", run.internal,
                   "of the folds, each on the patients that it held out");
    if (run.HasExternal())
    {
      std::vector<NamedOutcomes> external = run.external;
      external.push_back({"ensemble", run.ensemble.outcomes});
      AddCurvesOfSet(report, "external", "external", external,
                     "of the folds and of their ensemble on the external patients");
    }
    AddMainFigures(report, run.HasExternal() ? run.ensemble : run.outOfFold, threshold);
  }

  void AddFeatureMaps(ReportFolder& report, const std::vector<std::pair<std::string, const RunRecord*>>& models)
  {
    report.GetPage().AddHeading("Features");
    for (const auto& [name, run] : models)
    {
      for (const char* set : {"internal", "external"})
      {
        const Json::Value& map = run->featureMaps[set];
        if (map.isObject())
        {
          const std::string suffix = (name.empty() ? "" : "-" + name) + "-" + set;
          const std::string title = std::string(set == std::string("external") ? "External" : "Development") +
                                    (name.empty() ? "" : ", " + name);
          report.Add(MakeFeatureFigure("features" + suffix, title, map), DescribeFeatureMap(map));
        }
      }
    }
  }

  void AddErrors(ReportFolder& report, const std::string& heading, const std::vector<Evaluation::CaseOutcome>& outcomes,
                 double threshold, const std::filesystem::path& fold)
  {
    report.GetPage().AddHeading(heading);
    const Table errors = MakeErrorTable("errors", outcomes, threshold);
    report.Add(errors);
    AddErrorSlices(report, errors, fold);

    if (const std::optional<Table> abstention = MakeAbstentionTable("abstention", outcomes, threshold))
    {
      report.GetPage().AddParagraph(
        "A patient's typicality is the share of the patients known to the model, but not seen by the network in "
        "question, that lie at least as far from the others. Of patients like those, one network finds at most one in "
        "fifty below 0.02; an ensemble, whose networks each have patients of their own, finds about as many, at most "
        "about twice as many. A larger share passed over says that these patients differ from the model's. A model "
        "that knows n patients gives no typicality below 1 in n + 1: with fewer than 50, nobody is below 0.02. "
        "Patients from whom the model learned what is usual are left out.");
      report.Add(*abstention);
    }
  }

  void AddGate(ReportFolder& report, const Json::Value& gate)
  {
    if (gate.isObject())
    {
      report.GetPage().AddHeading("Promotion gate");
      report.GetPage().AddParagraph(std::string(gate["passed"].asBool() ? "Passed: " : "Not passed: ") +
                                    gate["reason"].asString() + " Compared with " +
                                    gate["baseline"]["name"].asString() + ".");
      for (const Json::Value& remark : gate["remarks"])
      {
        report.GetPage().AddParagraph(remark.asString());
      }
    }
  }

  void AddAllFigures(ReportFolder& report, const Json::Value& metrics)
  {
    FlattenMetrics(metrics).WriteCsv(report.GetPath() / "metrics.csv");
    Runs::WriteJsonFile(report.GetPath() / "metrics.json", metrics);
    report.GetPage().AddParagraph("Every figure with its interval and method: metrics.csv and metrics.json beside this "
                                  "page; the figures' scripts and the tables as CSV below figures/ and tables/.");
  }
}
