// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/SeriesComputation.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/SliceDecoding.h"
#include "Plugin/Volume/FrameValues.h"

#include <algorithm>
#include <cmath>
#include <variant>

namespace H3K27M::Pipeline
{
  namespace
  {
    Protocol::DType ToDType(Volume::VoxelType type)
    {
      switch (type)
      {
        case Volume::VoxelType::U8:
          return Protocol::DType::U8;
        case Volume::VoxelType::I8:
          return Protocol::DType::I8;
        case Volume::VoxelType::U16:
          return Protocol::DType::U16;
        case Volume::VoxelType::I16:
          return Protocol::DType::I16;
        case Volume::VoxelType::U32:
          return Protocol::DType::U32;
        case Volume::VoxelType::I32:
          return Protocol::DType::I32;
      }

      throw Error(ErrorCode::Internal, "unknown voxel type");
    }

    [[noreturn]] void ThrowRefusal(std::size_t index, const Volume::SourceSlice& slice, const Volume::Refusal& refusal)
    {
      throw Error(ErrorCode::BadInput,
                  "slice " + std::to_string(index) + " (instance " + slice.orthancInstanceId + "): " + refusal.text);
    }

    std::vector<std::uint8_t> ToGrey(const Volume::DecodedFrame& frame)
    {
      constexpr double LOW = 0.01;
      constexpr double HIGH = 0.99;
      std::vector<double> values;
      Volume::ForEachStored(frame.type, frame.bytes, [&](double stored)
      { values.push_back(stored * frame.rescaleSlope + frame.rescaleIntercept); });
      std::vector<double> sorted = values;
      std::sort(sorted.begin(), sorted.end());
      const auto at = [&sorted](double share)
      { return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]; };
      const double low = at(LOW);
      const double width = std::max(at(HIGH) - low, 1e-9);
      std::vector<std::uint8_t> grey(values.size());
      std::transform(values.begin(), values.end(), grey.begin(), [low, width](double value)
      { return static_cast<std::uint8_t>(std::lround(std::clamp((value - low) / width, 0.0, 1.0) * 255)); });
      return grey;
    }
  }

  SeriesComputation::SeriesComputation(Engine::IInferenceEngine& engine, Volume::IExternalDecoder& decoder,
                                       std::chrono::seconds limit) :
    engine_(engine),
    decoder_(&decoder),
    limit_(limit)
  {
  }

  Engine::StudyResult SeriesComputation::Run(const SeriesReading& reading, const Order& order, InstanceCache& files,
                                             Cancellation& cancellation) const
  {
    const Engine::TimePoint limit = std::chrono::steady_clock::now() + limit_;
    const std::unique_ptr<Engine::IStudySession> session = engine_.BeginStudy(order.request, limit);

    if (!session->GetEngine().ComputesAs(order.engine))
    {
      throw Error(ErrorCode::Busy, "another engine or model has taken the place of the one that was to compute");
    }

    const Cancellation::Hook hook(cancellation, [&session] { session->Cancel(); });

    SendSlices(*session, reading, files, cancellation);
    session->End();
    return session->Wait();
  }

  std::vector<Results::SaliencySlice> SeriesComputation::ReadSalientSlices(const SeriesReading& reading,
                                                                           const Engine::SaliencySlices& maps,
                                                                           InstanceCache& files) const
  {
    const Volume::SourceSeries& series = reading.GetVolume().series;
    std::vector<Results::SaliencySlice> salient;

    if (!Results::SaliencyWriter::Fits(series, maps.size()))
    {
      // Named, but not read: SeriesResultMaker says why they are left out.
      salient.resize(maps.size());
      return salient;
    }

    for (const auto& [index, map] : maps)
    {
      const SliceOutcome outcome = DecodeSlice(decoder_, series.slices.at(index), reading, files);

      if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome))
      {
        ThrowRefusal(index, series.slices[index], *refusal);
      }

      salient.push_back({index, ToGrey(std::get<DecodedSlice>(outcome).frame), map});
    }

    return salient;
  }

  void SeriesComputation::SendSlices(Engine::IStudySession& session, const SeriesReading& reading, InstanceCache& files,
                                     Cancellation& cancellation) const
  {
    const std::vector<Volume::SourceSlice>& slices = reading.GetVolume().series.slices;

    for (std::size_t i = 0; i < slices.size(); i++)
    {
      cancellation.ThrowIfRequested();
      const SliceOutcome outcome = DecodeSlice(decoder_, slices[i], reading, files);

      if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome))
      {
        ThrowRefusal(i, slices[i], *refusal);
      }

      const Volume::DecodedFrame& frame = std::get<DecodedSlice>(outcome).frame;
      session.SendSlice(
        {i, ToDType(frame.type), std::as_bytes(std::span(frame.bytes)), frame.rescaleSlope, frame.rescaleIntercept});

      if (!slices[i].isMultiFrame)
      {
        files.Drop(slices[i].orthancInstanceId);
      }
    }
  }
}
