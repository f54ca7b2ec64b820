// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace H3K27M::Reports
{
  // A figure as a gnuplot script with its data inside: NAME.gp stands beside NAME.svg, so that a figure can be drawn
  // anew for a journal. Colours are told apart by colour-blind readers too (Okabe and Ito, 2008).
  class Figure
  {
  public:
    // The colours of the genotypes, the same in all figures.
    static constexpr const char* ALTERED = "#d55e00";    // a red
    static constexpr const char* WILD_TYPE = "#0072b2";  // a blue

    // So many curves have one each; after them the first comes again.
    static constexpr std::size_t COLOURS = 7;

    using Points = std::vector<std::pair<double, double>>;

    enum class Style
    {
      Lines,
      Thin,   // lines, many of them
      Steps,  // as high, from one point to the next, as the point at the right
      Dots,
      Dashed  // a line of reference
    };

    Figure(std::string name, std::string title, std::string xLabel, std::string yLabel);

    void SetRanges(double xLow, double xHigh, double yLow, double yHigh);

    // No numbers at the axes, which have no scale.
    void HideNumbers();

    // Where the curves are named; "bottom right" unless set.
    void SetKey(std::string position);

    void Add(const std::string& label, const Points& points, Style style);

    // The same in a colour of one's own: "#d55e00".
    void Add(const std::string& label, const Points& points, Style style, const std::string& colour);

    // Thin lines of one colour under one name: what differs by chance alone, as the folds of a model.
    void AddFamily(const std::string& label, const std::vector<Points>& lines);

    // With a band from low to high in the curve's colour, behind all curves and without a name of its own.
    struct Span
    {
      double x = 0;
      double low = 0;
      double high = 0;
    };
    using Band = std::vector<Span>;
    void AddWithBand(const std::string& label, const Points& points, Style style, const Band& band);

    // With vertical bars from low to high: (x, y, low, high).
    struct Bar
    {
      double x = 0;
      double y = 0;
      double low = 0;
      double high = 0;
    };
    void AddBars(const std::string& label, const std::vector<Bar>& bars);

    // Writes FOLDER/NAME.gp and has gnuplot draw FOLDER/NAME.svg. Throws Error(Unavailable) when gnuplot is not
    // installed or fails.
    void Draw(const std::filesystem::path& folder) const;

    const std::string& GetName() const noexcept
    {
      return name_;
    }

  private:
    struct Curve
    {
      std::string label;
      std::string data;
      std::string how;  // it is drawn: what stands behind its data in gnuplot's `plot`
    };

    std::string MakeScript() const;
    std::string TakeColour();

    std::string name_;
    std::string title_;
    std::string xLabel_;
    std::string yLabel_;
    std::string ranges_;
    std::string key_ = "bottom right";
    std::size_t colours_ = 0;
    std::vector<Curve> bands_;
    std::vector<Curve> curves_;
  };
}
