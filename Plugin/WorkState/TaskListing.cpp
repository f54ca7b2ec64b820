// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/WorkState/TaskRow.h"
#include "Plugin/WorkState/TaskTable.h"

#include <algorithm>

namespace H3K27M::WorkState
{
  namespace
  {
    constexpr std::size_t MAX_PAGE = 1000;

    const char* GetColumn(TaskOrder order)
    {
      switch (order)
      {
        case TaskOrder::Created:
          return "created_at";

        case TaskOrder::Updated:
          return "updated_at";

        case TaskOrder::Priority:
          return "priority";

        case TaskOrder::Probability:
          return "probability_altered";

        case TaskOrder::Volume:
          return "volume_mm3";

        case TaskOrder::State:
          return "state";
      }

      throw Error(ErrorCode::Internal, "Work store: unknown order");
    }

    // A state of more than a tenth of all tasks.
    bool IsCommon(const std::map<TaskState, std::uint64_t>& counts, const std::vector<TaskState>& states)
    {
      std::uint64_t all = 0;
      std::uint64_t wanted = 0;

      for (const auto& [state, count] : counts)
      {
        all += count;
        wanted += std::find(states.begin(), states.end(), state) != states.end() ? count : 0;
      }

      return wanted > all / 10;
    }

    // Whether an index has the rows in the wanted order, by state and then by time.
    bool HasIndexByState(const TaskQuery& query)
    {
      return query.order == TaskOrder::State || (query.order == TaskOrder::Updated && query.states.size() <= 1);
    }

    // Of a row of h3k27m_labels.
    std::string MakeGenotypeCondition(LabelFilter label)
    {
      switch (label)
      {
        case LabelFilter::None:
        case LabelFilter::Any:
          return "";

        case LabelFilter::Altered:
          return " AND h3k27m_labels.genotype = 'altered'";

        case LabelFilter::WildType:
          return " AND h3k27m_labels.genotype = 'wild-type'";
      }

      throw Error(ErrorCode::Internal, "Work store: unknown filter of labels");
    }

    // Few studies have a label: SQLite looks up these, where it would ask of each task whether there is one.
    std::string MakeLabelCondition(LabelFilter label)
    {
      if (label == LabelFilter::None)
      {
        return " AND NOT EXISTS (SELECT 1 FROM h3k27m_labels WHERE h3k27m_labels.study_id = h3k27m_tasks.study_id)";
      }

      return std::string(
               " AND h3k27m_tasks.study_id IN (SELECT h3k27m_labels.study_id FROM h3k27m_labels WHERE 1 = 1") +
             MakeGenotypeCondition(label) + ")";
    }

    // Whether few tasks at most are wanted, which are looked up by their study.
    bool IsOfLabelled(const TaskQuery& query)
    {
      return query.label && *query.label != LabelFilter::None;
    }

    // Whether the review is of the task's result, or was made without one. The result names its report; another report
    // that a review is of was an earlier result's.
    constexpr const char* IS_REVIEW_OF_RESULT =
      "(h3k27m_reviews.report_uid = '' OR h3k27m_tasks.result LIKE '%\"' || h3k27m_reviews.report_uid || '\"%')";

    // Only our own constants go into the text; what a caller may choose freely is bound. `column`: "state", or "+state"
    // where SQLite shall not look it up.
    std::string MakeCondition(const TaskQuery& query, const std::string& column)
    {
      std::string condition = " WHERE 1 = 1";

      if (!query.states.empty())
      {
        std::string states;

        for (TaskState state : query.states)
        {
          states += std::string(states.empty() ? "'" : ", '") + std::string(ToString(state)) + "'";
        }

        condition += " AND " + column + " IN (" + states + ")";
      }

      if (query.priority)
      {
        condition += " AND priority = " + std::to_string(static_cast<int>(*query.priority));
      }

      if (query.minimumProbability)
      {
        condition += " AND probability_altered >= :probability";
      }

      if (query.reviewed)
      {
        condition += std::string(*query.reviewed ? " AND" : " AND NOT") +
                     " EXISTS (SELECT 1 FROM h3k27m_reviews WHERE h3k27m_reviews.study_id = h3k27m_tasks.study_id)";
      }

      if (query.masked)
      {
        condition += std::string(*query.masked ? " AND" : " AND NOT") +
                     " EXISTS (SELECT 1 FROM h3k27m_masks WHERE h3k27m_masks.study_id = h3k27m_tasks.study_id AND "
                     "h3k27m_masks.synthetic = 0)";
      }

      if (query.label)
      {
        condition += MakeLabelCondition(*query.label);
      }

      if (query.unread)
      {
        condition += std::string(" AND (state <> 'done' OR NOT EXISTS (SELECT 1 FROM h3k27m_reviews WHERE "
                                 "h3k27m_reviews.study_id = h3k27m_tasks.study_id AND ") +
                     IS_REVIEW_OF_RESULT + "))";
      }

      return condition;
    }

