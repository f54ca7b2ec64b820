// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/LabelTable.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/WorkState/Connections.h"

#include <algorithm>

namespace H3K27M::WorkState
{
  namespace
  {
    constexpr std::size_t MAX_PAGE = 10'000;
    constexpr std::size_t IDS_PER_STATEMENT = 500;  // SQLite before 3.32 takes at most 999 variables

    constexpr const char* COLUMNS =
      "study_id, study_uid, series_id, instance_id, sop_uid, genotype, assay, gene, site, pre_operative, split, "
      "reason, annotator, reviser, source, synthetic, recorded_at";

    // Runs a SELECT of COLUMNS whose variables are bound already.
    std::vector<StudyLabel> Select(soci::statement& statement, const std::string& clause)
    {
      StudyLabel label;
      long long preOperative = 0;
      long long synthetic = 0;
      long long recordedAt = 0;

      for (std::string* text : {&label.studyId, &label.studyInstanceUid, &label.seriesId, &label.instanceId,
                                &label.sopInstanceUid, &label.genotype, &label.assay, &label.gene, &label.site})
      {
        statement.exchange(soci::into(*text));
      }

      statement.exchange(soci::into(preOperative));

      for (std::string* text : {&label.split, &label.reason, &label.annotator, &label.reviser, &label.source})
      {
        statement.exchange(soci::into(*text));
      }

      statement.exchange(soci::into(synthetic));
      statement.exchange(soci::into(recordedAt));
      statement.alloc();
      statement.prepare(std::string("SELECT ") + COLUMNS + " FROM h3k27m_labels " + clause);
      statement.define_and_bind();

      std::vector<StudyLabel> labels;

      for (bool found = statement.execute(true); found; found = statement.fetch())
      {
        label.preOperative = preOperative != 0;
        label.synthetic = synthetic != 0;
        label.recordedAt = recordedAt;
        labels.push_back(label);
      }

      return labels;
    }

    // The one row whose `column` is `key`; several cannot be (their SQL says LIMIT 1).
    std::optional<StudyLabel> SelectOne(Connections& connections, const char* column, const std::string& key)
    {
      return connections.Run([&](soci::session& session)
      {
        soci::statement statement(session);
        statement.exchange(soci::use(key, "key"));
        std::vector<StudyLabel> labels = Select(statement, std::string("WHERE ") + column + " = :key LIMIT 1");
        return labels.empty() ? std::nullopt : std::optional<StudyLabel>(std::move(labels.front()));
      });
    }
  }

  LabelTable::LabelTable(Connections& connections) :
    connections_(connections)
  {
  }

  void LabelTable::Put(const StudyLabel& label)
  {
    const int preOperative = label.preOperative ? 1 : 0;
    const int synthetic = label.synthetic ? 1 : 0;
    const long long recordedAt = label.recordedAt;

    connections_.Run([&](soci::session& session)
    {
      session << std::string("INSERT INTO h3k27m_labels (") + COLUMNS +
                   ") VALUES (:study, :uid, :series, :instance, :sop, :genotype, :assay, :gene, :site, :preOperative, "
                   ":split, :reason, :annotator, :reviser, :source, :synthetic, :recordedAt) "
                   "ON CONFLICT (study_id) DO UPDATE SET study_uid = excluded.study_uid, "
                   "series_id = excluded.series_id, instance_id = excluded.instance_id, sop_uid = excluded.sop_uid, "
                   "genotype = excluded.genotype, assay = excluded.assay, gene = excluded.gene, site = excluded.site, "
                   "pre_operative = excluded.pre_operative, split = excluded.split, reason = excluded.reason, "
                   "annotator = excluded.annotator, reviser = excluded.reviser, source = excluded.source, "
                   "synthetic = excluded.synthetic, recorded_at = excluded.recorded_at "
                   "WHERE excluded.recorded_at >= h3k27m_labels.recorded_at",
        soci::use(label.studyId, "study"), soci::use(label.studyInstanceUid, "uid"),
        soci::use(label.seriesId, "series"), soci::use(label.instanceId, "instance"),
        soci::use(label.sopInstanceUid, "sop"), soci::use(label.genotype, "genotype"), soci::use(label.assay, "assay"),
        soci::use(label.gene, "gene"), soci::use(label.site, "site"), soci::use(preOperative, "preOperative"),
        soci::use(label.split, "split"), soci::use(label.reason, "reason"), soci::use(label.annotator, "annotator"),
        soci::use(label.reviser, "reviser"), soci::use(label.source, "source"), soci::use(synthetic, "synthetic"),
        soci::use(recordedAt, "recordedAt");
      return true;
    });
  }

  bool LabelTable::Remove(const std::string& studyId, const std::string& instanceId)
  {
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement =
        (session.prepare << "DELETE FROM h3k27m_labels WHERE study_id = :study AND instance_id = :instance",
         soci::use(studyId, "study"), soci::use(instanceId, "instance"));
      statement.execute(true);
      return statement.get_affected_rows() > 0;
    });
  }

  std::optional<StudyLabel> LabelTable::Find(const std::string& studyId)
  {
    return SelectOne(connections_, "study_id", studyId);
  }

  std::optional<StudyLabel> LabelTable::FindBySeries(const std::string& seriesId)
  {
    return SelectOne(connections_, "series_id", seriesId);
  }

  std::map<std::string, StudyLabel> LabelTable::Find(const std::vector<std::string>& studyIds)
  {
    std::map<std::string, StudyLabel> found;

    for (std::size_t begin = 0; begin < studyIds.size(); begin += IDS_PER_STATEMENT)
    {
      const std::size_t end = std::min(begin + IDS_PER_STATEMENT, studyIds.size());
      connections_.Run([&](soci::session& session)
      {
        soci::statement statement(session);
        std::string names;

        for (std::size_t i = begin; i < end; i++)
        {
          const std::string name = "study" + std::to_string(i);
          statement.exchange(soci::use(studyIds[i], name));
          names += (names.empty() ? ":" : ", :") + name;
        }

        for (StudyLabel& label : Select(statement, "WHERE study_id IN (" + names + ")"))
        {
          found.emplace(label.studyId, std::move(label));
        }

        return true;
      });
    }

    return found;
  }

  std::vector<StudyLabel> LabelTable::List(const LabelQuery& query)
  {
    if (query.limit > MAX_PAGE)
    {
      throw Error(ErrorCode::BadInput, "A page holds at most " + std::to_string(MAX_PAGE) + " labels");
    }

    const auto limit = static_cast<long long>(query.limit);
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement(session);
      statement.exchange(soci::use(query.after, "after"));
      statement.exchange(soci::use(limit, "limit"));
      return Select(statement, "WHERE study_id > :after ORDER BY study_id LIMIT :limit");
    });
  }

  std::uint64_t LabelTable::Count()
  {
    return connections_.Run([](soci::session& session)
    {
      long long count = 0;
      session << "SELECT COUNT(*) FROM h3k27m_labels", soci::into(count);
      return static_cast<std::uint64_t>(count);
    });
  }
}
