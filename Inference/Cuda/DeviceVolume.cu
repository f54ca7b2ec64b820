// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cuda/DeviceVolume.h"

#include "Inference/Cuda/DeviceResampler.h"
#include "Inference/Preprocess/FloatOrder.h"

#include <cuda_runtime.h>

#include <algorithm>

namespace H3K27M::Cuda
{
  namespace
  {
    constexpr unsigned int THREADS = 256;
    constexpr unsigned int COUNTING_BLOCKS = 1024;
    constexpr int UPPER = 0;
    constexpr int LOWER = 1;
    constexpr unsigned int NOT_COUNTED = 0xFFFFFFFFU;

    // Which of the 65,536 counts a voxel adds to.
    __device__ unsigned int GetBin(float value, int half, unsigned int upper)
    {
      const unsigned int bits = __float_as_uint(value);
      const unsigned int ordered = Preprocess::ToOrder(bits);
      if (!Preprocess::IsFinite(bits) || (half == LOWER && ordered >> 16 != upper))
      {
        return NOT_COUNTED;
      }
      return half == UPPER ? ordered >> 16 : ordered & 0xFFFFU;
    }

    // A head's voxels share few bins, most of them that of the background: lanes of a warp with the same bin add once.
    __global__ void CountKernel(const float* voxels, size_t count, int half, unsigned int upper, unsigned int* counts)
    {
      const size_t stride = static_cast<size_t>(gridDim.x) * blockDim.x;
      const size_t rounds = (count + stride - 1) / stride;
      const unsigned int lane = threadIdx.x % warpSize;
      size_t index = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
      for (size_t round = 0; round < rounds; ++round, index += stride)
      {
        const unsigned int bin = index < count ? GetBin(voxels[index], half, upper) : NOT_COUNTED;
        const unsigned int same = __match_any_sync(0xFFFFFFFFU, bin);
        if (bin != NOT_COUNTED && lane == static_cast<unsigned int>(__ffs(static_cast<int>(same)) - 1))
        {
          atomicAdd(counts + bin, static_cast<unsigned int>(__popc(same)));
        }
      }
    }

    // One thread per block of pixels, in the order of the host's sums.
    __global__ void AverageKernel(const float* voxels, Preprocess::BlockGrid grid, size_t blocks, unsigned char* levels)
    {
      const size_t index = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
      if (index >= blocks)
      {
        return;
      }
      const int column = static_cast<int>(index % grid.columns);
      const int row = static_cast<int>(index / grid.columns % grid.rows);
      const size_t slice = index / grid.columns / grid.rows;
      const float* pixels = voxels + slice * grid.nativeRows * grid.nativeColumns;
      const int end = Preprocess::SmallerOf(grid.nativeRows, (row + 1) * grid.side);
      float sum = 0;
      for (int line = row * grid.side; line < end; ++line)
      {
        sum += Preprocess::SumBlockRow(pixels + static_cast<size_t>(line) * grid.nativeColumns, grid, column);
      }
      levels[index] = Preprocess::GetBlockLevel(sum, grid, row, column);
    }

    std::size_t CheckAndCount(const Preprocess::VolumeView& volume)
    {
      volume.Check();
      return volume.voxels.size();
    }
  }

  DeviceVolume::DeviceVolume(const Preprocess::VolumeView& volume) :
    slices_(volume.slices),
    count_(CheckAndCount(volume)),
    voxels_(count_ * sizeof(float))
  {
    CheckCuda(cudaMemcpy(voxels_.GetAs<float>(), volume.voxels.data(), count_ * sizeof(float), cudaMemcpyHostToDevice),
              "upload of the voxels");
  }

  std::vector<std::size_t> DeviceVolume::Count(int half, std::uint32_t upper) const
  {
    const DeviceBuffer counts(HALVES * sizeof(unsigned int));
    CheckCuda(cudaMemsetAsync(counts.GetAs<void>(), 0, HALVES * sizeof(unsigned int)), "clearing of counts");
    CountKernel<<<COUNTING_BLOCKS, THREADS>>>(GetVoxels(), count_, half, upper, counts.GetAs<unsigned int>());
    CheckCuda(cudaGetLastError(), "counting kernel");
    std::vector<unsigned int> host(HALVES);
    CheckCuda(
      cudaMemcpy(host.data(), counts.GetAs<unsigned int>(), HALVES * sizeof(unsigned int), cudaMemcpyDeviceToHost),
      "download of counts");
    return {host.begin(), host.end()};
  }

  std::vector<std::size_t> DeviceVolume::CountUpperHalves() const
  {
    return Count(UPPER, 0);
  }

  std::vector<std::size_t> DeviceVolume::CountLowerHalves(std::uint32_t upper) const
  {
    return Count(LOWER, upper);
  }

  std::vector<std::uint8_t> DeviceVolume::AverageBlocks(const Preprocess::BlockGrid& grid) const
  {
    const std::size_t blocks = slices_ * static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.columns);
    const DeviceBuffer onDevice(blocks);
    AverageKernel<<<static_cast<unsigned int>((blocks + THREADS - 1) / THREADS), THREADS>>>(
      GetVoxels(), grid, blocks, onDevice.GetAs<unsigned char>());
    CheckCuda(cudaGetLastError(), "averaging kernel");
    std::vector<std::uint8_t> levels(blocks);
    CheckCuda(cudaMemcpy(levels.data(), onDevice.GetAs<unsigned char>(), blocks, cudaMemcpyDeviceToHost),
              "download of block levels");
    return levels;
  }

  std::shared_ptr<const Preprocess::IVolumeStatistics> TakeVolume(const Preprocess::VolumeView& volume)
  {
    volume.Check();
    std::size_t available = 0;
    std::size_t total = 0;
    CheckCuda(cudaMemGetInfo(&available, &total), "free memory");
    return volume.voxels.size_bytes() > available / 2 ? nullptr : std::make_shared<DeviceVolume>(volume);
  }

  bool IsOnDevice(const Preprocess::SliceTensor& study) noexcept
  {
    return dynamic_cast<const DeviceVolume*>(&study.GetStatistics()) != nullptr;
  }
}