    std::string MakeOrder(const TaskQuery& query)
    {
      const std::string direction = query.descending ? " DESC" : "";

      if (query.order == TaskOrder::Priority)
      {
        return query.descending ? " ORDER BY priority DESC, queued_at, id" : " ORDER BY priority, queued_at, id";
      }

      // What has no figure comes last in either direction. The identifier last of all, so that pages neither overlap
      // nor leave out rows that are equal in the column.
      const bool hasNulls = query.order == TaskOrder::Probability || query.order == TaskOrder::Volume;
      return std::string(" ORDER BY ") + GetColumn(query.order) + direction + (hasNulls ? " NULLS LAST" : "") +
             (query.order == TaskOrder::State ? ", updated_at" + direction : "") + ", id" + direction;
    }
  }

  TaskPage TaskTable::List(const TaskQuery& query)
  {
    if (query.limit > MAX_PAGE)
    {
      throw Error(ErrorCode::BadInput, "A page holds at most " + std::to_string(MAX_PAGE) + " tasks");
    }

    const std::map<TaskState, std::uint64_t> counts = CountStates();
    // SQLite knows no distributions: it would sort all that are done rather than read them in the wanted order, and
    // look for those that are labelled among them.
    const bool ignoresStateIndex =
      dialect_ == Dialect::Sqlite && IsCommon(counts, query.states) && (IsOfLabelled(query) || !HasIndexByState(query));
    const std::string condition = MakeCondition(query, ignoresStateIndex ? "+state" : "state");
    const double probability = query.minimumProbability.value_or(0);
    const auto limit = static_cast<long long>(query.limit);
    const auto offset = static_cast<long long>(query.offset);
    soci::statement select(session_);

    if (query.minimumProbability)
    {
      select.exchange(soci::use(probability, "probability"));
    }

    select.exchange(soci::use(limit, "limit"));
    select.exchange(soci::use(offset, "offset"));

    TaskPage page;
    page.total = CountMatches(query, counts);
    page.tasks = Select(select, std::string("SELECT ") + TaskRow::COLUMNS + " FROM h3k27m_tasks" + condition +
                                  MakeOrder(query) + " LIMIT :limit OFFSET :offset");
    return page;
  }

  std::uint64_t TaskTable::CountMatches(const TaskQuery& query, const std::map<TaskState, std::uint64_t>& counts)
  {
    TaskQuery rest = query;

    // Few studies have a label or a review. What has none is counted by what has one, and that from their tables, which
    // SQLite reads first in a cross join.
    if (query.label == LabelFilter::None)
    {
      rest.label.reset();
      const std::uint64_t all = CountMatches(rest, counts);
      rest.label = LabelFilter::Any;
      return all - std::min(all, CountMatches(rest, counts));  // a label may have come between the two
    }

    if (query.unread)
    {
      rest.unread = false;
      const std::uint64_t all = CountMatches(rest, counts);
      return all - std::min(all, CountReported("h3k27m_reviews", rest,
                                               std::string(" AND state = 'done' AND ") + IS_REVIEW_OF_RESULT));
    }

    if (query.label)
    {
      rest.label.reset();
      return CountReported("h3k27m_labels", rest, MakeGenotypeCondition(*query.label));
    }

    if (!query.priority && !query.minimumProbability && !query.reviewed && !query.masked)
    {
      std::uint64_t sum = 0;

      for (const auto& [state, count] : counts)
      {
        const bool isWanted =
          query.states.empty() || std::find(query.states.begin(), query.states.end(), state) != query.states.end();
        sum += isWanted ? count : 0;
      }

      return sum;
    }

    return CountRows(query, "h3k27m_tasks", "");
  }

