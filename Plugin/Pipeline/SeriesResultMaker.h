// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Pipeline/SeriesResult.h"
#include "Plugin/Pipeline/TriageOptions.h"
#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Results/Prediction.h"
#include "Plugin/Results/ResultIdentity.h"
#include "Plugin/Results/SaliencyWriter.h"
#include "Plugin/Volume/SourceSeries.h"

#include <json/value.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Pipeline
{
  // Turns the engine's answer on one series into DICOM objects and a JSON summary, under UIDs that follow from series,
  // model and configuration. Stores nothing. Lives as long as one series is processed. One thread.
  class SeriesResultMaker
  {
  public:
    // The references must outlive this object. `choice`: the result says so that a person chose the series; may be
    // empty.
    SeriesResultMaker(const Volume::SourceSeries& source, const Engine::EngineInfo& engine,
                      const TriageOptions& options, std::string choice);

    // On the series' own grid, for an ArrangingEngine.
    Engine::StudyRequest MakeRequest() const;

    // The result that stands in the study already, SEG, saliency and SR, when it was made from the same series by the
    // same model under the same configuration; `previous` is the JSON that the work store kept of the task (empty when
    // lost).
    std::optional<SeriesResult> FindStored(const Archive::StudySnapshot& study, const std::string& previous) const;

    // Whether patient and study stand in a stored report (its DICOM file) as the images have them now: a scanner may
    // send images again with a corrected name, under the same UIDs. A file that cannot be read is not judged.
    bool AgreesWithImages(const std::string& report) const;

    // Names patient and study as the images have them now: `header` in the JSON of what is made of them.
    std::string NameHeader() const;

    // Writes SEG (when there is tumour), saliency (of `salient`, the slices that the engine has explained) and SR.
    // Throws Error(Corrupt) when the engine's answer contradicts itself.
    SeriesResult Make(const Engine::StudyResult& computed, std::span<const Results::SaliencySlice> salient,
                      const std::vector<std::string>& warnings) const;

  private:
    Json::Value Describe(const Results::Prediction& prediction) const;
    Results::MaskVolume MakeMask(const Engine::StudyResult& computed) const;
    std::vector<std::string> GetSeriesUids(bool hasSegmentation, bool hasSaliency) const;

    const Volume::SourceSeries& source_;
    const TriageOptions& options_;
    std::string choice_;
    Results::ModelInfo model_;
    Results::ResultIdentity identity_;
  };
}
