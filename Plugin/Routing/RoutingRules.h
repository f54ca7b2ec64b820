// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Routing/Contrast.h"

#include <string>
#include <vector>

namespace H3K27M::Routing
{
  // Words that a description may hold. Compared after folding (lower case, accents stripped, punctuation to blanks):
  // "t2" is a whole word, "*flair*" any part of one, "dark fluid" a phrase; words in scripts without blanks (Chinese,
  // Japanese, Korean) match anywhere.
  struct RoutingWords
  {
    std::vector<std::string> head;            // head and brain
    std::vector<std::string> neck;            // another part, but one that an examination of head and neck may name
    std::vector<std::string> otherBodyParts;  // spine, knee, ...
    std::vector<std::string> otherHeads;    // hold a word for the head and mean another part: femoral head, spinal cord
    std::vector<std::string> noBodyParts;   // hold a word for a part and mean none: head coil, cerebrospinal fluid
    std::vector<std::string> anyBodyParts;  // what BodyPartExamined holds where nobody filled it in
    std::vector<std::string> localizers;
    std::vector<std::string> otherContrasts;  // FLAIR, diffusion, perfusion, T2*, angiography, ...
    std::vector<std::string> t2;
    std::vector<std::string> t1;
    std::vector<std::string> contrastAgent;    // says that it was given: "gd", "post", "*contrast*"
    std::vector<std::string> noContrastAgent;  // says that it was not: "pre", "nativ*", "without"
    std::vector<std::string> phantoms;

    // The built-in lists (English, German, French, Spanish, Italian, Portuguese, Russian, Chinese, Japanese, Korean).
    static RoutingWords Default();

    bool operator==(const RoutingWords&) const = default;
  };

  enum class CandidatePolicy
  {
    Best,  // one series per study, by StudyRouter's rule
    All
  };

  // What "axial T2-weighted brain MR" means in numbers and words, or the same of a T1 after a contrast agent. All from
  // the configuration.
  struct RoutingRules
  {
    Contrast contrast = Contrast::T2w;
    double orientationToleranceDegrees = 30;  // between the slices' normal and the body's axis
    double echoTimeMinimumMs = 70;            // PD ends near 40 ms, T2 of the brain begins near 80 ms
    double echoTimeMaximumMs = 500;           // above: hydrography (MRCP, myelography); 3D TSE lies near 400 ms
    double repetitionTimeMinimumMs = 1800;
    double repetitionTimeMaximumMs = 30000;
    double inversionTimeMaximumMs = 0;  // above: FLAIR, STIR
    double inversionTimeMinimumMs = 0;  // of ceT1w alone; below: STIR
    double diffusionBValueMaximum = 0;  // s/mm2
    bool allowDerived = true;           // DERIVED images (reformats) are candidates, behind ORIGINAL ones
    bool allowPhantoms = false;         // images whose header says that they show a phantom
    CandidatePolicy candidates = CandidatePolicy::Best;
    RoutingWords words = RoutingWords::Default();

    // Built in: of a T1 after a contrast agent.
    static RoutingRules DefaultOfEnhancedT1();

    bool operator==(const RoutingRules&) const = default;
  };
}
