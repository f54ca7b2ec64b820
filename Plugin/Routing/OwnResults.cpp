// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/OwnResults.h"

namespace H3K27M::Routing
{
  bool IsOwnResult(std::string_view modality, std::string_view sopClassUid, std::string_view manufacturer) noexcept
  {
    // The index of the archive knows no SOP class per series: an empty one is taken for what the modality says.
    const bool isMrImage = modality == "MR" && (sopClassUid.empty() || sopClassUid == "1.2.840.10008.5.1.4.1.1.4" ||
                                                sopClassUid == "1.2.840.10008.5.1.4.1.1.4.1");
    return manufacturer == OWN_MANUFACTURER && !isMrImage;
  }
}
