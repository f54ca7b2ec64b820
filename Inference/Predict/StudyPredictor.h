// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/IBackend.h"
#include "Inference/Predict/InputTypicality.h"
#include "Inference/Predict/PatientScore.h"
#include "Inference/Predict/StudySaliency.h"
#include "Inference/Preprocess/VolumeView.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Predict
{
  struct StudyTimings
  {
    double receiveMs = 0;  // from the first to the last message of the study; 0 when it was read from a file
    double preprocessMs = 0;
    double networkMs = 0;
    double postprocessMs = 0;
    double saliencyMs = 0;
    double totalMs = 0;  // of the computation
  };

  // The engine's answer about one study.
  struct StudyResult
  {
    PatientScore patient;
    double threshold = 0.5;
    std::vector<SliceScore> scores;  // of the computed slices: those that show the head, lowest first

    // Masks on the native grid [row, column], by slice: only those whose tumour reaches the minimum area. 0 background,
    // 1 tumour of an altered case, 2 tumour of a wild-type case.
    std::map<std::size_t, std::vector<std::uint8_t>> masks;
    std::map<std::size_t, std::vector<std::uint8_t>> smallMasks;  // those that do not, if the rules keep them
    std::size_t tumourVoxels = 0;
    double tumourVolumeMm3 = 0;
    SaliencyMaps saliency;  // of the slices asked for; none where there is no genotype

    std::vector<std::vector<double>> signatures;  // of each network: the mean over the computed slices
    std::optional<InputTypicality> typicality;    // empty: the model has no reference, or no slice shows the head
    bool abstained = false;                       // no genotype is stated because of it

    std::vector<std::string> warnings;
    StudyTimings timings;
  };

  // Called between the batches of a study, from the thread that computes.
  struct StudyHooks
  {
    std::function<bool()> isCancelled;  // may be empty
    std::function<void()> onBatch;      // may be empty
  };

  // From a volume to the answer: preprocessing, the network on the slices that show the head, masks, patient score.
  // The slices are split into batches in their order, so the split depends on the study alone. Memory beyond the
  // volume: one byte per voxel of the slices with tumour, and what one batch takes.
  class StudyPredictor
  {
  public:
    // `backend` and `references` (of each of its networks, or none) must outlive this object.
    StudyPredictor(IBackend& backend, Preprocess::Framing framing,
                   std::span<const std::optional<Weights::InputReference>> references = {});

    // Throws Error(BadInput) for what cannot be processed, Error(Cancelled), and what the backend throws.
    // Without saliency, and where no genotype is stated, nothing more is computed.
    StudyResult Run(const Preprocess::VolumeView& volume, ScoreRules rules, const StudyHooks& hooks = {},
                    SaliencyChoice saliency = SaliencyChoice::None);

  private:
    void JudgeStudy(const ScoreRules& rules, StudyResult& result) const;
    void Explain(const Preprocess::SliceTensor& study, const StudyHooks& hooks, SaliencyChoice choice,
                 StudyResult& result);
    void RunBatches(const Preprocess::SliceTensor& study, const StudyHooks& hooks, const ScoreRules& rules,
                    StudyResult& result);

    IBackend& backend_;
    Preprocess::Framing framing_;
    std::span<const std::optional<Weights::InputReference>> references_;
  };
}
