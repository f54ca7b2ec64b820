// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cuda/DeviceResampler.h"

#include "Inference/Cuda/DeviceBuffer.h"
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

    // One thread per pixel of the network's grid; `voxels` [slice, row, column] native.
    __global__ void WriteSlicesKernel(const float* voxels, Grid grid, float* target)
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
        {voxels + slice * nativeSize, grid.row, grid.column, grid.low, grid.scale}, row, column);
      target[(slice * grid.row.gridSize + row) * grid.column.gridSize + column] = Preprocess::Normalise(value);
    }

    // One thread per native pixel; `logits` [slice, 3, S, S].
    __global__ void RestoreMasksKernel(const float* logits, Grid grid, unsigned char* masks)
    {
      const int column = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
      const int row = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
      const size_t slice = blockIdx.z;
      if (row >= grid.row.nativeSize || column >= grid.column.nativeSize)
      {
        return;
      }
      const Preprocess::GridTap rowTap = Preprocess::GetGridTap(grid.row, row);
      const Preprocess::GridTap columnTap = Preprocess::GetGridTap(grid.column, column);
      const size_t plane = static_cast<size_t>(grid.row.gridSize) * grid.column.gridSize;
      const bool isInside = rowTap.below >= 0 && columnTap.below >= 0;
      masks[(slice * grid.row.nativeSize + row) * grid.column.nativeSize + column] =
        isInside ? Preprocess::GetClassAt(logits + slice * 3 * plane, grid.row.gridSize, rowTap, columnTap)
                 : static_cast<unsigned char>(0);
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
    const Preprocess::VolumeView& volume = study.GetVolume();
    const std::size_t size = volume.GetSliceSize();
    const DeviceBuffer voxels(slices.size() * size * sizeof(float));
    for (std::size_t i = 0; i < slices.size(); ++i)
    {
      CheckCuda(cudaMemcpyAsync(voxels.GetAs<float>() + i * size, volume.voxels.data() + slices[i] * size,
                                size * sizeof(float), cudaMemcpyHostToDevice),
                "upload of a slice");
    }
    const Grid grid = MakeGrid(study);
    WriteSlicesKernel<<<MakeBlocks(grid.row.gridSize, grid.column.gridSize, slices.size()), dim3(TILE, TILE)>>>(
      voxels.GetAs<float>(), grid, target);
    CheckCuda(cudaGetLastError(), "resampling kernel");
    CheckCuda(cudaStreamSynchronize(nullptr), "resampling");
  }

  void RestoreMasks(const Preprocess::SliceTensor& study, std::size_t count, const float* logits,
                    std::span<std::uint8_t> masks)
  {
    if (masks.size() != count * study.GetVolume().GetSliceSize())
    {
      throw Error(ErrorCode::Internal, "The masks do not fit the study's grid");
    }
    const Grid grid = MakeGrid(study);
    const DeviceBuffer onDevice(masks.size());
    RestoreMasksKernel<<<MakeBlocks(grid.row.nativeSize, grid.column.nativeSize, count), dim3(TILE, TILE)>>>(
      logits, grid, onDevice.GetAs<unsigned char>());
    CheckCuda(cudaGetLastError(), "mask kernel");
    CheckCuda(cudaMemcpy(masks.data(), onDevice.GetAs<unsigned char>(), masks.size(), cudaMemcpyDeviceToHost),
              "download of the masks");
  }
}
