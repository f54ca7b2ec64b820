// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Cuda/NetworkKernels.h"

#include "Inference/Cuda/DeviceBuffer.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

namespace H3K27M::Cuda
{
  namespace
  {
    constexpr int THREADS = 256;
    constexpr int LANES = 8;  // values in 16 bytes
    constexpr int WARP = 32;
    constexpr unsigned int STEM_PACKS = STEM_COLUMNS / LANES;
    constexpr size_t MAX_THREADS = 0x80000000U;

    __device__ float ToFloat(__nv_bfloat16 value)
    {
      return __bfloat162float(value);
    }

    __device__ float ToFloat(__half value)
    {
      return __half2float(value);
    }

    __device__ void Set(__nv_bfloat16& target, float value)
    {
      target = __float2bfloat16(value);
    }

    __device__ void Set(__half& target, float value)
    {
      target = __float2half(value);
    }

    // Eight neighbouring values, moved as one.
    template <typename T>
    struct alignas(16) Pack
    {
      T values[LANES];
    };

    template <typename T>
    __device__ Pack<T> Load(const T* data, size_t pack)
    {
      return reinterpret_cast<const Pack<T>*>(data)[pack];
    }

    template <typename T>
    __device__ void Store(T* data, size_t pack, const Pack<T>& values)
    {
      reinterpret_cast<Pack<T>*>(data)[pack] = values;
    }

    // One thread per pack of channels.
    template <typename T>
    __global__ void ActivateKernel(T* map, const T* bias, const T* residual, unsigned int packs,
                                   unsigned int packsPerPixel, float leak)
    {
      const unsigned int index = blockIdx.x * blockDim.x + threadIdx.x;
      if (index >= packs)
      {
        return;
      }
      Pack<T> y = Load(map, index);
      const Pack<T> b = Load(bias, index % packsPerPixel);
      const Pack<T> r = residual != nullptr ? Load(residual, index) : Pack<T>{};
#pragma unroll
      for (int i = 0; i < LANES; ++i)
      {
        float value = ToFloat(y.values[i]) + ToFloat(b.values[i]);
        value += residual != nullptr ? ToFloat(r.values[i]) : 0.0f;
        Set(y.values[i], value > 0 ? value : leak * value);
      }
      Store(map, index, y);
    }

    __device__ float SumOverGroup(float value, int width)
    {
      for (int offset = width / 2; offset > 0; offset /= 2)
      {
        value += __shfl_xor_sync(0xFFFFFFFFU, value, offset, width);
      }
      return value;
    }

    // GROUP neighbouring threads per token, each with one pack of its features: they stay in registers between the
    // mean, the deviation and the result.
    template <typename T, int GROUP>
    __global__ void NormaliseKernel(const T* tokens, const T* addend, const T* weight, const T* bias, size_t count,
                                    float epsilon, T* sum, T* normalised)
    {
      constexpr float FEATURES = GROUP * LANES;
      const size_t index = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
      const bool isInside = index < count * GROUP;  // the others take part in the exchange
      Pack<T> x = isInside ? Load(tokens, index) : Pack<T>{};
      float values[LANES];
      float total = 0;
      if (addend != nullptr)
      {
        const Pack<T> a = isInside ? Load(addend, index) : Pack<T>{};
#pragma unroll
        for (int i = 0; i < LANES; ++i)
        {
          Set(x.values[i], ToFloat(x.values[i]) + ToFloat(a.values[i]));
        }
        if (isInside)
        {
          Store(sum, index, x);
        }
      }
#pragma unroll
      for (int i = 0; i < LANES; ++i)
      {
        values[i] = ToFloat(x.values[i]);
        total += values[i];
      }
      const float mean = SumOverGroup(total, GROUP) / FEATURES;
      float squares = 0;
#pragma unroll
      for (int i = 0; i < LANES; ++i)
      {
        squares += (values[i] - mean) * (values[i] - mean);
      }
      const float scale = rsqrtf(SumOverGroup(squares, GROUP) / FEATURES + epsilon);
      if (!isInside)
      {
        return;
      }
      const Pack<T> w = Load(weight, index % GROUP);
      const Pack<T> b = Load(bias, index % GROUP);
      Pack<T> result;
#pragma unroll
      for (int i = 0; i < LANES; ++i)
      {
        Set(result.values[i], (values[i] - mean) * scale * ToFloat(w.values[i]) + ToFloat(b.values[i]));
      }
      Store(normalised, index, result);
    }

    // One thread per output pixel and pack of its window's 49 values, row by row, and the zeros after them.
    template <typename T>
    __global__ void GatherKernel(const T* image, size_t pixels, int size, T* columns)
    {
      const unsigned int index = blockIdx.x * blockDim.x + threadIdx.x;
      const int pack = static_cast<int>(index % STEM_PACKS);
      const size_t pixel = index / STEM_PACKS;
      if (pixel >= pixels)
      {
        return;
      }
      const int half = size / 2;
      const int column = static_cast<int>(pixel % half);
      const int row = static_cast<int>(pixel / half % half);
      const size_t slice = pixel / half / half;
      const T* source = image + slice * size * size;
      Pack<T> values;
#pragma unroll
      for (int i = 0; i < LANES; ++i)
      {
        const int place = pack * LANES + i;
        const int y = row * 2 - STEM_SIDE / 2 + place / static_cast<int>(STEM_SIDE);
        const int x = column * 2 - STEM_SIDE / 2 + place % static_cast<int>(STEM_SIDE);
        Set(values.values[i], 0);
        if (place < STEM_SIDE * STEM_SIDE && y >= 0 && y < size && x >= 0 && x < size)
        {
          values.values[i] = source[y * size + x];
        }
      }
      Store(columns, pixel * STEM_PACKS + pack, values);
    }

