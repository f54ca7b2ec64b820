// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace H3K27M::Predict
{
  enum class DeviceChoice
  {
    Auto,  // the first GPU when there is one and its libraries load, else the CPU
    Cpu,
    Cuda  // an Error when there is none
  };

  enum class Precision
  {
    Auto,  // fp32 on the CPU, bf16 (fp16 before Ampere) on a GPU
    Float32,
    BFloat16,
    Float16
  };

  // "auto", "cpu", "cuda"; "auto", "fp32", "bf16", "fp16". Parsing throws Error(BadInput) naming the allowed values.
  DeviceChoice ParseDeviceChoice(std::string_view text);
  Precision ParsePrecision(std::string_view text);
  std::string_view ToString(Precision precision) noexcept;

  struct BackendOptions
  {
    DeviceChoice device = DeviceChoice::Auto;
    Precision precision = Precision::Auto;
    unsigned int threads = 0;   // of the CPU; 0: as many processors as this process may use
    std::size_t batchSize = 0;  // slices per pass; 0: 4 on the CPU, 32 on a GPU. Part of what determines the last bits
  };

  // What a backend is, for the log, `info`, the handshake and the results.
  struct BackendInfo
  {
    std::string device;      // "cpu", "cuda:0 NAME"
    std::string deviceKind;  // "cpu", "cuda"
    Precision precision = Precision::Float32;
    unsigned int threads = 1;
    std::size_t batchSize = 1;
    std::size_t inputSize = 256;  // of the network's grid
    bool hasSegmentation = true;
    bool usesOwnKernels = false;  // resample and un-resample on the GPU
    std::string note;             // why it is the CPU where a GPU was looked for; empty otherwise
    std::string libtorchVersion;
    std::string cudaVersion;  // "12.4": of the GPU's runtime; empty on the CPU
  };
}
