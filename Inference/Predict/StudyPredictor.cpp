// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/StudyPredictor.h"

#include "Inference/Predict/Stopwatch.h"
#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <sstream>

namespace H3K27M::Predict
{
  namespace
  {
    void ThrowIfCancelled(const StudyHooks& hooks)
    {
      if (hooks.isCancelled && hooks.isCancelled())
      {
        throw Error(ErrorCode::Cancelled, "The study was cancelled");
      }
    }

    void CountPixels(std::span<const std::uint8_t> mask, double pixelAreaMm2, SliceScore& score)
    {
      for (const std::uint8_t label : mask)
      {
        score.pixelsAltered += label == 1 ? 1 : 0;
        score.pixelsWildType += label == 2 ? 1 : 0;
      }
      score.tumourAreaMm2 = static_cast<double>(score.pixelsAltered + score.pixelsWildType) * pixelAreaMm2;
    }

    std::string DescribeUnusual(const InputTypicality& typicality)
    {
      const auto nearer =
        static_cast<std::size_t>(std::lround(static_cast<double>(typicality.patients + 1) * (1 - typicality.share)));
      return "The images look unlike those that the model knows: " + std::to_string(nearer) + " of " +
             std::to_string(typicality.patients) + " patients that it had not seen before lie closer to them.";
    }

    // A check that never finds anything must not seem to have found the images usual.
    void WarnAboutFewPatients(double minimumTypicality, StudyResult& result)
    {
      if (result.typicality && minimumTypicality > 0 && !result.typicality->CanLieBelow(minimumTypicality))
      {
        std::ostringstream text;
        text << "No images are too unusual for this model: it knows " << result.typicality->patients
             << (result.typicality->patients == 1 ? " patient" : " patients") << ", and a typicality below "
             << minimumTypicality << " needs " << std::floor(1 / minimumTypicality);
        result.warnings.push_back(text.str());
      }
    }

    // Adds `share` of each slice's signature to the study's.
    void AddSignatures(const BatchResult& batch, std::size_t count, double share, StudyResult& result)
    {
      result.signatures.resize(batch.signatures.size());
      for (std::size_t network = 0; network < batch.signatures.size(); network++)
      {
        const std::vector<float>& values = batch.signatures[network];
        std::vector<double>& sums = result.signatures[network];
        sums.resize(values.size() / count);
        for (std::size_t i = 0; i < values.size(); i++)
        {
          sums[i % sums.size()] += share * values[i];
        }
      }
    }

    void KeepMask(const SliceScore& score, const ScoreRules& rules, std::span<const std::uint8_t> mask,
                  StudyResult& result)
    {
      const bool isSmall = score.tumourAreaMm2 < rules.minimumTumourAreaMm2;
      if (score.tumourAreaMm2 > 0 && (!isSmall || rules.keepsSmallMasks))
      {
        (isSmall ? result.smallMasks : result.masks)
          .emplace(score.slice, std::vector<std::uint8_t>(mask.begin(), mask.end()));
      }
    }

    void WarnAboutSlicesLeftOut(std::size_t slices, StudyResult& result)
    {
      const std::size_t leftOut = slices - result.scores.size();
      if (leftOut > 0)
      {
        result.warnings.push_back(std::to_string(leftOut) + " of " + std::to_string(slices) +
                                  (leftOut == 1 ? " slices shows" : " slices show") + " too little of the head and " +
                                  (leftOut == 1 ? "was" : "were") + " not examined");
      }
    }

    void WarnAboutSmallAreas(const ScoreRules& rules, StudyResult& result)
    {
      const auto small = std::count_if(result.scores.begin(), result.scores.end(), [&result](const SliceScore& score)
      { return score.tumourAreaMm2 > 0 && !result.masks.contains(score.slice); });
      if (small > 0)
      {
        std::ostringstream text;
        text << small << (small == 1 ? " slice" : " slices") << " with a predicted tumour area below "
             << rules.minimumTumourAreaMm2 << " mm2 taken as tumour-free";
        result.warnings.push_back(text.str());
      }
    }
  }

  StudyPredictor::StudyPredictor(IBackend& backend, Preprocess::Framing framing,
                                 std::span<const std::optional<Weights::InputReference>> references) :
    backend_(backend),
    framing_(framing),
    references_(references)
  {
  }

