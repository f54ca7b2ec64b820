// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/SeriesRouter.h"
#include "Plugin/Volume/DicomReader.h"
#include "UnitTests/Support/Fixtures.h"

#include <gtest/gtest.h>

#include <map>

using namespace H3K27M;
using namespace H3K27M::Routing;

namespace
{
  // Files of one folder may belong to several series; each is judged by itself.
  std::vector<RoutingDecision> DecideAll(const std::string& path)
  {
    std::map<std::string, std::vector<Volume::DicomHeader>> series;
    for (const std::string& file : Support::ReadFixtureFiles(path))
    {
      Volume::ReadOutcome outcome = Volume::DicomReader(Volume::VolumeLimits()).Read(file);
      Volume::DicomHeader header = std::get<Volume::DicomHeader>(std::move(outcome));
      series[header.seriesInstanceUid].push_back(std::move(header));
    }
    std::vector<RoutingDecision> decisions;
    for (const auto& [uid, headers] : series)
    {
      const Volume::VolumeOutcome volume = Volume::VolumeAssembler(Volume::VolumeLimits()).Assemble(headers);
      decisions.push_back(SeriesRouter(RoutingRules()).Decide(DescribeSeries(headers), volume));
    }
    return decisions;
  }
}

TEST(RoutingFixtures, AgreesWithTheIndexOnEveryRealSeries)
{
  const std::vector<Support::FixtureEntry> index = Support::ReadFixtureIndex();
  if (index.empty())
  {
    GTEST_SKIP() << "../shared/fixtures/index.json is not there";
  }
  unsigned accepted = 0;
  for (const Support::FixtureEntry& entry : index)
  {
    if (entry.folder.rfind("mr/", 0) != 0)
    {
      continue;
    }
    // "by its physics yes; it images a phantom": no word in those headers says so, so they are taken.
    const bool wanted = entry.isAxialT2Brain.rfind("no", 0) != 0;
    for (const RoutingDecision& decision : DecideAll(Support::FindFixture(entry.folder).value()))
    {
      EXPECT_EQ(decision.accepted, wanted) << entry.folder << ": " << testing::PrintToString(decision.reasons);
      accepted += decision.accepted ? 1 : 0;
    }
  }
  EXPECT_EQ(accepted, 3u);
}
