// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/StudyLabels.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Archive/RequireStudy.h"
#include "Plugin/Labels/LabelFields.h"
#include "Plugin/Labels/LabelJson.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Support/Log.h"

#include <algorithm>
#include <utility>

namespace H3K27M::Labels
{
  using WorkState::StudyLabel;

  namespace
  {
    // The copy is right without reading the report: it is there, and no other is.
    bool IsUpToDate(const StudyLabel& label, const Archive::StudySnapshot& study)
    {
      const std::vector<Archive::SeriesSnapshot> series = Pipeline::GetLabelSeries(study);
      return series.size() == 1 && series.front().instances == std::vector<std::string>{label.instanceId};
    }

    bool Holds(const ReportReading& reading, const std::string& instanceId)
    {
      return std::any_of(reading.labels.begin(), reading.labels.end(),
                         [&instanceId](const StudyLabel& label) { return label.instanceId == instanceId; });
    }
  }

  StudyLabels::StudyLabels(Archive::IArchive& archive, WorkState::WorkStore& store, const Support::IClock& clock,
                           const Volume::VolumeLimits& limits) :
    archive_(archive),
    store_(store),
    clock_(clock),
    reports_(archive, limits)
  {
  }

  std::optional<StudyLabel> StudyLabels::Look(const Archive::StudySnapshot& study) const
  {
    std::optional<StudyLabel> copy = store_.FindLabel(study.id);

    if (copy && IsUpToDate(*copy, study))
    {
      return copy;
    }

    const ReportReading reading = reports_.Read(study);
    return reading.labels.empty() ? std::nullopt : std::optional<StudyLabel>(reading.labels.back());
  }

  std::optional<StudyLabel> StudyLabels::Settle(const Archive::StudySnapshot& study) const
  {
    std::optional<StudyLabel> copy = store_.FindLabel(study.id);

    if (copy && IsUpToDate(*copy, study))
    {
      return copy;
    }

    ReportReading reading = reports_.Read(study);

    if (copy && !Holds(reading, copy->instanceId))
    {
      store_.RemoveLabel(study.id, copy->instanceId);
    }

    if (!reading.fault.empty())
    {
      Support::Log::Info("labels: study " + study.id + ": " + reading.fault);
    }

    if (reading.labels.empty())
    {
      return std::nullopt;
    }

    StudyLabel last = std::move(reading.labels.back());
    reading.labels.pop_back();
    store_.PutLabel(last);

    for (const StudyLabel& superseded : reading.labels)
    {
      Audit("archive", "label-superseded", superseded);
      reports_.Remove(superseded.instanceId);
    }

    return last;
  }

  StudyLabel StudyLabels::Get(const std::string& studyId) const
  {
    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);

    if (std::optional<StudyLabel> label = Look(study))
    {
      return std::move(*label);
    }

    const std::string fault = reports_.Read(study).fault;
    throw Error(ErrorCode::NotFound, "Study " + studyId + " has no label; PUT cases/" + studyId + "/label sets one" +
                                       (fault.empty() ? "" : " (" + fault + ")"));
  }

  bool StudyLabels::WouldChange(const std::string& studyId, const Results::GenotypeLabel& label) const
  {
    const std::optional<StudyLabel> current = Look(Archive::RequireStudy(archive_, studyId));
    return !current || !HaveEqualFields(*current, ToStudyLabel(label));
  }

  LabelChange StudyLabels::Set(const std::string& studyId, Results::GenotypeLabel label,
                               const std::string& source) const
  {
    const Archive::StudySnapshot before = Archive::RequireStudy(archive_, studyId);
    const std::optional<StudyLabel> current = Settle(before);

    if (current && HaveEqualFields(*current, ToStudyLabel(label)))
    {
      return {*current, false};
    }

    // After the label in force even where the clock of another site runs ahead: what a person sets last counts.
    label.recordedAtMs = std::max(clock_.NowMs(), current ? current->recordedAt + 1 : 0);
    label.source = source;
    reports_.Store(before, std::move(label));

    const std::optional<Archive::StudySnapshot> now = archive_.GetStudy(studyId);

    if (now)
    {
      RequireSource(before, *now);
    }

    std::optional<StudyLabel> settled = now ? Settle(*now) : std::nullopt;

    if (!settled)
    {
      throw Error(ErrorCode::Conflict, "Study " + studyId + " or its label was removed while the label was set");
    }

    Audit("rest", "label", *settled);
    return {std::move(*settled), true};
  }

  // Storing into a study that was deleted meanwhile brings it back, with nothing but the label.
  void StudyLabels::RequireSource(const Archive::StudySnapshot& before, const Archive::StudySnapshot& now) const
  {
    const bool isThere = std::any_of(before.series.begin(), before.series.end(), [&](const Archive::SeriesSnapshot& old)
    {
      return std::any_of(now.series.begin(), now.series.end(),
                         [&old](const Archive::SeriesSnapshot& series) { return series.id == old.id; });
    });

    if (!isThere)
    {
      for (const std::string& instance : reports_.Read(now).instances)
      {
        reports_.Remove(instance);
      }

      throw Error(ErrorCode::Conflict, "Study " + before.id + " was deleted while its label was set");
    }
  }

  std::optional<StudyLabel> StudyLabels::Withdraw(const std::string& studyId) const
  {
    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);
    const ReportReading reading = reports_.Read(study);

    if (reading.instances.empty())
    {
      throw Error(ErrorCode::NotFound, "Study " + studyId + " has no label");
    }

    for (const std::string& instance : reading.instances)
    {
      reports_.Remove(instance);
      store_.RemoveLabel(studyId, instance);
    }

    for (const StudyLabel& label : reading.labels)
    {
      Audit("rest", "label-withdrawn", label);
    }

    return reading.labels.empty() ? std::nullopt : std::optional<StudyLabel>(reading.labels.back());
  }

  void StudyLabels::Refresh(const Archive::StudySnapshot& study) const
  {
    const std::optional<StudyLabel> before = store_.FindLabel(study.id);
    const std::optional<StudyLabel> now = Settle(study);

    if (now && now != before)
    {
      Audit("archive", "label-received", *now);
    }
    else if (before && !now)
    {
      Audit("archive", "label-removed", *before);
    }
  }

  void StudyLabels::Audit(const char* who, const char* what, const StudyLabel& label) const
  {
    store_.AppendAudit({0, 0, who, what, label.studyId, Protocol::WriteCompactJson(ToJson(label))});
  }
}
