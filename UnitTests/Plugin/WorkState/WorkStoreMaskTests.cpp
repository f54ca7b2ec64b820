// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/WorkState/OpenWorkStoreTest.h"

namespace H3K27M::Testing
{
  using namespace WorkState;

  namespace
  {
    StudyMask MakeMask(const std::string& study, bool synthetic = false)
    {
      StudyMask mask;
      mask.studyId = study;
      mask.studyInstanceUid = "1.2." + study;
      mask.seriesId = "series-" + study;
      mask.instanceId = "instance-" + study;
      mask.sopInstanceUid = "2.25.7";
      mask.algorithmType = "SEMIAUTOMATIC";
      mask.creator = "\xE6\x9D\x8E^\xE4\xBC\x9F";
      mask.synthetic = synthetic;
      mask.recordedAt = 1000;
      return mask;
    }
  }

  class WorkStoreMaskContract : public OpenWorkStoreTest
  {
  protected:
    std::vector<std::string> ListStudies(std::optional<bool> masked)
    {
      TaskQuery query;
      query.masked = masked;
      query.order = TaskOrder::Created;
      query.descending = false;
      std::vector<std::string> studies;

      for (const Task& task : store_->List(query).tasks)
      {
        studies.push_back(task.studyId);
      }

      return studies;
    }
  };

  TEST_P(WorkStoreMaskContract, KeepsEveryField)
  {
    store_->GetMasks().Put(MakeMask("a"));
    EXPECT_EQ(MakeMask("a"), store_->GetMasks().Find("a"));
    EXPECT_EQ(MakeMask("a"), store_->GetMasks().FindBySeries("series-a"));
    EXPECT_EQ(0u, store_->GetReviews().Count()) << "a table of its own";
  }

  TEST_P(WorkStoreMaskContract, ListsStudiesWithAndWithoutAPersonsMask)
  {
    for (const char* const study : {"drawn", "planted", "none"})
    {
      store_->Enqueue(MakeRequest(study));
    }

    store_->GetMasks().Put(MakeMask("drawn"));
    store_->GetMasks().Put(MakeMask("planted", true));
    EXPECT_EQ(3u, ListStudies(std::nullopt).size());
    EXPECT_EQ(std::vector<std::string>{"drawn"}, ListStudies(true));
    EXPECT_EQ(2u, ListStudies(false).size());
  }

  TEST_P(WorkStoreMaskContract, GoesWithItsStudy)
  {
    store_->GetMasks().Put(MakeMask("a"));
    store_->Forget("a");
    EXPECT_FALSE(store_->GetMasks().Find("a"));
  }

  INSTANTIATE_TEST_SUITE_P(Database, WorkStoreMaskContract, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);
}
