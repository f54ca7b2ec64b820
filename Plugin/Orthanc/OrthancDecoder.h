// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/IExternalDecoder.h"

#include <orthanc/OrthancCPlugin.h>

namespace H3K27M::OrthancBinding
{
  // Decodes compressed frames with the core's decoder and whatever decoder plugins are installed beside it.
  // Thread-safe, as the core's service is.
  class OrthancDecoder : public Volume::IExternalDecoder
  {
  public:
    explicit OrthancDecoder(OrthancPluginContext* context) noexcept :
      context_(context)
    {
    }

    Volume::ExternalFrame Decode(std::string_view file, std::uint32_t frameIndex) override;

  private:
    OrthancPluginContext* context_;
  };
}
