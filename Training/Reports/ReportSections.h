// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/ReportFolder.h"
#include "Training/Reports/RunRecord.h"

#include <json/value.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

// What the reports of several kinds of run have in common, section by section. Each puts its tables and figures into
// the folder and onto the page; a section whose file the run did not leave is left out.
namespace H3K27M::Reports
{
  // What the figures mean, what was run and measured with what, what the model learned from, and that phantoms (among
  // `patients`, those of the figures) or shuffled labels say nothing about patients.
  void AddIntroduction(ReportFolder& report, const RunRecord& run, const Json::Value& patients);

  // "protocol automatic" and which slices that means of a model that draws no mask; "protocol oracle".
  std::string NameProtocol(const std::string& protocol, bool hasSegmentation);

  // Flow of patients and studies (the paper's figure S1), demographics by genotype and by site, acquisition (tables S1
  // and S2). `split`: whose studies are meant; empty: all.
  void AddPatients(ReportFolder& report, const Json::Value& patients, const Json::Value& leftOut,
                   const std::string& split = {});

  // The paper's table 2, the AUROC within folds, and the genotype slice by slice.
  void AddFoldTables(ReportFolder& report, const RunRecord& run);

  // Calibration, decision curve, each patient's score and Dice.
  void AddMainFigures(ReportFolder& report, const NamedOutcomes& main, double threshold);

  // ROC and precision and recall of these sets of answers, each by both slice protocols. `name`: of the files; `title`
  // and `what` (as in "of the folds") name them on the page.
  void AddCurvesOfSet(ReportFolder& report, const std::string& name, const std::string& title,
                      const std::vector<NamedOutcomes>& sets, const std::string& what);

  // The paper's figure 2, then the main figures.
  void AddCurves(ReportFolder& report, const RunRecord& run, double threshold);

  // The paper's figure 3, at its right; each model with the name that it has in the titles, empty for a single one.
  void AddFeatureMaps(ReportFolder& report, const std::vector<std::pair<std::string, const RunRecord*>>& models);

  // The cases called wrongly, under that heading, with the slices that `fold`, a run's first one, keeps of them, and
  // what abstaining from unusual ones would bring.
  void AddErrors(ReportFolder& report, const std::string& heading, const std::vector<Evaluation::CaseOutcome>& outcomes,
                 double threshold, const std::filesystem::path& fold = {});

  // Whether the model may be promoted, and why.
  void AddGate(ReportFolder& report, const Json::Value& gate);

  // Every figure with its interval, as files beside the page.
  void AddAllFigures(ReportFolder& report, const Json::Value& metrics);
}
