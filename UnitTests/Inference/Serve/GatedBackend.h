// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Predict/TorchBackend.h"
#include "UnitTests/Inference/Predict/TinyModel.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

namespace H3K27M::Serve
{
  // Holds the device up until the test lets it go on, so that "in the middle of a study" needs no sleep.
  class GatedBackend : public Predict::IBackend
  {
  public:
    GatedBackend() :
      tiny_(Predict::MakeTinyModel(11), MakeOptions())
    {
    }

    const Predict::BackendInfo& GetInfo() const noexcept override
    {
      return tiny_.GetInfo();
    }

    Predict::NetworkOutput RunNetwork(std::span<const float> images, std::size_t count) override
    {
      return tiny_.RunNetwork(images, count);
    }

    Predict::BatchResult RunBatch(const Predict::SliceBatch& batch) override
    {
      std::unique_lock lock(mutex_);
      ++arrived_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return isOpen_; });
      if (const std::exception_ptr failure = std::exchange(failure_, nullptr))
      {
        std::rethrow_exception(failure);
      }
      return tiny_.RunBatch(batch);
    }

    std::vector<float> ComputeSaliency(std::span<const float> images, std::size_t count, std::int64_t genotype) override
    {
      return tiny_.ComputeSaliency(images, count, genotype);
    }

    void Close()
    {
      const std::lock_guard lock(mutex_);
      isOpen_ = false;
    }

    void Open()
    {
      const std::lock_guard lock(mutex_);
      isOpen_ = true;
      changed_.notify_all();
    }

    // The next batch ends with it.
    void FailNext(std::exception_ptr failure)
    {
      const std::lock_guard lock(mutex_);
      failure_ = std::move(failure);
    }

    void WaitForBatch(int number)
    {
      std::unique_lock lock(mutex_);
      ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return arrived_ >= number; }));
    }

    int GetBatches()
    {
      const std::lock_guard lock(mutex_);
      return arrived_;
    }

  private:
    static Predict::BackendOptions MakeOptions()
    {
      Predict::BackendOptions options;
      options.device = Predict::DeviceChoice::Cpu;
      options.batchSize = 2;
      options.threads = 1;
      return options;
    }

    Predict::TorchBackend tiny_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int arrived_ = 0;
    bool isOpen_ = true;
    std::exception_ptr failure_;
  };
}
