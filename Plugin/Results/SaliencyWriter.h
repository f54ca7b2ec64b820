// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Prediction.h"
#include "Plugin/Results/ResultContext.h"

#include <cstdint>
#include <span>
#include <vector>

namespace H3K27M::Results
{
  // One slice to be shown: both [rows, columns] of the source, row-major.
  struct SaliencySlice
  {
    std::size_t slice = 0;           // index into SourceSeries::slices
    std::vector<std::uint8_t> grey;  // the windowed image, 0 black, 255 white
    std::vector<std::uint8_t> map;   // 0 nothing speaks for the genotype, 255 the strongest place of the study
  };

  // Writes where the network looked as Multi-frame True Color Secondary Capture (PS3.3 A.8.5), one frame a slice: the
  // image with the map over it, pixel by pixel at the top left, and below it, covering no anatomy, the colour bar and
  // the words (slice, genotype, what the colours are and are not, model, research use only). Colours run blue, cyan,
  // yellow, red, as in the report of a training, and cover at most half of the image: where nothing speaks, it is grey.
  // A picture for people: it has no frame of reference, and no viewer takes it for a mask. Immutable.
  class SaliencyWriter
  {
  public:
    // Pixels of one object; more is refused before memory is taken.
    static constexpr std::uint64_t MAX_BYTES = std::uint64_t{512} << 20;

    // Whether so many slices of the source fit one object.
    static bool Fits(const Volume::SourceSeries& source, std::size_t slices);

    // "LEFT IS R, TOP IS A OF THE PATIENT": burned in, because the picture is drawn as the image is stored and no
    // viewer puts letters beside it.
    static std::string NameSides(const Volume::SourceSeries& source);

    // `slices` lowest first, not empty; `status` the genotype that they speak for. Throws BadInput when a slice is not
    // on the source's grid, there is none or there are too many, or the source has no header.
    DicomInstance Write(const ResultContext& context, GenotypeStatus status,
                        std::span<const SaliencySlice> slices) const;
  };
}
