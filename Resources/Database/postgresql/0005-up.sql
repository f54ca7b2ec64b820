-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Who asked for what over REST, and what became of it. An entry without an outcome is none of these: it is what the
-- plugin recorded itself. Only ever appended: an entry goes as a whole when it is old (H3K27M.Access.AuditDays).

ALTER TABLE h3k27m_audit ADD COLUMN role TEXT NOT NULL DEFAULT '';

ALTER TABLE h3k27m_audit ADD COLUMN outcome TEXT NOT NULL DEFAULT '';

CREATE INDEX h3k27m_audit_at ON h3k27m_audit (at);

CREATE OR REPLACE FUNCTION h3k27m_refuse_update() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the audit is only appended to'; END $$;

CREATE TRIGGER h3k27m_audit_append_only BEFORE UPDATE ON h3k27m_audit
  FOR EACH ROW EXECUTE FUNCTION h3k27m_refuse_update();
