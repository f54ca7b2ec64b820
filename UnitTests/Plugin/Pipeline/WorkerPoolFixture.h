// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Pipeline/WorkerPool.h"
#include "UnitTests/Plugin/Pipeline/PipelineFixture.h"

namespace H3K27M::Testing
{
  // What workers need beside the pipeline's fakes: one study in the archive, and short limits of time.
  class WorkerPoolFixture : public PipelineFixture
  {
  protected:
    WorkerPoolFixture() :
      triage_(archive_, engine_, decoder_, MakeTriageOptions())
    {
      StoreSeries();
    }

    static Pipeline::TriageOptions MakeTriageOptions()
    {
      Pipeline::TriageOptions options;
      options.softwareVersion = "0.0.0";
      return options;
    }

    static Pipeline::WorkerOptions MakeOptions()
    {
      Pipeline::WorkerOptions options;
      options.workers = 2;
      options.lease = std::chrono::milliseconds(500);
      options.retry = {2, std::chrono::milliseconds(10), std::chrono::milliseconds(10)};
      options.owner = "test";
      return options;
    }

    Pipeline::StudyTriage triage_;
  };
}
