-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

DROP VIEW h3k27m_task_counts;
DROP INDEX h3k27m_tasks_volume_down;
DROP INDEX h3k27m_tasks_volume;
DROP INDEX h3k27m_tasks_probability_down;
DROP INDEX h3k27m_tasks_probability;
DROP INDEX h3k27m_tasks_lowest;
DROP INDEX h3k27m_tasks_highest;
DROP INDEX h3k27m_tasks_latest;
DROP INDEX h3k27m_tasks_created;
DROP INDEX h3k27m_tasks_state;
DROP INDEX h3k27m_tasks_due;
