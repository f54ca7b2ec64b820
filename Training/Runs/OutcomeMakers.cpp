// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/OutcomeMakers.h"

#include "Inference/Predict/TorchDevice.h"

#include <torch/version.h>

#include <cstddef>

namespace H3K27M::Runs
{
  namespace
  {
    // Null in the place of what is not there, so that sets of which nothing is known are alike, too.
    Json::Value Select(const Json::Value& maker)
    {
      Json::Value selected;
      for (const char* field : {"device", "precision", "torch"})
      {
        selected[field] = maker.isObject() ? maker[field] : Json::Value();
      }
      return selected;
    }
  }

  Json::Value OutcomeMakers::Describe(const Predict::BackendOptions& backend)
  {
    const auto device = Predict::TorchDevice::Choose(backend.device);
    Json::Value maker;
    maker["device"] = device.name;
    maker["precision"] = std::string(Predict::ToString(device.Resolve(backend.precision)));
    maker["torch"] = TORCH_VERSION;
    return maker;
  }

  void OutcomeMakers::Add(const std::string& set, const Json::Value& maker)
  {
    Json::Value entry = Select(maker);
    for (Json::Value& known : makers_)
    {
      if (Select(known) == entry)
      {
        known["of"].append(set);
        return;
      }
    }
    entry["of"].append(set);
    makers_.append(entry);
  }

  void OutcomeMakers::AddAll(const std::string& prefix, const Json::Value& makers)
  {
    for (const Json::Value& maker : makers)
    {
      for (const Json::Value& set : maker["of"])
      {
        Add(prefix + "/" + set.asString(), maker);
      }
    }
  }

  Json::Value OutcomeMakers::MakeRemarks() const
  {
    std::size_t known = 0;
    for (const Json::Value& maker : makers_)
    {
      known += maker["device"].isString() ? 1 : 0;
    }
    Json::Value remarks(Json::arrayValue);
    if (known > 1)
    {
      remarks.append("Not all of these patients were measured on the same device and in the same precision, yet they "
                     "are ranked together or compared: a network's probabilities differ a little between these.");
    }
    return remarks;
  }
}
