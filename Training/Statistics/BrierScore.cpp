// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Statistics/BrierScore.h"

#include "Training/Statistics/PatientBootstrap.h"

namespace H3K27M::Statistics
{
  Estimate EstimateBrierScore(const ScoredPatients& patients, std::uint64_t seed)
  {
    patients.RequireProbabilities("The Brier score");
    std::vector<double> squares;
    for (std::size_t i = 0; i < patients.GetCount(); i++)
    {
      const double distance = patients.GetScores()[i] - (patients.GetTruth()[i] ? 1 : 0);
      squares.push_back(distance * distance);
    }
    return EstimateMean(squares, seed);
  }
}
