-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- A million cases: each order in which the worklist may be read, and what the scheduler asks after each task, has an index.
-- How many tasks are in each state is kept by triggers, instead of being counted: there is one writer at a time.

CREATE INDEX h3k27m_tasks_due ON h3k27m_tasks (not_before, queued_at) WHERE state IN ('queued', 'failed');
CREATE INDEX h3k27m_tasks_state ON h3k27m_tasks (state, updated_at);
CREATE INDEX h3k27m_tasks_created ON h3k27m_tasks (created_at);
CREATE INDEX h3k27m_tasks_highest ON h3k27m_tasks (priority DESC, queued_at, id);
CREATE INDEX h3k27m_tasks_lowest ON h3k27m_tasks (priority, queued_at, id);
CREATE INDEX h3k27m_tasks_probability ON h3k27m_tasks (probability_altered);
CREATE INDEX h3k27m_tasks_volume ON h3k27m_tasks (volume_mm3);

CREATE TABLE h3k27m_task_counts (
  state TEXT    NOT NULL PRIMARY KEY,
  n     INTEGER NOT NULL
);

INSERT INTO h3k27m_task_counts (state, n) SELECT state, COUNT(*) FROM h3k27m_tasks GROUP BY state;

CREATE TRIGGER h3k27m_tasks_come AFTER INSERT ON h3k27m_tasks
  BEGIN INSERT INTO h3k27m_task_counts (state, n) VALUES (NEW.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1
  ; END;

CREATE TRIGGER h3k27m_tasks_go AFTER DELETE ON h3k27m_tasks
  BEGIN UPDATE h3k27m_task_counts SET n = n - 1 WHERE state = OLD.state
  ; END;

CREATE TRIGGER h3k27m_tasks_change AFTER UPDATE OF state ON h3k27m_tasks WHEN OLD.state <> NEW.state
  BEGIN UPDATE h3k27m_task_counts SET n = n - 1 WHERE state = OLD.state
  ; INSERT INTO h3k27m_task_counts (state, n) VALUES (NEW.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1
  ; END;
