// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/PhantomGenerator.h"
#include "Inference/Phantom/PhantomJson.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <gtest/gtest.h>

#include <string>

using namespace H3K27M;
using namespace H3K27M::Phantom;

TEST(PhantomJson, ReadsEveryFieldAndKeepsDefaults)
{
  const PhantomParameters all = ParsePhantomRequest(
    R"({"seed":18446744073709551615,"status":"wild-type","signal_strength":0.25,"rows":128,"columns":96,"slices":9,)"
    R"("pixel_spacing_mm":1.5,"slice_spacing_mm":6.5,"tumour":false})");
  EXPECT_EQ(all.seed, UINT64_MAX);
  EXPECT_EQ(all.status, GenotypeStatus::WildType);
  EXPECT_EQ(all.signalStrength, 0.25);
  EXPECT_EQ(all.rows, 128u);
  EXPECT_EQ(all.columns, 96u);
  EXPECT_EQ(all.slices, 9u);
  EXPECT_EQ(all.pixelSpacingMm, 1.5);
  EXPECT_EQ(all.sliceSpacingMm, 6.5);
  EXPECT_FALSE(all.hasTumour);

  const PhantomParameters few = ParsePhantomRequest(R"({"seed":3})");
  EXPECT_EQ(few.rows, PhantomParameters().rows);
  EXPECT_EQ(few.status, GenotypeStatus::Altered);
  EXPECT_TRUE(few.hasTumour);
}

TEST(PhantomJson, RefusesWhatItDoesNotUnderstandAndNamesTheKey)
{
  const auto getMessage = [](const char* json) -> std::string
  {
    try
    {
      ParsePhantomRequest(json);
      return "accepted";
    }
    catch (const Error& error)
    {
      EXPECT_EQ(error.GetCode(), ErrorCode::BadInput);
      return error.what();
    }
  };
  EXPECT_NE(getMessage("{}").find("seed"), std::string::npos);
  EXPECT_NE(getMessage(R"({"seed":-1})").find("seed"), std::string::npos);
  EXPECT_NE(getMessage(R"({"seed":1,"sliecs":3})").find("sliecs"), std::string::npos);
  EXPECT_NE(getMessage(R"({"seed":1,"status":"mutant"})").find("mutant"), std::string::npos);
  EXPECT_NE(getMessage(R"({"seed":1,"rows":"256"})").find("rows"), std::string::npos);
  EXPECT_NE(getMessage(R"({"seed":1,"rows":65536,"columns":65536})").find("rows"), std::string::npos);
  EXPECT_NE(getMessage("[1]"), "accepted");
  EXPECT_NE(getMessage("{\"seed\":1"), "accepted");
}

TEST(PhantomJson, DescribesAVolume)
{
  PhantomParameters parameters;
  parameters.seed = 5;
  parameters.rows = parameters.columns = 64;
  parameters.pixelSpacingMm = 3.5;
  parameters.slices = 6;
  parameters.sliceSpacingMm = 6;
  const PhantomVolume volume = PhantomGenerator().Generate(parameters);
  const Json::Value description = Protocol::ParseJson(DescribePhantom(volume));
  EXPECT_EQ(description["status"].asString(), "altered");
  EXPECT_EQ(description["slices"].asUInt(), 6u);
  EXPECT_EQ(description["first_slice_position_mm"][2].asDouble(), volume.firstSlicePositionMm[2]);
  EXPECT_EQ(description["tumour_volume_mm3"].asDouble(), volume.tumourVolumeMm3);
  EXPECT_GE(description["echo_time_ms"].asDouble(), 80);
}
