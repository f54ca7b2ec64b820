// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>

namespace H3K27M::Trainers
{
  // Whether a training step may change the weights. In mixed precision a gradient is now and then not finite although
  // the loss is (seen on an H100 in bf16: two of some 28,000 steps); one such step would spoil every weight. It is left
  // out, as loss scalers do, and the run goes on. Counts from where a run, a stage or a resumed run begins.
  class StepGuard
  {
  public:
    static constexpr std::size_t MAX_LEFT_OUT = 10;    // in a row: then it is no accident
    static constexpr std::size_t MIN_STEPS_EACH = 20;  // beyond so many, one of 20 at most

    // True: take the step; false: leave it out. Throws Error(BadInput), the run has diverged: when the loss is not
    // finite, or too many gradients are not. `step` is counted from 1, for the message.
    bool Allows(double loss, double gradientNorm, std::size_t step);

  private:
    std::size_t steps_ = 0;
    std::size_t leftOut_ = 0;
    std::size_t inARow_ = 0;
  };
}
