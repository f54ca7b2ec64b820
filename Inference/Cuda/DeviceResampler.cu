// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cuda/DeviceResampler.h"

#include "Inference/Cuda/DeviceBuffer.h"
#include "Inference/Cuda/DeviceVolume.h"
#include "Inference/Preprocess/GridArithmetic.h"
#include "Inference/Preprocess/Normalisation.h"
#include "Inference/Preprocess/PixelArithmetic.h"
#include "Inference/Protocol/Error.h"

#include <cuda_runtime.h>

namespace H3K27M::Cuda
{
  namespace
  {
    using Preprocess::AxisMap;

    constexpr unsigned int TILE = 16;

    struct Grid
    {
      AxisMap row;
      AxisMap column;
      float low;
      float scale;
    };

    // One thread per pixel of the network's grid; `voxels` [slice, row, column] native; `slices`: which of them.
    __global__ void WriteSlicesKernel(const float* voxels, const size_t* slices, Grid grid, float* target)
    {
      const int column = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
      const int row = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
      const size_t slice = blockIdx.z;
      if (row >= grid.row.gridSize || column >= grid.column.gridSize)
      {
        return;
      }
      const size_t nativeSize = static_cast<size_t>(grid.row.nativeSize) * grid.column.nativeSize;
      const float value = Preprocess::SamplePixel(
        {voxels + slices[slice] * nativeSize, grid.row, grid.column, grid.low, grid.scale}, row, column);
      target[(slice * grid.row.gridSize + row) * grid.column.gridSize + column] = Preprocess::Normalise(value);
    }

    __device__ unsigned char RestorePixel(const float* logits, const Grid& grid, size_t slice, int row, int column)
    {
      const Preprocess::GridTap rowTap = Preprocess::GetGridTap(grid.row, row);
      const Preprocess::GridTap columnTap = Preprocess::GetGridTap(grid.column, column);
      const size_t plane = static_cast<size_t>(grid.row.gridSize) * grid.column.gridSize;
      const bool isInside = rowTap.below >= 0 && columnTap.below >= 0;
      return isInside ? Preprocess::GetClassAt(logits + slice * 3 * plane, grid.row.gridSize, rowTap, columnTap)
                      : static_cast<unsigned char>(0);
    }

    // One thread per native pixel; `logits` [slice, 3, S, S]; `counts` [slice]: pixels that are not background.
    __global__ void RestoreMasksKernel(const float* logits, Grid grid, unsigned char* masks, unsigned int* counts)
    {
      const int column = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
      const int row = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
      const size_t slice = blockIdx.z;
      unsigned char label = 0;
      if (row < grid.row.nativeSize && column < grid.column.nativeSize)
      {
        label = RestorePixel(logits, grid, slice, row, column);
        masks[(slice * grid.row.nativeSize + row) * grid.column.nativeSize + column] = label;
      }
      const int inBlock = __syncthreads_count(label != 0);
      if (inBlock > 0 && threadIdx.x == 0 && threadIdx.y == 0)
      {
        atomicAdd(counts + slice, static_cast<unsigned int>(inBlock));
      }
    }

    Grid MakeGrid(const Preprocess::SliceTensor& study)
    {
      const auto& range = study.GetRange();
      return {study.GetWindow().row, study.GetWindow().column, range.low, 1.0f / (range.high - range.low)};
    }

    dim3 MakeBlocks(int rows, int columns, std::size_t slices)
    {
      return dim3((static_cast<unsigned int>(columns) + TILE - 1) / TILE,
                  (static_cast<unsigned int>(rows) + TILE - 1) / TILE, static_cast<unsigned int>(slices));
    }
  }

  bool IsBuilt() noexcept
  {
    return true;
  }

  std::string DescribeDevice(int device)
  {
    cudaDeviceProp properties{};
    CheckCuda(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
    return properties.name;
  }

  void WriteSlices(const Preprocess::SliceTensor& study, std::span<const std::size_t> slices, float* target)
  {
    const auto& volume = dynamic_cast<const DeviceVolume&>(study.GetStatistics());
    const DeviceBuffer indices(slices.size_bytes());
    CheckCuda(cudaMemcpyAsync(indices.GetAs<void>(), slices.data(), slices.size_bytes(), cudaMemcpyHostToDevice),
              "upload of indices");
    const Grid grid = MakeGrid(study);
    WriteSlicesKernel<<<MakeBlocks(grid.row.gridSize, grid.column.gridSize, slices.size()), dim3(TILE, TILE)>>>(
      volume.GetVoxels(), indices.GetAs<std::size_t>(), grid, target);
    CheckCuda(cudaGetLastError(), "resampling kernel");
    CheckCuda(cudaStreamSynchronize(nullptr), "resampling");
  }

  std::vector<std::size_t> RestoreMasks(const Preprocess::SliceTensor& study, std::size_t count, const float* logits,
                                        std::span<std::uint8_t> masks)
  {
    const std::size_t size = study.GetVolume().GetSliceSize();
    if (masks.size() != count * size)
    {
      throw Error(ErrorCode::Internal, "The masks do not fit the study's grid");
    }
    const Grid grid = MakeGrid(study);
    const DeviceBuffer onDevice(masks.size());
    const DeviceBuffer counts(count * sizeof(unsigned int));
    CheckCuda(cudaMemsetAsync(counts.GetAs<void>(), 0, count * sizeof(unsigned int)), "clearing of counts");
    RestoreMasksKernel<<<MakeBlocks(grid.row.nativeSize, grid.column.nativeSize, count), dim3(TILE, TILE)>>>(
      logits, grid, onDevice.GetAs<unsigned char>(), counts.GetAs<unsigned int>());
    CheckCuda(cudaGetLastError(), "mask kernel");
    std::vector<unsigned int> pixels(count);
    CheckCuda(cudaMemcpy(pixels.data(), counts.GetAs<void>(), count * sizeof(unsigned int), cudaMemcpyDeviceToHost),
              "download of counts");
    for (std::size_t i = 0; i < count; ++i)
    {
      if (pixels[i] > 0)
      {
        CheckCuda(
          cudaMemcpy(masks.data() + i * size, onDevice.GetAs<unsigned char>() + i * size, size, cudaMemcpyDeviceToHost),
          "download of a mask");
      }
    }
    return {pixels.begin(), pixels.end()};
  }
}
