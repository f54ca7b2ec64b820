// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunWorker.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/ExitCode.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Runs/LifeSign.h"
#include "Plugin/Support/Log.h"

#include <fcntl.h>

#include <span>
#include <system_error>

namespace H3K27M::Runs
{
  namespace
  {
    using Clock = std::chrono::steady_clock;

    constexpr std::chrono::milliseconds POLL_INTERVAL(250);  // a cancelled run ends within two seconds
    constexpr std::chrono::milliseconds TERMINATE_LIMIT(500);
    constexpr const char* GOES_ON = ": goes on from its last checkpoint";

    // A signal ended the engine, or the memory is exhausted, for instance.
    bool MayGoThroughLater(const Engine::ChildProcess::Ending& ending)
    {
      return !ending.exitCode || *ending.exitCode == Protocol::ExitCode::UNAVAILABLE;
    }

    std::string DescribeSilence(std::chrono::milliseconds silence)
    {
      return "the engine gave no sign of life for " +
             std::to_string(std::chrono::ceil<std::chrono::seconds>(silence).count()) + " s";
    }

    // What the engine inherits beside its log: nothing.
    Engine::Descriptor OpenNothing()
    {
      return Engine::Descriptor(open("/dev/null", O_RDWR | O_CLOEXEC));
    }

    void WriteText(const std::filesystem::path& path, const std::string& text)
    {
      std::error_code error;
      std::filesystem::create_directories(path.parent_path(), error);

      if (error)
      {
        throw Error(ErrorCode::Unavailable,
                    "Cannot make the folder " + path.parent_path().string() + ": " + error.message());
      }

      Protocol::WriteFileAtomically(path, std::as_bytes(std::span(text)));
    }
  }

  RunWorker::RunWorker(WorkState::WorkStore& store, const Datasets::DatasetSnapshot& datasets,
                       const Models::ModelCatalog& models, const Models::ModelChoice& choice, const RunFolders& folders,
                       RunWorkerOptions options) :
    store_(store),
    datasets_(datasets),
    models_(models),
    choice_(choice),
    folders_(folders),
    options_(std::move(options))
  {
  }

  RunWorker::~RunWorker()
  {
    Stop();
  }

  void RunWorker::Start()
  {
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }

  void RunWorker::RequestStop() noexcept
  {
    thread_.request_stop();
  }

  void RunWorker::Stop() noexcept
  {
    RequestStop();

    if (thread_.joinable())
    {
      thread_.join();
    }
  }

  void RunWorker::Wake() noexcept
  {
    wake_.Wake();
  }

  void RunWorker::Run(const std::stop_token& stop)
  {
    while (!stop.stop_requested())
    {
      try
      {
        RecoverFormer();
        store_.GetRuns().Recover(options_.owner);

        if (const std::optional<WorkState::Run> run =
              store_.GetRuns().Claim(options_.owner, options_.lease, options_.maxRunning))
        {
          Execute(*run, stop);
        }
        else
        {
          wake_.Wait(stop, options_.pause);
        }
      }
      catch (const std::exception& e)
      {
        Support::Log::Warning(std::string("runs: ") + e.what());
        wake_.Wait(stop, options_.pause);
      }
    }
  }

  void RunWorker::RecoverFormer()
  {
    if (!hasRecoveredFormer_)
    {
      for (const std::string& owner : options_.formerOwners)
      {
        store_.GetRuns().Recover(owner);
      }

      hasRecoveredFormer_ = true;
    }
  }

