// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/RunReport.h"

#include "Inference/Protocol/Error.h"
#include "Training/Reports/LossFigure.h"
#include "Training/Reports/MetricTables.h"
#include "Training/Reports/MetricText.h"
#include "Training/Reports/OutcomeFigures.h"
#include "Training/Reports/PatientTables.h"
#include "Training/Reports/ReportFolder.h"
#include "Training/Reports/ReportingChecklist.h"
#include "Training/Reports/RunRecord.h"
#include "Training/Runs/AblationModels.h"
#include "Training/Runs/JsonFile.h"

namespace H3K27M::Reports
{
  namespace
  {
    bool IsOfPhantoms(const Json::Value& patients)
    {
      for (const Json::Value& patient : patients)
      {
        if (patient["synthetic"] == "yes" || patient["site"] == "phantom")
        {
          return true;
        }
      }
      return false;
    }

    void AddIntroduction(ReportFolder& report, const RunRecord& run)
    {
      HtmlPage& page = report.GetPage();
      if (IsOfPhantoms(run.patients))
      {
        page.AddParagraph(
          "The data are synthetic phantoms with a planted signal, or hold some: these figures say nothing "
          "about patients.");
      }
      if (run.config["control"] != "none")
      {
        page.AddParagraph(
          "CONTROL: the labels of the development patients were shuffled. An AUROC on the external patients "
          "whose interval does not cover 0.5 shows a leak. Out-of-fold figures are against the shuffled "
          "labels.");
      }
      page.AddParagraph(
        "The patient is the unit; altered (H3 K27M) is positive; intervals are 95 %, p values two-sided. "
        "Protocol automatic: the slices in which the model finds tumour speak, as in a PACS. Protocol "
        "oracle, the paper's: the slices that hold tumour by hand contour speak. A patient without an "
        "answer counts as wrong.");
      page.AddParagraph("Contrast " + run.config["contrast"].asString() + ", preset " +
                        run.config["preset"].asString() + ", data set " + run.manifest["data"]["hash"].asString() +
                        ".");
    }

    void AddPatients(ReportFolder& report, const Json::Value& patients)
    {
      report.GetPage().AddHeading("Patients");
      report.Add(MakeFlowTable(patients));
      report.Add(MakeDemographicsTable(patients));
      report.Add(MakeAcquisitionTable(patients));
    }

    // The paper's table 2.
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
      internal.push_back({"all, out of fold", run.metrics["out_of_fold"], hasSegmentation});
      external.push_back({"ensemble of all folds", run.metrics["external"], hasSegmentation});
      for (const char* protocol : {"automatic", "oracle"})
      {
        const std::string suffix = std::string("-") + protocol;
        report.Add(
          MakeMetricTable("folds-development" + suffix,
                          std::string("Development, each fold on the patients that it held out; protocol ") + protocol,
                          internal, protocol));
        if (run.HasExternal())
        {
          report.Add(MakeMetricTable("folds-external" + suffix, std::string("External patients; protocol ") + protocol,
                                     external, protocol));
        }
      }
    }

    // The paper's figure 2, with calibration and decision curves.
    void AddCurves(ReportFolder& report, const RunRecord& run, double threshold)
    {
      report.Add(MakeRocFigure("roc-development", "ROC, development", run.internal),
                 "ROC curves of the folds, each on the patients that it held out.");
      report.Add(MakePrecisionRecallFigure("pr-development", "Precision and recall, development", run.internal),
                 "Precision and recall of the folds, each on the patients that it held out.");
      if (run.HasExternal())
      {
        std::vector<NamedOutcomes> external = run.external;
        external.push_back({"ensemble", run.ensemble.outcomes});
        report.Add(MakeRocFigure("roc-external", "ROC, external", external),
                   "ROC curves of the folds and of their ensemble on the external patients.");
        report.Add(MakePrecisionRecallFigure("pr-external", "Precision and recall, external", external),
                   "Precision and recall of the folds and of their ensemble on the external patients.");
      }
      const NamedOutcomes& main = run.HasExternal() ? run.ensemble : run.outOfFold;
      report.Add(MakeReliabilityFigure("reliability", main), "Predicted probability against observed share.");
      report.Add(MakeDecisionFigure("decision", main), "Net benefit of acting on the model's answer.");
      report.Add(MakeScoreFigure("scores", main, threshold), "Each patient's probability and Dice.");
    }

