// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Phantom/PhantomGenerator.h"
#include "Inference/Predict/ResultJson.h"
#include "Inference/Predict/StudyPredictor.h"
#include "Inference/Protocol/DeviceError.h"
#include "Inference/Protocol/FrameChannel.h"
#include "Inference/Serve/JobQueue.h"
#include "Inference/Serve/OutgoingQueue.h"
#include "Inference/Serve/StudyAssembler.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

namespace H3K27M::Serve
{
  struct ServeOptions
  {
    ServeLimits limits;
    Preprocess::Framing framing = Preprocess::Framing::Head;
    std::span<const std::optional<Weights::InputReference>> references = {};  // of each network; must outlive the loop
    std::chrono::milliseconds heartbeat{1000};
  };

  // The engine's side of the socket (Resources/Notes/Protocol.md). One request at a time on the device, computed in the
  // thread that calls Run(); a reader thread takes slices, pings and cancellations meanwhile, a writer thread sends,
  // a third sends heartbeats, so that a hung device shows as a counter that stands still.
  class ServeLoop
  {
  public:
    // All three must outlive this object.
    ServeLoop(Protocol::FrameChannel& channel, Predict::IBackend& backend, const ServeOptions& options);

    // Sends `hello`, then serves until the peer closes the socket. Faults of one request are answered with `error`.
    // Throws Error(Corrupt) when the peer's frames cannot be told apart any more, and Error(Unavailable) when there is
    // no memory left to read or to answer with, or the device failed: a new process must serve then.
    void Run(const Predict::EngineDescription& engine);

  private:
    void ReadFrames();
    void WriteFrames();
    void SendHeartbeats(const std::stop_token& stop);

    void Dispatch(const Protocol::ReceivedMessage& message);
    void Cancel(const std::string& id);
    void Compute(Job& job);
    void ComputeStudy(Job& job);
    void ComputePhantom(const Job& job);
    void AnswerFailure(Job& job, const Error& error);
    void Leave(const DeviceError& error);

    void Reply(const Protocol::Message& message);
    void ReplyError(const std::string& id, const Error& error);
    void NoteFault(const Error& error);
    void GiveUp(const Error& error);
    void Stop();

    Protocol::FrameChannel& channel_;
    Predict::StudyPredictor predictor_;
    ServeOptions options_;
    StudyAssembler assembler_;  // the reader's alone
    JobQueue jobs_;
    OutgoingQueue outgoing_;
    std::unique_ptr<Phantom::PhantomGenerator> generator_;  // made when first needed
    std::atomic<std::uint64_t> progress_{0};                // batches finished since the start
    std::mutex faultMutex_;
    std::optional<Error> fault_;  // guarded by faultMutex_: why the loop gave up
  };
}
