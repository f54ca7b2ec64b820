// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/ArrangingEngine.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Volume/InPlaneOrientation.h"

#include <cstring>
#include <utility>

namespace H3K27M::Pipeline
{
  namespace
  {
    // Decoded frames may begin at any byte, so the values are copied first.
    template <typename T>
    std::vector<std::byte> Arrange(const Volume::InPlaneOrientation& orientation, std::span<const std::byte> bytes,
                                   std::size_t rows, std::size_t columns)
    {
      std::vector<T> stored(bytes.size() / sizeof(T));
      std::memcpy(stored.data(), bytes.data(), stored.size() * sizeof(T));
      std::vector<T> arranged(stored.size());
      orientation.Apply<T>(stored, rows, columns, arranged);
      std::vector<std::byte> result(bytes.size());
      std::memcpy(result.data(), arranged.data(), result.size());
      return result;
    }

    // Values are moved, never computed with: an integer of 32 bits travels as a float.
    std::vector<std::byte> Arrange(const Volume::InPlaneOrientation& orientation, const Engine::SliceVoxels& slice,
                                   std::size_t rows, std::size_t columns)
    {
      switch (Protocol::GetItemSize(slice.dtype))
      {
        case 1:
          return Arrange<std::uint8_t>(orientation, slice.voxels, rows, columns);
        case 2:
          return Arrange<std::uint16_t>(orientation, slice.voxels, rows, columns);
        case 4:
          return Arrange<float>(orientation, slice.voxels, rows, columns);
        default:
          throw Error(ErrorCode::Internal, "a slice of a type that cannot be arranged");
      }
    }

    class ArrangingSession : public Engine::IStudySession
    {
    public:
      ArrangingSession(std::unique_ptr<Engine::IStudySession> session, const Volume::InPlaneOrientation& orientation,
                       std::size_t rows, std::size_t columns) :
        session_(std::move(session)),
        orientation_(orientation),
        rows_(rows),
        columns_(columns)
      {
      }

      void SendSlice(const Engine::SliceVoxels& slice) override
      {
        if (slice.voxels.size() != rows_ * columns_ * Protocol::GetItemSize(slice.dtype))
        {
          throw Error(ErrorCode::BadInput, "Slice " + std::to_string(slice.slice) + " does not fit its study");
        }

        const std::vector<std::byte> arranged = Arrange(orientation_, slice, rows_, columns_);
        Engine::SliceVoxels turned = slice;
        turned.voxels = arranged;
        session_->SendSlice(turned);  // copies the voxels
      }

      void End() override
      {
        session_->End();
      }

      Engine::StudyResult Wait() override
      {
        Engine::StudyResult result = session_->Wait();

        TurnBack(result.masks);
        TurnBack(result.saliency);
        return result;
      }

      void Cancel() noexcept override
      {
        session_->Cancel();
      }

      const Engine::EngineInfo& GetEngine() const override
      {
        return session_->GetEngine();
      }

    private:
      void TurnBack(std::map<std::size_t, std::vector<std::uint8_t>>& slices) const
      {
        for (auto& [index, values] : slices)
        {
          std::vector<std::uint8_t> native(values.size());
          orientation_.Invert<std::uint8_t>(values, rows_, columns_, native);
          values = std::move(native);
        }
      }

      std::unique_ptr<Engine::IStudySession> session_;
      Volume::InPlaneOrientation orientation_;
      std::size_t rows_;  // of the series' own grid
      std::size_t columns_;
    };
  }

  ArrangingEngine::ArrangingEngine(Engine::IInferenceEngine& engine) :
    engine_(engine)
  {
  }

  bool ArrangingEngine::WaitUntilReady(Engine::TimePoint limit)
  {
    return engine_.WaitUntilReady(limit);
  }

  std::unique_ptr<Engine::IStudySession> ArrangingEngine::BeginStudy(const Engine::StudyRequest& request,
                                                                     Engine::TimePoint limit)
  {
    const auto orientation = Volume::InPlaneOrientation::FromCosines(request.imageOrientationPatient);
    Engine::StudyRequest arranged = request;
    arranged.imageOrientationPatient = Engine::ARRANGED_ORIENTATION;
    const auto [rows, columns] = orientation.ArrangePair(std::array{request.rows, request.columns});
    arranged.rows = rows;
    arranged.columns = columns;
    arranged.pixelSpacingMm = orientation.ArrangePair(request.pixelSpacingMm);

    std::unique_ptr<Engine::IStudySession> session = engine_.BeginStudy(arranged, limit);

    if (orientation.IsIdentity())
    {
      return session;
    }

    return std::make_unique<ArrangingSession>(std::move(session), orientation, request.rows, request.columns);
  }

  Engine::PhantomResult ArrangingEngine::MakePhantom(const std::string& requestJson, Engine::TimePoint limit)
  {
    return engine_.MakePhantom(requestJson, limit);
  }

  Engine::EngineStatus ArrangingEngine::GetStatus() const
  {
    return engine_.GetStatus();
  }
}
