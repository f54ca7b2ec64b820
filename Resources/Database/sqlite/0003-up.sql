-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Runs of the engine: snapshots of data, trainings, cross-validations, ablations.

CREATE TABLE h3k27m_runs (
  id          TEXT    NOT NULL PRIMARY KEY,
  kind        TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  request     TEXT    NOT NULL,
  dataset     TEXT    NOT NULL,
  result      TEXT    NOT NULL,
  reason      TEXT    NOT NULL,
  owner       TEXT    NOT NULL,
  attempts    INTEGER NOT NULL,
  cancelling  INTEGER NOT NULL,
  created_at  INTEGER  NOT NULL,
  started_at  INTEGER  NOT NULL,
  finished_at INTEGER  NOT NULL,
  lease_end   INTEGER  NOT NULL
);

CREATE INDEX h3k27m_runs_state ON h3k27m_runs (state, created_at);
