// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Serve/StoredValues.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>

namespace
{
  using namespace H3K27M;
  using Protocol::DType;

  template <typename T>
  std::array<float, 3> Rescale(DType dtype, const std::array<T, 3>& stored, double slope, double intercept)
  {
    std::array<float, 3> target{};
    Serve::RescaleStoredValues({dtype, {3}, std::as_bytes(std::span(stored))}, slope, intercept, target);
    return target;
  }

  TEST(StoredValues, KeepsTheExtremesOfEachType)
  {
    using Floats = std::array<float, 3>;
    EXPECT_EQ((Rescale<std::uint8_t>(DType::U8, {0, 128, 255}, 1, 0)), (Floats{0, 128, 255}));
    EXPECT_EQ((Rescale<std::int8_t>(DType::I8, {-128, 0, 127}, 1, 0)), (Floats{-128, 0, 127}));
    EXPECT_EQ((Rescale<std::uint16_t>(DType::U16, {0, 32768, 65535}, 1, 0)), (Floats{0, 32768, 65535}));
    EXPECT_EQ((Rescale<std::int16_t>(DType::I16, {-32768, -1, 32767}, 1, 0)), (Floats{-32768, -1, 32767}));
    EXPECT_EQ((Rescale<std::int32_t>(DType::I32, {-2147483647 - 1, 0, 1 << 30}, 1, 0)),
              (Floats{-2147483648.0f, 0, 1073741824.0f}));
    EXPECT_EQ((Rescale<std::uint32_t>(DType::U32, {0, 1, 4294967295U}, 1, 0)), (Floats{0, 1, 4294967296.0f}));
    EXPECT_EQ((Rescale<float>(DType::F32, {-1.5f, 0, 2.5f}, 1, 0)), (Floats{-1.5f, 0, 2.5f}));
  }

  TEST(StoredValues, AppliesSlopeThenIntercept)
  {
    EXPECT_EQ((Rescale<std::int16_t>(DType::I16, {-10, 0, 10}, 2, -3)), (std::array<float, 3>{-23, -3, 17}));
  }

  TEST(StoredValues, SubtractsLargeInterceptFromLargeIntegersWithoutLoss)
  {
    EXPECT_EQ((Rescale<std::uint32_t>(DType::U32, {4000000001U, 4000000002U, 4000000003U}, 1, -4000000000.0)),
              (std::array<float, 3>{1, 2, 3}));
  }

  TEST(StoredValues, RefusesOtherTypesAndSizes)
  {
    const std::array<double, 3> doubles{};
    std::array<float, 3> target{};
    EXPECT_THROW(Serve::RescaleStoredValues({DType::F64, {3}, std::as_bytes(std::span(doubles))}, 1, 0, target), Error);
    const std::array<float, 2> few{};
    EXPECT_THROW(Serve::RescaleStoredValues({DType::F32, {2}, std::as_bytes(std::span(few))}, 1, 0, target), Error);
  }
}
