-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- A work store in SQLite as release 0.1.0 leaves it, schema version 10: UnitTests/Plugin/WorkState/StoredStoreTests.cpp opens it
-- with the release of today. Nobody is behind the names and numbers. Never to be changed once the release is out.

CREATE TABLE h3k27m_schema (version INTEGER NOT NULL);
INSERT INTO h3k27m_schema (version) VALUES (10);

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
  pre_operative INTEGER NOT NULL,
  split         TEXT    NOT NULL,
  reason        TEXT    NOT NULL,
  annotator     TEXT    NOT NULL,
  reviser       TEXT    NOT NULL,
  source        TEXT    NOT NULL,
  synthetic     INTEGER NOT NULL,
  recorded_at   INTEGER NOT NULL
);

CREATE INDEX h3k27m_labels_series ON h3k27m_labels (series_id);

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
  recorded_at  INTEGER NOT NULL
);

CREATE INDEX h3k27m_reviews_series ON h3k27m_reviews (series_id);

ALTER TABLE h3k27m_audit ADD COLUMN role TEXT NOT NULL DEFAULT '';

ALTER TABLE h3k27m_audit ADD COLUMN outcome TEXT NOT NULL DEFAULT '';

CREATE INDEX h3k27m_audit_at ON h3k27m_audit (at);

CREATE TABLE h3k27m_deliveries (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id     TEXT    NOT NULL,
  study_uid    TEXT    NOT NULL,
  rule         TEXT    NOT NULL,
  result_key   TEXT    NOT NULL,
  result       TEXT    NOT NULL,
  state        TEXT    NOT NULL
    CHECK (state IN ('waiting', 'sending', 'failed', 'delivered', 'confirmed', 'dead', 'superseded')),
  pending      INTEGER NOT NULL,
  attempts     INTEGER NOT NULL DEFAULT 0,
  claim        INTEGER NOT NULL DEFAULT 0,
  not_before   INTEGER NOT NULL,
  lease_owner  TEXT    NOT NULL DEFAULT '',
  lease_end    INTEGER NOT NULL DEFAULT 0,
  commitment   TEXT    NOT NULL DEFAULT '',
  reason       TEXT    NOT NULL DEFAULT '',
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  delivered_at INTEGER NOT NULL DEFAULT 0,
  UNIQUE (study_id, rule, result_key)
);

CREATE INDEX h3k27m_deliveries_pending ON h3k27m_deliveries (rule, not_before, id) WHERE pending = 1;

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

CREATE TABLE h3k27m_masks (
  study_id       TEXT    NOT NULL PRIMARY KEY,
  study_uid      TEXT    NOT NULL,
  series_id      TEXT    NOT NULL,
  instance_id    TEXT    NOT NULL,
  sop_uid        TEXT    NOT NULL,
  algorithm_type TEXT    NOT NULL,
  creator        TEXT    NOT NULL,
  synthetic      INTEGER NOT NULL,
  recorded_at    INTEGER NOT NULL
);

CREATE INDEX h3k27m_masks_series ON h3k27m_masks (series_id);

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

CREATE TABLE h3k27m_attempts (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id TEXT    NOT NULL,
  ended_at INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  state    TEXT    NOT NULL,
  details  TEXT    NOT NULL
);

CREATE INDEX h3k27m_attempts_study ON h3k27m_attempts (study_id, id);

CREATE INDEX h3k27m_tasks_series ON h3k27m_tasks (series_id);

CREATE INDEX h3k27m_deliveries_state ON h3k27m_deliveries (state, created_at);

-- What it holds. The triggers come after it: how many tasks are in each state is stored, too.

INSERT INTO h3k27m_tasks
  (id, study_id, study_uid, series_id, fingerprint, state, priority, attempts, interruptions, claim, not_before,
    lease_owner, lease_end, rerun, cancel_requested, requested, reason, result, probability_altered, volume_mm3,
    created_at, queued_at, updated_at, started_at, finished_at)
VALUES
  (1, '11111111-11111111-11111111-11111111-11111111', '2.25.1001', '55555555-55555555-55555555-55555555-55555555',
    'f111111111111111', 'done', 1, 2, 0, 2, 0, '', 0, 0, 0, 0, '',
    '{"model":{"name":"phantom-demonstration"},"prediction":{"status":"altered"},"volume_mm3":12345.5}', 0.9375,
    12345.5, 1780000000001, 1780000000001, 1780000009000, 1780000005000, 1780000009000);

