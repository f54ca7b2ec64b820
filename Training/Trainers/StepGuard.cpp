// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Trainers/StepGuard.h"

#include "Inference/Protocol/Error.h"

#include <cmath>
#include <string>

namespace H3K27M::Trainers
{
  bool StepGuard::Allows(double loss, double gradientNorm, std::size_t step)
  {
    const bool isLossFinite = std::isfinite(loss);
    const bool isUsable = std::isfinite(gradientNorm);
    steps_++;
    leftOut_ += isUsable ? 0 : 1;
    inARow_ = isUsable ? 0 : inARow_ + 1;
    if (!isLossFinite || inARow_ == MAX_LEFT_OUT || (leftOut_ > MAX_LEFT_OUT && leftOut_ * MIN_STEPS_EACH > steps_))
    {
      throw Error(ErrorCode::BadInput, std::string("The run diverged: the ") + (isLossFinite ? "gradient" : "loss") +
                                         " of step " + std::to_string(step) +
                                         " is not finite. A smaller learning rate may help");
    }
    return isUsable;
  }
}
