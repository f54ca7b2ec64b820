-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- The label in force of each study: a copy of its SR in the PACS, which is what counts.

CREATE TABLE h3k27m_labels (
  study_id      TEXT    NOT NULL PRIMARY KEY,
  study_uid     TEXT    NOT NULL,
  series_id     TEXT    NOT NULL,
  instance_id   TEXT    NOT NULL,
  sop_uid       TEXT    NOT NULL,
  genotype      TEXT    NOT NULL,
  assay         TEXT    NOT NULL,
  gene          TEXT    NOT NULL,
  site          TEXT    NOT NULL,
  pre_operative BIGINT  NOT NULL,
  split         TEXT    NOT NULL,
  reason        TEXT    NOT NULL,
  annotator     TEXT    NOT NULL,
  reviser       TEXT    NOT NULL,
  source        TEXT    NOT NULL,
  synthetic     BIGINT  NOT NULL,
  recorded_at   BIGINT  NOT NULL
);

CREATE INDEX h3k27m_labels_series ON h3k27m_labels (series_id);