INSERT INTO h3k27m_tasks
  (id, study_id, study_uid, series_id, fingerprint, state, priority, attempts, interruptions, claim, not_before,
    lease_owner, lease_end, rerun, cancel_requested, requested, reason, result, probability_altered, volume_mm3,
    created_at, queued_at, updated_at, started_at, finished_at)
VALUES
  (2, '22222222-22222222-22222222-22222222-22222222', '2.25.1002', '', 'f222222222222222', 'dead', 1, 5, 0, 5, 0,
    '', 0, 0, 0, 0, 'the engine ended by signal 9', '', NULL, NULL, 1780000000002, 1780000000002, 1780000008000,
    1780000007000, 1780000008000);

INSERT INTO h3k27m_tasks
  (id, study_id, study_uid, series_id, fingerprint, state, priority, attempts, interruptions, claim, not_before,
    lease_owner, lease_end, rerun, cancel_requested, requested, reason, result, probability_altered, volume_mm3,
    created_at, queued_at, updated_at, started_at, finished_at)
VALUES
  (3, '33333333-33333333-33333333-33333333-33333333', '2.25.1003', '', 'f333333333333333', 'queued', 2, 0, 0, 0, 0,
    '', 0, 0, 0, 0, '', '', NULL, NULL, 1780000000003, 1780000000003, 1780000000003, 0, 0);

INSERT INTO h3k27m_tasks
  (id, study_id, study_uid, series_id, fingerprint, state, priority, attempts, interruptions, claim, not_before,
    lease_owner, lease_end, rerun, cancel_requested, requested, reason, result, probability_altered, volume_mm3,
    created_at, queued_at, updated_at, started_at, finished_at)
VALUES
  (4, '44444444-44444444-44444444-44444444-44444444', '2.25.1004', '', 'f444444444444444', 'running', 1, 1, 0, 1,
    0, 'orthanc-1', 1780000060000, 0, 0, 0, '', '', NULL, NULL, 1780000000004, 1780000000004, 1780000010000,
    1780000010000, 0);

INSERT INTO h3k27m_values
  (name, value)
VALUES
  ('cursor/changes', '4711');

INSERT INTO h3k27m_values
  (name, value)
VALUES
  ('dataset/key', '00112233445566778899aabbccddeeff');

INSERT INTO h3k27m_values
  (name, value)
VALUES
  ('model/current', 'cross-validate-20260501T120000-abc123');

INSERT INTO h3k27m_values
  (name, value)
VALUES
  ('model/before', '["phantom-demonstration"]');

INSERT INTO h3k27m_audit
  (id, at, who, what, subject, details, role, outcome)
VALUES
  (1, 1780000009500, 'rest', 'label', '11111111-11111111-11111111-11111111-11111111', '{"genotype":"altered"}', '',
    '');

INSERT INTO h3k27m_audit
  (id, at, who, what, subject, details, role, outcome)
VALUES
  (2, 1780000009600, 'reader', 'putLabel', '11111111-11111111-11111111-11111111-11111111', '', 'annotator', 'done');

INSERT INTO h3k27m_labels
  (study_id, study_uid, series_id, instance_id, sop_uid, genotype, assay, gene, site, pre_operative, split, reason,
    annotator, reviser, source, synthetic, recorded_at)
VALUES
  ('11111111-11111111-11111111-11111111-11111111', '2.25.1001', '66666666-66666666-66666666-66666666-66666666',
    'cccccccc-cccccccc-cccccccc-cccccccc-cccccccc', '2.25.2001', 'altered', 'pyrosequencing', 'H3F3A', 'Site A', 1,
    'external', '', 'Expert^One', '', 'REST', 0, 1780000009500);

INSERT INTO h3k27m_reviews
  (study_id, study_uid, series_id, instance_id, sop_uid, decision, status, reason, reviewer, organisation,
    report_uid, synthetic, recorded_at)
VALUES
  ('11111111-11111111-11111111-11111111-11111111', '2.25.1001', '77777777-77777777-77777777-77777777-77777777',
    'dddddddd-dddddddd-dddddddd-dddddddd-dddddddd', '2.25.2002', 'rejected', 'wild-type',
    'the outline is of an artefact', 'Expert^Two', 'Clinic', '2.25.2000', 0, 1780000009700);

