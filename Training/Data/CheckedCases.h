// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/ICaseSource.h"

#include <cstddef>
#include <functional>

namespace H3K27M::Data
{
  // What is done with each case of a source, by its index; from several threads at once.
  using CaseUser = std::function<void(std::size_t index, const TrainingCase& loaded)>;

  // Loads all cases of `source`, in no stated order, and hands each to `use`; none is kept. `onDone` is called with the
  // number of cases done, from any of the threads, one at a time.
  // A case whose data are at fault (BadInput, NotFound or Corrupt, of the source or of `use`) stops none of the others:
  // at the end Error(BadInput) tells all of them, in the order of the source, so that a person mends them in one go.
  // Whatever else is thrown, or may pass by a retry, ends it and is thrown as it is.
  void UseAllCases(const ICaseSource& source, unsigned int threads, const CaseUser& use,
                   const std::function<void(std::size_t)>& onDone);
}
