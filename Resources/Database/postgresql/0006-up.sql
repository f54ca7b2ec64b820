-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Results that are to be sent on: one row for each result of a study and rule of the configuration. `pending`: something
-- is left to do, be it only that the receiver confirms. `result`: what there was to say when the result was made.

CREATE TABLE h3k27m_deliveries (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  study_id     TEXT    NOT NULL,
  study_uid    TEXT    NOT NULL,
  rule         TEXT    NOT NULL,
  result_key   TEXT    NOT NULL,
  result       TEXT    NOT NULL,
  state        TEXT    NOT NULL
    CHECK (state IN ('waiting', 'sending', 'failed', 'delivered', 'confirmed', 'dead', 'superseded')),
  pending      BIGINT  NOT NULL,
  attempts     BIGINT  NOT NULL DEFAULT 0,
  claim        BIGINT  NOT NULL DEFAULT 0,
  not_before   BIGINT  NOT NULL,
  lease_owner  TEXT    NOT NULL DEFAULT '',
  lease_end    BIGINT  NOT NULL DEFAULT 0,
  commitment   TEXT    NOT NULL DEFAULT '',
  reason       TEXT    NOT NULL DEFAULT '',
  created_at   BIGINT  NOT NULL,
  updated_at   BIGINT  NOT NULL,
  delivered_at BIGINT  NOT NULL DEFAULT 0,
  UNIQUE (study_id, rule, result_key)
);

CREATE INDEX h3k27m_deliveries_pending ON h3k27m_deliveries (rule, not_before, id) WHERE pending = 1;