    void AddGate(ReportFolder& report, const Json::Value& gate)
    {
      if (gate.isObject())
      {
        report.GetPage().AddHeading("Promotion gate");
        report.GetPage().AddParagraph(std::string(gate["passed"].asBool() ? "Passed: " : "Not passed: ") +
                                      gate["reason"].asString() + " Compared with " +
                                      gate["baseline"]["name"].asString() + ".");
      }
    }

    void AddAllFigures(ReportFolder& report, const Json::Value& metrics)
    {
      FlattenMetrics(metrics).WriteCsv(report.GetPath() / "metrics.csv");
      Runs::WriteJsonFile(report.GetPath() / "metrics.json", metrics);
      report.GetPage().AddParagraph(
        "Every figure with its interval and method: metrics.csv and metrics.json beside this "
        "page; the figures' scripts and the tables as CSV below figures/ and tables/.");
    }

    std::filesystem::path ReportCrossValidation(const std::filesystem::path& folder)
    {
      const RunRecord run = RunRecord::Read(folder);
      const double threshold = run.config["threshold"].asDouble();
      ReportFolder report(folder / "report", "Cross-validation: H3 K27M from axial MR");
      AddIntroduction(report, run);
      AddPatients(report, run.patients);
      report.GetPage().AddHeading("Figures of merit");
      AddFoldTables(report, run);
      report.GetPage().AddHeading("Curves");
      AddCurves(report, run, threshold);
      AddGate(report, run.metrics["gate"]);
      report.GetPage().AddHeading("Errors");
      report.Add(
        MakeErrorTable("errors", run.HasExternal() ? run.ensemble.outcomes : run.outOfFold.outcomes, threshold));
      report.GetPage().AddHeading("Training");
      report.Add(MakeLossFigure("loss", "Loss of each fold", folder / "events.jsonl", "total"),
                 "Loss against step, one curve for each fold.");
      report.GetPage().AddHeading("Reporting checklist");
      report.Add(MakeChecklist(run));
      AddAllFigures(report, run.metrics);
      return report.Finish();
    }

    std::string DescribeModel(const Json::Value& model)
    {
      return "model " + model["number"].asString() + ": " + model["variant"].asString() +
             (model["pretrained"].asBool() ? ", pre-trained" : ", from scratch");
    }

    // The paper's table 1.
    void AddModelTables(ReportFolder& report, const Json::Value& metrics)
    {
      for (const char* set : {"out_of_fold", "external"})
      {
        std::vector<NamedMetrics> models;
        for (const Json::Value& model : metrics["models"])
        {
          const bool hasSegmentation = Network::HasSegmentation(Network::ParseVariant(model["variant"].asString()));
          models.push_back({DescribeModel(model), model["metrics"][set], hasSegmentation});
        }
        if (models.front().metrics.isNull())
        {
          continue;
        }
        const bool isExternal = std::string(set) == "external";
        for (const char* protocol : {"automatic", "oracle"})
        {
          report.Add(
            MakeMetricTable(std::string("models-") + (isExternal ? "external-" : "development-") + protocol,
                            std::string(isExternal ? "External patients, fold ensembles" : "Development, out of fold") +
                              "; protocol " + protocol,
                            models, protocol));
        }
      }
    }

