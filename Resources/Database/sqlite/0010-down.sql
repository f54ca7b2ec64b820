-- SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
-- SPDX-License-Identifier: GPL-3.0-or-later

DROP INDEX h3k27m_deliveries_state;
DROP INDEX h3k27m_tasks_series;
DROP TABLE h3k27m_attempts;
