// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/NetworkOptions.h"
#include "Inference/Weights/WeightsImport.h"

#include <boost/program_options/variables_map.hpp>

#include <string>

namespace H3K27M::Commands
{
  // --variant; what the weights are when it is absent. Throws Error(BadInput) as ParseVariant() and DetectVariant() do.
  inline Network::Variant ChooseVariant(const boost::program_options::variables_map& values,
                                        const Weights::WeightsImport& import)
  {
    return values.count("variant") != 0 ? Network::ParseVariant(values["variant"].as<std::string>())
                                        : import.DetectVariant();
  }
}
