// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"
#include "Training/Data/BidsFolder.h"
#include "Training/Runs/EventSink.h"

#include <json/value.h>

#include <filesystem>
#include <string>

namespace H3K27M::Runs
{
  // A finished model, one network or an ensemble, on patients that it has not seen (paper, section 2.5).
  struct ExternalEvaluation
  {
    std::filesystem::path model;
    std::filesystem::path dataset;  // BIDS folder
    Data::Contrast contrast = Data::Contrast::T2w;
    std::string split = "external";
    Predict::BackendOptions backend;

    // Writes config.json, manifest.json, events.jsonl, external.json (one outcome per patient), patients.json and
    // metrics.json into `folder`, made when it does not exist, and returns the metrics: {model, learned_from,
    // measured_with, external}, as DescribeLineage(), OutcomeMakers::ToJson() and HeldOutEvaluation::Summarise() give
    // them. A folder of the same evaluation is accepted when `resumes`: the patients that were done (outcomes.jsonl)
    // are not computed again. The same: of the same patients by the same weights, threshold, minimum tumour area and
    // framing; a folder that an earlier release began does not say the last two, and is accepted.
    // `onEvent` is told how many patients are done, when the folder was judged and after each one: {event: "case",
    // step, of}. A patient from whom the model learned what is usual (`evaluate --learn-inputs`) has no typicality.
    // Throws Error(BadInput) for patients that the model was trained on, Error(Conflict) for a folder of another run,
    // and what reading the data and the model throws.
    Json::Value Run(const std::filesystem::path& folder, bool resumes, const EventSink& onEvent) const;
  };
}