  void RunWorker::Execute(const WorkState::Run& run, const std::stop_token& stop)
  {
    if (run.attempts > options_.maxBeginnings)
    {
      store_.GetRuns().Finish(run.id, options_.owner, WorkState::RunState::Failed,
                              "It was begun " + std::to_string(options_.maxBeginnings) +
                                " times and never came to an end, not even to a fault: does it end Orthanc?",
                              "");
      Support::Log::Error("run " + run.id + ": begun too often, given up");
      return;
    }

    Support::Log::Info("run " + run.id + " begins (attempt " + std::to_string(run.attempts) + ")");
    renewed_ = Clock::now();
    verdict_ = Verdict::GoOn;

    if (options_.board != nullptr)
    {
      options_.board->Show(run.id);
    }

    try
    {
      Perform(run, RunSpec::Parse(Protocol::ParseJson(run.requestJson)), stop);
    }
    catch (const Error& e)
    {
      if (e.GetCode() == ErrorCode::Cancelled)
      {
        Close(run, verdict_);
      }
      else
      {
        TryAgainOrGiveUp(run, e.CanRetry(), e.what(), e.what(), stop);
      }
    }
    catch (const std::exception& e)
    {
      // Out of memory, a library's own exception: another attempt may find better times.
      TryAgainOrGiveUp(run, true, e.what(), e.what(), stop);
    }
  }

  void RunWorker::TryAgainOrGiveUp(const WorkState::Run& run, bool canRetry, const std::string& again,
                                   const std::string& end, const std::stop_token& stop)
  {
    if (canRetry && run.attempts < options_.maxAttempts)
    {
      store_.GetRuns().TryAgain(run.id, options_.owner, again);
      Support::Log::Warning("run " + run.id + ": " + again + "; it is started again");
      wake_.Wait(stop, options_.pause);
    }
    else
    {
      store_.GetRuns().Finish(run.id, options_.owner, WorkState::RunState::Failed, end, "");
      Support::Log::Error("run " + run.id + " failed: " + end);
    }
  }

  void RunWorker::Perform(const WorkState::Run& run, const RunSpec& spec, const std::stop_token& stop)
  {
    const std::string dataset = PrepareDataset(run, spec, stop);

    if (spec.NeedsEngine())
    {
      RunEngine(run, spec, FindPlaces(run, spec, dataset), stop);
    }
  }

  std::string RunWorker::PrepareDataset(const WorkState::Run& run, const RunSpec& spec, const std::stop_token& stop)
  {
    if (!spec.NeedsDataset() || !run.datasetId.empty() || !spec.dataset.empty())
    {
      return run.datasetId.empty() ? spec.dataset : run.datasetId;
    }

    const Json::Value report = datasets_.Make(spec.data, [&] { return Look(run, stop) != Verdict::GoOn; });
    const std::string id = report["id"].asString();
    KeepDataset(run, id, stop);
    WriteText(folders_.GetPath(run.id) / "dataset.json", Protocol::WriteCompactJson(report));

    if (!spec.NeedsEngine())
    {
      RecordDone(run, Protocol::WriteCompactJson(report), stop);
    }

    return id;
  }

  void RunWorker::KeepDataset(const WorkState::Run& run, const std::string& dataset, const std::stop_token& stop)
  {
    Record(run, "its data set", stop, [&] { store_.GetRuns().SetDataset(run.id, options_.owner, dataset); });
  }

  void RunWorker::RecordDone(const WorkState::Run& run, const std::string& summary, const std::stop_token& stop)
  {
    Record(run, "its end", stop,
           [&] { store_.GetRuns().Finish(run.id, options_.owner, WorkState::RunState::Done, "", summary); });
  }

  // To do the work again takes hours: a database that is away is waited for, as long as the run can be this worker's.
  void RunWorker::Record(const WorkState::Run& run, const std::string& what, const std::stop_token& stop,
                         const std::function<void()>& record)
  {
    const Clock::time_point limit = Clock::now() + options_.lease;

    for (;;)
    {
      try
      {
        record();
        return;
      }
      catch (const Error& e)
      {
        if (Clock::now() > limit || Look(run, stop) != Verdict::GoOn)
        {
          throw;
        }

        Support::Log::Warning("run " + run.id + ": " + what + " cannot be recorded yet: " + e.what());
      }

      wake_.Wait(stop, POLL_INTERVAL);
    }
  }

