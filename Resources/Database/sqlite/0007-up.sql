-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- What a candidate said about a study beside what the model in force had said: figures alone, nothing of it is in the PACS.
-- `fault`: why the candidate has no answer.

CREATE TABLE h3k27m_shadow (
  study_id              TEXT    NOT NULL,
  study_uid             TEXT    NOT NULL,
  model                 TEXT    NOT NULL,
  model_hash            TEXT    NOT NULL,
  status                TEXT    NOT NULL,
  probability_altered   REAL,
  volume_mm3            REAL,
  current_model         TEXT    NOT NULL,
  current_hash          TEXT    NOT NULL,
  current_status        TEXT    NOT NULL,
  current_probability   REAL,
  current_volume_mm3    REAL,
  fault                 TEXT    NOT NULL DEFAULT '',
  compared_at           INTEGER NOT NULL,
  PRIMARY KEY (model, model_hash, study_id)
);

CREATE INDEX h3k27m_shadow_study ON h3k27m_shadow (study_id);
CREATE INDEX h3k27m_tasks_finished ON h3k27m_tasks (finished_at) WHERE state = 'done';
