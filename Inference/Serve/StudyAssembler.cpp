// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Serve/StudyAssembler.h"

#include "Inference/Serve/StoredValues.h"

#include <algorithm>
#include <cmath>

namespace H3K27M::Serve
{
  namespace
  {
    constexpr std::size_t DROPPED_IDS = 256;

    double GetFactor(const Protocol::ReceivedMessage& message, const char* key)
    {
      const double value = message.GetNumber(key);
      if (!(std::fabs(value) <= 1e9))
      {
        throw Error(ErrorCode::BadInput, std::string("slice: '") + key + "' is out of range");
      }
      return value;
    }
  }

  Preprocess::VolumeView ReceivedStudy::GetView() const noexcept
  {
    Preprocess::VolumeView view;
    view.voxels = voxels.GetSpan();
    view.slices = request.slices;
    view.rows = request.rows;
    view.columns = request.columns;
    view.pixelSpacingMm = request.pixelSpacingMm;
    view.sliceSpacingMm = request.sliceSpacingMm;
    return view;
  }

  StudyAssembler::StudyAssembler(const ServeLimits& limits) :
    limits_(limits)
  {
  }

  void StudyAssembler::Begin(const Protocol::ReceivedMessage& message, std::uint64_t usedBytes, std::size_t usedStudies)
  {
    const std::string& id = message.GetId();
    if (id.empty() || open_.count(id) != 0)
    {
      throw Error(ErrorCode::BadInput,
                  id.empty() ? "study-begin: the id is empty" : "study-begin: a study of this id is open already");
    }
    const auto known = std::find(dropped_.begin(), dropped_.end(), id);
    if (known != dropped_.end())
    {
      dropped_.erase(known);
    }
    try
    {
      OpenStudy open;
      open.study = std::make_unique<ReceivedStudy>();
      open.study->id = id;
      open.study->request = StudyRequest::Parse(message.GetJson("request"), limits_);
      const std::uint64_t voxels = open.study->request.GetVoxelCount();
      if (open_.size() + usedStudies >= limits_.maxOpenStudies ||
          GetOpenBytes() + usedBytes + voxels * sizeof(float) > limits_.maxOpenBytes)
      {
        throw Error(ErrorCode::Busy, "The engine holds as many studies as it may");
      }
      open.study->voxels = VoxelBuffer(static_cast<std::size_t>(voxels));
      open.rowsReceived.assign(open.study->request.slices, 0);
      open.begin = std::chrono::steady_clock::now();
      open_.emplace(id, std::move(open));
    }
    catch (const Error&)
    {
      Drop(id);
      throw;
    }
  }

  void StudyAssembler::AddBand(const Protocol::ReceivedMessage& message)
  {
    OpenStudy* open = Find(message.GetId());
    if (open == nullptr)
    {
      return;
    }
    try
    {
      CopyBand(*open, message);
    }
    catch (const Error&)
    {
      Drop(message.GetId());
      throw;
    }
  }

  void StudyAssembler::CopyBand(OpenStudy& open, const Protocol::ReceivedMessage& message) const
  {
    const StudyRequest& request = open.study->request;
    const std::uint64_t slice = message.GetCount("slice");
    const std::uint64_t row = message.GetCount("row");
    const Protocol::TensorView& band = message.GetTensor("voxels");
    if (slice >= request.slices)
    {
      throw Error(ErrorCode::BadInput, "slice: index " + std::to_string(slice) + " of a study of " +
                                         std::to_string(request.slices) + " slices");
    }
    std::size_t& received = open.rowsReceived[slice];
    if (row != received)
    {
      throw Error(ErrorCode::BadInput, "slice " + std::to_string(slice) + ": band at row " + std::to_string(row) +
                                         " where row " + std::to_string(received) + " is next");
    }
    if (band.shape.size() != 2 || band.shape[0] < 1 ||
        static_cast<std::uint64_t>(band.shape[0]) > request.rows - received ||
        static_cast<std::uint64_t>(band.shape[1]) != request.columns)
    {
      throw Error(ErrorCode::BadInput, "slice " + std::to_string(slice) + ": the band does not fit " +
                                         std::to_string(request.rows) + " rows of " + std::to_string(request.columns) +
                                         " columns");
    }
    const auto rows = static_cast<std::size_t>(band.shape[0]);
    const auto target = open.study->voxels.GetSpan().subspan(
      (static_cast<std::size_t>(slice) * request.rows + received) * request.columns, rows * request.columns);
    RescaleStoredValues(band, GetFactor(message, "slope"), GetFactor(message, "intercept"), target);
    received += rows;
  }

  std::unique_ptr<ReceivedStudy> StudyAssembler::End(const Protocol::ReceivedMessage& message)
  {
    const std::string& id = message.GetId();
    OpenStudy* open = Find(id);
    if (open == nullptr)
    {
      return nullptr;
    }
    for (std::size_t slice = 0; slice < open->rowsReceived.size(); ++slice)
    {
      const std::size_t received = open->rowsReceived[slice];
      const std::size_t rows = open->study->request.rows;
      if (received != rows)
      {
        Drop(id);
        throw Error(ErrorCode::BadInput, "study-end: of slice " + std::to_string(slice) + " only " +
                                           std::to_string(received) + " of " + std::to_string(rows) + " rows came");
      }
    }
    std::unique_ptr<ReceivedStudy> study = std::move(open->study);
    study->receiveMs =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - open->begin).count();
    open_.erase(id);
    return study;
  }

  bool StudyAssembler::Cancel(const std::string& id)
  {
    if (open_.count(id) == 0)
    {
      return false;
    }
    Drop(id);
    return true;
  }

  StudyAssembler::OpenStudy* StudyAssembler::Find(const std::string& id)
  {
    const auto found = open_.find(id);
    if (found != open_.end())
    {
      return &found->second;
    }
    if (WasDropped(id))
    {
      return nullptr;
    }
    Drop(id);  // one Error, not one per slice
    throw Error(ErrorCode::BadInput, "A study of this id was not begun");
  }

  void StudyAssembler::Drop(const std::string& id)
  {
    open_.erase(id);
    if (!WasDropped(id))
    {
      dropped_.push_back(id);
    }
    if (dropped_.size() > DROPPED_IDS)
    {
      dropped_.pop_front();
    }
  }

  bool StudyAssembler::WasDropped(const std::string& id) const
  {
    return std::find(dropped_.begin(), dropped_.end(), id) != dropped_.end();
  }

  std::uint64_t StudyAssembler::GetOpenBytes() const
  {
    std::uint64_t bytes = 0;
    for (const auto& [id, open] : open_)
    {
      bytes += open.study->request.GetVoxelCount() * sizeof(float);
    }
    return bytes;
  }
}
