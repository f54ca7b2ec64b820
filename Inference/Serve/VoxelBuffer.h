// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <span>

namespace H3K27M::Serve
{
  // Zeroed float32 memory that is mapped, not taken from the heap: pages count once they are written (a request that
  // promises more slices than it sends costs nothing), and all of it goes back to the system at the end, whatever the
  // allocator keeps.
  class VoxelBuffer
  {
  public:
    VoxelBuffer() noexcept = default;

    // Throws Error(Unavailable) when the system refuses.
    explicit VoxelBuffer(std::size_t count);

    VoxelBuffer(VoxelBuffer&& other) noexcept;
    VoxelBuffer& operator=(VoxelBuffer&& other) noexcept;
    VoxelBuffer(const VoxelBuffer&) = delete;
    VoxelBuffer& operator=(const VoxelBuffer&) = delete;
    ~VoxelBuffer();

    std::span<float> GetSpan() const noexcept
    {
      return {data_, count_};
    }

  private:
    void Release() noexcept;

    float* data_ = nullptr;
    std::size_t count_ = 0;
  };
}
