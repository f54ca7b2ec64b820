// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/Attempt.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <json/value.h>

#include <cstddef>
#include <span>

namespace H3K27M::Rest
{
  // What happened to a case, the newest first and at most `limit`: how its attempts ended, and what people did of it.
  // What was refused or failed is left to the audit, as is who asked for what stands here by its content.
  Json::Value ToHistoryJson(std::span<const WorkState::Attempt> attempts, std::span<const WorkState::AuditEntry> audit,
                            std::size_t limit);
}