    void AddComparisons(ReportFolder& report, const Json::Value& metrics, const char* set)
    {
      const Json::Value& comparisons = metrics["comparisons"][set];
      if (!comparisons.isArray())
      {
        return;
      }
      Table table{std::string("comparisons-") + (std::string(set) == "external" ? "external" : "development"),
                  std::string("Each model against the last: ") +
                    (std::string(set) == "external" ? "external patients" : "development, out of fold"),
                  {"Models", "AUROC, difference", "p (DeLong)", "p (McNemar)", "Dice, difference", "p (bootstrap)"},
                  {},
                  {}};
      for (const Json::Value& comparison : comparisons)
      {
        const bool hasDice = comparison["dice"].isObject();
        table.AddRow({comparison["first"].asString() + " - " + comparison["second"].asString(),
                      FormatEstimate(comparison["auroc"]["difference"]), FormatP(comparison["auroc"]),
                      FormatP(comparison["mcnemar"]),
                      hasDice ? FormatEstimate(comparison["dice"]["difference"]) : "no segmentation",
                      hasDice ? FormatP(comparison["dice"]) : ""});
      }
      report.Add(table);
    }

    std::filesystem::path ReportAblation(const std::filesystem::path& folder)
    {
      const Json::Value metrics = Runs::ReadJsonFile(folder / "metrics.json");
      std::vector<RunRecord> models;
      std::vector<NamedOutcomes> outOfFold;
      std::vector<NamedOutcomes> external;
      for (const Runs::AblationModel& model : Runs::ABLATION_MODELS)
      {
        models.push_back(RunRecord::Read(folder / model.GetName()));
        outOfFold.push_back({model.GetName(), models.back().outOfFold.outcomes});
        external.push_back({model.GetName(), models.back().ensemble.outcomes});
      }
      const RunRecord& last = models.back();
      const double threshold = last.config["threshold"].asDouble();
      ReportFolder report(folder / "report", "Ablation of six models: H3 K27M from axial MR");
      AddIntroduction(report, last);
      AddPatients(report, last.patients);
      report.GetPage().AddHeading("Six models");
      AddModelTables(report, metrics);
      AddComparisons(report, metrics, "out_of_fold");
      AddComparisons(report, metrics, "external");
      report.Add(MakeRocFigure("roc-models-development", "ROC, development, out of fold", outOfFold),
                 "ROC curves of the six models, each patient by the network that has not seen the patient.");
      if (last.HasExternal())
      {
        report.Add(MakeRocFigure("roc-models-external", "ROC, external, ensembles", external),
                   "ROC curves of the six models' ensembles on the external patients.");
      }
      report.GetPage().AddHeading("The sixth model, fold by fold");
      AddFoldTables(report, last);
      AddCurves(report, last, threshold);
      report.GetPage().AddHeading("Errors of the sixth model");
      report.Add(
        MakeErrorTable("errors", last.HasExternal() ? last.ensemble.outcomes : last.outOfFold.outcomes, threshold));
      report.GetPage().AddHeading("Training");
      report.Add(MakeLossFigure("loss-pretraining", "Pre-training", folder / "events.jsonl", "reconstruction"),
                 "Reconstruction error of the masked patches against step, one curve for each fold's encoder.");
      report.Add(MakeLossFigure("loss", "Co-training", folder / "events.jsonl", "total"),
                 "Loss against step, one curve for each model and fold.");
      report.GetPage().AddHeading("Reporting checklist");
      report.Add(MakeChecklist(last));
      AddAllFigures(report, metrics);
      return report.Finish();
    }
  }

  std::filesystem::path WriteRunReport(const std::filesystem::path& run)
  {
    const std::string kind = Runs::ReadJsonFile(run / "config.json")["kind"].asString();
    if (!std::filesystem::exists(run / "metrics.json"))
    {
      throw Error(ErrorCode::Conflict, run.string() + " is not finished");
    }
    if (kind == "cross-validate")
    {
      return ReportCrossValidation(run);
    }
    if (kind == "ablate")
    {
      return ReportAblation(run);
    }
    throw Error(ErrorCode::BadInput, run.string() + " holds no cross-validation and no ablation");
  }
}
