// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Plugin/Engine/EngineSupervisor.h"
#include "UnitTests/Support/LogRecorder.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace H3K27M::Testing
{
  using namespace Engine;

  // Far more than anything here takes on a loaded machine with sanitizers: reaching it is a failure.
  inline TimePoint Soon()
  {
    return std::chrono::steady_clock::now() + std::chrono::seconds(60);
  }

  inline Error GetError(const std::function<void()>& call)
  {
    try
    {
      call();
    }
    catch (const Error& e)
    {
      return e;
    }

    ADD_FAILURE() << "nothing was thrown";
    return Error(ErrorCode::Internal, "");
  }

  class EngineTestBase : public ::testing::Test
  {
  protected:
    ProcessLaunch MakeLaunch(const std::string& mode) const
    {
      ProcessLaunch launch;
      launch.program = H3K27M_FAKE_ENGINE;
      launch.arguments = {mode, (folder_.GetPath() / "state").string()};
      return launch;
    }

    SupervisorOptions MakeOptions(const std::string& mode) const
    {
      SupervisorOptions options;
      options.launch = MakeLaunch(mode);
      options.helloLimit = std::chrono::seconds(60);
      options.heartbeatLimit = std::chrono::seconds(60);
      options.progressLimit = std::chrono::seconds(60);
      options.firstDelay = std::chrono::milliseconds(1);
      options.maxDelay = std::chrono::milliseconds(5);
      options.askLimit = std::chrono::seconds(30);
      return options;
    }

    // An engine that takes its first study up and never gets on.
    SupervisorOptions MakeStuckOptions() const
    {
      SupervisorOptions options = MakeOptions("stuck");
      options.progressLimit = std::chrono::milliseconds(100);
      return options;
    }

    static StudyRequest MakeRequest(std::uint32_t rows = 4, std::uint32_t columns = 3, std::size_t slices = 2)
    {
      StudyRequest request;
      request.slices = slices;
      request.rows = rows;
      request.columns = columns;
      request.pixelSpacingMm = {0.5, 0.5};
      request.sliceSpacingMm = 5;
      return request;
    }

    static void SendSlice(IStudySession& session, std::size_t slice, const std::vector<std::int16_t>& values)
    {
      SliceVoxels voxels;
      voxels.slice = slice;
      voxels.voxels = std::as_bytes(std::span(values));
      session.SendSlice(voxels);
    }

    // A whole study whose slice 1 holds one tumour voxel.
    static StudyResult Compute(IInferenceEngine& engine)
    {
      const auto session = engine.BeginStudy(MakeRequest(), Soon());
      std::vector<std::int16_t> values(12, 5);
      SendSlice(*session, 0, values);
      values[7] = 500;
      SendSlice(*session, 1, values);
      session->End();
      return session->Wait();
    }

    // Waits for a state that must come.
    static EngineStatus WaitForState(const EngineSupervisor& supervisor, EngineState state)
    {
      const TimePoint limit = Soon();

      while (supervisor.GetStatus().state != state && std::chrono::steady_clock::now() < limit)
      {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }

      EXPECT_EQ(ToString(state), ToString(supervisor.GetStatus().state));
      return supervisor.GetStatus();
    }

    // The client's reader counts a study just after it has woken who waits for it.
    static void WaitForNoFailures(const EngineSupervisor& supervisor)
    {
      const TimePoint limit = Soon();

      while (supervisor.GetStatus().failuresInARow > 0 && std::chrono::steady_clock::now() < limit)
      {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }

      EXPECT_EQ(0u, supervisor.GetStatus().failuresInARow);
    }

    static void WaitForStarts(const EngineSupervisor& supervisor, std::uint64_t starts)
    {
      const TimePoint limit = Soon();

      while (supervisor.GetStatus().starts < starts && std::chrono::steady_clock::now() < limit)
      {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }

      ASSERT_GE(supervisor.GetStatus().starts, starts);
    }

    TemporaryFolder folder_;
  };
}
