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

    std::string MakeLabelCondition(LabelFilter label)
    {
      const char* genotype = "";

      switch (label)
      {
        case LabelFilter::None:
        case LabelFilter::Any:
          break;

        case LabelFilter::Altered:
          genotype = " AND h3k27m_labels.genotype = 'altered'";
          break;

        case LabelFilter::WildType:
          genotype = " AND h3k27m_labels.genotype = 'wild-type'";
          break;
      }

      return std::string(label == LabelFilter::None ? " AND NOT" : " AND") +
             " EXISTS (SELECT 1 FROM h3k27m_labels WHERE h3k27m_labels.study_id = h3k27m_tasks.study_id" + genotype +
             ")";
    }

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

      // The result names its report; another report that a review is of was an earlier result's.
      if (query.unread)
      {
        condition += " AND (state <> 'done' OR NOT EXISTS (SELECT 1 FROM h3k27m_reviews WHERE "
                     "h3k27m_reviews.study_id = h3k27m_tasks.study_id AND (h3k27m_reviews.report_uid = '' OR "
                     "h3k27m_tasks.result LIKE '%\"' || h3k27m_reviews.report_uid || '\"%')))";
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
    // SQLite knows no distributions: it would sort all that are done rather than read them in the wanted order.
    const bool readsInOrder = dialect_ == Dialect::Sqlite && !HasIndexByState(query) && IsCommon(counts, query.states);
    const std::string condition = MakeCondition(query, readsInOrder ? "+state" : "state");
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
    if (!query.priority && !query.minimumProbability && !query.reviewed && !query.masked && !query.label &&
        !query.unread)
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

    const double probability = query.minimumProbability.value_or(0);
    long long total = 0;
    soci::statement count(session_);

    if (query.minimumProbability)
    {
      count.exchange(soci::use(probability, "probability"));
    }

    count.exchange(soci::into(total));
    count.alloc();
    count.prepare("SELECT COUNT(*) FROM h3k27m_tasks" + MakeCondition(query, "state"));
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