INSERT INTO h3k27m_masks
  (study_id, study_uid, series_id, instance_id, sop_uid, algorithm_type, creator, synthetic, recorded_at)
VALUES
  ('11111111-11111111-11111111-11111111-11111111', '2.25.1001', '88888888-88888888-88888888-88888888-88888888',
    'eeeeeeee-eeeeeeee-eeeeeeee-eeeeeeee-eeeeeeee', '2.25.2003', 'MANUAL', 'Expert^One', 0, 1780000009800);

INSERT INTO h3k27m_runs
  (id, kind, state, request, dataset, result, reason, owner, attempts, cancelling, created_at, started_at,
    finished_at, lease_end)
VALUES
  ('cross-validate-20260501T120000-abc123', 'cross-validate', 'done',
    '{"kind":"cross-validate","config":{"seed":1}}', '0123456789abcdef', '{"out_of_fold":{"auroc":{"value":0.9}}}',
    '', 'orthanc-1', 1, 0, 1780000000100, 1780000000200, 1780000000300, 1780000000400);

INSERT INTO h3k27m_runs
  (id, kind, state, request, dataset, result, reason, owner, attempts, cancelling, created_at, started_at,
    finished_at, lease_end)
VALUES
  ('pretrain-20260501T130000-def456', 'pretrain', 'queued', '{"kind":"pretrain","phantoms":2}', '', '',
    'the engine ended by signal 9: goes on from its last checkpoint', '', 1, 0, 1780000000500, 1780000000600, 0,
    1780000000700);

INSERT INTO h3k27m_deliveries
  (id, study_id, study_uid, rule, result_key, result, state, pending, attempts, claim, not_before, lease_owner,
    lease_end, commitment, reason, created_at, updated_at, delivered_at)
VALUES
  (1, '11111111-11111111-11111111-11111111-11111111', '2.25.1001', 'pacs', 'k1',
    '{"sr":"aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"}', 'confirmed', 0, 1, 2, 1780000009000, '', 0, '', '',
    1780000009000, 1780000009300, 1780000009100);

INSERT INTO h3k27m_deliveries
  (id, study_id, study_uid, rule, result_key, result, state, pending, attempts, claim, not_before, lease_owner,
    lease_end, commitment, reason, created_at, updated_at, delivered_at)
VALUES
  (2, '11111111-11111111-11111111-11111111-11111111', '2.25.1001', 'webhook', 'k1',
    '{"sr":"aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"}', 'failed', 1, 2, 2, 1780000020000, '', 0, '',
    'the receiver answered 503', 1780000009000, 1780000009400, 0);

INSERT INTO h3k27m_shadow
  (study_id, study_uid, model, model_hash, status, probability_altered, volume_mm3, current_model, current_hash,
    current_status, current_probability, current_volume_mm3, fault, compared_at)
VALUES
  ('11111111-11111111-11111111-11111111-11111111', '2.25.1001', 'candidate', 'aa11', 'wild-type', 0.25, NULL,
    'phantom-demonstration', 'bb22', 'altered', 0.9375, 12345.5, '', 1780000009900);

INSERT INTO h3k27m_attempts
  (id, study_id, ended_at, number, state, details)
VALUES
  (1, '11111111-11111111-11111111-11111111-11111111', 1780000004000, 1, 'failed', 'the engine ended by signal 9');

INSERT INTO h3k27m_attempts
  (id, study_id, ended_at, number, state, details)
VALUES
  (2, '11111111-11111111-11111111-11111111-11111111', 1780000009000, 2, 'done',
    '{"model":"phantom-demonstration","status":"altered"}');

INSERT INTO h3k27m_task_counts
  (state, n)
VALUES
  ('dead', 1);

INSERT INTO h3k27m_task_counts
  (state, n)
VALUES
  ('done', 1);

INSERT INTO h3k27m_task_counts
  (state, n)
VALUES
  ('queued', 1);

INSERT INTO h3k27m_task_counts
  (state, n)
VALUES
  ('running', 1);

CREATE TRIGGER h3k27m_audit_append_only BEFORE UPDATE ON h3k27m_audit
  BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;

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
