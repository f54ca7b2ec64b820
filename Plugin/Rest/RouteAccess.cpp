// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/RouteAccess.h"

#include <algorithm>
#include <array>

namespace H3K27M::Rest
{
  namespace
  {
    using enum Method;
    using enum Settings::Role;

    constexpr bool AUDITED = true;

    constexpr std::array ROUTES{
      // Hold nothing of the PACS: who may do nothing is told so by the dashboard.
      RouteAccess{Get, "access", "getAccess", None},
      RouteAccess{Get, "app", "openDashboard", None},
      RouteAccess{Get, "app.js", "enterDashboard", None},
      RouteAccess{Get, "app/{path}", "getDashboardFile", None},
      RouteAccess{Get, "openapi.json", "getOpenApi", None},

      // Looking.
      RouteAccess{Get, "status", "getStatus", Viewer},
      RouteAccess{Get, "cases", "listCases", Viewer},
      RouteAccess{Get, "cases/not-looked-at", "listNotLookedAt", Viewer},
      RouteAccess{Get, "cases/{study}", "getCase", Viewer},
      RouteAccess{Get, "cases/{study}/history", "getHistory", Viewer},
      RouteAccess{Get, "cases/{study}/label", "getLabel", Viewer},
      RouteAccess{Get, "cases/{study}/mask", "getMask", Viewer},
      RouteAccess{Get, "cases/{study}/mask-voxels", "getMaskVoxels", Viewer},
      RouteAccess{Get, "cases/{study}/review", "getReview", Viewer},
      RouteAccess{Get, "cases/{study}/view", "viewCase", Viewer},
      RouteAccess{Get, "cases/{study}/voxels", "getVoxels", Viewer},
      RouteAccess{Get, "routing", "findRouting", Viewer},
      RouteAccess{Get, "routing/{series}", "getRouting", Viewer},
      RouteAccess{Get, "queue", "listQueue", Viewer},
      RouteAccess{Get, "queue/{id}", "getTask", Viewer},
      RouteAccess{Get, "backfill", "getBackfill", Viewer},
      RouteAccess{Get, "deliveries", "listDeliveries", Viewer},
      RouteAccess{Get, "deliveries/{id}", "getDelivery", Viewer},
      RouteAccess{Get, "labels", "exportLabels", Viewer, AUDITED},
      RouteAccess{Get, "datasets", "listDatasets", Viewer},
      RouteAccess{Get, "models", "listModels", Viewer},
      RouteAccess{Get, "models/{name}", "getModel", Viewer},
      RouteAccess{Get, "models/{name}/shadow", "getShadow", Viewer},
      RouteAccess{Get, "runs", "listRuns", Viewer},
      RouteAccess{Get, "runs/compare", "compareRuns", Viewer},
      RouteAccess{Get, "runs/presets", "getRunPresets", Viewer},
      RouteAccess{Get, "runs/{run}", "getRun", Viewer},
      RouteAccess{Get, "runs/{run}/events", "getRunEvents", Viewer},
      RouteAccess{Get, "runs/{run}/artifacts", "listArtifacts", Viewer},
      RouteAccess{Get, "runs/{run}/artifacts/{path}", "getArtifact", Viewer},  // weights are audited by their handler

      // What is known of single studies.
      RouteAccess{Post, "cases/{study}/triage", "triageCase", Annotator},
      RouteAccess{Put, "cases/{study}/series", "chooseSeries", Annotator},
      RouteAccess{Delete, "cases/{study}/series", "withdrawSeries", Annotator},
      RouteAccess{Put, "cases/{study}/label", "putLabel", Annotator},
      RouteAccess{Post, "cases/{study}/label", "postLabel", Annotator},
      RouteAccess{Delete, "cases/{study}/label", "withdrawLabel", Annotator},
      RouteAccess{Put, "cases/{study}/mask", "putMask", Annotator},
      RouteAccess{Post, "cases/{study}/mask", "postMask", Annotator},
      RouteAccess{Delete, "cases/{study}/mask", "withdrawMask", Annotator},
      RouteAccess{Post, "cases/{study}/review", "addReview", Annotator},
      RouteAccess{Post, "labels", "importLabels", Annotator},
      RouteAccess{Post, "labels/dry-run", "rehearseLabelImport", Annotator},
      RouteAccess{Post, "queue/{id}/retry", "retryTask", Annotator},
      RouteAccess{Post, "deliveries/{id}/retry", "retryDelivery", Annotator},

      // Runs, and models in and out of the registry. A model in the registry computes nothing yet, whatever its gate
      // says, and one in shadow nothing that anybody is shown beside a case.
      RouteAccess{Post, "runs", "startRun", Trainer},
      RouteAccess{Post, "runs/{run}/cancel", "cancelRun", Trainer},
      RouteAccess{Post, "runs/{run}/resume", "resumeRun", Trainer},
      RouteAccess{Post, "models", "uploadModel", Trainer},
      RouteAccess{Get, "models/{name}/archive", "downloadModel", Trainer, AUDITED},
      RouteAccess{Post, "models/{name}/gate", "judgeGate", Trainer},
      RouteAccess{Put, "models/{name}/shadow", "startShadow", Trainer},
      RouteAccess{Delete, "models/{name}/shadow", "stopShadow", Trainer},

      // What changes the results of everybody, or the PACS as a whole.
      RouteAccess{Post, "models/{name}/promote", "promoteModel", Administrator},
      RouteAccess{Post, "models/{name}/rollback", "rollBackModel", Administrator},
      RouteAccess{Post, "queue/{id}/cancel", "cancelTask", Administrator},
      RouteAccess{Post, "backfill", "startBackfill", Administrator},
      RouteAccess{Delete, "backfill", "stopBackfill", Administrator},
      RouteAccess{Post, "status/engine-restart", "restartEngine", Administrator},
      RouteAccess{Post, "phantoms", "makePhantoms", Administrator},
      RouteAccess{Get, "audit", "listAudit", Administrator, AUDITED},
    };
  }

  std::span<const RouteAccess> ListRouteAccess() noexcept
  {
    return ROUTES;
  }

  RouteAccess FindRouteAccess(Method method, std::string_view pattern) noexcept
  {
    const auto* const found = std::find_if(ROUTES.begin(), ROUTES.end(), [&](const RouteAccess& route)
    { return route.method == method && route.pattern == pattern; });
    return found == ROUTES.end() ? RouteAccess{method, pattern, "undeclared", Administrator, AUDITED} : *found;
  }
}
