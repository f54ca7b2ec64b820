// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/ImageShape.h"

#include "Inference/Network/Axes.h"
#include "Inference/Protocol/Error.h"

#include <sstream>

namespace H3K27M::Network
{
  void CheckImageShape(const torch::Tensor& image, std::int64_t channels, std::int64_t size)
  {
    if (image.dim() == 4 && image.size(AXIS_SLICE) > 0 && image.size(AXIS_CHANNEL) == channels &&
        image.size(AXIS_ROW) == size && image.size(AXIS_COLUMN) == size && image.is_floating_point())
    {
      return;
    }
    std::ostringstream message;
    message << "The network takes float images of shape [N, " << channels << ", " << size << ", " << size << "], not "
            << image.toString() << " of shape " << image.sizes();
    throw Error(ErrorCode::BadInput, message.str());
  }
}
