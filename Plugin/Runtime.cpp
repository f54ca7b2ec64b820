// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runtime.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Orthanc/HttpBinding.h"
#include "Plugin/Rest/BodyGuard.h"
#include "Plugin/RuntimeParts.h"
#include "Plugin/Support/Log.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <thread>

namespace H3K27M
{
  using OrthancBinding::CoreConfiguration;

  class Runtime::Implementation
  {
  public:
    Implementation(OrthancPluginContext* context, CoreConfiguration configuration) :
      context_(context),
      configuration_(std::move(configuration))
    {
    }

    void Start()
    {
      starter_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
    }

    void Stop()
    {
      stopping_ = true;
      starter_.request_stop();

      if (starter_.joinable())
      {
        starter_.join();
      }

      {
        const std::shared_lock lock(mutex_);

        if (parts_)
        {
          parts_->Interrupt();
        }
      }

      // Waits for the requests under way: after this call the core takes away what they use.
      const std::unique_lock lock(mutex_);
      parts_.reset();
      fault_ = "Orthanc is stopping";
    }

    // Calls `body` with the parts, which stay until it is done. Otherwise false, with the reason why there are none.
    template <typename Body>
    bool With(const Body& body, std::string& fault) const
    {
      const std::shared_lock lock(mutex_);

      if (parts_ && !stopping_)
      {
        body(*parts_);
        return true;
      }

      fault = fault_;
      return false;
    }

    // Also while all is stopping: the jobs are still there, and a run must not be cancelled by whom it is denied.
    // Without parts there is no run that a job could change, and nobody whose large body would be of use.
    bool Admits(const Rest::Request& request) const
    {
      const std::shared_lock lock(mutex_);

      if (parts_)
      {
        return parts_->Admits(request);
      }

      return !OrthancBinding::FindOwnPath(request.path) || Rest::IsSmallBody(request);
    }

  private:
    // A database that is not up yet is tried again; a fault that no waiting mends is told by every route.
    void Run(const std::stop_token& stop)
    {
      std::mutex mutex;
      std::condition_variable_any wake;
      std::unique_lock wait(mutex);

      while (!stop.stop_requested() && !TryStart())
      {
        wake.wait_for(wait, stop, std::chrono::seconds(5), [&stop] { return stop.stop_requested(); });
      }
    }

    bool TryStart()
    {
      try
      {
        // Not sooner: the core makes its folders after it has initialised the plugins.
        configuration_.owner = OrthancBinding::NameInstallation(configuration_.installation);
        auto parts = std::make_unique<RuntimeParts>(context_, configuration_);
        const std::unique_lock lock(mutex_);
        parts_ = std::move(parts);
        return true;
      }
      catch (const std::exception& e)
      {
        const Error* const error = dynamic_cast<const Error*>(&e);
        const bool canRetry = error != nullptr && error->CanRetry();
        Support::Log::Error(std::string("cannot start: ") + e.what());
        const std::unique_lock lock(mutex_);
        fault_ = std::string("the plugin could not start: ") + e.what();
        return !canRetry;
      }
    }

    OrthancPluginContext* context_;
    CoreConfiguration configuration_;  // settled when the parts are made, which refer to it
    mutable std::shared_mutex mutex_;
    std::atomic<bool> stopping_ = false;
    std::unique_ptr<RuntimeParts> parts_;           // guarded by mutex_
    std::string fault_ = "the plugin is starting";  // guarded by mutex_
    std::jthread starter_;
  };

  Runtime::Runtime(OrthancPluginContext* context, CoreConfiguration configuration) :
    implementation_(std::make_unique<Implementation>(context, std::move(configuration)))
  {
  }

  Runtime::~Runtime()
  {
    Stop();
  }

  void Runtime::Start() noexcept
  {
    try
    {
      implementation_->Start();
    }
    catch (const std::exception& e)
    {
      Support::Log::Error(std::string("cannot start: ") + e.what());
    }
  }

  void Runtime::Stop() noexcept
  {
    constexpr std::chrono::seconds LIMIT(10);

    try
    {
      if (!stopping_.valid())
      {
        stopping_ = std::async(std::launch::async, [this] { implementation_->Stop(); });
      }

      if (stopping_.wait_for(LIMIT) != std::future_status::ready)
      {
        Support::Log::Warning("the plugin goes on stopping while Orthanc does");
      }
    }
    catch (const std::exception& e)
    {
      Support::Log::Error(std::string("no thread to stop in: ") + e.what());
      implementation_->Stop();
    }
  }

  void Runtime::OnStableStudy(const char* studyId) noexcept
  {
    std::string fault;
    implementation_->With([studyId](RuntimeParts& parts) { parts.GetIntake().OnStableStudy(studyId); }, fault);
  }

  void Runtime::OnDeletedStudy(const char* studyId) noexcept
  {
    std::string fault;
    implementation_->With([studyId](RuntimeParts& parts) { parts.GetIntake().OnDeletedStudy(studyId); }, fault);
  }

  void Runtime::OnDeletedSeries(const char* seriesId) noexcept
  {
    std::string fault;
    implementation_->With([seriesId](RuntimeParts& parts) { parts.GetIntake().OnDeletedSeries(seriesId); }, fault);
  }

  Rest::Answer Runtime::Handle(const Rest::Request& request, std::string_view body) noexcept
  {
    Rest::Answer answer;
    std::string fault;

    if (!implementation_->With([&](RuntimeParts& parts) { answer = parts.GetRouter().Handle(request, body); }, fault))
    {
      return Rest::Answer::FromError(request, 503, fault);
    }

    return answer;
  }

  bool Runtime::Admits(const Rest::Request& request) noexcept
  {
    try
    {
      return implementation_->Admits(request);
    }
    catch (const std::exception& e)
    {
      Support::Log::Error(std::string("a request to Orthanc is refused: ") + e.what());
      return false;
    }
  }
}
