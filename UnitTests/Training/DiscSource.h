// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/ICaseSource.h"

namespace H3K27M::Testing
{
  // Heads that are bright discs with a smaller tumour disc on the middle slices: striped in altered cases, plain in
  // wild types. Small enough that a tiny network learns them in seconds.
  class DiscSource : public Data::ICaseSource
  {
  public:
    explicit DiscSource(std::size_t count);

    std::size_t GetCount() const override;
    Data::TrainingCase Load(std::size_t index) const override;
    Json::Value Describe() const override;

  private:
    std::size_t count_;
  };
}
