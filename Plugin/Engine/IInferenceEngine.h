// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Safetensors.h"
#include "Plugin/Engine/EngineStatus.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Engine
{
  using TimePoint = std::chrono::steady_clock::time_point;

  // Of slices as the engine wants them, LPS: columns run to the patient's left, rows to posterior.
  inline constexpr std::array<double, 6> ARRANGED_ORIENTATION = {1, 0, 0, 0, 1, 0};

  // Of which slices the engine explains the predicted genotype by a map (Grad-CAM).
  enum class SaliencyChoice
  {
    None,
    Key,  // the one that counts for the genotype and shows most tumour
    All   // each that counts for the genotype
  };

  // "none", "key", "all": the names on the wire and in the configuration.
  std::string ToString(SaliencyChoice choice);

  // What `study-begin` says: the geometry of a routed series and how its result is to be made.
  struct StudyRequest
  {
    std::size_t slices = 0;
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::array<double, 2> pixelSpacingMm = {};  // between rows, between columns
    double sliceSpacingMm = 0;

    // Of the slices that will be sent; not on the wire. Pipeline::ArrangingEngine takes any, the engine itself the
    // arranged one alone.
    std::array<double, 6> imageOrientationPatient = ARRANGED_ORIENTATION;

    double minimumTumourAreaMm2 = 0;  // smaller areas in a slice are no tumour
    double threshold = 0.5;           // altered only when the probability is strictly greater
    double minimumTypicality = 0;     // 0..1: of what is less typical of what the model knows no genotype is stated
    SaliencyChoice saliency = SaliencyChoice::None;
  };

  // One slice as stored: [rows, columns], row-major, little endian; value = stored * slope + intercept.
  struct SliceVoxels
  {
    std::size_t slice = 0;  // 0-based along the normal, lowest first
    Protocol::DType dtype = Protocol::DType::I16;
    std::span<const std::byte> voxels;
    double slope = 1;
    double intercept = 0;
  };

  // Mask slices that hold tumour: slice index to [rows, columns] uint8, row-major. 0 background, 1 tumour of an altered
  // case, 2 tumour of a wild-type case (phantoms: 1 tumour).
  using MaskSlices = std::map<std::size_t, std::vector<std::uint8_t>>;

  // Slice index to [rows, columns] uint8, row-major: 0 where nothing speaks for the predicted genotype, 255 where most
  // does in all maps of the study.
  using SaliencySlices = std::map<std::size_t, std::vector<std::uint8_t>>;

  // `result-begin` ... `result-end`. The masks fit the request's extents and agree with the JSON's tumour.slices and
  // tumour.voxels; the rest of the JSON is read by Results::ParsePrediction().
  struct StudyResult
  {
    std::string json;
    MaskSlices masks;
    SaliencySlices saliency;  // of the slices that the JSON's saliency.slices names; none without a genotype
  };

  // `phantom-begin` ... `phantom-end`. The JSON is read by Results::ParsePhantomDescription().
  struct PhantomResult
  {
    std::string json;
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::vector<std::vector<std::uint16_t>> slices;  // [slice] of [rows, columns], lowest first
    MaskSlices masks;
  };

  // One study on its way through the engine: SendSlice for every slice in any order, End, Wait.
  // Used by one thread; Cancel() from any. Destroying it before Wait() returned cancels the study.
  // All methods but Cancel() throw: Error(Unavailable, retry) when the engine died or hung over this study or the limit
  // of time passed, Error(Busy, retry) when the engine had no room for it or ended before its turn (no attempt of the
  // study's), Error(Cancelled) after Cancel(), and whatever Error the engine answered.
  class IStudySession
  {
  public:
    virtual ~IStudySession() = default;

    // Cuts the slice into bands that fit a frame and queues them; waits while the engine is behind (bounded memory).
    // The voxels are copied. Throws Error(BadInput) when they do not fit the request.
    virtual void SendSlice(const SliceVoxels& slice) = 0;

    virtual void End() = 0;

    // Blocks until the whole result is there.
    virtual StudyResult Wait() = 0;

    virtual void Cancel() noexcept = 0;

    // Of the engine that computes this study, which may be another one than GetStatus() told of a moment ago.
    virtual const EngineInfo& GetEngine() const = 0;
  };

  // What the pipeline needs of the engine; implemented by EngineSupervisor, and by fakes in tests. Thread-safe.
  // Several studies may be open at once; the engine computes them one after another.
  class IInferenceEngine
  {
  public:
    virtual ~IInferenceEngine() = default;

    // False when the engine does not serve by `limit` (starting, failed, given up, stopping).
    virtual bool WaitUntilReady(TimePoint limit) = 0;

    // Does not wait for the engine to start: throws Error(Busy, retry) with its state when it is not ready.
    // `limit` bounds everything that the session does.
    virtual std::unique_ptr<IStudySession> BeginStudy(const StudyRequest& request, TimePoint limit) = 0;

    // `requestJson` as in Resources/Notes/Protocol.md, verb `phantom`. Throws as a session does.
    virtual PhantomResult MakePhantom(const std::string& requestJson, TimePoint limit) = 0;

    virtual EngineStatus GetStatus() const = 0;
  };
}
