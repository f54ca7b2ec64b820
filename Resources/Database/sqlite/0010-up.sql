-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- How each attempt at a study ended: the history of a case. The task holds the last end alone.

CREATE TABLE h3k27m_attempts (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id TEXT    NOT NULL,
  ended_at INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  state    TEXT    NOT NULL,
  details  TEXT    NOT NULL
);

CREATE INDEX h3k27m_attempts_study ON h3k27m_attempts (study_id, id);

-- Whose result is made of a series that was deleted.
CREATE INDEX h3k27m_tasks_series ON h3k27m_tasks (series_id);

-- A million deliveries are counted from an index, every few seconds.
CREATE INDEX h3k27m_deliveries_state ON h3k27m_deliveries (state, created_at);
