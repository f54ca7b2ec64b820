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

    constexpr std::chrono::milliseconds LOOK(250);  // at a request to stop, while an engine starts

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
      resting_ = {};  // whoever chooses it again wants it tried again
      return false;
    }

    const bool isTurn = !IsResting(candidate->GetModel()) && IsTriageIdle();
    const std::optional<WorkState::Task> task =
      isTurn ? store_.GetShadows().FindNext(candidate->GetModel(), candidate->since) : std::nullopt;

    if (!task)
    {
      ReleaseWhenIdle();
      return false;
    }

    return Compare(*candidate, *task, stop);
  }

  bool ShadowRunner::IsResting(const WorkState::ShadowModel& model) const
  {
    return model == resting_ && std::chrono::steady_clock::now() < restEnd_;
  }

  // False when a stop was asked for.
  bool ShadowRunner::WaitForEngine(Session& session, const std::stop_token& stop)
  {
    const auto limit = std::chrono::steady_clock::now() + options_.startLimit;
    const std::string& name = session.GetModel().name;

    // In short looks: Orthanc's own stop waits for this thread.
    while (!stop.stop_requested() && !session.GetEngine().WaitUntilReady(std::chrono::steady_clock::now() + LOOK))
    {
      const Engine::EngineStatus status = session.GetEngine().GetStatus();

      if (status.state == Engine::EngineState::GivenUp)
      {
        resting_ = session.GetModel();
        restEnd_ = std::chrono::steady_clock::now() + options_.restLimit;
        const std::string text = "the engine of the candidate " + name + " was given up and rests for " +
                                 std::to_string(options_.restLimit.count()) + " s: " + status.lastError;
        session_.reset();
        throw Error(ErrorCode::Unavailable, text);
      }

      if (std::chrono::steady_clock::now() >= limit)
      {
        throw Error(ErrorCode::Unavailable, "the engine of the candidate " + name + " is not ready");
      }
    }

    return !stop.stop_requested();
  }

  // An outage is nobody's fault, and would be written down as that of one study after another.
  bool ShadowRunner::IsArchiveAway(const WorkState::Task& task)
  {
    try
    {
      const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(task.studyId);
      const Archive::SeriesSnapshot* const series = study ? study->FindSeries(task.seriesId) : nullptr;

      if (series != nullptr && !series->instances.empty())
      {
        archive_.ReadInstance(series->instances.front());
      }
    }
    catch (const Error& e)
    {
      return e.CanRetry();
    }

    return false;
  }

  // Whether the study has failed so often in a row that it is a fault of its own.
  bool ShadowRunner::CountFailure(const std::string& studyId)
  {
    failures_ = studyId == failing_ ? failures_ + 1 : 1;
    failing_ = studyId;
    return failures_ >= options_.maxFailures;
  }

  // Throws what another attempt may mend.
  void ShadowRunner::Ask(const WorkState::Task& task, const std::stop_token& stop, WorkState::ShadowResult& result)
  {
    Pipeline::Cancellation cancellation;
    const std::stop_callback interrupt(stop, [&cancellation] { cancellation.Request(); });

    try
    {
      const Pipeline::TriageOutcome outcome = session_->GetTriage().Run(task, cancellation);
      result.fault = outcome.reason;

      if (outcome.kind == Pipeline::TriageOutcome::Kind::Done)
      {
        result.candidate = ReadAnswer(outcome.result.json);
      }
    }
    catch (const Error& e)
    {
      // Cancelled by the stop; Busy: the engine had no turn for it.
      const bool isOver = e.GetCode() == ErrorCode::Cancelled || e.GetCode() == ErrorCode::Busy;

      if (isOver || (e.CanRetry() && (IsArchiveAway(task) || !CountFailure(task.studyId))))
      {
        throw;
      }

      result.fault = e.what();
    }
    catch (const std::exception& e)
    {
      // Out of memory, a library's own exception: better times may come, but not for ever.
      if (!CountFailure(task.studyId))
      {
        throw;
      }

      result.fault = e.what();
    }
  }

  bool ShadowRunner::Compare(const Models::ShadowCandidate& candidate, const WorkState::Task& task,
                             const std::stop_token& stop)
  {
    if (!WaitForEngine(OpenSession(candidate), stop))
    {
      return false;
    }

    WorkState::ShadowResult result;
    result.studyId = task.studyId;
    result.studyInstanceUid = task.studyInstanceUid;
    result.taskFinishedAt = task.finishedAt;
    result.current = ReadAnswer(task.resultJson);
    Ask(task, stop, result);
    failures_ = 0;
    result.candidate.model = candidate.GetModel();

    // A study that was deleted meanwhile has taken its comparisons with it.
    if (store_.FindByStudy(task.studyId))
    {
      store_.GetShadows().Put(result);
    }

    lastUse_ = std::chrono::steady_clock::now();
    return true;
  }
}
