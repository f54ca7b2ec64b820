// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Shadow/ShadowRunner.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/ArrangingEngine.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Support/Log.h"

#include <utility>

namespace H3K27M::Shadow
{
  namespace
  {
    Pipeline::TriageOptions MakeSilent(Pipeline::TriageOptions options)
    {
      options.shadow = true;
      options.saliency = Engine::SaliencyChoice::None;
      return options;
    }

    // `json`: what the work store keeps of a case, see Pipeline::DescribeCase().
    WorkState::ShadowAnswer ReadAnswer(const std::string& json)
    {
      const Json::Value result = Protocol::ParseJson(json);
      WorkState::ShadowAnswer answer;
      answer.model = {result["model"]["name"].asString(), result["model"]["hash"].asString()};
      answer.status = result["prediction"]["status"].asString();

      if (result["prediction"]["probability_altered"].isNumeric())
      {
        answer.probabilityAltered = result["prediction"]["probability_altered"].asDouble();
      }

      if (result["volume_mm3"].isNumeric())
      {
        answer.volumeMm3 = result["volume_mm3"].asDouble();
      }

      return answer;
    }
  }

  // The candidate, loaded: an engine and the path of a study through it.
  class ShadowRunner::Session
  {
  public:
    Session(WorkState::ShadowModel model, std::unique_ptr<Engine::IInferenceEngine> engine, Archive::IArchive& archive,
            Volume::IExternalDecoder& decoder, const Pipeline::TriageOptions& options) :
      model_(std::move(model)),
      engine_(std::move(engine)),
      arranging_(*engine_),
      triage_(archive, arranging_, decoder, options)
    {
    }

    const WorkState::ShadowModel& GetModel() const
    {
      return model_;
    }

    Engine::IInferenceEngine& GetEngine()
    {
      return *engine_;
    }

    const Pipeline::StudyTriage& GetTriage() const
    {
      return triage_;
    }

  private:
    WorkState::ShadowModel model_;
    std::unique_ptr<Engine::IInferenceEngine> engine_;
    Pipeline::ArrangingEngine arranging_;
    Pipeline::StudyTriage triage_;
  };

  ShadowRunner::ShadowRunner(Archive::IArchive& archive, Volume::IExternalDecoder& decoder, WorkState::WorkStore& store,
                             const Models::ShadowChoice& choice, RunnerOptions options) :
    archive_(archive),
    decoder_(decoder),
    store_(store),
    choice_(choice),
    options_(std::move(options))
  {
  }

  ShadowRunner::~ShadowRunner()
  {
    Stop();
  }

  void ShadowRunner::Start()
  {
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }

  void ShadowRunner::Stop() noexcept
  {
    thread_.request_stop();

    if (thread_.joinable())
    {
      thread_.join();
    }

    session_.reset();
  }

  void ShadowRunner::Wake() noexcept
  {
    wake_.Wake();
  }

  void ShadowRunner::Run(const std::stop_token& stop)
  {
    while (!stop.stop_requested())
    {
      bool isDone = false;

      try
      {
        isDone = Step(stop);
      }
      catch (const std::exception& e)
      {
        if (!stop.stop_requested())
        {
          Support::Log::Warning(std::string("shadow: ") + e.what());
        }
      }

      if (!isDone)
      {
        wake_.Wait(stop, options_.pause);
      }
    }
  }

  bool ShadowRunner::IsTriageIdle()
  {
    const WorkState::TaskCounters counters = store_.GetCounters();
    return counters.oldestWaitingSince == 0 && counters.byState.at(WorkState::TaskState::Running) == 0;
  }

  ShadowRunner::Session& ShadowRunner::OpenSession(const Models::ShadowCandidate& candidate)
  {
    if (!session_ || session_->GetModel() != candidate.GetModel())
    {
      session_.reset();  // the memory of one engine at a time
      session_ = std::make_unique<Session>(candidate.GetModel(), options_.makeEngine(candidate.model.path), archive_,
                                           decoder_, MakeSilent(options_.triage));
    }

    return *session_;
  }

  void ShadowRunner::ReleaseWhenIdle()
  {
    if (session_ && std::chrono::steady_clock::now() - lastUse_ > options_.idleLimit)
    {
      session_.reset();
    }
  }

  bool ShadowRunner::Step(const std::stop_token& stop)
  {
    const std::optional<Models::ShadowCandidate> candidate = choice_.Get();

    if (!candidate)
    {
      session_.reset();
      return false;
    }

    const std::optional<WorkState::Task> task =
      IsTriageIdle() ? store_.GetShadows().FindNext(candidate->GetModel(), candidate->since) : std::nullopt;

    if (!task)
    {
      ReleaseWhenIdle();
      return false;
    }

    return Compare(*candidate, *task, stop);
  }

  bool ShadowRunner::Compare(const Models::ShadowCandidate& candidate, const WorkState::Task& task,
                             const std::stop_token& stop)
  {
    Session& session = OpenSession(candidate);
    Pipeline::Cancellation cancellation;
    const std::stop_callback interrupt(stop, [&cancellation] { cancellation.Request(); });

    if (!session.GetEngine().WaitUntilReady(std::chrono::steady_clock::now() + options_.startLimit))
    {
      throw Error(ErrorCode::Unavailable, "the engine of the candidate " + candidate.model.name + " is not ready");
    }

    WorkState::ShadowResult result;
    result.studyId = task.studyId;
    result.studyInstanceUid = task.studyInstanceUid;
    result.current = ReadAnswer(task.resultJson);

    try
    {
      const Pipeline::TriageOutcome outcome = session.GetTriage().Run(task, cancellation);

      if (outcome.kind == Pipeline::TriageOutcome::Kind::Gone)
      {
        return false;  // it will be forgotten
      }

      if (outcome.kind == Pipeline::TriageOutcome::Kind::Done)
      {
        result.candidate = ReadAnswer(outcome.result.json);
      }

      result.fault = outcome.reason;
    }
    catch (const Error& e)
    {
      if (e.CanRetry() || e.GetCode() == ErrorCode::Cancelled)
      {
        throw;
      }

      result.fault = e.what();
    }

    result.candidate.model = candidate.GetModel();
    store_.GetShadows().Put(result);
    lastUse_ = std::chrono::steady_clock::now();
    return true;
  }
}
