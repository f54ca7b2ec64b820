// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/SeriesComputation.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/SliceDecoding.h"

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
  }

  SeriesComputation::SeriesComputation(Engine::IInferenceEngine& engine, Volume::IExternalDecoder& decoder,
                                       std::chrono::seconds limit) :
    engine_(engine),
    decoder_(&decoder),
    limit_(limit)
  {
  }

  Engine::StudyResult SeriesComputation::Run(const SeriesReading& reading, const Engine::StudyRequest& request,
                                             InstanceCache& files, Cancellation& cancellation) const
  {
    const Engine::TimePoint limit = std::chrono::steady_clock::now() + limit_;
    const std::unique_ptr<Engine::IStudySession> session = engine_.BeginStudy(request, limit);
    const Cancellation::Hook hook(cancellation, [&session] { session->Cancel(); });

    SendSlices(*session, reading, files, cancellation);
    session->End();
    return session->Wait();
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
        throw Error(ErrorCode::BadInput,
                    "slice " + std::to_string(i) + " (instance " + slices[i].orthancInstanceId + "): " + refusal->text);
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
