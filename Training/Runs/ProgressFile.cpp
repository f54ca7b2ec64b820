// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/ProgressFile.h"

#include "Inference/Protocol/Error.h"
#include "Training/Runs/JsonFile.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

namespace H3K27M::Runs
{
  namespace
  {
    constexpr std::chrono::seconds HEARTBEAT(1);

    double GetNow()
    {
      return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    }

    Json::Value TakeLosses(const Json::Value& event)
    {
      Json::Value losses(Json::objectValue);
      for (const char* name : {"total", "cross_entropy", "iou", "focal", "reconstruction"})
      {
        if (event.isMember(name))
        {
          losses[name] = event[name];
        }
      }
      return losses;
    }

    Json::Value ReadFormer(const std::filesystem::path& file)
    {
      try
      {
        Json::Value former = ReadJsonFile(file);
        if (!former.isObject())
        {
          return Json::objectValue;
        }
        former.removeMember("pid");
        former.removeMember("alive_at");
        return former;
      }
      catch (const Error&)
      {
        return Json::objectValue;  // there is none yet, or it is broken: it is written anew
      }
    }
  }

  ProgressFile::ProgressFile(const std::filesystem::path& folder, std::size_t units) :
    ProgressFile(folder, units, Json::Value(Json::objectValue))
  {
  }

  ProgressFile::ProgressFile(const std::filesystem::path& folder) :
    ProgressFile(folder, 1, ReadFormer(folder / NAME))
  {
  }

  ProgressFile::ProgressFile(const std::filesystem::path& folder, std::size_t units, Json::Value former) :
    path_(folder / NAME),
    units_(std::max<std::size_t>(1, units)),
    start_(Clock::now()),
    former_(std::move(former))
  {
    state_["pid"] = Json::Int64{getpid()};
    state_["unit"] = "";
    state_["progressed_at"] = GetNow();
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }

  ProgressFile::~ProgressFile()
  {
    thread_.request_stop();
    thread_.join();
    Write();
  }

  void ProgressFile::Update(const Json::Value& event)
  {
    const std::lock_guard lock(mutex_);
    const std::string kind = event["event"].asString();
    state_["progressed_at"] = GetNow();
    if (event["unit"].isString())
    {
      state_["unit"] = event["unit"];
    }
    if (kind == "unit")
    {
      withinUnit_ = 0;
      if (event["state"] != "started")
      {
        unitsDone_.insert(event["unit"].asString());
      }
    }
    else if (kind == "step" || kind == "case")
    {
      const bool hasAll = event.isMember("step_in_all") && event.isMember("of_all");
      state_["step"] = event[hasAll ? "step_in_all" : "step"];
      state_["of"] = event[hasAll ? "of_all" : "of"];
      state_["losses"] = TakeLosses(event);
      withinUnit_ = state_["step"].asDouble() / std::max(1.0, state_["of"].asDouble());
      KeepSecondsLeft(event);
      firstFraction_ = firstFraction_ < 0 ? GetFraction() : firstFraction_;
    }
    else if (kind == "model" && units_ == 1)
    {
      withinUnit_ = 1;
      end_.reset();
    }
  }

  // The last stage of a training takes longer a step than those before: what it tells of itself is nearer to the truth
  // than the pace of the whole run until now. Of several units no step knows.
  void ProgressFile::KeepSecondsLeft(const Json::Value& event)
  {
    end_.reset();
    if (units_ == 1 && event["seconds_left"].isNumeric())
    {
      end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                              std::chrono::duration<double>(event["seconds_left"].asDouble()));
    }
  }

  Json::Value ProgressFile::GetSecondsLeft() const
  {
    const Clock::time_point now = Clock::now();
    if (end_)
    {
      return std::max(0.0, std::chrono::duration<double>(*end_ - now).count());
    }
    const double fraction = GetFraction();
    const double gained = fraction - firstFraction_;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    return firstFraction_ >= 0 && gained > 0 ? Json::Value(seconds * (1 - fraction) / gained) : Json::Value();
  }

  double ProgressFile::GetFraction() const
  {
    return std::min(1.0, (static_cast<double>(unitsDone_.size()) + withinUnit_) / static_cast<double>(units_));
  }

  void ProgressFile::Run(const std::stop_token& stop)
  {
    while (!stop.stop_requested())
    {
      Write();
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, HEARTBEAT, [&stop] { return stop.stop_requested(); });
    }
  }

  void ProgressFile::Write() noexcept
  {
    try
    {
      Json::Value state;
      {
        const std::lock_guard lock(mutex_);
        state = state_;
        state["units"] = Json::UInt64{units_};
        state["units_done"] = Json::UInt64{unitsDone_.size()};
        state["fraction"] = GetFraction();
        state["seconds_left"] = GetSecondsLeft();
        for (const std::string& key : former_.getMemberNames())
        {
          state[key] = former_[key];
        }
        state["alive_at"] = GetNow();
      }
      WriteJsonFile(path_, state, Protocol::Durability::Passing);  // else the disk waits for each second of a run
    }
    catch (const std::exception& e)
    {
      std::fprintf(stderr, "warning: the progress cannot be written: %s\n", e.what());
    }
  }
}
