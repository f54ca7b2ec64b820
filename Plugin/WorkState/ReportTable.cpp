// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/ReportTable.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/WorkState/Connections.h"

#include <algorithm>
#include <deque>
#include <type_traits>

namespace H3K27M::WorkState
{
  namespace
  {
    constexpr std::size_t MAX_REPORTS = 10'000;
    constexpr std::size_t IDS_PER_STATEMENT = 500;  // SQLite before 3.32 takes at most 999 variables

    constexpr const char* GetTable(const StudyLabel*)
    {
      return "h3k27m_labels";
    }

    constexpr const char* GetTable(const StudyReview*)
    {
      return "h3k27m_reviews";
    }

    constexpr const char* GetTable(const StudyMask*)
    {
      return "h3k27m_masks";
    }

    template <typename Row>
    constexpr const char* TABLE = GetTable(static_cast<const Row*>(nullptr));

    // The columns of each table, and the members that they hold: `visit(name, member)`.
    template <typename Visitor>
    void VisitFields(StudyLabel& label, const Visitor& visit)
    {
      visit("genotype", label.genotype);
      visit("assay", label.assay);
      visit("gene", label.gene);
      visit("site", label.site);
      visit("pre_operative", label.preOperative);
      visit("split", label.split);
      visit("reason", label.reason);
      visit("annotator", label.annotator);
      visit("reviser", label.reviser);
      visit("source", label.source);
      visit("synthetic", label.synthetic);
    }

    template <typename Visitor>
    void VisitFields(StudyReview& review, const Visitor& visit)
    {
      visit("decision", review.decision);
      visit("status", review.status);
      visit("reason", review.reason);
      visit("reviewer", review.reviewer);
      visit("organisation", review.organisation);
      visit("report_uid", review.reportUid);
      visit("synthetic", review.synthetic);
    }

    template <typename Visitor>
    void VisitFields(StudyMask& mask, const Visitor& visit)
    {
      visit("algorithm_type", mask.algorithmType);
      visit("creator", mask.creator);
      visit("synthetic", mask.synthetic);
    }

    template <typename Row, typename Visitor>
    void VisitColumns(Row& row, const Visitor& visit)
    {
      visit("study_id", row.studyId);
      visit("study_uid", row.studyInstanceUid);
      visit("series_id", row.seriesId);
      visit("instance_id", row.instanceId);
      visit("sop_uid", row.sopInstanceUid);
      VisitFields(row, visit);
      visit("recorded_at", row.recordedAt);
    }

    template <typename T>
    constexpr bool IS_TEXT = std::is_same_v<T, std::string>;

    void Append(std::string& list, const std::string& item)
    {
      list += (list.empty() ? "" : ", ") + item;
    }

    // Runs a SELECT of all columns whose variables are bound already.
    template <typename Row>
    std::vector<Row> SelectReports(soci::statement& statement, const std::string& clause)
    {
      Row row;
      std::string columns;
      std::deque<long long> numbers;  // SOCI knows neither bool nor std::int64_t; a deque keeps their addresses

      VisitColumns(row, [&]<typename T>(const char* name, T& value)
      {
        Append(columns, name);

        if constexpr (IS_TEXT<T>)
        {
          statement.exchange(soci::into(value));
        }
        else
        {
          statement.exchange(soci::into(numbers.emplace_back(0)));
        }
      });

      statement.alloc();
      statement.prepare("SELECT " + columns + " FROM " + TABLE<Row> + " " + clause);
      statement.define_and_bind();
      std::vector<Row> rows;

      for (bool found = statement.execute(true); found; found = statement.fetch())
      {
        auto number = numbers.begin();
        VisitColumns(row, [&number]<typename T>(const char*, T& value)
        {
          if constexpr (!IS_TEXT<T>)
          {
            value = static_cast<T>(*number++);
          }
        });
        rows.push_back(row);
      }

      return rows;
    }
  }

