// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/Figure.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Training/Reports/Gnuplot.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <span>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr std::array PALETTE{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"};
    static_assert(PALETTE.size() == Figure::COLOURS);

    std::string Print(double value)
    {
      if (!std::isfinite(value))
      {
        return "NaN";
      }
      char text[32];
      std::snprintf(text, sizeof(text), "%.6g", value);
      return text;
    }

    // A text inside of gnuplot's single quotes, where only the quote itself is special.
    std::string Quote(const std::string& text)
    {
      std::string quoted = "'";
      for (const char c : text)
      {
        quoted += c == '\'' ? "''" : std::string(1, c);
      }
      return quoted + "'";
    }

    std::string GetWith(Figure::Style style, const std::string& colour)
    {
      const std::string paint = " lc rgb " + Quote(colour);
      switch (style)
      {
        case Figure::Style::Lines:
          return "lines lw 2" + paint;
        case Figure::Style::Thin:
          return "lines lw 1" + paint;
        case Figure::Style::Steps:
          return "fsteps lw 2" + paint;  // gnuplot's `steps` is as high as the point at the left
        case Figure::Style::Dots:
          return "points pt 7 ps 0.6" + paint;
        case Figure::Style::Dashed:
          return "lines lw 1 dt 2" + paint;
      }
      return "lines";
    }
  }

  Figure::Figure(std::string name, std::string title, std::string xLabel, std::string yLabel) :
    name_(std::move(name)),
    title_(std::move(title)),
    xLabel_(std::move(xLabel)),
    yLabel_(std::move(yLabel))
  {
  }

  void Figure::SetRanges(double xLow, double xHigh, double yLow, double yHigh)
  {
    ranges_ =
      "set xrange [" + Print(xLow) + ":" + Print(xHigh) + "]\nset yrange [" + Print(yLow) + ":" + Print(yHigh) + "]\n";
  }

  void Figure::HideNumbers()
  {
    ranges_ += "set format x ''\nset format y ''\n";
  }

  void Figure::SetKey(std::string position)
  {
    key_ = std::move(position);
  }

  std::string Figure::TakeColour()
  {
    return PALETTE[colours_++ % PALETTE.size()];
  }

  void Figure::Add(const std::string& label, const Points& points, Style style)
  {
    Add(label, points, style, style == Style::Dashed ? "#808080" : TakeColour());
  }

  void Figure::Add(const std::string& label, const Points& points, Style style, const std::string& colour)
  {
    std::string data;
    for (const auto& [x, y] : points)
    {
      data += Print(x) + " " + Print(y) + "\n";
    }
    curves_.push_back({label, std::move(data), "with " + GetWith(style, colour)});
  }

  void Figure::AddFamily(const std::string& label, const std::vector<Points>& lines)
  {
    const std::string colour = TakeColour();
    for (std::size_t i = 0; i < lines.size(); i++)
    {
      Add(i == 0 ? label : "", lines[i], Style::Thin, colour);
    }
  }

  void Figure::AddWithBand(const std::string& label, const Points& points, Style style, const Band& band)
  {
    const std::string colour = TakeColour();
    std::string data;
    for (const Span& span : band)
    {
      data += Print(span.x) + " " + Print(span.low) + " " + Print(span.high) + "\n";
    }
    // So thin that the bands of six curves still show what lies below.
    bands_.push_back({"", std::move(data),
                      "using 1:2:3 with filledcurves fs transparent solid 0.12 noborder lc rgb " + Quote(colour)});
    Add(label, points, style, colour);
  }

  void Figure::AddBars(const std::string& label, const std::vector<Bar>& bars)
  {
    std::string data;
    for (const Bar& bar : bars)
    {
      data += Print(bar.x) + " " + Print(bar.y) + " " + Print(bar.low) + " " + Print(bar.high) + "\n";
    }
    curves_.push_back({label, std::move(data), "with yerrorbars pt 7 ps 0.6 lc rgb " + Quote(TakeColour())});
  }

  std::string Figure::MakeScript() const
  {
    std::string script = "# Made by h3k27m report; draw again with: gnuplot " + name_ +
                         ".gp\n"
                         "set terminal svg size 640,480 noenhanced font 'Helvetica,14' background '#ffffff'\n";
    script += "set output " + Quote(name_ + ".svg") + "\n";
    script += "set title " + Quote(title_) + "\nset xlabel " + Quote(xLabel_) + "\nset ylabel " + Quote(yLabel_) +
              "\nset key " + key_ + "\nset grid lc rgb '#e0e0e0'\n" + ranges_;
    std::string plot;
    const auto add = [&script, &plot](const std::string& block, const Curve& curve)
    {
      // An empty block would be an error: a point that is no number is not drawn.
      script += block + " << EOD\n" + (curve.data.empty() ? "NaN NaN NaN NaN\n" : curve.data) + "EOD\n";
      plot += plot.empty() ? "plot " : ", \\\n  ";
      plot += block + " " + curve.how + " ";
      plot += curve.label.empty() ? "notitle" : "title " + Quote(curve.label);
    };
    for (std::size_t i = 0; i < bands_.size(); i++)
    {
      add("$band" + std::to_string(i), bands_[i]);
    }
    for (std::size_t i = 0; i < curves_.size(); i++)
    {
      add("$curve" + std::to_string(i), curves_[i]);
    }
    return script + plot + "\n";
  }

  void Figure::Draw(const std::filesystem::path& folder) const
  {
    const std::string script = MakeScript();
    Protocol::WriteFileAtomically(folder / (name_ + ".gp"), std::as_bytes(std::span(script)));
    RunGnuplot(folder, name_ + ".gp");
  }
}
