// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Serve/VoxelBuffer.h"

#include "Inference/Protocol/Error.h"

#include <sys/mman.h>

#include <string>
#include <utility>

namespace H3K27M::Serve
{
  VoxelBuffer::VoxelBuffer(std::size_t count)
  {
    if (count == 0)
    {
      return;
    }
    void* memory = ::mmap(nullptr, count * sizeof(float), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
    {
      throw Error(ErrorCode::Unavailable, "No memory for a volume of " + std::to_string(count) + " voxels");
    }
    data_ = static_cast<float*>(memory);
    count_ = count;
  }

  VoxelBuffer::VoxelBuffer(VoxelBuffer&& other) noexcept :
    data_(std::exchange(other.data_, nullptr)),
    count_(std::exchange(other.count_, 0))
  {
  }

  VoxelBuffer& VoxelBuffer::operator=(VoxelBuffer&& other) noexcept
  {
    if (this != &other)
    {
      Release();
      data_ = std::exchange(other.data_, nullptr);
      count_ = std::exchange(other.count_, 0);
    }
    return *this;
  }

  VoxelBuffer::~VoxelBuffer()
  {
    Release();
  }

  void VoxelBuffer::Release() noexcept
  {
    if (data_ != nullptr)
    {
      ::munmap(data_, count_ * sizeof(float));
    }
    data_ = nullptr;
    count_ = 0;
  }
}