  std::uint64_t TaskTable::CountReported(const std::string& reports, const TaskQuery& query,
                                         const std::string& condition)
  {
    return CountRows(query, reports + " CROSS JOIN h3k27m_tasks",
                     " AND h3k27m_tasks.study_id = " + reports + ".study_id" + condition);
  }

  std::uint64_t TaskTable::CountRows(const TaskQuery& query, const std::string& tables, const std::string& condition)
  {
    const double probability = query.minimumProbability.value_or(0);
    long long total = 0;
    soci::statement count(session_);

    if (query.minimumProbability)
    {
      count.exchange(soci::use(probability, "probability"));
    }

    count.exchange(soci::into(total));
    count.alloc();
    count.prepare("SELECT COUNT(*) FROM " + tables + MakeCondition(query, "state") + condition);
    count.define_and_bind();
    count.execute(true);
    return static_cast<std::uint64_t>(total);
  }

  std::map<TaskState, std::uint64_t> TaskTable::CountStates()
  {
    std::map<TaskState, std::uint64_t> counts;

    for (TaskState state : {TaskState::Queued, TaskState::Running, TaskState::Done, TaskState::Failed, TaskState::Dead,
                            TaskState::Cancelled, TaskState::Refused})
    {
      counts[state] = 0;
    }

    std::string state;
    long long count = 0;
    soci::statement byState =
      (session_.prepare << "SELECT state, n FROM h3k27m_task_counts", soci::into(state), soci::into(count));

    for (bool found = byState.execute(true); found; found = byState.fetch())
    {
      counts[ParseTaskState(state)] = static_cast<std::uint64_t>(count);
    }

    return counts;
  }

  std::optional<Task> TaskTable::FindNotCompared(const ShadowModel& candidate, UnixMs since)
  {
    const long long start = since;
    soci::statement statement(session_);
    statement.exchange(soci::use(candidate.name, "model"));
    statement.exchange(soci::use(candidate.hash, "hash"));
    statement.exchange(soci::use(start, "since"));
    std::vector<Task> tasks = Select(
      statement, std::string("SELECT ") + TaskRow::COLUMNS + " FROM h3k27m_tasks " + UseIndex("h3k27m_tasks_finished") +
                   "WHERE state = 'done' AND finished_at >= :since AND NOT EXISTS "
                   "(SELECT 1 FROM h3k27m_shadow WHERE h3k27m_shadow.model = :model "
                   "AND h3k27m_shadow.model_hash = :hash "
                   "AND h3k27m_shadow.study_id = h3k27m_tasks.study_id "
                   "AND h3k27m_shadow.compared_at >= h3k27m_tasks.finished_at) ORDER BY finished_at, id LIMIT 1");
    return tasks.empty() ? std::nullopt : std::optional<Task>(std::move(tasks.front()));
  }

  TaskCounters TaskTable::Count(UnixMs now)
  {
    TaskCounters counters;
    counters.byState = CountStates();
    const long long time = now;
    long long oldest = 0;
    soci::indicator indicator = soci::i_null;
    session_ << "SELECT MIN(queued_at) FROM h3k27m_tasks " + UseIndex("h3k27m_tasks_due") +
                  "WHERE state IN ('queued', 'failed') AND not_before <= :now",
      soci::into(oldest, indicator), soci::use(time, "now");
    counters.oldestWaitingSince = indicator == soci::i_ok ? oldest : 0;
    return counters;
  }

  std::optional<UnixMs> TaskTable::GetNextDue()
  {
    long long due = 0;
    soci::indicator indicator = soci::i_null;
    session_ << "SELECT MIN(not_before) FROM h3k27m_tasks " + UseIndex("h3k27m_tasks_due") +
                  "WHERE state IN ('queued', 'failed')",
      soci::into(due, indicator);
    return indicator == soci::i_ok ? std::optional<UnixMs>(due) : std::nullopt;
  }
}
