-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- A million cases: each order in which the worklist may be read, and what the scheduler asks after each task, has an index.
-- How many tasks are in each state is counted, by an index: a row that all Orthancs keep would have them wait for each other.

CREATE INDEX h3k27m_tasks_due ON h3k27m_tasks (not_before, queued_at) WHERE state IN ('queued', 'failed');
CREATE INDEX h3k27m_tasks_state ON h3k27m_tasks (state, updated_at, id);
CREATE INDEX h3k27m_tasks_created ON h3k27m_tasks (created_at, id);
CREATE INDEX h3k27m_tasks_latest ON h3k27m_tasks (updated_at, id);
CREATE INDEX h3k27m_tasks_highest ON h3k27m_tasks (priority DESC, queued_at, id);
CREATE INDEX h3k27m_tasks_lowest ON h3k27m_tasks (priority, queued_at, id);
CREATE INDEX h3k27m_tasks_probability ON h3k27m_tasks (probability_altered, id);
CREATE INDEX h3k27m_tasks_probability_down ON h3k27m_tasks (probability_altered DESC NULLS LAST, id DESC);
CREATE INDEX h3k27m_tasks_volume ON h3k27m_tasks (volume_mm3, id);
CREATE INDEX h3k27m_tasks_volume_down ON h3k27m_tasks (volume_mm3 DESC NULLS LAST, id DESC);

CREATE VIEW h3k27m_task_counts AS SELECT state, COUNT(*) AS n FROM h3k27m_tasks GROUP BY state;
