// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/DeletedSeries.h"

namespace H3K27M::Pipeline
{
  void DeletedSeries::Add(const std::string& seriesId)
  {
    if (series_.empty())
    {
      due_ = std::chrono::steady_clock::now() + wait_;
    }

    series_.push_back(seriesId);
  }

  std::vector<std::string> DeletedSeries::TakeStudies()
  {
    if (series_.empty() || std::chrono::steady_clock::now() < due_)
    {
      return {};
    }

    std::vector<std::string> studies = store_.FindStudiesOfSeries(series_);
    series_.clear();
    return studies;
  }
}
