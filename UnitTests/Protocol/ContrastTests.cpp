// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Contrast.h"

#include <gtest/gtest.h>

using namespace H3K27M::Protocol;

TEST(Contrast, IsFoundAgainByItsName)
{
  for (const Contrast contrast : {Contrast::T2w, Contrast::CeT1w})
  {
    EXPECT_EQ(FindContrast(ToString(contrast)), contrast);
  }

  EXPECT_EQ(FindContrast("ceT1w"), Contrast::CeT1w);

  for (const char* name : {"", "t2w", "T1w"})
  {
    EXPECT_FALSE(FindContrast(name)) << name;
  }
}
