// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Serve/ServeLoop.h"

#include "Inference/Phantom/PhantomJson.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Serve/AnswerFrames.h"

#include <condition_variable>
#include <iostream>
#include <new>
#include <thread>
#include <utility>

namespace H3K27M::Serve
{
  namespace
  {
    using Protocol::Message;
    namespace Verb = Protocol::Verb;

    // Memory that the allocator keeps after a study larger than this goes back to the system.
    constexpr std::uint64_t LARGE_STUDY_BYTES = std::uint64_t{256} << 20;

    void Log(const std::string& text)
    {
      std::cerr << "h3k27m serve: " + text + "\n" << std::flush;
    }

    // What any thread may throw, as the one exception that goes over the wire.
    Error ToError(const std::exception_ptr& exception)
    {
      try
      {
        std::rethrow_exception(exception);
      }
      catch (const Error& error)
      {
        return error;
      }
      catch (const std::bad_alloc&)
      {
        return Error(ErrorCode::Unavailable, "The engine's memory is exhausted");
      }
      catch (const std::exception& other)
      {
        return Error(ErrorCode::Internal, other.what());
      }
      catch (...)
      {
        return Error(ErrorCode::Internal, "An unknown failure of the engine");
      }
    }
  }

  ServeLoop::ServeLoop(Protocol::FrameChannel& channel, Predict::IBackend& backend, const ServeOptions& options) :
    channel_(channel),
    predictor_(backend, options.framing, options.references),
    options_(options),
    assembler_(options.limits)
  {
  }

  void ServeLoop::Run(const Predict::EngineDescription& engine)
  {
    Message hello(Verb::HELLO, "");
    hello.SetJson("info", Predict::DescribeEngine(engine));
    Reply(hello);
    {
      std::jthread writer;
      std::jthread reader;
      std::jthread heartbeat;
      // Also when one of them cannot be started: the others are woken before they are waited for.
      try
      {
        writer = std::jthread([this] { WriteFrames(); });
        reader = std::jthread([this] { ReadFrames(); });
        heartbeat = std::jthread([this](const std::stop_token& stop) { SendHeartbeats(stop); });
        while (auto job = jobs_.Pop())
        {
          Compute(*job);
        }
      }
      catch (...)
      {
        GiveUp(ToError(std::current_exception()));
      }
    }
    const std::lock_guard lock(faultMutex_);
    if (fault_)
    {
      throw Error(*fault_);
    }
  }

  void ServeLoop::ReadFrames()
  {
    try
    {
      while (auto frame = channel_.Read())
      {
        std::string id;
        try
        {
          const Protocol::ReceivedMessage message(std::move(*frame));
          id = message.GetId();
          Dispatch(message);
        }
        catch (...)
        {
          ReplyError(id, ToError(std::current_exception()));
        }
      }
    }
    catch (const Error& error)
    {
      // A socket that broke is a peer that left.
      if (error.GetCode() != ErrorCode::Unavailable)
      {
        GiveUp(error);
      }
    }
    catch (...)
    {
      GiveUp(ToError(std::current_exception()));
    }
    Stop();
  }

  void ServeLoop::WriteFrames()
  {
    try
    {
      while (const auto frame = outgoing_.Pop())
      {
        channel_.Write(*frame);
      }
      Stop();  // all was said, if the loop leaves by itself
    }
    catch (const std::exception& error)
    {
      Log(std::string("the peer left: ") + error.what());
      Stop();
    }
  }

