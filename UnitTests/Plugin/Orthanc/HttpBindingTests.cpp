// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/HttpBinding.h"

#include <gtest/gtest.h>

namespace H3K27M::OrthancBinding
{
  TEST(HttpBinding, KnowsItsOwnPathsHoweverTheyAreWritten)
  {
    EXPECT_EQ("models", FindOwnPath("/h3k27m/models"));
    EXPECT_EQ("runs/one/cancel", FindOwnPath("//h3k27m//runs/one/cancel/"));
    EXPECT_EQ("", FindOwnPath("/h3k27m"));
    EXPECT_FALSE(FindOwnPath("/instances"));
    EXPECT_FALSE(FindOwnPath("/h3k27m-not/models"));
    EXPECT_FALSE(FindOwnPath("/"));
  }

  TEST(HttpBinding, ARequestComesWithoutItsBody)
  {
    const std::string body = "voxels";
    OrthancPluginHttpRequest source = {};
    source.method = OrthancPluginHttpMethod_Put;
    source.body = body.data();
    source.bodySize = static_cast<std::uint32_t>(body.size());
    const Rest::Request request = ToRequest("/h3k27m/cases/abc/mask", &source);
    EXPECT_EQ(Rest::Method::Put, request.method);
    EXPECT_EQ("cases/abc/mask", request.path);
    EXPECT_TRUE(request.body.empty()) << "whose it is must be known first";
    EXPECT_EQ(body, GetBody(&source));
    EXPECT_EQ(body.data(), GetBody(&source).data()) << "not a copy";
    source.bodySize = 0;
    EXPECT_EQ("", GetBody(&source));
  }
}
