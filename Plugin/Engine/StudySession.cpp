// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/StudySession.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/StudyLimits.h"
#include "Plugin/Engine/PhantomReply.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace H3K27M::Engine
{
  namespace
  {

    Error MakeTimeoutError()
    {
      return Error(ErrorCode::Unavailable, "The engine did not answer in time");
    }

    Extents CheckExtents(const StudyRequest& request)
    {
      if (request.slices == 0 || request.rows == 0 || request.columns == 0 ||
          request.rows > Protocol::StudyLimits::MAX_EXTENT || request.columns > Protocol::StudyLimits::MAX_EXTENT)
      {
        throw Error(ErrorCode::BadInput, "A study of " + std::to_string(request.slices) + " x " +
                                           std::to_string(request.rows) + " x " + std::to_string(request.columns) +
                                           " cannot be computed");
      }

      if (request.imageOrientationPatient != ARRANGED_ORIENTATION)
      {
        throw Error(ErrorCode::Internal, "A study's slices were not arranged for the engine");
      }

      return Extents{request.slices, request.rows, request.columns};
    }

    Json::Value DescribeRequest(const StudyRequest& request)
    {
      Json::Value json(Json::objectValue);
      json["slices"] = static_cast<Json::UInt64>(request.slices);
      json["rows"] = request.rows;
      json["columns"] = request.columns;
      json["pixel_spacing_mm"].append(request.pixelSpacingMm[0]);
      json["pixel_spacing_mm"].append(request.pixelSpacingMm[1]);
      json["slice_spacing_mm"] = request.sliceSpacingMm;
      json["minimum_tumour_area_mm2"] = request.minimumTumourAreaMm2;
      json["slice_protocol"] = "automatic";
      json["threshold"] = request.threshold;
      json["minimum_typicality"] = request.minimumTypicality;
      json["masks"] = true;
      json["saliency"] = ToString(request.saliency);
      return json;
    }

    // Shortest text that reads back as the same number.
    std::string FormatNumber(double value)
    {
      if (!std::isfinite(value))
      {
        throw Error(ErrorCode::BadInput, "A rescale slope or intercept is not finite");
      }

      std::array<char, 32> buffer = {};
      const auto [end, fault] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
      static_cast<void>(fault);
      return std::string(buffer.data(), end);
    }
  }

  std::string ToString(SaliencyChoice choice)
  {
    switch (choice)
    {
      case SaliencyChoice::Key:
        return "key";
      case SaliencyChoice::All:
        return "all";
      case SaliencyChoice::None:
        break;
    }

    return "none";
  }

  StudySession::StudySession(std::shared_ptr<EngineClient> client, const StudyRequest& request, TimePoint limit) :
    client_(std::move(client)),
    engine_(client_->GetEngine().value_or(EngineInfo())),
    extents_(CheckExtents(request)),
    limit_(limit),
    reply_(extents_),
    pending_(client_->Open(reply_))
  {
    try
    {
      Protocol::Message message(Protocol::Verb::STUDY_BEGIN, pending_->GetId());
      message.SetJson("request", DescribeRequest(request));
      client_->Send(*pending_, message, limit_);
    }
    catch (const std::exception&)
    {
      // A constructor that throws has no destructor; the reply must not be filled once it is gone.
      client_->Abandon(*pending_, Error(ErrorCode::Cancelled, "The study was never begun"));
      throw;
    }
  }

  StudySession::~StudySession()
  {
    StudySession::Cancel();
  }

  void StudySession::SendSlice(const SliceVoxels& slice)
  {
    const std::size_t rowBytes = extents_.columns * Protocol::GetItemSize(slice.dtype);

    if (slice.slice >= extents_.slices || slice.voxels.size() != rowBytes * extents_.rows)
    {
      throw Error(ErrorCode::BadInput, "Slice " + std::to_string(slice.slice) + " does not fit its study");
    }

    const auto rowsPerBand = static_cast<std::uint32_t>(
      std::max<std::size_t>(1, std::min<std::size_t>(extents_.rows, Protocol::MAX_PAYLOAD_BYTES / rowBytes)));

    for (std::uint32_t row = 0; row < extents_.rows; row += rowsPerBand)
    {
      const std::uint32_t rows = std::min(rowsPerBand, extents_.rows - row);
      Protocol::Message message(Protocol::Verb::SLICE, pending_->GetId());
      message.Set("slice", std::uint64_t{slice.slice});
      message.Set("row", std::uint64_t{row});
      message.Set("slope", FormatNumber(slice.slope));
      message.Set("intercept", FormatNumber(slice.intercept));
      message.AddTensor("voxels", Protocol::TensorView{slice.dtype,
                                                       {rows, extents_.columns},
                                                       slice.voxels.subspan(row * rowBytes, rows * rowBytes)});
      client_->Send(*pending_, message, limit_);
    }
  }

  void StudySession::End()
  {
    client_->SendLast(*pending_, Protocol::Message(Protocol::Verb::STUDY_END, pending_->GetId()), limit_);
  }

  StudyResult StudySession::Wait()
  {
    if (!pending_->Wait(limit_))
    {
      client_->Abandon(*pending_, MakeTimeoutError());
      pending_->ThrowIfFailed();  // unless the result came in this very moment
    }

    return reply_.Take();
  }

  void StudySession::Cancel() noexcept
  {
    client_->Abandon(*pending_, Error(ErrorCode::Cancelled, "The study was cancelled"));
  }

  PhantomResult RequestPhantom(EngineClient& client, const std::string& requestJson, TimePoint limit)
  {
    PhantomReply reply;
    const std::shared_ptr<PendingRequest> pending = client.Open(reply);

    try
    {
      Protocol::Message message(Protocol::Verb::PHANTOM, pending->GetId());
      message.SetJson("request", Protocol::ParseJson(requestJson));
      client.SendLast(*pending, message, limit);

      if (!pending->Wait(limit))
      {
        throw MakeTimeoutError();
      }
    }
    catch (const std::exception&)
    {
      client.Abandon(*pending, Error(ErrorCode::Cancelled, "The phantom was given up"));
      throw;
    }

    return reply.Take();
  }
}