    // One thread per pooled pixel and pack of channels. The bias is the same for all nine, so the maximum comes first.
    template <typename T>
    __global__ void PoolKernel(const T* map, const T* bias, size_t packs, int side, int packsPerPixel, T* pooled)
    {
      const size_t index = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
      if (index >= packs)
      {
        return;
      }
      const int half = side / 2;
      const int pack = static_cast<int>(index % packsPerPixel);
      const size_t pixel = index / packsPerPixel;
      const int column = static_cast<int>(pixel % half);
      const int row = static_cast<int>(pixel / half % half);
      const size_t slice = pixel / half / half;
      float best[LANES];
#pragma unroll
      for (int i = 0; i < LANES; ++i)
      {
        best[i] = -INFINITY;
      }
      for (int dy = -1; dy <= 1; ++dy)
      {
        for (int dx = -1; dx <= 1; ++dx)
        {
          const int y = row * 2 + dy;
          const int x = column * 2 + dx;
          if (y < 0 || x < 0)
          {
            continue;  // below and to the right the window ends inside an even map
          }
          const Pack<T> values = Load(map, ((slice * side + y) * side + x) * packsPerPixel + pack);
#pragma unroll
          for (int i = 0; i < LANES; ++i)
          {
            const float value = ToFloat(values.values[i]);
            best[i] = value > best[i] || value != value ? value : best[i];  // what is no number stays one
          }
        }
      }
      const Pack<T> b = Load(bias, pack);
      Pack<T> result;
#pragma unroll
      for (int i = 0; i < LANES; ++i)
      {
        const float value = best[i] + ToFloat(b.values[i]);
        Set(result.values[i], value > 0 || value != value ? value : 0.0f);
      }
      Store(pooled, index, result);
    }

    // Indices of threads have 32 bits.
    unsigned int CountBlocks(size_t threads)
    {
      if (threads > MAX_THREADS)
      {
        throw Error(ErrorCode::Internal, "CUDA: a batch is too large for the own kernels");
      }
      return static_cast<unsigned int>((threads + THREADS - 1) / THREADS);
    }

    // Calls function(T{}) with the type of the place.
    template <typename Function>
    void WithType(const KernelPlace& place, const char* name, const Function& function)
    {
      if (place.type == HalfType::BFloat16)
      {
        function(__nv_bfloat16());
      }
      else
      {
        function(__half());
      }
      CheckCuda(cudaGetLastError(), name);
    }

    cudaStream_t GetStream(const KernelPlace& place)
    {
      return static_cast<cudaStream_t>(place.stream);
    }
  }

  void Activate(void* map, std::int64_t pixels, std::int64_t channels, const Activation& activation,
                const KernelPlace& place)
  {
    const auto packsPerPixel = static_cast<unsigned int>(channels / LANES);
    const size_t packs = static_cast<size_t>(pixels) * packsPerPixel;
    WithType(place, "activation kernel", [&]<typename T>(T)
    {
      ActivateKernel<T><<<CountBlocks(packs), THREADS, 0, GetStream(place)>>>(
        static_cast<T*>(map), static_cast<const T*>(activation.bias), static_cast<const T*>(activation.residual),
        static_cast<unsigned int>(packs), packsPerPixel, activation.leak);
    });
  }

  bool CanNormalise(std::int64_t features) noexcept
  {
    return features == 16 * LANES || features == WARP * LANES;
  }

  void AddAndNormalise(const TokenBatch& batch, const TokenNorm& norm, void* sum, void* normalised,
                       const KernelPlace& place)
  {
    const auto count = static_cast<size_t>(batch.count);
    WithType(place, "layer norm kernel", [&]<typename T>(T)
    {
      const auto Launch = [&](auto kernel, int group)
      {
        kernel<<<CountBlocks(count * group), THREADS, 0, GetStream(place)>>>(
          static_cast<const T*>(batch.tokens), static_cast<const T*>(batch.addend), static_cast<const T*>(norm.weight),
          static_cast<const T*>(norm.bias), count, norm.epsilon, static_cast<T*>(sum), static_cast<T*>(normalised));
      };
      if (batch.features == WARP * LANES)
      {
        Launch(NormaliseKernel<T, WARP>, WARP);
      }
      else
      {
        Launch(NormaliseKernel<T, 16>, 16);
      }
    });
  }

  void GatherStem(const void* image, std::int64_t images, std::int64_t size, void* columns, const KernelPlace& place)
  {
    const auto pixels = static_cast<size_t>(images * (size / 2) * (size / 2));
    WithType(place, "gathering kernel", [&]<typename T>(T)
    {
      GatherKernel<T><<<CountBlocks(pixels * STEM_PACKS), THREADS, 0, GetStream(place)>>>(
        static_cast<const T*>(image), pixels, static_cast<int>(size), static_cast<T*>(columns));
    });
  }

  void PoolStem(const StemMap& stem, void* pooled, const KernelPlace& place)
  {
    const auto packsPerPixel = static_cast<int>(stem.channels / LANES);
    const size_t packs = static_cast<size_t>(stem.images * (stem.side / 2) * (stem.side / 2)) * packsPerPixel;
    WithType(place, "pooling kernel", [&]<typename T>(T)
    {
      PoolKernel<T><<<CountBlocks(packs), THREADS, 0, GetStream(place)>>>(
        static_cast<const T*>(stem.map), static_cast<const T*>(stem.bias), packs, static_cast<int>(stem.side),
        packsPerPixel, static_cast<T*>(pooled));
    });
  }
}