  StudyResult StudyPredictor::Run(const Preprocess::VolumeView& volume, ScoreRules rules, const StudyHooks& hooks,
                                  SaliencyChoice saliency)
  {
    const Stopwatch stopwatch;
    StudyResult result;
    result.threshold = rules.threshold;
    rules.hasSegmentation = backend_.GetInfo().hasSegmentation;
    PatientScore::Evaluate({}, rules);  // refuses bad rules before the work is done

    Preprocess::PreprocessOptions options;
    options.inputSize = backend_.GetInfo().inputSize;
    options.framing = framing_;
    const Preprocess::SliceTensor study(volume, options, backend_.TakeVolume(volume));
    result.warnings = study.GetWarnings();
    result.timings.preprocessMs = stopwatch.GetMilliseconds();

    RunBatches(study, hooks, rules, result);
    result.patient = PatientScore::Evaluate(result.scores, rules);
    JudgeStudy(rules, result);
    for (const auto& [slice, mask] : result.masks)
    {
      result.tumourVoxels += static_cast<std::size_t>(
        std::count_if(mask.begin(), mask.end(), [](std::uint8_t label) { return label != 0; }));
    }
    result.tumourVolumeMm3 = static_cast<double>(result.tumourVoxels) * volume.pixelSpacingMm[0] *
                             volume.pixelSpacingMm[1] * volume.sliceSpacingMm;
    Explain(study, hooks, saliency, result);
    WarnAboutSlicesLeftOut(volume.slices, result);
    WarnAboutSmallAreas(rules, result);
    result.timings.totalMs = stopwatch.GetMilliseconds();
    return result;
  }

  void StudyPredictor::JudgeStudy(const ScoreRules& rules, StudyResult& result) const
  {
    if (result.scores.empty())
    {
      return;
    }
    result.typicality = JudgeInput(references_, result.signatures);
    WarnAboutFewPatients(rules.minimumTypicality, result);
    if (!result.typicality || result.typicality->share >= rules.minimumTypicality)
    {
      return;
    }
    const std::string why = DescribeUnusual(*result.typicality);
    if (result.patient.call != GenotypeCall::NotDetermined)
    {
      result.patient.Abstain(why);
      result.abstained = true;
    }
    else
    {
      result.warnings.push_back(why);  // a tumour may have been missed, too
    }
  }

  void StudyPredictor::Explain(const Preprocess::SliceTensor& study, const StudyHooks& hooks, SaliencyChoice choice,
                               StudyResult& result)
  {
    const std::vector<std::size_t> slices = ChooseSalientSlices(choice, result.patient, result.scores);
    if (slices.empty())
    {
      return;
    }
    const Stopwatch stopwatch;
    result.saliency = ComputeSaliencyMaps(backend_, study, slices, result.patient.call, [&hooks]
    {
      ThrowIfCancelled(hooks);
      if (hooks.onBatch)
      {
        hooks.onBatch();
      }
    });
    result.timings.saliencyMs = stopwatch.GetMilliseconds();
  }

  void StudyPredictor::RunBatches(const Preprocess::SliceTensor& study, const StudyHooks& hooks,
                                  const ScoreRules& rules, StudyResult& result)
  {
    const Preprocess::VolumeView& volume = study.GetVolume();
    const double pixelAreaMm2 = volume.pixelSpacingMm[0] * volume.pixelSpacingMm[1];
    const std::size_t sliceSize = volume.GetSliceSize();
    std::vector<std::size_t> withHead;
    for (std::size_t slice = 0; slice < volume.slices; ++slice)
    {
      if (study.HasHead(slice))
      {
        withHead.push_back(slice);
      }
    }
    const std::size_t batchSize = std::min(backend_.GetInfo().batchSize, withHead.size());
    // Not cleared: of most slices it is never touched.
    const auto masks = std::make_unique_for_overwrite<std::uint8_t[]>(batchSize * sliceSize);
    for (std::size_t first = 0; first < withHead.size(); first += batchSize)
    {
      ThrowIfCancelled(hooks);
      const std::size_t count = std::min(batchSize, withHead.size() - first);
      SliceBatch batch;
      batch.study = &study;
      batch.slices = std::span(withHead).subspan(first, count);
      batch.masks = std::span(masks.get(), count * sliceSize);
      const BatchResult answer = backend_.RunBatch(batch);
      result.timings.preprocessMs += answer.preprocessMs;
      result.timings.networkMs += answer.networkMs;
      AddSignatures(answer, count, 1 / static_cast<double>(withHead.size()), result);
      const Stopwatch stopwatch;
      for (std::size_t i = 0; i < count; ++i)
      {
        const auto mask = batch.masks.subspan(i * sliceSize, sliceSize);
        SliceScore score;
        score.slice = batch.slices[i];
        score.probabilityAltered = answer.probabilityAltered.at(i);
        for (const std::vector<double>& member : answer.memberAltered)
        {
          score.memberAltered.push_back(member.at(i));
        }
        if (answer.tumourPixels.at(i) > 0)
        {
          CountPixels(mask, pixelAreaMm2, score);
        }
        KeepMask(score, rules, mask, result);
        result.scores.push_back(score);
      }
      result.timings.postprocessMs += answer.postprocessMs + stopwatch.GetMilliseconds();
      if (hooks.onBatch)
      {
        hooks.onBatch();
      }
    }
  }
}
