// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/SettingsMapping.h"

#include "Plugin/Support/MachineMemory.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace H3K27M;
using OrthancBinding::CoreConfiguration;

namespace
{
  // The word that follows `option`, or an empty string.
  std::string FindArgument(const std::vector<std::string>& arguments, const std::string& option)
  {
    const auto found = std::find(arguments.begin(), arguments.end(), option);
    return found == arguments.end() || found + 1 == arguments.end() ? std::string() : *(found + 1);
  }
}

TEST(SettingsMapping, CopiesEveryLimit)
{
  CoreConfiguration configuration;
  configuration.settings.limits = {
    .minSlices = 7, .maxSlices = 8, .maxRows = 9, .maxColumns = 10, .maxFrames = 11, .maxBytes = 12};
  const Volume::VolumeLimits limits = MapTriage(configuration).limits;
  EXPECT_EQ(limits.minSlices, 7u);
  EXPECT_EQ(limits.maxSlices, 8u);
  EXPECT_EQ(limits.maxRows, 9u);
  EXPECT_EQ(limits.maxColumns, 10u);
  EXPECT_EQ(limits.maxFrames, 11u);
  EXPECT_EQ(limits.maxBytes, 12u);
}

TEST(SettingsMapping, AsksForTheSaliencyThatIsConfigured)
{
  CoreConfiguration configuration;
  EXPECT_EQ(MapTriage(configuration).saliency, Engine::SaliencyChoice::Key);
  configuration.settings.saliency = Settings::SaliencyChoice::None;
  EXPECT_EQ(MapTriage(configuration).saliency, Engine::SaliencyChoice::None);
  configuration.settings.saliency = Settings::SaliencyChoice::All;
  EXPECT_EQ(MapTriage(configuration).saliency, Engine::SaliencyChoice::All);
}

TEST(SettingsMapping, KeepsTheDefaultsOfTheParts)
{
  const Pipeline::TriageOptions options = MapTriage(CoreConfiguration());
  EXPECT_TRUE(options.limits == Volume::VolumeLimits());
  EXPECT_TRUE(options.routing == Routing::RoutingRules());
  EXPECT_TRUE(options.enhancedT1 == Routing::RoutingRules::DefaultOfEnhancedT1());
}

TEST(SettingsMapping, AStoreBesideTheIndexIsThisOrthancsAlone)
{
  CoreConfiguration configuration;
  configuration.workStore = "sqlite:///var/lib/orthanc/h3k27m-work.db";
  EXPECT_FALSE(MapDeliveries(configuration).sharesStore);
  configuration.workStore = "postgresql://orthanc@db/work";
  EXPECT_TRUE(MapDeliveries(configuration).sharesStore);
}

TEST(SettingsMapping, AwaitsFewerConfirmationsThanTheCoreRemembers)
{
  CoreConfiguration configuration;
  EXPECT_EQ(75u, MapDeliveries(configuration).maxAwaited);
  configuration.commitmentReports = 10;
  EXPECT_EQ(8u, MapDeliveries(configuration).maxAwaited);
  configuration.commitmentReports = 0;
  EXPECT_EQ(0u, MapDeliveries(configuration).maxAwaited) << "it remembers all";
}

TEST(SettingsMapping, LeavesAQuarterOfTheMemoryToThePacsUnlessToldOtherwise)
{
  CoreConfiguration configuration;
  const std::uint64_t byDefault = MapSupervisor(configuration).launch.memoryBytes;
  EXPECT_LT(byDefault, Support::GetMachineMemory());
  EXPECT_GT(byDefault, Support::GetMachineMemory() / 2);
  configuration.settings.engineMemoryMiB = 3000;
  EXPECT_EQ(3000u << 20, MapSupervisor(configuration).launch.memoryBytes);
  configuration.settings.engineMemoryMiB = 0;
  EXPECT_EQ(0u, MapSupervisor(configuration).launch.memoryBytes);
}

TEST(SettingsMapping, StartsTheEngineWithThePluginsOwnLimit)
{
  CoreConfiguration configuration;
  std::vector<std::string> arguments = MapSupervisor(configuration).launch.arguments;
  EXPECT_EQ(FindArgument(arguments, "--max-study-mib"), "1024");
  EXPECT_EQ(FindArgument(arguments, "--max-open-mib"), "2048");
  configuration.settings.limits.maxBytes = (std::uint64_t{3} << 30) + 1;
  arguments = MapSupervisor(configuration).launch.arguments;
  EXPECT_EQ(FindArgument(arguments, "--max-study-mib"), "3073");
  EXPECT_EQ(FindArgument(arguments, "--max-open-mib"), "3073");
}