  template <typename Row>
  void ReportTable<Row>::Put(const Row& report)
  {
    Row row = report;
    std::deque<long long> numbers;
    connections_.Run([&](soci::session& session)
    {
      soci::statement statement(session);
      std::string columns;
      std::string values;
      std::string changes;

      VisitColumns(row, [&]<typename T>(const std::string& name, T& value)
      {
        Append(columns, name);
        Append(values, ":" + name);
        Append(changes, name + " = excluded." + name);

        if constexpr (IS_TEXT<T>)
        {
          statement.exchange(soci::use(value, name));
        }
        else
        {
          statement.exchange(soci::use(numbers.emplace_back(static_cast<long long>(value)), name));
        }
      });

      statement.alloc();
      statement.prepare(std::string("INSERT INTO ") + TABLE<Row> + " (" + columns + ") VALUES (" + values +
                        ") ON CONFLICT (study_id) DO UPDATE SET " + changes +
                        " WHERE excluded.recorded_at >= " + TABLE<Row> + ".recorded_at");
      statement.define_and_bind();
      statement.execute(true);
      return true;
    });
  }

  template <typename Row>
  bool ReportTable<Row>::Remove(const std::string& studyId, const std::string& instanceId)
  {
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement = (session.prepare << std::string("DELETE FROM ") + TABLE<Row> +
                                                        " WHERE study_id = :study AND instance_id = :instance",
                                   soci::use(studyId, "study"), soci::use(instanceId, "instance"));
      statement.execute(true);
      return statement.get_affected_rows() > 0;
    });
  }

  template <typename Row>
  void ReportTable<Row>::Remove(soci::session& session, const std::string& studyId)
  {
    session << std::string("DELETE FROM ") + TABLE<Row> + " WHERE study_id = :study", soci::use(studyId, "study");
  }

  // Several cannot be (the SQL says LIMIT 1).
  template <typename Row>
  std::optional<Row> ReportTable<Row>::FindOne(const char* column, const std::string& key)
  {
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement(session);
      statement.exchange(soci::use(key, "key"));
      std::vector<Row> rows = SelectReports<Row>(statement, std::string("WHERE ") + column + " = :key LIMIT 1");
      return rows.empty() ? std::nullopt : std::optional<Row>(std::move(rows.front()));
    });
  }

  template <typename Row>
  std::optional<Row> ReportTable<Row>::Find(const std::string& studyId)
  {
    return FindOne("study_id", studyId);
  }

  template <typename Row>
  std::optional<Row> ReportTable<Row>::FindBySeries(const std::string& seriesId)
  {
    return FindOne("series_id", seriesId);
  }

  template <typename Row>
  std::map<std::string, Row> ReportTable<Row>::FindAll(const std::vector<std::string>& studyIds)
  {
    std::map<std::string, Row> found;

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
          Append(names, ":" + name);
        }

        for (Row& row : SelectReports<Row>(statement, "WHERE study_id IN (" + names + ")"))
        {
          const std::string study = row.studyId;
          found.emplace(study, std::move(row));
        }

        return true;
      });
    }

    return found;
  }

  template <typename Row>
  std::vector<Row> ReportTable<Row>::List(const ReportQuery& query)
  {
    if (query.limit > MAX_REPORTS)
    {
      throw Error(ErrorCode::BadInput, "A page holds at most " + std::to_string(MAX_REPORTS) + " reports");
    }

    const auto limit = static_cast<long long>(query.limit);
    return connections_.Run([&](soci::session& session)
    {
      soci::statement statement(session);
      statement.exchange(soci::use(query.after, "after"));
      statement.exchange(soci::use(limit, "limit"));
      return SelectReports<Row>(statement, "WHERE study_id > :after ORDER BY study_id LIMIT :limit");
    });
  }

  template <typename Row>
  std::uint64_t ReportTable<Row>::Count()
  {
    return connections_.Run([](soci::session& session)
    {
      long long count = 0;
      session << std::string("SELECT COUNT(*) FROM ") + TABLE<Row>, soci::into(count);
      return static_cast<std::uint64_t>(count);
    });
  }

  template class ReportTable<StudyLabel>;
  template class ReportTable<StudyReview>;
  template class ReportTable<StudyMask>;
}
