// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>

// What the engine takes on at most. The plugin holds to it too: a study beyond it would be read and assembled in vain,
// and a model that asks for more would be put in force and then refused with each study.
namespace H3K27M::Protocol::StudyLimits
{
  constexpr std::uint32_t MAX_SLICES = 1024;
  constexpr std::uint32_t MAX_SIDE = 4096;        // rows and columns
  constexpr std::uint32_t MAX_OPEN_STUDIES = 16;  // begun and not answered
  constexpr std::uint64_t OPEN_MEBIBYTES = 2048;  // of all of these, unless `h3k27m serve` is told otherwise
  constexpr double MIN_SPACING_MM = 0.01;         // between rows, columns or slices
  constexpr double MAX_SPACING_MM = 100;
  constexpr double MAX_TUMOUR_AREA_MM2 = 1e6;    // least area of a tumour, in a card and in a request
  constexpr double MAX_CHOSEN_AREA_MM2 = 10000;  // the same, in a configuration and in a run: a whole head has less

  // Rows and columns of an image are 16-bit attributes in DICOM (PS3.3 C.7.6.3): more is an error, whatever it is for.
  constexpr std::uint32_t MAX_EXTENT = 65535;
}
