-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Times are milliseconds since 1970-01-01 UTC, 0 is never. Statements end with a semicolon at the end of a line.

CREATE TABLE h3k27m_tasks (
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id            TEXT    NOT NULL UNIQUE,
  study_uid           TEXT    NOT NULL,
  series_id           TEXT    NOT NULL DEFAULT '',
  fingerprint         TEXT    NOT NULL,
  state               TEXT    NOT NULL
    CHECK (state IN ('queued', 'running', 'done', 'failed', 'dead', 'cancelled', 'refused')),
  priority            INTEGER NOT NULL DEFAULT 1,
  attempts            INTEGER NOT NULL DEFAULT 0,
  interruptions       INTEGER NOT NULL DEFAULT 0,
  claim               INTEGER NOT NULL DEFAULT 0,
  not_before          INTEGER NOT NULL DEFAULT 0,
  lease_owner         TEXT    NOT NULL DEFAULT '',
  lease_end           INTEGER NOT NULL DEFAULT 0,
  rerun               INTEGER NOT NULL DEFAULT 0,
  cancel_requested    INTEGER NOT NULL DEFAULT 0,
  requested           INTEGER NOT NULL DEFAULT 0,
  reason              TEXT    NOT NULL DEFAULT '',
  result              TEXT    NOT NULL DEFAULT '',
  probability_altered REAL,
  volume_mm3          REAL,
  created_at          INTEGER NOT NULL,
  queued_at           INTEGER NOT NULL,
  updated_at          INTEGER NOT NULL,
  started_at          INTEGER NOT NULL DEFAULT 0,
  finished_at         INTEGER NOT NULL DEFAULT 0
);

-- The order of claims, over the rows that wait only.
CREATE INDEX h3k27m_tasks_waiting ON h3k27m_tasks (priority DESC, queued_at, id)
  WHERE state IN ('queued', 'failed');

CREATE INDEX h3k27m_tasks_leases ON h3k27m_tasks (lease_end) WHERE state = 'running';

CREATE INDEX h3k27m_tasks_updated ON h3k27m_tasks (updated_at);

CREATE TABLE h3k27m_values (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE h3k27m_audit (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  who     TEXT    NOT NULL,
  what    TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  details TEXT    NOT NULL
);

CREATE INDEX h3k27m_audit_subject ON h3k27m_audit (subject, id);
