// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Engine/EngineClient.h"
#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Engine/StudyReply.h"

#include <memory>
#include <string>

namespace H3K27M::Engine
{
  // A study over an EngineClient. See IStudySession.
  class StudySession : public IStudySession
  {
  public:
    // Sends `study-begin` to an engine that has said hello. Throws Error(BadInput) on extents of 0 or beyond 65535 rows
    // or columns, and Error(Internal) on slices that are not arranged.
    StudySession(std::shared_ptr<EngineClient> client, const StudyRequest& request, TimePoint limit);

    StudySession(const StudySession&) = delete;
    StudySession& operator=(const StudySession&) = delete;

    ~StudySession() override;

    void SendSlice(const SliceVoxels& slice) override;
    void End() override;
    StudyResult Wait() override;
    void Cancel() noexcept override;

    const EngineInfo& GetEngine() const override
    {
      return engine_;
    }

  private:
    std::shared_ptr<EngineClient> client_;  // outlives the supervisor's interest in it while a session is open
    EngineInfo engine_;
    Extents extents_;
    TimePoint limit_;
    StudyReply reply_;
    std::shared_ptr<PendingRequest> pending_;
  };

  // `phantom`, and all that answers it.
  PhantomResult RequestPhantom(EngineClient& client, const std::string& requestJson, TimePoint limit);
}
