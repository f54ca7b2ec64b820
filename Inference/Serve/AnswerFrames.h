// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/PhantomVolume.h"
#include "Inference/Predict/StudyPredictor.h"
#include "Inference/Serve/StudyRequest.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace H3K27M::Serve
{
  // Takes the frames of an answer one by one, so that a large answer is never whole in memory.
  using FrameSink = std::function<void(std::vector<std::byte>)>;

  // result-begin, mask (bands of rows, only slices with tumour, if asked for), saliency (bands of rows, only slices
  // that were explained); each mask and map is freed once it is sent.
  // result-end is left to the caller, who frees the study first.
  void SendResult(const std::string& id, const StudyRequest& request, Predict::StudyResult& result,
                  const FrameSink& sink);

  // phantom-begin, slice (U16, slope 1, intercept 0), mask, phantom-end.
  void SendPhantom(const std::string& id, const Phantom::PhantomVolume& volume, const FrameSink& sink);
}
