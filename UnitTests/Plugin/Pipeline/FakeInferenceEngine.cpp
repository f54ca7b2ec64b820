// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Pipeline/FakeInferenceEngine.h"

#include "Inference/Protocol/JsonText.h"

#include <condition_variable>
#include <thread>

namespace H3K27M::Testing
{
  namespace
  {
    constexpr std::size_t TUMOUR_SLICE = 1;
    constexpr std::uint32_t TUMOUR_VOXELS = 12;  // the first of the slice's first rows

    Json::Value DescribeGenotype(bool found, double areaMm2)
    {
      Json::Value json;
      json["status"] = found ? "altered" : "not determined";
      json["probability_altered"] = found ? Json::Value(0.9) : Json::Value();
      json["threshold"] = 0.5;
      json["logic"] = "mean over tumour slices";
      json["reason"] = found ? "" : "no tumour was found";
      json["agrees_with_mask"] = found ? Json::Value(true) : Json::Value();
      json["slices"] = Json::arrayValue;

      if (found)
      {
        Json::Value slice;
        slice["slice"] = static_cast<Json::UInt64>(TUMOUR_SLICE);
        slice["probability_altered"] = 0.9;
        slice["tumour_area_mm2"] = areaMm2;
        json["slices"].append(slice);
      }

      return json;
    }

    Json::Value DescribeResult(const Engine::StudyRequest& request, bool found)
    {
      const double area = TUMOUR_VOXELS * request.pixelSpacingMm[0] * request.pixelSpacingMm[1];
      Json::Value json;
      json["genotype"] = DescribeGenotype(found, area);
      json["tumour"]["found"] = found;
      json["tumour"]["voxels"] = found ? TUMOUR_VOXELS : 0;
      json["tumour"]["volume_mm3"] = found ? area * request.sliceSpacingMm : 0.0;
      json["tumour"]["slices"] = Json::arrayValue;

      if (found)
      {
        json["tumour"]["slices"].append(static_cast<Json::UInt64>(TUMOUR_SLICE));
      }

      for (const char* const stage : {"receive", "preprocess", "network", "postprocess", "total"})
      {
        json["timings_ms"][stage] = 1.0;
      }

      json["network_ms_per_slice"] = 1.0;
      json["slices_computed"] = static_cast<Json::UInt64>(request.slices);
      json["warnings"] = Json::arrayValue;
      return json;
    }
  }

  class FakeInferenceEngine::Session : public Engine::IStudySession
  {
  public:
    Session(FakeInferenceEngine& engine, const Engine::StudyRequest& request) :
      engine_(engine),
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

      {
        const std::lock_guard lock(engine_.mutex_);

        if (engine_.failure_)
        {
          throw Error(*engine_.failure_);
        }
      }

      Engine::StudyResult result;
      result.json = Protocol::WriteCompactJson(DescribeResult(request_, engine_.findsTumour));

      if (engine_.findsTumour)
      {
        std::vector<std::uint8_t> mask(std::size_t(request_.rows) * request_.columns);
        std::fill_n(mask.begin(), TUMOUR_VOXELS, std::uint8_t(1));
        result.masks.emplace(TUMOUR_SLICE, std::move(mask));
      }

      return result;
    }

    void Cancel() noexcept override
    {
      cancelled_ = true;
    }

  private:
    FakeInferenceEngine& engine_;
    Engine::StudyRequest request_;
    std::atomic<bool> cancelled_ = false;
  };

  void FakeInferenceEngine::FailWith(const std::optional<Error>& error)
  {
    const std::lock_guard lock(mutex_);
    failure_.reset();

    if (error)
    {
      failure_.emplace(*error);
    }
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
    return std::make_unique<Session>(*this, request);
  }

  Engine::PhantomResult FakeInferenceEngine::MakePhantom(const std::string&, Engine::TimePoint)
  {
    throw Error(ErrorCode::Internal, "the fake engine makes no phantoms");
  }

  Engine::EngineStatus FakeInferenceEngine::GetStatus() const
  {
    Engine::EngineInfo info;
    info.engineVersion = "0";
    info.device = "cpu";
    info.deviceKind = "cpu";
    info.precision = "fp32";
    info.model["name"] = "fake";
    info.model["version"] = "1";
    info.model["variant"] = "fusion";
    info.model["trained_on"] = "nothing";
    info.model["minimum_tumour_area_mm2"] = 0.0;
    info.modelHash = modelHash;

    Engine::EngineStatus status;
    status.state = ready ? Engine::EngineState::Ready : Engine::EngineState::Starting;
    status.info = info;
    return status;
  }
}
