// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ResultContext.h"

#include <cstddef>
#include <string>
#include <vector>

namespace H3K27M::Volume
{
  struct SourceSeries;
}

namespace H3K27M::Results
{
  class MaskVolume;
  class SourceAttributes;
  struct GenotypePrediction;
  struct Prediction;

  // The sentences of the report, plain English in ASCII, for a radiologist who reads it as text.
  namespace Wording
  {
    // What the report, and all that is to agree with it, calls each slice.
    struct SliceNames
    {
      std::vector<int> numbers;  // by slice of the series
      bool areShown = true;      // a viewer shows these numbers
    };

    // The number that a viewer shows beside the image: instance number, or frame number of a multi-frame instance.
    // Only where these are present and tell the slices apart; else the position, the one nearest to the feet = 1.
    SliceNames NameSlices(const Volume::SourceSeries& source);

    // "AI-generated ... research use only ...": first thing in the report.
    std::string GetNotice();

    // Status, probability, volume, coverage in a few sentences. `hasMask`: the model draws outlines at all.
    std::string GetConclusion(const ResultContext& context, const Prediction& prediction, const MaskVolume& mask,
                              bool hasMask);

    // Why "nothing found" may be wrong: tumour that was outlined and is too small to count, images unlike those that
    // the model knows. One sentence each.
    std::vector<std::string> GetDoubts(const ModelInfo& model, const Prediction& prediction);

    // "Read from series 5 (AX T2 TSE).", in the source's character set: a study may hold several that fit, whose images
    // have the same numbers. Empty where the series has neither number nor description.
    std::string DescribeSource(const SourceAttributes& source);

    // "The series covers 120 mm; 22 of 24 slices examined.": a person's "nothing found" says where was looked.
    std::string DescribeCoverage(const Volume::SourceSeries& source, const Prediction& prediction);

    // For the case and the report: a slab that leaves out part of the brain.
    std::vector<std::string> GetCoverageWarnings(const Volume::SourceSeries& source);

    // What must be assumed for the result to mean anything, and what it says nothing of. `hasMask`: as above.
    std::string GetLimits(const ModelInfo& model, bool hasMask);

    // One sentence per gap: "1 slice position is without an image between images 33 and 34 ...".
    std::vector<std::string> GetMissingSlices(const Volume::SourceSeries& source);

    // "images 9-14, 16 (7 of 24)", by the numbers that a viewer shows. Where these are missing or repeated: "slices 3-8
    // counted from the lowest (6 of 24)", the lowest being the one nearest to the feet.
    std::string DescribeSlices(const Volume::SourceSeries& source, const std::vector<std::size_t>& slices);

    // What the networks of an ensemble say, each by itself: one sentence; empty where there is one network or no
    // status.
    std::string DescribeSpread(const GenotypePrediction& genotype);

    // How usual the images look to the model: one sentence; empty where it cannot tell.
    std::string DescribeTypicality(const Prediction& prediction);

    // Probability and area of each slice that was looked at.
    std::string DescribeSliceScores(const Volume::SourceSeries& source, const Prediction& prediction);

    // Each ends in one full stop; empty ones are left out.
    std::string JoinSentences(const std::vector<std::string>& sentences);

    // "87.3 %": a share of 0..1 for people to read, one decimal. A network is never certain: what would be rounded to
    // 0.0 or 100.0 is "less than 0.1 %" or "more than 99.9 %".
    std::string ToPercent(double share);
  }
}
