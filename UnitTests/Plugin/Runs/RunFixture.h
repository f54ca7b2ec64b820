// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Runs/RunWorker.h"
#include "UnitTests/Plugin/Pipeline/WorkerPoolFixture.h"
#include "UnitTests/Support/LogRecorder.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <fstream>

namespace H3K27M::Testing
{
  // What workers of runs need: a work store in SQLite, a folder of runs, one installed model, and a script in the place
  // of the engine's program.
  class RunFixture : public WorkerPoolFixture
  {
  protected:
    static constexpr const char* ON_PHANTOMS = R"({"kind": "pretrain", "phantoms": 3})";

    RunFixture()
    {
      // It takes any arguments, and time.
      WriteEngine("exec sleep 60");
      options_.owner = "server";
      const std::filesystem::path model = folder_.GetPath() / "installed" / "first";
      std::filesystem::create_directories(model);
      std::ofstream(model / "card.json") << R"({"variant": "fusion", "weights_sha256": "aa"})";
      std::ofstream(model / "model.safetensors") << "weights";
    }

    void WriteEngine(const std::string& script)
    {
      const std::filesystem::path program = folder_.GetPath() / "engine";
      std::ofstream(program) << "#!/bin/sh\n" << script << "\n";
      std::filesystem::permissions(program, std::filesystem::perms::owner_all);
      options_.launch.program = program.string();
    }

    void Insert(const std::string& kind, const std::string& requestJson, const std::string& id = "r")
    {
      WorkState::Run run;
      run.id = id;
      run.kind = kind;
      run.requestJson = requestJson;
      store_->GetRuns().Insert(run);
    }

    WorkState::Run Find(const std::string& id = "r")
    {
      return store_->GetRuns().Find(id).value();
    }

    void Execute(const std::string& sql)
    {
      soci::session session(soci::sqlite3, "db=\"" + (folder_.GetPath() / "work.db").string() + "\" timeout=10");
      session << sql;
    }

    LogRecorder log_;
    Runs::RunWorkerOptions options_;
    Datasets::StudyExport export_{archive_, triage_, decoder_};
    Datasets::DatasetSnapshot datasets_{*store_, export_, {folder_.GetPath() / "runs" / "datasets", "server"}};
    Models::ModelCatalog models_{folder_.GetPath() / "installed" / "first", folder_.GetPath() / "runs",
                                 folder_.GetPath() / "uploads"};
    Models::ModelChoice choice_{models_, *store_, [](const std::filesystem::path&) {}};
    Runs::RunFolders folders_{folder_.GetPath() / "runs"};
  };
}
