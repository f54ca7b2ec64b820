// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/BackendOptions.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Predict
{
  DeviceChoice ParseDeviceChoice(std::string_view text)
  {
    if (text == "auto")
    {
      return DeviceChoice::Auto;
    }
    if (text == "cpu")
    {
      return DeviceChoice::Cpu;
    }
    if (text == "cuda")
    {
      return DeviceChoice::Cuda;
    }
    throw Error(ErrorCode::BadInput, "The device is auto, cpu or cuda, not '" + std::string(text) + "'");
  }

  Precision ParsePrecision(std::string_view text)
  {
    for (const Precision precision : {Precision::Auto, Precision::Float32, Precision::BFloat16, Precision::Float16})
    {
      if (ToString(precision) == text)
      {
        return precision;
      }
    }
    throw Error(ErrorCode::BadInput, "The precision is auto, fp32, bf16 or fp16, not '" + std::string(text) + "'");
  }

  std::string_view ToString(Precision precision) noexcept
  {
    switch (precision)
    {
      case Precision::Auto:
        return "auto";
      case Precision::BFloat16:
        return "bf16";
      case Precision::Float16:
        return "fp16";
      case Precision::Float32:
        break;
    }
    return "fp32";
  }
}
