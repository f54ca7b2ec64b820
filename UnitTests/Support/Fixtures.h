// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Support
{
  // A folder of real files beside the repository (../shared/fixtures/`folder`), as fixtures/README.md describes it.
  // Empty when it is not there: the test skips and says so.
  std::optional<std::string> FindFixture(const std::string& folder);

  // Contents of all files of a fixture, by name.
  std::vector<std::string> ReadFixtureFiles(const std::string& path);

  std::string ReadWholeFile(const std::string& path);

  struct FixtureEntry
  {
    std::string folder;          // "mr/ge-axial-pd"
    std::string isAxialT2Brain;  // "yes: ...", "no: ...", "by its physics yes ..."
  };

  // index.json of the fixtures; empty when they are not there.
  std::vector<FixtureEntry> ReadFixtureIndex();
}