  void ServeLoop::SendHeartbeats(const std::stop_token& stop)
  {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, stop, options_.heartbeat, [] { return false; }) && !stop.stop_requested())
    {
      try
      {
        Message heartbeat(Verb::HEARTBEAT, "");
        heartbeat.Set("busy", jobs_.GetRunning())
          .Set("progress", progress_.load())
          .Set("rss_bytes", Predict::ProcessTuning::GetResidentBytes())
          .Set("peak_rss_bytes", Predict::ProcessTuning::GetPeakResidentBytes());
        outgoing_.PushOrDrop(heartbeat.Serialize());
      }
      catch (const std::exception& error)
      {
        // Left out, as where the queue is full: memory may come back, and the peer judges by what is missing.
        std::cerr << "h3k27m serve: no heartbeat: " << error.what() << "\n" << std::flush;
      }
    }
  }

  void ServeLoop::Dispatch(const Protocol::ReceivedMessage& message)
  {
    const std::string& verb = message.GetVerb();
    if (verb == Verb::SLICE)
    {
      assembler_.AddBand(message);
    }
    else if (verb == Verb::STUDY_BEGIN)
    {
      const JobQueue::Load load = jobs_.GetLoad();
      assembler_.Begin(message, load.bytes, load.studies);
    }
    else if (verb == Verb::STUDY_END)
    {
      if (auto study = assembler_.End(message))
      {
        jobs_.Push({message.GetId(), std::move(study), ""});
      }
    }
    else if (verb == Verb::PHANTOM)
    {
      const std::string& request = message.GetString("request");
      Phantom::ParsePhantomRequest(request).Validate();
      jobs_.Push({message.GetId(), nullptr, request});
    }
    else if (verb == Verb::CANCEL)
    {
      Cancel(message.GetId());
    }
    else if (verb == Verb::PING)
    {
      Reply(Message(Verb::PONG, message.GetId()));
    }
    else
    {
      throw Error(ErrorCode::BadInput, "The verb '" + verb + "' is not known");
    }
  }

  void ServeLoop::Cancel(const std::string& id)
  {
    if (assembler_.Cancel(id) || jobs_.Cancel(id) == JobQueue::Cancellation::Removed)
    {
      ReplyError(id, Error(ErrorCode::Cancelled, "The request was cancelled"));
    }
  }

  void ServeLoop::Compute(Job& job)
  {
    try
    {
      if (job.study)
      {
        ComputeStudy(job);
      }
      else
      {
        ComputePhantom(job);
      }
    }
    catch (const DeviceError& error)
    {
      AnswerFailure(job, error);
      Leave(error);
    }
    catch (...)
    {
      AnswerFailure(job, ToError(std::current_exception()));
    }
  }

  void ServeLoop::AnswerFailure(Job& job, const Error& error)
  {
    job.study.reset();
    jobs_.Done();
    ReplyError(job.id, error);
  }

  // After the answer to the study that met the fault: by Busy the peer knows that none of the others is to blame.
  void ServeLoop::Leave(const DeviceError& error)
  {
    NoteFault(error);
    ReplyError("",
               Error(ErrorCode::Busy, std::string("it leaves, for a new process has a device again: ") + error.what()));
    jobs_.Close();
    outgoing_.Finish();
  }

  // The id is free before the answer begins: who has it may ask again under the same one. The bytes are free before it
  // ends and not sooner: a peer that reads slowly must not make room for studies that the memory does not hold.
  void ServeLoop::ComputeStudy(Job& job)
  {
    const ReceivedStudy& study = *job.study;
    Predict::StudyHooks hooks;
    hooks.isCancelled = [this] { return jobs_.IsRunningCancelled(); };
    hooks.onBatch = [this] { ++progress_; };
    Predict::StudyResult result = predictor_.Run(study.GetView(), study.request.rules, hooks, study.request.saliency);
    result.timings.receiveMs = study.receiveMs;
    jobs_.ReleaseId();
    SendResult(job.id, study.request, result,
               [this](std::vector<std::byte> frame) { outgoing_.Push(std::move(frame)); });
    const bool isLarge = study.request.GetVoxelCount() * sizeof(float) > LARGE_STUDY_BYTES;
    job.study.reset();
    if (isLarge)
    {
      Predict::ProcessTuning::ReleaseFreedMemory();
    }
    jobs_.Done();
    Reply(Message(Verb::RESULT_END, job.id));
    Log("request " + job.id + ": " + std::to_string(result.scores.size()) + " slices, network " +
        std::to_string(static_cast<int>(result.timings.networkMs)) + " ms, all " +
        std::to_string(static_cast<int>(result.timings.totalMs)) + " ms");
  }

  void ServeLoop::ComputePhantom(const Job& job)
  {
    if (!generator_)
    {
      generator_ = std::make_unique<Phantom::PhantomGenerator>();
    }
    const Phantom::PhantomVolume volume = generator_->Generate(Phantom::ParsePhantomRequest(job.phantomRequest));
    ++progress_;
    if (jobs_.IsRunningCancelled())
    {
      throw Error(ErrorCode::Cancelled, "The phantom was cancelled");
    }
    jobs_.Done();
    SendPhantom(job.id, volume, [this](std::vector<std::byte> frame) { outgoing_.Push(std::move(frame)); });
  }

  void ServeLoop::Reply(const Message& message)
  {
    outgoing_.Push(message.Serialize());
  }

  void ServeLoop::ReplyError(const std::string& id, const Error& error)
  {
    Log("request " + (id.empty() ? std::string("without id") : id) + ": " + std::string(ToString(error.GetCode())) +
        ": " + error.what());
    Reply(Message::FromError(id, error));
  }

  void ServeLoop::NoteFault(const Error& error)
  {
    const std::lock_guard lock(faultMutex_);
    if (!fault_)
    {
      fault_ = error;
    }
  }

  void ServeLoop::GiveUp(const Error& error)
  {
    NoteFault(error);
    Stop();
  }

  void ServeLoop::Stop()
  {
    jobs_.Close();
    outgoing_.Close();
    channel_.Shutdown();
  }
}
