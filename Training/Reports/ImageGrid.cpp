// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/ImageGrid.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Training/Reports/Gnuplot.h"

#include <span>
#include <utility>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr std::size_t CELL = 200;  // pixels of the drawing per picture
    constexpr std::size_t TITLES = 30;
    constexpr std::size_t CHANNELS = 3;
  }

  ImageGrid::ImageGrid(std::string name, std::size_t side, std::vector<std::string> columns) :
    name_(std::move(name)),
    side_(side),
    columns_(std::move(columns))
  {
  }

  void ImageGrid::AddRow(const std::vector<Picture>& pictures)
  {
    if (pictures.size() != columns_.size())
    {
      throw Error(ErrorCode::BadInput, name_ + ": each row needs " + std::to_string(columns_.size()) + " pictures");
    }
    for (const Picture& picture : pictures)
    {
      if (picture.size() != side_ * side_ * CHANNELS)
      {
        throw Error(ErrorCode::BadInput, name_ + ": a picture is not of the grid's size");
      }
      pixels_.insert(pixels_.end(), picture.begin(), picture.end());
    }
    rows_++;
  }

  std::string ImageGrid::MakeScript() const
  {
    const std::size_t width = columns_.size() * CELL;
    const std::size_t height = rows_ * CELL + TITLES;
    const double top = static_cast<double>(rows_ * CELL) / static_cast<double>(height);
    const std::string side = std::to_string(side_);
    std::string script = "# Made by h3k27m report; draw again with: gnuplot " + name_ + ".gp\n";
    script += "set terminal pngcairo size " + std::to_string(width) + "," + std::to_string(height) +
              " noenhanced background '#ffffff'\n";
    script += "set output '" + name_ + ".png'\n";
    script += "unset key\nunset tics\nunset border\nset size ratio -1\n";
    script += "set multiplot layout " + std::to_string(rows_) + "," + std::to_string(columns_.size()) +
              " margins 0.005,0.995,0.005," + std::to_string(top) + " spacing 0.01\n";
    for (std::size_t cell = 0; cell < rows_ * columns_.size(); cell++)
    {
      const std::string title = cell < columns_.size() ? columns_[cell] : std::string();
      script.append("set title '").append(title).append("' offset 0,-0.5\n");
      script.append("plot '").append(name_).append(".rgb' binary skip=");
      script.append(std::to_string(cell * side_ * side_ * CHANNELS)).append(" array=(").append(side).append(",");
      script.append(side).append(") flipy format='%uchar%uchar%uchar' using 1:2:3 with rgbimage\n");
    }
    return script + "unset multiplot\n";
  }

  void ImageGrid::Draw(const std::filesystem::path& folder) const
  {
    const std::string script = MakeScript();
    Protocol::WriteFileAtomically(folder / (name_ + ".rgb"), std::as_bytes(std::span(pixels_)));
    Protocol::WriteFileAtomically(folder / (name_ + ".gp"), std::as_bytes(std::span(script)));
    RunGnuplot(folder, name_ + ".gp");
  }
}
