// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Preprocess/VolumeView.h"
#include "Inference/Protocol/Message.h"
#include "Inference/Serve/StudyRequest.h"
#include "Inference/Serve/VoxelBuffer.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Serve
{
  // A study that arrived whole.
  struct ReceivedStudy
  {
    std::string id;
    StudyRequest request;
    VoxelBuffer voxels;  // [slice, row, column], rescaled values
    double receiveMs = 0;

    // Valid as long as this object lives and is not moved.
    Preprocess::VolumeView GetView() const noexcept;
  };

  // Puts studies together from study-begin, slice and study-end messages; several may be open at once. A study with a
  // fault is dropped with one Error, and what still comes for its id is ignored. Not thread-safe: the reader's alone.
  class StudyAssembler
  {
  public:
    explicit StudyAssembler(const ServeLimits& limits);

    // `usedBytes` and `usedStudies`: of studies that were handed over and are not answered yet.
    // Throws Error(BadInput) or, where a limit over all studies is reached, Error(Busy).
    void Begin(const Protocol::ReceivedMessage& message, std::uint64_t usedBytes, std::size_t usedStudies);

    // One band of one slice.
    void AddBand(const Protocol::ReceivedMessage& message);

    // The study, or nothing when it was dropped before. Throws Error(BadInput) naming the first slice that is not
    // complete.
    std::unique_ptr<ReceivedStudy> End(const Protocol::ReceivedMessage& message);

    // Forgets an open study; false when there is none of this id.
    bool Cancel(const std::string& id);

  private:
    struct OpenStudy
    {
      std::unique_ptr<ReceivedStudy> study;
      std::vector<std::size_t> rowsReceived;  // per slice
      std::chrono::steady_clock::time_point begin;
    };

    void CopyBand(OpenStudy& open, const Protocol::ReceivedMessage& message) const;

    // The open study, or nullptr when it was dropped; Error(BadInput) when the id was never begun.
    OpenStudy* Find(const std::string& id);
    void Drop(const std::string& id);
    bool WasDropped(const std::string& id) const;
    std::uint64_t GetOpenBytes() const;

    ServeLimits limits_;
    std::map<std::string, OpenStudy> open_;
    std::deque<std::string> dropped_;  // the latest only
  };
}
