// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/PreprocessOptions.h"

#include <gtest/gtest.h>

using namespace H3K27M::Preprocess;

TEST(Framing, IsFoundAgainByItsName)
{
  for (const Framing framing : {Framing::Head, Framing::CentreSquare})
  {
    EXPECT_EQ(FindFraming(ToString(framing)), framing);
  }
  EXPECT_EQ(FindFraming("centre-square"), Framing::CentreSquare) << "as cards have it that are there already";
  for (const char* name : {"", "Head", "all"})
  {
    EXPECT_FALSE(FindFraming(name)) << name;
  }
}
