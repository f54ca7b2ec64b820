// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Routing/RoutingRules.h"
#include "Plugin/Routing/SeriesDescriptor.h"
#include "Plugin/Volume/SourceSeries.h"

#include <cstddef>
#include <string>
#include <vector>

namespace H3K27M::Routing
{
  // What the choice between accepted series of one study rests on.
  struct SeriesCandidate
  {
    std::string orthancSeriesId;
    std::string seriesInstanceUid;
    bool isNamedEnhanced = false;  // of ceT1w: the description says that the agent was given, not a tag alone
    bool isEnhanced = false;       // whether it is of ceT1w
    bool isDixon = false;          // a water or in-phase image: T2-weighted, but with fat unlike a plain T2
    bool isDerived = false;
    double coverageMm = 0;  // along the normal, first slice to last plus one spacing
    double pixelAreaMm2 = 0;
    std::size_t slices = 0;
    std::size_t missingSlices = 0;
    int seriesNumber = 0;

    static SeriesCandidate From(const SeriesDescriptor& series, const Volume::SourceSeries& volume,
                                const RoutingRules& rules = {});
  };

  // Orders the accepted series of a study, best first. The rule, each step only where those before are equal:
  //  0. after a contrast agent: those whose description says so before those that a tag alone says it of, because the
  //     tag is copied onto the series before the injection too;
  //  1. plain T2 before the water and in-phase images of a Dixon acquisition;
  //  2. original images before derived ones;
  //  3. more of the head: the coverage along the normal in steps of 10 mm, 120 mm and more being all of it;
  //  4. fewer missing slices;
  //  5. finer pixels in the plane, by area in steps of 0.05 mm2;
  //  6. more slices;
  //  7. the lower SeriesNumber (after a contrast agent the higher one), then the lower SeriesInstanceUID.
  // The order depends on the candidates alone, not on their arrival.
  class StudyRouter
  {
  public:
    explicit StudyRouter(CandidatePolicy policy);

    // Those to process, best first: one (or none) under Best, all of them under All.
    std::vector<SeriesCandidate> Choose(std::vector<SeriesCandidate> accepted) const;

    // Whether `a` comes before `b`.
    static bool IsBetter(const SeriesCandidate& a, const SeriesCandidate& b);

    // For a person who looks at `other`: by which step of the rule `better`, which comes before it, does so.
    static std::string ExplainOrder(const SeriesCandidate& better, const SeriesCandidate& other);

  private:
    CandidatePolicy policy_;
  };
}
