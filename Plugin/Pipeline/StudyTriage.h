// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Pipeline/SeriesComputation.h"
#include "Plugin/Pipeline/SeriesReader.h"
#include "Plugin/Pipeline/SeriesResult.h"
#include "Plugin/Pipeline/TriageOptions.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Pipeline
{
  class Cancellation;
  class InstanceCache;

  struct TriageOutcome
  {
    enum class Kind
    {
      Done,
      Refused,  // no series to take, with the reason; expected, not retried. Earlier results were removed, but for
                // what a review names
      Gone,     // the study is no longer in the archive
      Emptied,  // its images are not; what people said of it may be. Earlier results were removed likewise
      Changed   // images came or went since the task was queued: `request` is what to do instead, once stable
    };

    Kind kind = Kind::Done;
    std::string reason;
    WorkState::TaskResult result;
    WorkState::EnqueueRequest request;
  };

  // The path of one study, in order:
  //   StudySnapshot -> SeriesReading (verdicts) -> choice -> slices to the engine -> Prediction and mask -> SEG, SR
  //   -> archive
  // Every step can be repeated: UIDs follow from the content, so a second run replaces and never duplicates.
  // Thread-safe: the members are shared read-only, all state of a run is on its stack.
  class StudyTriage
  {
  public:
    // All references must outlive this object.
    StudyTriage(Archive::IArchive& archive, Engine::IInferenceEngine& engine, Volume::IExternalDecoder& decoder,
                TriageOptions options);

    // Blocks until the result is in the archive. The task's last result is taken over when it still stands in the study
    // and was made from the same input. Throws Error when archive or engine fail, Error(Cancelled) after
    // cancellation; nothing partial is visible then, but where the archive is away or the process was killed.
    TriageOutcome Run(const WorkState::Task& task, Cancellation& cancellation) const;

    // The verdict on one series, now: whether it is what triage takes, by the rules or because a person has chosen it,
    // or a T1 after a contrast agent.
    SeriesReading ReadSeries(const Archive::SeriesSnapshot& series, const std::string& studyId,
                             Routing::Contrast contrast = Routing::Contrast::T2w) const;

    // The verdict on it if that were the choice of a person for triage.
    SeriesReading ReadSeries(const Archive::SeriesSnapshot& series, const std::string& studyId,
                             const std::optional<HandChoice>& choice) const;

    // The series that a person has chosen for triage, as it is now.
    std::optional<HandChoice> FindChoice(const std::string& studyId) const;

    const TriageOptions& GetOptions() const noexcept
    {
      return options_;
    }

    // Of compressed pixels.
    Volume::IExternalDecoder& GetDecoder() const noexcept
    {
      return decoder_;
    }

  private:
    std::vector<SeriesReading> ReadStudy(const Archive::StudySnapshot& study, InstanceCache& files,
                                         Cancellation& cancellation) const;

    // Of the best candidate, or of all, as configured.
    std::vector<SeriesResult> ComputeAll(std::vector<SeriesReading>& readings, const Archive::StudySnapshot& study,
                                         const std::string& previous, InstanceCache& files,
                                         Cancellation& cancellation) const;

    // Nothing when the pixels cannot be taken, which is then a verdict in `reading`.
    std::optional<SeriesResult> ComputeSeries(SeriesReading& reading, const Archive::StudySnapshot& study,
                                              const std::string& previous, InstanceCache& files,
                                              Cancellation& cancellation) const;

    // Of a study that is not what the task was queued for: `change`, and where no image is left no result is either,
    // but for what a review names.
    TriageOutcome Leave(const std::string& studyId, TriageOutcome change) const;

    TriageOutcome Refuse(const Archive::StudySnapshot& study, const std::vector<SeriesReading>& readings,
                         const InstanceCache& files) const;

    TriageOutcome Deliver(const WorkState::Task& task, const Archive::StudySnapshot& study,
                          std::vector<SeriesResult>& results, const std::vector<SeriesReading>& readings) const;

    Archive::IArchive& archive_;
    Engine::IInferenceEngine& engine_;
    Volume::IExternalDecoder& decoder_;
    TriageOptions options_;
    SeriesReader reader_;
    SeriesReader enhancedT1Reader_;
    SeriesComputation computation_;
  };
}
