// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

// SOCI's connection by its name alone: the headers of the tables need no more of SOCI.
namespace soci
{
  class session;  // NOLINT(readability-identifier-naming): SOCI's own name
}
