// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/RunReport.h"

#include "Inference/Network/NetworkOptions.h"
#include "Inference/Protocol/Error.h"
#include "Training/Reports/LossFigure.h"
#include "Training/Reports/MetricTables.h"
#include "Training/Reports/MetricText.h"
#include "Training/Reports/OutcomeFigures.h"
#include "Training/Reports/ReportFolder.h"
#include "Training/Reports/ReportSections.h"
#include "Training/Reports/ReportingChecklist.h"
#include "Training/Reports/RunRecord.h"
#include "Training/Reports/SliceSections.h"
#include "Training/Runs/AblationModels.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/RunFiles.h"

namespace H3K27M::Reports
{
  namespace
  {
    std::filesystem::path ReportCrossValidation(const std::filesystem::path& folder)
    {
      const RunRecord run = RunRecord::Read(folder);
      const double threshold = run.config["threshold"].asDouble();
      ReportFolder report(folder / "report", "Cross-validation: H3 K27M from axial MR");
      AddIntroduction(report, run, run.patients);
      AddPatients(report, run.patients, run.leftOut);
      report.GetPage().AddHeading("Figures of merit");
      AddFoldTables(report, run);
      report.GetPage().AddHeading("Curves");
      AddCurves(report, run, threshold);
      AddFeatureMaps(report, {{"", &run}});
      const std::filesystem::path firstFold = folder / Runs::GetFoldName(0);
      AddSaliency(report, firstFold);
      AddMasks(report, firstFold);
      AddGate(report, run.metrics["gate"]);
      AddErrors(report, "Errors", run.HasExternal() ? run.ensemble.outcomes : run.outOfFold.outcomes, threshold,
                firstFold);
      report.GetPage().AddHeading("Training");
      report.Add(MakeLossFigure("loss", "Loss of each fold", folder / Runs::EVENTS_FILE, "total"),
                 "Loss against step, one curve for each fold.");
      report.GetPage().AddHeading("Reporting checklist");
      report.Add(MakeChecklist(run));
      AddAllFigures(report, run.metrics);
      return report.Finish();
    }

    // An evaluation's participants: the data set names others, too, who were not measured.
    Json::Value SelectSplit(const Json::Value& patients, const std::string& split)
    {
      Json::Value selected(Json::objectValue);
      for (const std::string& id : patients.getMemberNames())
      {
        if (patients[id]["split"] == split)
        {
          selected[id] = patients[id];
        }
      }
      return selected;
    }

