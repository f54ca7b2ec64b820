// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/Figure.h"
#include "Training/Reports/HtmlPage.h"
#include "Training/Reports/ImageGrid.h"
#include "Training/Reports/Table.h"

#include <filesystem>
#include <string>

namespace H3K27M::Reports
{
  // A report that grows section by section: whatever goes onto the page also goes into a file of its own.
  class ReportFolder
  {
  public:
    // Makes the folder with its subfolders. Throws Error(Unavailable).
    ReportFolder(const std::filesystem::path& folder, const std::string& title);

    HtmlPage& GetPage() noexcept
    {
      return page_;
    }

    void Add(const Table& table);
    void Add(const Figure& figure, const std::string& caption);
    void Add(const ImageGrid& grid, const std::string& caption);

    const std::filesystem::path& GetPath() const noexcept
    {
      return folder_;
    }

    // Writes index.html and returns its path.
    std::filesystem::path Finish() const;

  private:
    std::filesystem::path folder_;
    HtmlPage page_;
  };
}
