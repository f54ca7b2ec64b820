-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

DROP TRIGGER h3k27m_audit_append_only;

DROP INDEX h3k27m_audit_at;

ALTER TABLE h3k27m_audit DROP COLUMN outcome;

ALTER TABLE h3k27m_audit DROP COLUMN role;
