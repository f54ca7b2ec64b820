-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- The newest mask of each study that the model did not draw: a copy of what its SEG in the PACS says of itself, which is
-- what counts.

CREATE TABLE h3k27m_masks (
  study_id       TEXT    NOT NULL PRIMARY KEY,
  study_uid      TEXT    NOT NULL,
  series_id      TEXT    NOT NULL,
  instance_id    TEXT    NOT NULL,
  sop_uid        TEXT    NOT NULL,
  algorithm_type TEXT    NOT NULL,
  creator        TEXT    NOT NULL,
  synthetic      INTEGER NOT NULL,
  recorded_at    BIGINT  NOT NULL
);

CREATE INDEX h3k27m_masks_series ON h3k27m_masks (series_id);