  RunPlaces RunWorker::FindPlaces(const WorkState::Run& run, const RunSpec& spec, const std::string& dataset) const
  {
    RunPlaces places;
    places.folder = folders_.GetPath(run.id);
    places.dataset = dataset.empty() ? std::filesystem::path() : datasets_.GetPath(dataset);
    places.from = spec.from.empty() ? std::filesystem::path() : models_.Get(spec.from).path;
    places.encoder = spec.encoder.empty() ? std::filesystem::path() : models_.Get(spec.encoder).path;
    // The model in force reads T2w: on other images it would be beaten by anything.
    places.baseline =
      spec.data.contrast == Routing::Contrast::T2w ? choice_.GetCurrent().path : std::filesystem::path();
    places.config = places.folder / "request.json";
    WriteText(places.config, Protocol::WriteCompactJson(spec.config));
    return places;
  }

  RunWorker::Verdict RunWorker::Look(const WorkState::Run& run, const std::stop_token& stop)
  {
    try
    {
      verdict_ = stop.stop_requested() ? Verdict::Stopping : AskStore(run);
    }
    catch (const Error&)
    {
      // The database is away: the lease still holds for a while.
      verdict_ = Clock::now() - renewed_ > options_.lease ? Verdict::Lost : Verdict::GoOn;
    }

    return verdict_;
  }

  RunWorker::Verdict RunWorker::AskStore(const WorkState::Run& run)
  {
    const Clock::time_point now = Clock::now();
    const bool isDue = now - renewed_ >= options_.lease / 3;  // between, a look for a cancellation writes nothing
    const std::optional<bool> cancelling = isDue ? store_.GetRuns().Renew(run.id, options_.owner, options_.lease)
                                                 : store_.GetRuns().IsCancelling(run.id, options_.owner);
    renewed_ = isDue ? now : renewed_;
    return !cancelling ? Verdict::Lost : *cancelling ? Verdict::Cancelled : Verdict::GoOn;
  }

  void RunWorker::Close(const WorkState::Run& run, Verdict verdict)
  {
    if (verdict == Verdict::Cancelled)
    {
      store_.GetRuns().Finish(run.id, options_.owner, WorkState::RunState::Cancelled, "cancelled", "");
    }
    else if (verdict == Verdict::Stopping)
    {
      store_.GetRuns().Release(run.id, options_.owner, "Orthanc was stopped: goes on from its last checkpoint");
    }
  }

  void RunWorker::RunEngine(const WorkState::Run& run, const RunSpec& spec, const RunPlaces& places,
                            const std::stop_token& stop)
  {
    Engine::ProcessLaunch launch = options_.launch;
    launch.arguments = MakeArguments(spec, places, run.id, options_.hardware);
    const Engine::Descriptor nothing = OpenNothing();
    LifeSign life(folders_, run.id, options_.silence, Clock::now());
    Engine::ChildProcess child(launch, nothing.Get());

    for (;;)
    {
      if (const std::optional<Engine::ChildProcess::Ending> ending = child.WaitForExit(Clock::now() + POLL_INTERVAL))
      {
        HandleEnding(run, *ending, stop);
        return;
      }

      if (const Verdict verdict = Look(run, stop); verdict != Verdict::GoOn)
      {
        child.Stop(std::chrono::milliseconds(0), TERMINATE_LIMIT);
        Close(run, verdict);
        return;
      }

      if (life.IsOverdue(Clock::now()))
      {
        child.Stop(std::chrono::milliseconds(0), std::chrono::milliseconds(0));
        const std::string what = DescribeSilence(options_.silence);
        TryAgainOrGiveUp(run, true, what + GOES_ON, what, stop);
        return;
      }
    }
  }

  void RunWorker::HandleEnding(const WorkState::Run& run, const Engine::ChildProcess::Ending& ending,
                               const std::stop_token& stop)
  {
    if (ending.exitCode == Protocol::ExitCode::OK)
    {
      RecordDone(run, Protocol::WriteCompactJson(folders_.ReadSummary(run.id)), stop);
      Support::Log::Info("run " + run.id + " is done");
    }
    else
    {
      TryAgainOrGiveUp(run, MayGoThroughLater(ending), "the engine ended by " + ending.text + GOES_ON, ending.text,
                       stop);
    }
  }
}
