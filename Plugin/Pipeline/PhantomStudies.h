// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Engine/IInferenceEngine.h"

#include <json/value.h>

#include <string>

namespace H3K27M::Pipeline
{
  // Puts labelled synthetic studies into the archive: an MR series, and, when a tumour was planted, its status as a
  // label SR and its mask as a reference SEG. Thread-safe.
  class PhantomStudies
  {
  public:
    PhantomStudies(Archive::IArchive& archive, Engine::IInferenceEngine& engine) :
      archive_(archive),
      engine_(engine)
    {
    }

    // `request` is the engine's phantom request (seed, status, signal_strength, rows, ...). Blocks for the engine.
    // Returns {study, study_instance_uid, series, label, mask, seed, status, tumour_volume_mm3}.
    Json::Value Make(const Json::Value& request) const;

  private:
    Archive::IArchive& archive_;
    Engine::IInferenceEngine& engine_;
  };
}
