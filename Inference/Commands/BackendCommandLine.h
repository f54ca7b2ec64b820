// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/BackendOptions.h"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

namespace H3K27M::Commands
{
  // Adds --device, --precision, --threads and --batch-size: the same for all commands that run the network.
  void AddBackendOptions(boost::program_options::options_description& options);

  // --device. Loads LibTorch's CUDA half unless it is the CPU: LibTorch keeps what it finds when it is first asked
  // about GPUs, and drawing random weights asks. Throws Error(BadInput) naming the allowed values.
  Predict::DeviceChoice ReadDeviceChoice(const boost::program_options::variables_map& values);

  // --threads, of an option that holds an int: 0 to 1024, 0 stands for all processors. Throws Error(BadInput).
  unsigned int ReadThreads(const boost::program_options::variables_map& values);

  // All of them, as above.
  Predict::BackendOptions ReadBackendOptions(const boost::program_options::variables_map& values);
}
