// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Router.h"
#include "Plugin/Rest/Services.h"

namespace H3K27M::Rest
{
  // Every route below /h3k27m/, as Resources/openapi.json describes them. `services` must outlive the router.
  void AddStatusRoutes(Router& router, const Services& services);    // status, openapi.json
  void AddAccessRoutes(Router& router, const Services& services);    // access, audit
  void AddCaseRoutes(Router& router, const Services& services);      // cases, what was not looked at, routing, series
  void AddLabelRoutes(Router& router, const Services& services);     // cases/{study}/label, labels
  void AddReviewRoutes(Router& router, const Services& services);    // cases/{study}/review
  void AddMaskRoutes(Router& router, const Services& services);      // cases/{study}/mask
  void AddQueueRoutes(Router& router, const Services& services);     // queue, backfill
  void AddDeliveryRoutes(Router& router, const Services& services);  // deliveries
  void AddModelRoutes(Router& router, const Services& services);     // models
  void AddShadowRoutes(Router& router, const Services& services);    // models/{name}/shadow
  void AddViewRoutes(Router& router, const Services& services);      // cases/{study}/view, voxels, mask-voxels; app
  void AddRunRoutes(Router& router, const Services& services);       // runs, datasets
  void AddPhantomRoutes(Router& router, const Services& services);   // phantoms
}
