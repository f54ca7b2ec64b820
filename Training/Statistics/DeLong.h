// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Statistics/Estimate.h"
#include "Training/Statistics/ScoredPatients.h"

namespace H3K27M::Statistics
{
  // Areas under the ROC curve by the method of DeLong, DeLong and Clarke-Pearson (1988), from midranks as Sun and Xu
  // (2014) show. With m positives and n negatives, the placement of a patient is the share of the other class that it
  // beats, ties half; the area is the mean placement, its variance S10/m + S01/n, S the unbiased variance of the
  // placements of a class. All functions throw Error(BadInput) when a class is empty.
  //
  // There is no variance when a class has one patient (the interval is then 0..1, that of a difference -1..1), nor when
  // all placements of each class are equal, as in complete separation. That few patients are told apart does not mean
  // that all are: as many pairs as the smaller class has patients, n, are independent, so the share of pairs that come
  // out as all of these did is at least 0.025^(1/n) (Clopper and Pearson, 1934), 0.69 for n = 10, and the interval is
  // what the others could do. It is wider than needed, never too narrow: of 18 and 17 patients it begins at 0.805,
  // where that of the logit begins at 0.950 when a single pair is misplaced. `method` says either.

  // Ties count half.
  double ComputeAuroc(const ScoredPatients& patients);

  // Interval: area +- 1.96 deviations, clipped to 0..1.
  Estimate EstimateAuroc(const ScoredPatients& patients);

  // Interval: logit(area) +- 1.96 deviation / (area (1 - area)), carried back (Pepe, 2003). It never leaves 0..1 and
  // covers better near 1, so reports print it; an area of 0 or 1 has no logit, and the interval that is said above.
  Estimate EstimateAurocByLogit(const ScoredPatients& patients);

  // The paired test of two models on the same patients: z = difference / deviation, the variance that of the patients'
  // differences of placements, which is S1 + S2 - 2 S12 of the paper. Models without any such variance have no
  // statistic: p = 1 when the areas are equal, otherwise no p. Throws Error(BadInput) when the patients differ.
  Comparison CompareAuroc(const ScoredPatients& first, const ScoredPatients& second);
}
