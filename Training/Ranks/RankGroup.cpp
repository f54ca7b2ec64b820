// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Ranks/RankGroup.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <utility>

namespace H3K27M::Ranks
{
  namespace
  {
    std::span<std::byte> GetBytes(const torch::Tensor& tensor)
    {
      return {static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes()};
    }

    // A row-major copy on the host.
    torch::Tensor ToHost(const torch::Tensor& tensor)
    {
      return tensor.detach().to(torch::kCPU).contiguous();
    }
  }

  RankGroup::RankGroup(const RankEnvironment& environment, std::chrono::seconds patience) :
    ring_(environment, patience)
  {
  }

  Share RankGroup::GetShare(std::size_t rank, std::int64_t rows) const
  {
    const auto size = static_cast<std::int64_t>(GetSize());
    const auto index = static_cast<std::int64_t>(rank);
    const std::int64_t first = rows * index / size;
    return {first, rows * (index + 1) / size - first};
  }

  // Each chunk goes round once and grows to its sum, then round again as it is.
  template <typename Number>
  void RankGroup::SumNumbers(std::span<Number> numbers) const
  {
    const std::size_t size = GetSize();
    const auto GetChunk = [&](std::size_t index)
    {
      const Share share = GetShare(index % size, static_cast<std::int64_t>(numbers.size()));
      return numbers.subspan(static_cast<std::size_t>(share.first), static_cast<std::size_t>(share.count));
    };
    std::vector<Number> received;
    for (std::size_t turn = 0; turn + 1 < size; turn++)
    {
      const std::span<Number> leaving = GetChunk(GetRank() + size - turn);
      const std::span<Number> coming = GetChunk(GetRank() + 2 * size - turn - 1);
      received.resize(coming.size());
      ring_.Exchange(std::as_bytes(leaving), std::as_writable_bytes(std::span(received)));
      std::transform(coming.begin(), coming.end(), received.begin(), coming.begin(), std::plus<Number>());
    }
    for (std::size_t turn = 0; turn + 1 < size; turn++)
    {
      ring_.Exchange(std::as_bytes(GetChunk(GetRank() + 1 + size - turn)),
                     std::as_writable_bytes(GetChunk(GetRank() + size - turn)));
    }
  }

  void RankGroup::Sum(const std::vector<torch::Tensor>& tensors) const
  {
    const torch::NoGradGuard noGradient;
    for (const auto kind : {torch::kFloat32, torch::kFloat64})
    {
      std::vector<torch::Tensor> own;
      std::vector<torch::Tensor> flat;
      for (const torch::Tensor& tensor : tensors)
      {
        if (tensor.scalar_type() == kind)
        {
          own.push_back(tensor);
          flat.push_back(tensor.detach().flatten());
        }
      }
      if (own.empty())
      {
        continue;
      }
      torch::Tensor sum = torch::cat(flat).to(torch::kCPU);
      const auto count = static_cast<std::size_t>(sum.numel());
      if (kind == torch::kFloat32)
      {
        SumNumbers(std::span(sum.data_ptr<float>(), count));
      }
      else
      {
        SumNumbers(std::span(sum.data_ptr<double>(), count));
      }
      sum = sum.to(own.front().device());
      std::int64_t first = 0;
      for (torch::Tensor& tensor : own)
      {
        tensor.copy_(sum.narrow(0, first, tensor.numel()).view(tensor.sizes()));
        first += tensor.numel();
      }
    }
  }

  // Block i of `all` ends at ends[i]; each process has its own in place.
  void RankGroup::GatherBlocks(std::span<std::byte> all, const std::vector<std::size_t>& ends) const
  {
    const std::size_t size = GetSize();
    const auto GetBlock = [&](std::size_t index)
    {
      const std::size_t block = index % size;
      const std::size_t begin = block == 0 ? 0 : ends[block - 1];
      return all.subspan(begin, ends[block] - begin);
    };
    for (std::size_t turn = 0; turn + 1 < size; turn++)
    {
      ring_.Exchange(GetBlock(GetRank() + size - turn), GetBlock(GetRank() + 2 * size - turn - 1));
    }
  }

  torch::Tensor RankGroup::Gather(const torch::Tensor& own, std::int64_t rows) const
  {
    const torch::NoGradGuard noGradient;
    std::vector<std::int64_t> shape = own.sizes().vec();
    shape.front() = rows;
    torch::Tensor all = torch::empty(shape, own.options().device(torch::kCPU));
    const Share share = GetShare(GetRank(), rows);
    if (own.size(0) != share.count)
    {
      throw Error(ErrorCode::Internal, "The rows are not the share of this process");
    }
    all.narrow(0, share.first, share.count).copy_(own);
    const std::size_t rowBytes = rows == 0 ? 0 : all.nbytes() / static_cast<std::size_t>(rows);
    std::vector<std::size_t> ends;
    for (std::size_t rank = 0; rank < GetSize(); rank++)
    {
      const Share other = GetShare(rank, rows);
      ends.push_back(static_cast<std::size_t>(other.first + other.count) * rowBytes);
    }
    GatherBlocks(GetBytes(all), ends);
    return all.to(own.device());
  }

  // From the first process to the next, and so on to the last.
  void RankGroup::PassOn(std::span<std::byte> bytes) const
  {
    if (GetRank() > 0)
    {
      ring_.Exchange({}, bytes);
    }
    if (GetRank() + 1 < GetSize())
    {
      ring_.Exchange(bytes, {});
    }
  }

  void RankGroup::Spread(const std::vector<torch::Tensor>& tensors) const
  {
    const torch::NoGradGuard noGradient;
    for (const torch::Tensor& tensor : tensors)
    {
      const torch::Tensor host = ToHost(tensor);
      PassOn(GetBytes(host));
      tensor.copy_(host);
    }
  }

  std::vector<std::byte> RankGroup::Spread(std::vector<std::byte> bytes) const
  {
    std::uint64_t count = bytes.size();
    PassOn(std::as_writable_bytes(std::span(&count, 1)));
    bytes.resize(count);
    PassOn(bytes);
    return bytes;
  }

  void RankGroup::RequireSame(const std::string& text, const std::string& what) const
  {
    constexpr std::size_t DIGITS = 64;
    std::vector<std::byte> all(DIGITS * GetSize());
    std::vector<std::size_t> ends;
    ends.reserve(GetSize());
    for (std::size_t rank = 0; rank < GetSize(); rank++)
    {
      ends.push_back(DIGITS * (rank + 1));
    }
    const std::string own = Protocol::Sha256::OfText(text);
    std::ranges::copy(std::as_bytes(std::span(own)), all.begin() + static_cast<std::ptrdiff_t>(DIGITS * GetRank()));
    GatherBlocks(all, ends);
    for (std::size_t rank = 1; rank < GetSize(); rank++)
    {
      if (!std::equal(all.begin(), all.begin() + DIGITS, all.begin() + static_cast<std::ptrdiff_t>(DIGITS * rank)))
      {
        throw Error(ErrorCode::Conflict, "The process of rank " + std::to_string(rank) + " has another " + what +
                                           " than the one of rank 0: all are started with the same options");
      }
    }
  }
}
