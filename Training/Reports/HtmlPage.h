// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Reports/Table.h"

#include <filesystem>
#include <string>

namespace H3K27M::Reports
{
  // One self-contained page: no script, nothing from elsewhere; figures are inside as images. Text is set as text,
  // whatever is in it. Light and dark by the reader's choice.
  class HtmlPage
  {
  public:
    explicit HtmlPage(const std::string& title);

    void AddHeading(const std::string& text);
    void AddParagraph(const std::string& text);
    void AddTable(const Table& table);

    // `file`: SVG or PNG; its content goes into the page. The caption is also what a screen reader says.
    void AddFigure(const std::filesystem::path& file, const std::string& caption);

    // By rename. Throws Error(Unavailable).
    void Save(const std::filesystem::path& path) const;

  private:
    std::string title_;
    std::string body_;
  };
}
