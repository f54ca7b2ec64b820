// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Engine/IInferenceEngine.h"
#include "Plugin/Labels/LabelImport.h"
#include "Plugin/Labels/StudyLabels.h"
#include "Plugin/Masks/MaskService.h"
#include "Plugin/Models/ModelChoice.h"
#include "Plugin/Models/ModelExchange.h"
#include "Plugin/Models/ShadowChoice.h"
#include "Plugin/Pipeline/PhantomStudies.h"
#include "Plugin/Pipeline/StudyIntake.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Pipeline/WorkerPool.h"
#include "Plugin/Rest/AccessPolicy.h"
#include "Plugin/Review/CaseView.h"
#include "Plugin/Review/StudyReviews.h"
#include "Plugin/Runs/GateJudgement.h"
#include "Plugin/Runs/RunComparison.h"
#include "Plugin/Runs/RunPool.h"
#include "Plugin/Settings/Settings.h"
#include "Plugin/WorkState/WorkStore.h"

#include <functional>

namespace H3K27M::Rest
{
  // What the routes work with. All are owned by the Runtime and outlive the router; all are thread-safe.
  struct Services
  {
    const Settings::Settings& settings;
    const AccessPolicy& access;
    Archive::IArchive& archive;
    WorkState::WorkStore& store;
    Engine::IInferenceEngine& engine;
    const Pipeline::StudyTriage& triage;
    Pipeline::StudyIntake& intake;
    Pipeline::WorkerPool& workers;
    const Pipeline::PhantomStudies& phantoms;
    Masks::MaskService& masks;
    const Models::ModelCatalog& models;
    Models::ModelChoice& modelChoice;
    Models::ShadowChoice& shadowChoice;
    Models::ModelExchange& exchange;
    const Datasets::DatasetSnapshot& datasets;
    const Review::CaseView& view;
    const Runs::RunFolders& runFolders;
    Runs::RunPool& runs;
    const Runs::RunComparison& runComparison;
    const Runs::GateJudgement& gates;
    const Labels::StudyLabels& labels;
    const Labels::LabelImport& labelImport;
    Review::StudyReviews& reviews;
    std::string version;
    std::function<void()> restartEngine;  // also when it was given up; returns at once
    std::function<void()> wakeDeliveries;
    std::function<void()> wakeShadow;
  };
}
