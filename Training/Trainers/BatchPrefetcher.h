// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <deque>
#include <future>
#include <utility>

namespace H3K27M::Trainers
{
  // Draws the slices of batches on threads of its own before they are asked for: augmenting on the CPU takes longer
  // than a step on a GPU. What a sampler draws depends on its seed and the step alone, so the batches are the same in
  // whatever order they are made, and a run's result does not depend on `ahead`.
  template <typename Sampler>
  class BatchPrefetcher
  {
  public:
    using Slices = decltype(std::declval<const Sampler&>().DrawSlices(std::size_t{}));

    // For the steps `first` .. `end` - 1. `ahead`: how many batches are made beyond the one that is asked for, each on
    // a thread; 0 draws when asked, on the caller's. `sampler` must outlive this object.
    BatchPrefetcher(const Sampler& sampler, std::size_t first, std::size_t end, std::size_t ahead) :
      sampler_(sampler),
      next_(first),
      end_(end),
      ahead_(ahead)
    {
    }

    // Those of the next step. Throws what the sampler throws.
    Slices Take()
    {
      if (ahead_ == 0)
      {
        return sampler_.DrawSlices(next_++);
      }
      while (pending_.size() <= ahead_ && next_ < end_)
      {
        pending_.push_back(std::async(std::launch::async, [this, step = next_] { return sampler_.DrawSlices(step); }));
        next_++;
      }
      std::future<Slices> slices = std::move(pending_.front());
      pending_.pop_front();
      return slices.get();
    }

  private:
    const Sampler& sampler_;
    std::size_t next_;
    std::size_t end_;
    std::size_t ahead_;
    std::deque<std::future<Slices>> pending_;  // of launch::async: destroying one waits for its thread
  };
}
