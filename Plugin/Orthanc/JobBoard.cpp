// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/JobBoard.h"

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Rest/PathSegments.h"
#include "Plugin/Support/Log.h"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    constexpr std::chrono::milliseconds LOOK_INTERVAL(500);
    constexpr const char* JOB_TYPE = "H3K27M-run";
  }

  // What the jobs see of the plugin, until it is closed.
  class JobBoard::Window
  {
  public:
    Window(WorkState::WorkStore& store, const Runs::RunFolders& folders) :
      store_(&store),
      folders_(&folders)
    {
    }

    // Waits for the looks that are under way.
    void Close()
    {
      const std::unique_lock lock(mutex_);
      store_ = nullptr;
    }

    // Empty once it is closed, or when there is no such run.
    std::optional<WorkState::Run> Look(const std::string& runId)
    {
      const std::shared_lock lock(mutex_);
      return store_ == nullptr ? std::nullopt : store_->GetRuns().Find(runId);
    }

    double GetFraction(const std::string& runId)
    {
      const std::shared_lock lock(mutex_);
      const Json::Value progress = store_ == nullptr ? Json::Value() : folders_->ReadProgress(runId);
      return progress.isObject() && progress["fraction"].isNumeric() ? progress["fraction"].asDouble() : 0;
    }

    void Cancel(const std::string& runId)
    {
      const std::shared_lock lock(mutex_);

      if (store_ == nullptr)
      {
        return;
      }

      if (store_->GetRuns().Cancel(runId) == WorkState::RunQueue::Cancellation::Asked)
      {
        // The core does not tell a job by whom: what came over HTTP stands in the audit already (RuntimeParts.cpp), and
        // the run is cancelled then, or marked; what came from inside, by another plugin or Lua, is told here alone.
        store_->AppendAudit({0, 0, "archive", "run-cancelled", runId, "as a job of Orthanc's"});
      }
    }

    // A run that is resumed after its job has ended gets another.
    void SetEnded(const std::string& runId, bool hasEnded)
    {
      const std::lock_guard lock(endedMutex_);

      if (hasEnded)
      {
        ended_.insert(runId);
      }
      else
      {
        ended_.erase(runId);
      }
    }

    bool HasEnded(const std::string& runId)
    {
      const std::lock_guard lock(endedMutex_);
      return ended_.contains(runId);
    }

  private:
    std::shared_mutex mutex_;  // shared by those that use the store, so that a slow one holds up Close() alone
    WorkState::WorkStore* store_;
    const Runs::RunFolders* folders_;
    std::mutex endedMutex_;
    std::set<std::string> ended_;
  };

  // One job; the core owns it and calls it from one thread. Nothing may be thrown into the core.
  class JobBoard::Job
  {
  public:
    Job(OrthancPluginContext* context, std::shared_ptr<Window> window, std::string runId) :
      context_(context),
      window_(std::move(window)),
      runId_(std::move(runId))
    {
      Json::Value content;
      content["run"] = runId_;
      content_ = Protocol::WriteCompactJson(content);
    }

    static void Finalize(void* job)
    {
      delete static_cast<Job*>(job);
    }

    static float GetProgress(void* job)
    {
      Job& self = *static_cast<Job*>(job);
      return self.Guard([&self] { return static_cast<float>(self.window_->GetFraction(self.runId_)); }, 0.0F);
    }

    // Made as the SDK of the build knows it; a job is not kept over a restart.
    static OrthancPluginJob* Create(Job& job)
    {
#if ORTHANC_PLUGINS_VERSION_IS_ABOVE(1, 11, 3)
      return OrthancPluginCreateJob2(job.context_, &job, Finalize, JOB_TYPE, GetProgress, GetContent,
                                     [](OrthancPluginMemoryBuffer*, void*) { return 0; }, Step, Stop, Reset);
#else
      return OrthancPluginCreateJob(job.context_, &job, Finalize, JOB_TYPE, GetProgress,
                                    [](void* self) { return static_cast<const Job*>(self)->content_.c_str(); },
                                    [](void*) -> const char* { return nullptr; }, Step, Stop, Reset);
#endif
    }

    static OrthancPluginErrorCode GetContent(OrthancPluginMemoryBuffer* target, void* job)
    {
      const Job& self = *static_cast<Job*>(job);
      const OrthancPluginErrorCode code =
        OrthancPluginCreateMemoryBuffer(self.context_, target, static_cast<std::uint32_t>(self.content_.size()));

      if (code == OrthancPluginErrorCode_Success)
      {
        std::memcpy(target->data, self.content_.data(), self.content_.size());
      }

      return code;
    }

    static OrthancPluginJobStepStatus Step(void* job)
    {
      Job& self = *static_cast<Job*>(job);
      std::this_thread::sleep_for(LOOK_INTERVAL);
      return self.Guard([&self] { return self.Look(); }, OrthancPluginJobStepStatus_Continue);
    }

    static OrthancPluginErrorCode Stop(void* job, OrthancPluginJobStopReason reason)
    {
      Job& self = *static_cast<Job*>(job);

      if (reason == OrthancPluginJobStopReason_Canceled)
      {
        self.Guard([&self]
        {
          self.window_->SetEnded(self.runId_, true);
          self.window_->Cancel(self.runId_);
          return true;
        }, false);
      }

      return OrthancPluginErrorCode_Success;
    }

    static OrthancPluginErrorCode Reset(void*)
    {
      return OrthancPluginErrorCode_Success;
    }

  private:
    OrthancPluginJobStepStatus Look()
    {
      const std::optional<WorkState::Run> run = window_->Look(runId_);

      if (run && !run->IsFinished())
      {
        return OrthancPluginJobStepStatus_Continue;
      }

      window_->SetEnded(runId_, true);
      return run && run->state == WorkState::RunState::Done ? OrthancPluginJobStepStatus_Success
                                                            : OrthancPluginJobStepStatus_Failure;
    }

    // What fails now (the database is away) may go at the next look.
    template <typename Body, typename Value>
    Value Guard(const Body& body, Value otherwise) const noexcept
    {
      try
      {
        return body();
      }
      catch (const std::exception& e)
      {
        Support::Log::Warning("job of run " + runId_ + ": " + e.what());
        return otherwise;
      }
    }

    OrthancPluginContext* context_;
    std::shared_ptr<Window> window_;
    std::string runId_;
    std::string content_;
  };

  JobBoard::JobBoard(OrthancPluginContext* context, WorkState::WorkStore& store, const Runs::RunFolders& folders) :
    context_(context),
    window_(std::make_shared<Window>(store, folders))
  {
  }

  JobBoard::~JobBoard()
  {
    Close();
  }

  void JobBoard::Close() noexcept
  {
    window_->Close();
  }

  void JobBoard::Show(const std::string& runId)
  {
    const std::lock_guard lock(mutex_);

    if (jobs_.contains(runId) && !window_->HasEnded(runId))
    {
      return;
    }

    window_->SetEnded(runId, false);

    auto job = std::make_unique<Job>(context_, window_, runId);
    OrthancPluginJob* const handle = Job::Create(*job);

    if (handle == nullptr)
    {
      Support::Log::Warning("run " + runId + " is not shown among Orthanc's jobs");
      return;
    }

    [[maybe_unused]] const Job* const handedOver = job.release();  // the core's now
    char* const id = OrthancPluginSubmitJob(context_, handle, 0);

    if (id == nullptr)
    {
      OrthancPluginFreeJob(context_, handle);
      return;
    }

    jobs_[runId] = id;
    runs_[id] = runId;
    OrthancPluginFreeString(context_, id);
  }

  std::string JobBoard::Find(const std::string& runId) const
  {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(runId);
    return found == jobs_.end() ? std::string() : found->second;
  }

  JobBoard::JobRequest JobBoard::Parse(const std::string& path) const
  {
    const std::vector<std::string> segments = Rest::SplitPath(path);

    if (segments.size() < 2 || segments[0] != "jobs")
    {
      return {};
    }

    const std::lock_guard lock(mutex_);
    const auto found = runs_.find(segments[1]);
    return found == runs_.end() ? JobRequest() : JobRequest{found->second, segments.size() == 3 ? segments[2] : ""};
  }

  void JobBoard::SetEnded(const std::string& runId)
  {
    window_->SetEnded(runId, true);
  }
}
