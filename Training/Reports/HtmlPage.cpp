// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/HtmlPage.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"

#include <fstream>
#include <iterator>
#include <span>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr const char* STYLE =
      ":root{color-scheme:light dark}"
      "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}"
      "table{border-collapse:collapse;margin:1rem 0;font-size:.9rem;display:block;overflow-x:auto}"
      "caption{text-align:left;font-weight:600;padding:.3rem 0}"
      "th,td{border:1px solid #8888;padding:.25rem .5rem;text-align:left;vertical-align:top}"
      "figure{margin:1rem 0;display:inline-block;max-width:100%}img{max-width:100%;background:#fff}"
      "figcaption{font-size:.9rem;max-width:40rem}.notice{border:2px solid #d55e00;padding:.5rem 1rem}";

    std::string Escape(const std::string& text)
    {
      std::string escaped;
      for (const char c : text)
      {
        switch (c)
        {
          case '&':
            escaped += "&amp;";
            break;
          case '<':
            escaped += "&lt;";
            break;
          case '>':
            escaped += "&gt;";
            break;
          case '"':
            escaped += "&quot;";
            break;
          default:
            escaped += c;
        }
      }
      return escaped;
    }

    std::string ToBase64(const std::string& bytes)
    {
      constexpr const char* DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
      std::string text;
      for (std::size_t i = 0; i < bytes.size(); i += 3)
      {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        unsigned int group = 0;
        for (std::size_t k = 0; k < 3; k++)
        {
          group = (group << 8) | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; k++)
        {
          text += k <= count ? DIGITS[(group >> (18 - 6 * k)) & 63] : '=';
        }
      }
      return text;
    }

    std::string ReadFile(const std::filesystem::path& path)
    {
      std::ifstream stream(path, std::ios::binary);
      if (!stream)
      {
        throw Error(ErrorCode::Unavailable, "Cannot read " + path.string());
      }
      return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }
  }

  HtmlPage::HtmlPage(const std::string& title) :
    title_(title)
  {
    body_ = "<h1>" + Escape(title) + "</h1>\n" +
            "<p class=\"notice\">Research use only. Not a medical device; no clinical fitness is claimed.</p>\n";
  }

  void HtmlPage::AddHeading(const std::string& text)
  {
    body_ += "<h2>" + Escape(text) + "</h2>\n";
  }

  void HtmlPage::AddParagraph(const std::string& text)
  {
    body_ += "<p>" + Escape(text) + "</p>\n";
  }

  void HtmlPage::AddTable(const Table& table)
  {
    body_ += "<table><caption>" + Escape(table.caption) + "</caption>\n<thead><tr>";
    for (const std::string& column : table.columns)
    {
      body_ += "<th scope=\"col\">" + Escape(column) + "</th>";
    }
    body_ += "</tr></thead>\n<tbody>\n";
    for (std::size_t row = 0; row < table.rows.size(); row++)
    {
      body_ += "<tr>";
      for (std::size_t column = 0; column < table.rows[row].size(); column++)
      {
        const std::string cell = Escape(table.rows[row][column]);
        const std::string shown = table.bold.contains({row, column}) ? "<strong>" + cell + "</strong>" : cell;
        body_ += column == 0 ? "<th scope=\"row\">" + shown + "</th>" : "<td>" + shown + "</td>";
      }
      body_ += "</tr>\n";
    }
    body_ += "</tbody></table>\n";
  }

  void HtmlPage::AddFigure(const std::filesystem::path& file, const std::string& caption)
  {
    const std::string type = file.extension() == ".png" ? "image/png" : "image/svg+xml";
    body_ += "<figure><img alt=\"" + Escape(caption) + "\" src=\"data:" + type + ";base64," + ToBase64(ReadFile(file)) +
             "\"><figcaption>" + Escape(caption) + "</figcaption></figure>\n";
  }

  void HtmlPage::Save(const std::filesystem::path& path) const
  {
    const std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:\"><title>" +
      Escape(title_) + "</title><style>" + STYLE + "</style></head>\n<body>\n" + body_ + "</body></html>\n";
    Protocol::WriteFileAtomically(path, std::as_bytes(std::span(page)));
  }
}
