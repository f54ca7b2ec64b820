// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/OwnResults.h"

#include <gtest/gtest.h>

using H3K27M::Routing::IsOwnResult;
using H3K27M::Routing::OWN_MANUFACTURER;

TEST(OwnResults, KnowsSegmentationReportAndSaliency)
{
  EXPECT_TRUE(IsOwnResult("SEG", "1.2.840.10008.5.1.4.1.1.66.4", OWN_MANUFACTURER));
  EXPECT_TRUE(IsOwnResult("SR", "", OWN_MANUFACTURER));
  EXPECT_TRUE(IsOwnResult("MR", "1.2.840.10008.5.1.4.1.1.7", OWN_MANUFACTURER));
}

TEST(OwnResults, LeavesSyntheticMrImagesToTheRouter)
{
  EXPECT_FALSE(IsOwnResult("MR", "1.2.840.10008.5.1.4.1.1.4", OWN_MANUFACTURER));
  EXPECT_FALSE(IsOwnResult("MR", "", OWN_MANUFACTURER));
}

TEST(OwnResults, LeavesOthersResultsAlone)
{
  EXPECT_FALSE(IsOwnResult("SEG", "", "SIEMENS"));
  EXPECT_FALSE(IsOwnResult("SR", "", ""));
}
