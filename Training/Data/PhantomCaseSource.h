// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/PhantomDataset.h"
#include "Inference/Phantom/PhantomGenerator.h"
#include "Training/Data/ICaseSource.h"

namespace H3K27M::Data
{
  // Phantoms, generated when they are asked for: seeds firstSeed .. firstSeed + count - 1.
  class PhantomCaseSource : public ICaseSource
  {
  public:
    // `options.folder` is not looked at. Throws what PhantomDatasetOptions::Check() throws.
    explicit PhantomCaseSource(const Phantom::PhantomDatasetOptions& options);

    std::size_t GetCount() const override;
    TrainingCase Load(std::size_t index) const override;
    Json::Value Describe() const override;

  private:
    Phantom::PhantomDatasetOptions options_;
    Phantom::PhantomGenerator generator_;
  };
}
