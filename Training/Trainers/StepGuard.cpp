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
    leftOut_ = std::isfinite(gradientNorm) ? 0 : leftOut_ + 1;
    if (!isLossFinite || leftOut_ == MAX_LEFT_OUT)
    {
      throw Error(ErrorCode::BadInput, std::string("The run diverged: the ") + (isLossFinite ? "gradient" : "loss") +
                                         " of step " + std::to_string(step) +
                                         " is not finite. A smaller learning rate may help");
    }
    return leftOut_ == 0;
  }
}
