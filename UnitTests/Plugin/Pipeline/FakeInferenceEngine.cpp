// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Pipeline/FakeInferenceEngine.h"

#include "Inference/Protocol/JsonText.h"

#include <algorithm>
#include <condition_variable>
#include <thread>

namespace H3K27M::Testing
{
  namespace
  {
    constexpr std::size_t TUMOUR_SLICE = 1;
    constexpr std::uint32_t TUMOUR_VOXELS = 12;  // the first of the slice's first rows

    constexpr double PROBABILITY = 0.9;

    Json::Value DescribeGenotype(const Engine::StudyRequest& request, const Engine::MaskSlices& masks)
    {
      const bool found = !masks.empty();
      const bool altered = PROBABILITY > request.threshold;
      Json::Value json;
      json["status"] = found ? (altered ? "altered" : "wild-type") : "not determined";
      json["probability_altered"] = found ? Json::Value(PROBABILITY) : Json::Value();
      json["member_probabilities"] = Json::arrayValue;
      json["threshold"] = request.threshold;
      json["logic"] = "mean over tumour slices";
      json["reason"] = found ? "" : "no tumour was found";
      json["agrees_with_mask"] = found ? Json::Value(altered) : Json::Value();
      json["slices"] = Json::arrayValue;

      for (const auto& [index, mask] : masks)
      {
        Json::Value slice;
        slice["slice"] = static_cast<Json::UInt64>(index);
        slice["probability_altered"] = PROBABILITY;
        slice["tumour_area_mm2"] = static_cast<double>(std::count(mask.begin(), mask.end(), 1)) *
                                   request.pixelSpacingMm[0] * request.pixelSpacingMm[1];
        json["slices"].append(slice);
      }

      return json;
    }

    Json::Value DescribeResult(const Engine::StudyRequest& request, const Engine::MaskSlices& masks,
                               std::size_t slicesComputed)
    {
      Json::Value json;
      json["genotype"] = DescribeGenotype(request, masks);
      json["tumour"]["slices"] = Json::arrayValue;
      std::uint64_t voxels = 0;

      for (const auto& [index, mask] : masks)
      {
        voxels += static_cast<std::uint64_t>(std::count(mask.begin(), mask.end(), 1));
        json["tumour"]["slices"].append(static_cast<Json::UInt64>(index));
      }

      json["tumour"]["found"] = !masks.empty();
      json["tumour"]["voxels"] = static_cast<Json::UInt64>(voxels);
      json["tumour"]["volume_mm3"] =
        static_cast<double>(voxels) * request.pixelSpacingMm[0] * request.pixelSpacingMm[1] * request.sliceSpacingMm;

      for (const char* const stage : {"receive", "preprocess", "network", "postprocess", "total"})
      {
        json["timings_ms"][stage] = 1.0;
      }

      json["network_ms_per_slice"] = 1.0;
      json["slices_computed"] = static_cast<Json::UInt64>(slicesComputed);
      json["warnings"] = Json::arrayValue;
      return json;
    }
  }

  class FakeInferenceEngine::Session : public Engine::IStudySession
  {
  public:
    Session(FakeInferenceEngine& engine, const Engine::StudyRequest& request) :
      engine_(engine),
      info_(engine.MakeInfo()),
      request_(request)
    {
      engine_.studies++;
    }

    void SendSlice(const Engine::SliceVoxels& slice) override
    {
      if (slice.voxels.size() != std::size_t(request_.rows) * request_.columns * Protocol::GetItemSize(slice.dtype))
      {
        throw Error(ErrorCode::BadInput, "a slice of the wrong size");
      }

      engine_.slices++;
      received_.emplace(slice.slice, std::vector<std::byte>(slice.voxels.begin(), slice.voxels.end()));
    }

    void End() override
    {
    }

