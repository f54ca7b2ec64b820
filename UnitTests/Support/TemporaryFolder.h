// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace H3K27M::Testing
{
  // A new empty folder, removed with all it holds at the end of the scope.
  class TemporaryFolder
  {
  public:
    TemporaryFolder()
    {
      std::string name = (std::filesystem::temp_directory_path() / "h3k27m-test-XXXXXX").string();

      if (mkdtemp(name.data()) == nullptr)
      {
        throw std::runtime_error("Cannot make a temporary folder");
      }

      path_ = name;
    }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    ~TemporaryFolder()
    {
      std::error_code ignored;
      std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& GetPath() const
    {
      return path_;
    }

  private:
    std::filesystem::path path_;
  };
}
