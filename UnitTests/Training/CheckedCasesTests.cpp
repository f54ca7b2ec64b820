// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Data/SliceDataset.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Training/DiscSource.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M
{
  namespace
  {
    // Some of its cases cannot be loaded, or hold nothing but one value.
    class DamagedSource : public Testing::DiscSource
    {
    public:
      using DiscSource::DiscSource;

      Data::TrainingCase Load(std::size_t index) const override
      {
        if (const auto found = errors.find(index); found != errors.end())
        {
          throw found->second;
        }
        Data::TrainingCase loaded = DiscSource::Load(index);
        if (constant == index)
        {
          std::fill(loaded.voxels.begin(), loaded.voxels.end(), 7.0F);
        }
        return loaded;
      }

      std::map<std::size_t, Error> errors;
      std::optional<std::size_t> constant;
    };

    class CheckedCases : public testing::TestWithParam<unsigned int>
    {
    protected:
      CheckedCases() :
        source_(6)
      {
      }

      Data::SliceDatasetOptions GetOptions() const
      {
        return {48, GetParam()};
      }

      std::string Load()
      {
        return Tests::GetRefusal([this] { Data::SliceDataset(source_, GetOptions(), [](std::size_t) {}); });
      }

      std::string Check()
      {
        return Tests::GetRefusal([this]
        { Data::CheckCases(source_, GetOptions(), [this](std::size_t done) { done_.push_back(done); }); });
      }

      DamagedSource source_;
      std::vector<std::size_t> done_;
    };

    TEST_P(CheckedCases, AllFaultsOfAllCasesAreToldInTheirOrder)
    {
      source_.errors.emplace(5, Error(ErrorCode::Corrupt, "disc-5: it is truncated"));
      source_.errors.emplace(0, Error(ErrorCode::BadInput, "disc-0: the mask shows no tumour"));
      source_.errors.emplace(3, Error(ErrorCode::NotFound, "disc-3: there is no such file"));
      source_.constant = 1;
      const std::string text = Load();
      EXPECT_EQ(Check(), text) << "what is checked first is refused as it would be later";
      std::size_t position = 0;
      for (const char* fault : {"\n  disc-0: the mask shows no tumour", "\n  disc-1: The image is constant",
                                "\n  disc-3: there is no such file", "\n  disc-5: it is truncated"})
      {
        const std::size_t found = text.find(fault);
        ASSERT_NE(found, std::string::npos) << fault << " is not in " << text;
        EXPECT_GE(found, position) << text;
        position = found;
      }
      EXPECT_EQ(text.find("disc-2"), std::string::npos);
    }

    TEST_P(CheckedCases, WhatIsNoFaultOfTheDataIsThrownAsItIs)
    {
      source_.errors.emplace(1, Error(ErrorCode::BadInput, "disc-1: the mask shows no tumour"));
      for (const Error& error :
           {Error(ErrorCode::Unavailable, "the disk does not answer"), Error(ErrorCode::Internal, "it is a mistake"),
            Error(ErrorCode::Corrupt, "it is being written", true)})
      {
        source_.errors.erase(4);
        source_.errors.emplace(4, error);
        try
        {
          Data::SliceDataset(source_, GetOptions(), [](std::size_t) {});
          ADD_FAILURE() << "accepted: " << error.what();
        }
        catch (const Error& e)
        {
          EXPECT_EQ(e.GetCode(), error.GetCode());
          EXPECT_EQ(e.CanRetry(), error.CanRetry());
          EXPECT_STREQ(e.what(), error.what());
        }
      }
    }

    TEST_P(CheckedCases, EachCaseIsCountedOnce)
    {
      EXPECT_EQ(Check(), "accepted");
      EXPECT_EQ(done_, (std::vector<std::size_t>{1, 2, 3, 4, 5, 6}));
    }

    INSTANTIATE_TEST_SUITE_P(Threads, CheckedCases, testing::Values(1U, 3U));
  }
}
