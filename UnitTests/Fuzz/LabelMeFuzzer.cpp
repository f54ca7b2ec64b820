// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/LabelMeMask.h"
#include "Plugin/Volume/SourceSeries.h"
#include "UnitTests/Fuzz/FuzzInput.h"

// An outline that LabelMe drew, on a small series.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  static const Volume::SourceSeries SERIES = []
  {
    Volume::SourceSeries series;
    series.rows = 48;
    series.columns = 40;
    series.slices.resize(3);
    for (int i = 0; i < 3; i++)
    {
      series.slices[static_cast<std::size_t>(i)].sopInstanceUid = "1.2.3." + std::to_string(i);
      series.slices[static_cast<std::size_t>(i)].instanceNumber = i + 1;
    }
    return series;
  }();
  return Fuzz::Expect([&]
  {
    Masks::LabelMeMask mask(SERIES);
    mask.AddFile("2.json", Fuzz::ToText(data, size));
    mask.Finish(Masks::LabelChoice());
  });
}