    Engine::StudyResult Wait() override
    {
      while (engine_.blocks && !cancelled_)
      {
        std::this_thread::yield();
      }

      if (cancelled_)
      {
        throw Error(ErrorCode::Cancelled, "cancelled");
      }

      std::function<void()> hook;

      {
        const std::lock_guard lock(engine_.mutex_);
        hook = engine_.hook_;
      }

      if (hook)
      {
        hook();
      }

      {
        const std::lock_guard lock(engine_.mutex_);

        if (engine_.failure_)
        {
          throw Error(*engine_.failure_);
        }
      }

      Engine::StudyResult result;

      if (engine_.draw)
      {
        result.masks = engine_.draw(request_, received_);
      }
      else if (engine_.findsTumour)
      {
        std::vector<std::uint8_t> mask(std::size_t(request_.rows) * request_.columns);
        std::fill_n(mask.begin(), TUMOUR_VOXELS, std::uint8_t(1));
        result.masks.emplace(TUMOUR_SLICE, std::move(mask));
      }

      if (request_.saliency != Engine::SaliencyChoice::None && !result.masks.empty())
      {
        // As strong as the mask.
        const auto& [slice, mask] = *result.masks.begin();
        std::vector<std::uint8_t> map(mask.size());
        std::transform(mask.begin(), mask.end(), map.begin(),
                       [](std::uint8_t value) { return static_cast<std::uint8_t>(value * 255); });
        result.saliency.emplace(slice, std::move(map));
      }

      result.json = Protocol::WriteCompactJson(
        DescribeResult(request_, result.masks, engine_.slicesWithHead.value_or(request_.slices)));
      return result;
    }

    void Cancel() noexcept override
    {
      cancelled_ = true;
    }

    const Engine::EngineInfo& GetEngine() const override
    {
      return info_;
    }

  private:
    FakeInferenceEngine& engine_;
    Engine::EngineInfo info_;
    Engine::StudyRequest request_;
    ReceivedSlices received_;
    std::atomic<bool> cancelled_ = false;
  };

  FakeInferenceEngine::FakeInferenceEngine()
  {
    card["name"] = "fake";
    card["version"] = "1";
    card["variant"] = "fusion";
    card["trained_on"] = "nothing";
    card["minimum_tumour_area_mm2"] = 0.0;
  }

  void FakeInferenceEngine::FailWith(const std::optional<Error>& error)
  {
    const std::lock_guard lock(mutex_);
    failure_.reset();

    if (error)
    {
      failure_.emplace(*error);
    }
  }

  void FakeInferenceEngine::SetHook(std::function<void()> hook)
  {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }

  bool FakeInferenceEngine::WaitUntilReady(Engine::TimePoint limit)
  {
    timesWaitedFor++;

    if (givenUp)
    {
      return false;
    }

    if (!ready)
    {
      std::this_thread::sleep_until(std::min(limit, std::chrono::steady_clock::now() + std::chrono::milliseconds(5)));
    }

    return ready;
  }

  std::unique_ptr<Engine::IStudySession> FakeInferenceEngine::BeginStudy(const Engine::StudyRequest& request,
                                                                         Engine::TimePoint)
  {
    if (beforeBegin)
    {
      beforeBegin();
    }

    return std::make_unique<Session>(*this, request);
  }

  Engine::PhantomResult FakeInferenceEngine::MakePhantom(const std::string&, Engine::TimePoint)
  {
    throw Error(ErrorCode::Internal, "the fake engine makes no phantoms");
  }

  Engine::EngineInfo FakeInferenceEngine::MakeInfo() const
  {
    Engine::EngineInfo info;
    info.engineVersion = engineVersion;
    info.device = "cpu";
    info.deviceKind = "cpu";
    info.precision = "fp32";
    info.model = card;
    info.modelHash = modelHash;
    return info;
  }

  Engine::EngineStatus FakeInferenceEngine::GetStatus() const
  {
    Engine::EngineStatus status;
    status.state = givenUp ? Engine::EngineState::GivenUp
                   : ready ? Engine::EngineState::Ready
                           : Engine::EngineState::Starting;
    status.info = MakeInfo();
    return status;
  }
}
