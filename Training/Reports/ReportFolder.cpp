// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/ReportFolder.h"

#include "Inference/Protocol/Error.h"

#include <system_error>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr const char* FIGURES = "figures";
    constexpr const char* TABLES = "tables";
  }

  ReportFolder::ReportFolder(const std::filesystem::path& folder, const std::string& title) :
    folder_(folder),
    page_(title)
  {
    for (const char* part : {FIGURES, TABLES})
    {
      std::error_code error;
      std::filesystem::create_directories(folder / part, error);
      if (error)
      {
        throw Error(ErrorCode::Unavailable,
                    "Cannot make the folder " + (folder / part).string() + ": " + error.message());
      }
    }
  }

  void ReportFolder::Add(const Table& table)
  {
    table.WriteCsv(folder_ / TABLES / (table.name + ".csv"));
    page_.AddTable(table);
  }

  void ReportFolder::Add(const Figure& figure, const std::string& caption)
  {
    figure.Draw(folder_ / FIGURES);
    page_.AddFigure(folder_ / FIGURES / (figure.GetName() + ".svg"), caption);
  }

  void ReportFolder::Add(const ImageGrid& grid, const std::string& caption)
  {
    grid.Draw(folder_ / FIGURES);
    page_.AddFigure(folder_ / FIGURES / (grid.GetName() + ".png"), caption);
  }

  std::filesystem::path ReportFolder::Finish() const
  {
    const std::filesystem::path page = folder_ / "index.html";
    page_.Save(page);
    return page;
  }
}
