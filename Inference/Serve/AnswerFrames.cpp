// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Serve/AnswerFrames.h"

#include "Inference/Phantom/PhantomJson.h"
#include "Inference/Predict/ResultJson.h"
#include "Inference/Protocol/Message.h"

#include <algorithm>
#include <span>

namespace H3K27M::Serve
{
  namespace
  {
    using Protocol::Message;
    namespace Verb = Protocol::Verb;

    // One slice in bands of rows that fit a frame.
    struct Plane
    {
      const char* verb;
      const char* tensor;
      std::size_t slice;
      Protocol::DType dtype;
      std::size_t rows;
      std::size_t columns;
      std::span<const std::byte> data;
    };

    void SendPlane(const std::string& id, const Plane& plane, const FrameSink& sink)
    {
      const std::size_t rowBytes = plane.columns * Protocol::GetItemSize(plane.dtype);
      const std::size_t rowsPerBand = std::max<std::size_t>(1, Protocol::MAX_PAYLOAD_BYTES / rowBytes);
      for (std::size_t row = 0; row < plane.rows; row += rowsPerBand)
      {
        const std::size_t rows = std::min(rowsPerBand, plane.rows - row);
        Message message(plane.verb, id);
        message.Set("slice", std::uint64_t{plane.slice}).Set("row", std::uint64_t{row});
        if (plane.verb == std::string_view(Verb::SLICE))
        {
          message.Set("slope", std::string("1")).Set("intercept", std::string("0"));
        }
        message.AddTensor(plane.tensor, {plane.dtype,
                                         {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(plane.columns)},
                                         plane.data.subspan(row * rowBytes, rows * rowBytes)});
        sink(message.Serialize());
      }
    }
  }

  void SendResult(const std::string& id, const StudyRequest& request, Predict::StudyResult& result,
                  const FrameSink& sink)
  {
    Message begin(Verb::RESULT_BEGIN, id);
    begin.SetJson("result", Predict::DescribeResult(result));
    sink(begin.Serialize());
    while (!result.masks.empty())
    {
      const auto mask = result.masks.extract(result.masks.begin());
      if (request.masks)
      {
        SendPlane(id,
                  {Verb::MASK, "mask", mask.key(), Protocol::DType::U8, request.rows, request.columns,
                   std::as_bytes(std::span(mask.mapped()))},
                  sink);
      }
    }
    while (!result.saliency.empty())
    {
      const auto map = result.saliency.extract(result.saliency.begin());
      SendPlane(id,
                {Verb::SALIENCY, "saliency", map.key(), Protocol::DType::U8, request.rows, request.columns,
                 std::as_bytes(std::span(map.mapped()))},
                sink);
    }
  }

  void SendPhantom(const std::string& id, const Phantom::PhantomVolume& volume, const FrameSink& sink)
  {
    Message begin(Verb::PHANTOM_BEGIN, id);
    begin.Set("phantom", Phantom::DescribePhantom(volume));
    sink(begin.Serialize());
    const std::size_t size = volume.GetSliceSize();
    for (std::size_t slice = 0; slice < volume.parameters.slices; ++slice)
    {
      SendPlane(id,
                {Verb::SLICE, "voxels", slice, Protocol::DType::U16, volume.parameters.rows, volume.parameters.columns,
                 std::as_bytes(std::span(volume.voxels).subspan(slice * size, size))},
                sink);
    }
    for (std::size_t slice = 0; slice < volume.parameters.slices; ++slice)
    {
      const auto mask = std::span(volume.mask).subspan(slice * size, size);
      if (std::any_of(mask.begin(), mask.end(), [](std::uint8_t label) { return label != 0; }))
      {
        SendPlane(id,
                  {Verb::MASK, "mask", slice, Protocol::DType::U8, volume.parameters.rows, volume.parameters.columns,
                   std::as_bytes(mask)},
                  sink);
      }
    }
    sink(Message(Verb::PHANTOM_END, id).Serialize());
  }
}
