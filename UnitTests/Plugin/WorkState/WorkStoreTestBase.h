// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/SchemaScripts.h"
#include "Plugin/WorkState/WorkStore.h"
#include "UnitTests/Support/FakeClock.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gtest/gtest.h>
#include <soci/soci.h>

#include <memory>
#include <string>

namespace H3K27M::Testing
{
  // One contract for both databases: an empty store in SQLite, and in the PostgreSQL that the environment variable
  // H3K27M_TEST_POSTGRESQL names ("postgresql://..."); its tables named h3k27m_* are dropped.
  class WorkStoreTestBase : public ::testing::TestWithParam<WorkState::Dialect>
  {
  protected:
    void SetUp() override;

    WorkState::StoreOptions GetOptions() const;

    // A connection beside the store's, to look or to spoil.
    std::unique_ptr<soci::session> ConnectDirectly() const;

    std::unique_ptr<WorkState::WorkStore> Open();

    static WorkState::EnqueueRequest MakeRequest(const std::string& study, const std::string& fingerprint = "f1",
                                                 WorkState::Priority priority = WorkState::Priority::Routine);

    TemporaryFolder folder_;
    FakeClock clock_;

  private:
    std::string connection_;
  };

  std::string GetDialectName(const ::testing::TestParamInfo<WorkState::Dialect>& info);
}
