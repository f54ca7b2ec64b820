-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- The last review of each study: a copy of its SR in the PACS, which is what counts.

CREATE TABLE h3k27m_reviews (
  study_id     TEXT    NOT NULL PRIMARY KEY,
  study_uid    TEXT    NOT NULL,
  series_id    TEXT    NOT NULL,
  instance_id  TEXT    NOT NULL,
  sop_uid      TEXT    NOT NULL,
  decision     TEXT    NOT NULL,
  status       TEXT    NOT NULL,
  reason       TEXT    NOT NULL,
  reviewer     TEXT    NOT NULL,
  organisation TEXT    NOT NULL,
  report_uid   TEXT    NOT NULL,
  synthetic    INTEGER NOT NULL,
  recorded_at  BIGINT  NOT NULL
);

CREATE INDEX h3k27m_reviews_series ON h3k27m_reviews (series_id);