    std::filesystem::path ReportEvaluation(const std::filesystem::path& folder)
    {
      const RunRecord run = RunRecord::Read(folder);
      const double threshold = run.config["threshold"].asDouble();
      const bool hasSegmentation =
        Network::HasSegmentation(Network::ParseVariant(run.config["network"]["variant"].asString()));
      ReportFolder report(folder / "report", "Evaluation on split " + run.GetSplit() + ": H3 K27M from axial MR");
      const Json::Value patients = SelectSplit(run.patients, run.GetSplit());
      AddIntroduction(report, run, patients);
      AddPatients(report, patients, run.leftOut, run.GetSplit());
      report.GetPage().AddHeading("Figures of merit");
      const std::vector<NamedMetrics> model{
        {run.manifest["model"]["name"].asString(), run.metrics["external"], hasSegmentation}};
      for (const char* protocol : {"automatic", "oracle"})
      {
        report.Add(MakeMetricTable(std::string("external-") + protocol,
                                   "Split " + run.GetSplit() + "; " + NameProtocol(protocol, hasSegmentation), model,
                                   protocol));
      }
      report.Add(MakeSliceTable("external-slices", "Split " + run.GetSplit() + ", slice by slice", model));
      report.GetPage().AddHeading("Curves");
      AddCurvesOfSet(report, "external", run.ensemble.name, {run.ensemble}, "of the model on these patients");
      AddMainFigures(report, run.ensemble, threshold);
      AddErrors(report, "Errors", run.ensemble.outcomes, threshold);
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

    // Two of the six draw no mask.
    std::string NameProtocolOfModels(const std::string& protocol)
    {
      return "protocol " + protocol +
             (protocol == "automatic" ? " (of models 1 and 2, which draw no mask, all slices that show the head speak: "
                                        "they are set against the others by protocol oracle)"
                                      : "");
    }

    // What the p values of a comparison leave out.
    std::string DescribeComparisons(bool isExternal, bool isOracle)
    {
      const std::string slices = isOracle ? ""
                                          : ". Of models 1 and 2, which draw no mask, all slices that show the head "
                                            "speak: their difference is one of slices and of architecture together, "
                                            "and protocol oracle compares the same slices";
      return slices + (isExternal ? ". The p values take the trained networks as fixed"
                                  : ". Scores of the folds' different networks are ranked together; the p values take "
                                    "each fold's network as fixed and ignore the variability of training and the "
                                    "training patients that folds share");
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
                              "; " + NameProtocolOfModels(protocol),
                            models, protocol));
        }
        if (!isExternal)
        {
          report.Add(MakeWithinFoldsTable("models-within-folds", models));
        }
        report.Add(MakeSliceTable(
          std::string("models-slices-") + (isExternal ? "external" : "development"),
          isExternal ? "External patients, fold ensembles, slice by slice" : "Development, slice by slice", models));
      }
    }

    void AddComparisons(ReportFolder& report, const Json::Value& metrics, const char* set)
    {
      const Json::Value& comparisons = metrics["comparisons"][set];
      if (!comparisons.isArray())
      {
        return;
      }
      const bool isExternal = std::string(set) == "external";
      for (const char* protocol : {"automatic", "oracle"})
      {
        const bool isOracle = std::string(protocol) == "oracle";
        Table table{std::string("comparisons-") + (isExternal ? "external-" : "development-") + protocol,
                    std::string("Each model against the last: ") +
                      (isExternal ? "external patients" : "development, out of fold") + "; protocol " + protocol +
                      DescribeComparisons(isExternal, isOracle),
                    {"Models", "AUROC, difference", "p (DeLong)", "p (McNemar)"},
                    {},
                    {}};
        if (!isOracle)
        {
          table.columns.insert(table.columns.end(), {"Dice, difference", "p (bootstrap)"});
        }
        for (const Json::Value& comparison : comparisons)
        {
          const Json::Value& genotypes = isOracle ? comparison["oracle"] : comparison;
          std::vector<std::string> row{comparison["first"].asString() + " - " + comparison["second"].asString(),
                                       FormatEstimate(genotypes["auroc"]["difference"]), FormatP(genotypes["auroc"]),
                                       FormatP(genotypes["mcnemar"])};
          if (!isOracle)
          {
            const bool hasDice = comparison["dice"].isObject();
            row.push_back(hasDice ? FormatEstimate(comparison["dice"]["difference"]) : "no segmentation");
            row.push_back(hasDice ? FormatP(comparison["dice"]) : "");
          }
          table.AddRow(std::move(row));
        }
        report.Add(table);
      }
    }

    std::filesystem::path ReportAblation(const std::filesystem::path& folder)
    {
      const Json::Value metrics = Runs::ReadJsonFile(folder / Runs::METRICS_FILE);
      std::vector<RunRecord> models;
      std::vector<NamedOutcomes> outOfFold;
      std::vector<NamedOutcomes> external;
      for (const Runs::AblationModel& model : Runs::ABLATION_MODELS)
      {
        models.push_back(RunRecord::Read(folder / model.GetName()));
        outOfFold.push_back({model.GetName(), models.back().outOfFold.outcomes});
        external.push_back({model.GetName(), models.back().ensemble.outcomes});
      }
      // The page is of all six, and so is what it says of their measurement.
      for (const char* field : {"measured_with", "remarks"})
      {
        models.back().metrics[field] = metrics[field];
      }
      const RunRecord& last = models.back();
      const double threshold = last.config["threshold"].asDouble();
      ReportFolder report(folder / "report", "Ablation of six models: H3 K27M from axial MR");
      AddIntroduction(report, last, last.patients);
      AddPatients(report, last.patients, last.leftOut);
      report.GetPage().AddHeading("Six models");
      AddModelTables(report, metrics);
      AddComparisons(report, metrics, "out_of_fold");
      AddComparisons(report, metrics, "external");
      AddCurvesOfSet(report, "models-development", "development, out of fold", outOfFold,
                     "of the six models, each patient by the network that has not seen the patient");
      if (last.HasExternal())
      {
        AddCurvesOfSet(report, "models-external", "external, ensembles", external,
                       "of the six models' ensembles on the external patients");
      }
      report.GetPage().AddHeading("The sixth model, fold by fold");
      AddFoldTables(report, last);
      AddCurves(report, last, threshold);
      AddFeatureMaps(report, {{"model-1", &models[0]}, {"model-2", &models[1]}, {"model-6", &models[5]}});
      AddReconstructions(report, folder / "encoder-fold-1");
      const std::filesystem::path firstFold = folder / Runs::ABLATION_MODELS.back().GetName() / Runs::GetFoldName(0);
      AddSaliency(report, firstFold);
      AddMasks(report, firstFold);
      AddErrors(report, "Errors of the sixth model",
                last.HasExternal() ? last.ensemble.outcomes : last.outOfFold.outcomes, threshold, firstFold);
      report.GetPage().AddHeading("Training");
      report.Add(MakeLossFigure("loss-pretraining", "Pre-training", folder / Runs::EVENTS_FILE, "reconstruction"),
                 "Reconstruction error of the masked patches against step, one curve for each fold's encoder "
                 "(of more than seven folds all in one colour).");
      report.Add(MakeLossFigure("loss", "Co-training", folder / Runs::EVENTS_FILE, "total"),
                 "Loss against step, a thin line for each fold, a colour for each model.");
      report.GetPage().AddHeading("Reporting checklist");
      report.Add(MakeChecklist(last, Runs::ABLATION_MODELS.back().GetName() + "/model/"));
      AddAllFigures(report, metrics);
      return report.Finish();
    }
  }

  std::filesystem::path WriteRunReport(const std::filesystem::path& run)
  {
    const std::string kind = Runs::ReadJsonFile(run / Runs::CONFIG_FILE)["kind"].asString();
    if (!std::filesystem::exists(run / Runs::METRICS_FILE))
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
    if (kind == "evaluate")
    {
      return ReportEvaluation(run);
    }
    throw Error(ErrorCode::BadInput, run.string() + " holds no cross-validation, ablation or evaluation");
  }
}
