// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/AttemptTable.h"
#include "Plugin/WorkState/AuditTable.h"
#include "Plugin/WorkState/DeliveryQueue.h"
#include "Plugin/WorkState/ReportTable.h"
#include "Plugin/WorkState/RunQueue.h"
#include "Plugin/WorkState/ShadowTable.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

namespace H3K27M::WorkState
{
  // The tables of a work store, all but h3k27m_tasks, whose rows change in transactions of their own. Not for others.
  struct WorkStoreTables
  {
    // Both references must outlive this object.
    WorkStoreTables(Connections& connections, const Support::IClock& clock, const StoreOptions& options) :
      labels(connections),
      reviews(connections),
      masks(connections),
      runs(connections, clock),
      audit(connections, clock, options.auditDays),
      attempts(connections),
      deliveries(connections, clock),
      shadows(connections, clock)
    {
    }

    LabelTable labels;
    ReviewTable reviews;
    MaskTable masks;
    RunQueue runs;
    AuditTable audit;
    AttemptTable attempts;
    DeliveryQueue deliveries;
    ShadowTable shadows;
  };
}
