// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/ShadowTable.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/WorkState/Connections.h"
#include "Plugin/WorkState/TaskTable.h"

#include <algorithm>

namespace H3K27M::WorkState
{
  namespace
  {
    // A number that may be null, in the form that SOCI exchanges.
    struct Nullable
    {
      Nullable() = default;

      explicit Nullable(const std::optional<double>& number) :
        value(number.value_or(0)),
        indicator(number ? soci::i_ok : soci::i_null)
      {
      }

      std::optional<double> Get() const
      {
        return indicator == soci::i_ok ? std::optional<double>(value) : std::nullopt;
      }

      double value = 0;
      soci::indicator indicator = soci::i_null;
    };
  }

  ShadowTable::ShadowTable(Connections& connections, const Support::IClock& clock) :
    connections_(connections),
    clock_(clock)
  {
  }

  std::optional<Task> ShadowTable::FindNext(const ShadowModel& candidate, UnixMs since)
  {
    return connections_.Run([&](soci::session& session)
    { return TaskTable(session, connections_.GetDialect()).FindNotCompared(candidate, since); });
  }

  void ShadowTable::Put(const ShadowResult& result)
  {
    // Never before the result: FindNext() would find the study again, where a clock was set back or another server's
    // runs ahead.
    const long long now = std::max(clock_.NowMs(), result.taskFinishedAt);
    Nullable probability(result.candidate.probabilityAltered);
    Nullable volume(result.candidate.volumeMm3);
    Nullable currentProbability(result.current.probabilityAltered);
    Nullable currentVolume(result.current.volumeMm3);
    connections_.Run([&](soci::session& session)
    {
      session
        << "INSERT INTO h3k27m_shadow (study_id, study_uid, model, model_hash, status, probability_altered, "
           "volume_mm3, current_model, current_hash, current_status, current_probability, current_volume_mm3, "
           "fault, compared_at) VALUES (:study, :uid, :model, :hash, :status, :probability, :volume, :currentModel, "
           ":currentHash, :currentStatus, :currentProbability, :currentVolume, :fault, :now) "
           "ON CONFLICT (model, model_hash, study_id) DO UPDATE SET study_uid = excluded.study_uid, "
           "status = excluded.status, "
           "probability_altered = excluded.probability_altered, volume_mm3 = excluded.volume_mm3, "
           "current_model = excluded.current_model, current_hash = excluded.current_hash, "
           "current_status = excluded.current_status, current_probability = excluded.current_probability, "
           "current_volume_mm3 = excluded.current_volume_mm3, fault = excluded.fault, "
           "compared_at = excluded.compared_at",
        soci::use(result.studyId, "study"), soci::use(result.studyInstanceUid, "uid"),
        soci::use(result.candidate.model.name, "model"), soci::use(result.candidate.model.hash, "hash"),
        soci::use(result.candidate.status, "status"),
        soci::use(probability.value, probability.indicator, "probability"),
        soci::use(volume.value, volume.indicator, "volume"), soci::use(result.current.model.name, "currentModel"),
        soci::use(result.current.model.hash, "currentHash"), soci::use(result.current.status, "currentStatus"),
        soci::use(currentProbability.value, currentProbability.indicator, "currentProbability"),
        soci::use(currentVolume.value, currentVolume.indicator, "currentVolume"), soci::use(result.fault, "fault"),
        soci::use(now, "now");
      return true;
    });
  }

  std::vector<ShadowResult> ShadowTable::List(const ShadowModel& candidate, std::size_t limit)
  {
    if (limit > MAX_PAGE)
    {
      throw Error(ErrorCode::BadInput, "A page holds at most " + std::to_string(MAX_PAGE) + " comparisons");
    }

    const auto most = static_cast<long long>(limit);
    return connections_.Run([&](soci::session& session)
    {
      ShadowResult row;
      Nullable probability;
      Nullable volume;
      Nullable currentProbability;
      Nullable currentVolume;
      long long comparedAt = 0;
      soci::statement statement =
        (session.prepare << "SELECT study_id, study_uid, model, model_hash, status, probability_altered, volume_mm3, "
                            "current_model, current_hash, current_status, current_probability, current_volume_mm3, "
                            "fault, compared_at FROM h3k27m_shadow WHERE model = :model AND model_hash = :hash "
                            "ORDER BY compared_at DESC, study_id LIMIT :limit",
         soci::into(row.studyId), soci::into(row.studyInstanceUid), soci::into(row.candidate.model.name),
         soci::into(row.candidate.model.hash), soci::into(row.candidate.status),
         soci::into(probability.value, probability.indicator), soci::into(volume.value, volume.indicator),
         soci::into(row.current.model.name), soci::into(row.current.model.hash), soci::into(row.current.status),
         soci::into(currentProbability.value, currentProbability.indicator),
         soci::into(currentVolume.value, currentVolume.indicator), soci::into(row.fault), soci::into(comparedAt),
         soci::use(candidate.name, "model"), soci::use(candidate.hash, "hash"), soci::use(most, "limit"));
      std::vector<ShadowResult> rows;

      for (bool found = statement.execute(true); found; found = statement.fetch())
      {
        row.candidate.probabilityAltered = probability.Get();
        row.candidate.volumeMm3 = volume.Get();
        row.current.probabilityAltered = currentProbability.Get();
        row.current.volumeMm3 = currentVolume.Get();
        row.comparedAt = comparedAt;
        rows.push_back(row);
      }

      return rows;
    });
  }

  void ShadowTable::Remove(soci::session& session, const std::string& studyId)
  {
    session << "DELETE FROM h3k27m_shadow WHERE study_id = :study", soci::use(studyId, "study");
  }
}
