// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/WorkState/Migrations.h"
#include "Plugin/WorkState/WorkStore.h"
#include "UnitTests/Support/FakeClock.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gtest/gtest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Testing
{
  using namespace WorkState;

  // A work store that an earlier release left is opened by this one, and all of it is there. StoredStores/RELEASE holds
  // such a store as SQL, each statement ending at the end of a line, as the program sqlite3 writes it for `.dump`.
  // Before a release that changes the schema, add its own: what is there already stays as it is.
  class StoredStoreTest : public ::testing::Test
  {
  protected:
    static constexpr const char* STORES = "UnitTests/Plugin/WorkState/StoredStores";  // tests run in the root
    static constexpr const char* DONE = "11111111-11111111-11111111-11111111-11111111";
    static constexpr const char* DEAD = "22222222-22222222-22222222-22222222-22222222";
    static constexpr const char* QUEUED = "33333333-33333333-33333333-33333333-33333333";
    static constexpr const char* RUNNING = "44444444-44444444-44444444-44444444-44444444";
    static constexpr UnixMs BEGIN = 1780000000000;  // what was written then was written some seconds later
    static constexpr std::chrono::milliseconds LEASE{60000};

    std::unique_ptr<soci::session> Connect(const std::string& name) const
    {
      return std::make_unique<soci::session>(soci::sqlite3, "db=\"" + (folder_.GetPath() / name).string() + "\"");
    }

    // A file of that name, as the release left it.
    void Restore(const std::filesystem::path& release, const std::string& name) const
    {
      std::ifstream file(release / "work.sql");
      ASSERT_TRUE(file) << release;
      const std::string script((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      const auto session = Connect(name);
      *session << "PRAGMA synchronous = OFF";  // a test's file need not survive a power cut

      for (const std::string& statement : Migrations::SplitStatements(script))
      {
        *session << statement;
      }
    }

    std::unique_ptr<WorkStore> Open(const std::string& name) const
    {
      StoreOptions options;
      options.connection = "sqlite://" + (folder_.GetPath() / name).string();
      return WorkStore::Open(options, clock_);
    }

    // Of release 0.1.0, opened by this one.
    std::unique_ptr<WorkStore> OpenFirst() const
    {
      Restore(std::filesystem::path(STORES) / "0.1.0", "work.db");
      return Open("work.db");
    }

    static int ReadVersion(soci::session& session)
    {
      int version = 0;
      session << "SELECT version FROM h3k27m_schema", soci::into(version);
      return version;
    }

    // What was created, by name.
    static std::map<std::string, std::string> ReadSchema(soci::session& session)
    {
      std::string name;
      std::string sql;
      soci::statement statement =
        (session.prepare << "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name LIKE 'h3k27m%'",
         soci::into(name), soci::into(sql));
      std::map<std::string, std::string> schema;

      for (bool found = statement.execute(true); found; found = statement.fetch())
      {
        schema[name] = sql;
      }

      return schema;
    }

    TemporaryFolder folder_;
    FakeClock clock_;
  };

  TEST_F(StoredStoreTest, TheScriptsOfAReleaseAreNotChangedAfterIt)
  {
    std::size_t releases = 0;

    for (const auto& release : std::filesystem::directory_iterator(STORES))
    {
      const std::string name = release.path().filename().string();
      Restore(release.path(), name);
      const auto stored = Connect(name);
      const auto made = Connect("made-" + name);
      Migrations(*made, Dialect::Sqlite).MigrateTo(ReadVersion(*stored));
      EXPECT_EQ(ReadSchema(*stored), ReadSchema(*made)) << name;
      releases++;
    }

    EXPECT_GT(releases, 0u);
  }

  TEST_F(StoredStoreTest, IsBroughtToTheSchemaOfToday)
  {
    OpenFirst();
    const auto session = Connect("work.db");
    EXPECT_EQ(Migrations(*session, Dialect::Sqlite).GetLatest(), ReadVersion(*session));
  }

  TEST_F(StoredStoreTest, WhatWasDoneIsKeptAndWhatWasLeftIsDone)
  {
    const auto store = OpenFirst();
    const std::optional<Task> done = store->FindByStudy(DONE);
    ASSERT_TRUE(done);
    EXPECT_EQ(TaskState::Done, done->state);
    EXPECT_EQ("2.25.1001", done->studyInstanceUid);
    EXPECT_EQ("55555555-55555555-55555555-55555555-55555555", done->seriesId);
    EXPECT_EQ("f111111111111111", done->fingerprint);
    EXPECT_EQ(2u, done->attempts);
    EXPECT_EQ(std::optional<double>(0.9375), done->probabilityAltered);
    EXPECT_EQ(std::optional<double>(12345.5), done->volumeMm3);
    EXPECT_EQ(BEGIN + 9000, done->finishedAt);
    EXPECT_EQ("{\"model\":{\"name\":\"phantom-demonstration\"},\"prediction\":{\"status\":\"altered\"},"
              "\"volume_mm3\":12345.5}",
              done->resultJson);

    const std::optional<Task> dead = store->FindByStudy(DEAD);
    ASSERT_TRUE(dead);
    EXPECT_EQ(TaskState::Dead, dead->state);
    EXPECT_EQ(5u, dead->attempts);
    EXPECT_EQ("the engine ended by signal 9", dead->reason);
    EXPECT_FALSE(dead->probabilityAltered);

    const TaskCounters counters = store->GetCounters();

    for (const TaskState state : {TaskState::Done, TaskState::Dead, TaskState::Queued, TaskState::Running})
    {
      EXPECT_EQ(1u, counters.byState.at(state)) << ToString(state);
    }

    EXPECT_EQ(4u, store->List({}).total);

    // The one that ran when the earlier release was stopped, and the one that waited.
    EXPECT_EQ(1u, store->RecoverLeases(std::nullopt, 3));
    EXPECT_EQ(QUEUED, store->Claim("orthanc-2", LEASE).value().studyId) << "the urgent one first";
    EXPECT_EQ(RUNNING, store->Claim("orthanc-2", LEASE).value().studyId);
    EXPECT_FALSE(store->Claim("orthanc-2", LEASE));

    EnqueueRequest request;
    request.studyId = "new";
    EXPECT_EQ(EnqueueOutcome::Inserted, store->Enqueue(request));
    EXPECT_EQ(5, store->FindByStudy("new").value().id) << "no number is given out twice";
    EXPECT_EQ(1u, store->GetCounters().byState.at(TaskState::Queued));
  }

  TEST_F(StoredStoreTest, WhatPeopleSaidIsKept)
  {
    const auto store = OpenFirst();
    StudyLabel label;
    label.studyId = DONE;
    label.studyInstanceUid = "2.25.1001";
    label.seriesId = "66666666-66666666-66666666-66666666-66666666";
    label.instanceId = "cccccccc-cccccccc-cccccccc-cccccccc-cccccccc";
    label.sopInstanceUid = "2.25.2001";
    label.genotype = "altered";
    label.assay = "pyrosequencing";
    label.gene = "H3F3A";
    label.site = "Site A";
    label.preOperative = true;
    label.split = "external";
    label.annotator = "Expert^One";
    label.source = "REST";
    label.recordedAt = BEGIN + 9500;
    EXPECT_EQ(label, store->GetLabels().Find(DONE));

    StudyReview review;
    review.studyId = DONE;
    review.studyInstanceUid = "2.25.1001";
    review.seriesId = "77777777-77777777-77777777-77777777-77777777";
    review.instanceId = "dddddddd-dddddddd-dddddddd-dddddddd-dddddddd";
    review.sopInstanceUid = "2.25.2002";
    review.decision = "rejected";
    review.status = "wild-type";
    review.reason = "the outline is of an artefact";
    review.reviewer = "Expert^Two";
    review.organisation = "Clinic";
    review.reportUid = "2.25.2000";
    review.recordedAt = BEGIN + 9700;
    EXPECT_EQ(review, store->GetReviews().Find(DONE));

    StudyMask mask;
    mask.studyId = DONE;
    mask.studyInstanceUid = "2.25.1001";
    mask.seriesId = "88888888-88888888-88888888-88888888-88888888";
    mask.instanceId = "eeeeeeee-eeeeeeee-eeeeeeee-eeeeeeee-eeeeeeee";
    mask.sopInstanceUid = "2.25.2003";
    mask.algorithmType = "MANUAL";
    mask.creator = "Expert^One";
    mask.recordedAt = BEGIN + 9800;
    EXPECT_EQ(mask, store->GetMasks().Find(DONE));
  }

  TEST_F(StoredStoreTest, TheAuditIsKeptAndStillOnlyAppendedTo)
  {
    const auto store = OpenFirst();
    const std::vector<AuditEntry> entries = store->ListAudit({});
    ASSERT_EQ(2u, entries.size());
    EXPECT_EQ(2, entries[0].id);
    EXPECT_EQ(BEGIN + 9600, entries[0].at);
    EXPECT_EQ("reader", entries[0].who);
    EXPECT_EQ("putLabel", entries[0].what);
    EXPECT_EQ(DONE, entries[0].subject);
    EXPECT_EQ("annotator", entries[0].role);
    EXPECT_EQ("done", entries[0].outcome);
    EXPECT_EQ("rest", entries[1].who);
    EXPECT_EQ("label", entries[1].what);
    EXPECT_EQ("{\"genotype\":\"altered\"}", entries[1].details);
    EXPECT_EQ("", entries[1].outcome);

    const auto session = Connect("work.db");
    EXPECT_THROW(*session << "UPDATE h3k27m_audit SET who = 'nobody'", soci::soci_error);
    AuditEntry entry;
    entry.what = "later";
    store->AppendAudit(entry);
    EXPECT_EQ(3, store->ListAudit({}).at(0).id);
  }

  TEST_F(StoredStoreTest, ModelsInForceCursorsAndKeysAreKept)
  {
    const auto store = OpenFirst();
    EXPECT_EQ(std::optional<std::int64_t>(4711), store->GetCursor("changes"));
    EXPECT_EQ(std::optional<std::string>("00112233445566778899aabbccddeeff"), store->GetValue("dataset/key"));
    EXPECT_EQ(std::optional<std::string>("cross-validate-20260501T120000-abc123"), store->GetValue("model/current"));
    EXPECT_EQ(std::optional<std::string>("[\"phantom-demonstration\"]"), store->GetValue("model/before"));
  }

  TEST_F(StoredStoreTest, RunsAreKeptAndOneThatWasInterruptedGoesOn)
  {
    const auto store = OpenFirst();
    const std::optional<WorkState::Run> done = store->GetRuns().Find("cross-validate-20260501T120000-abc123");
    ASSERT_TRUE(done);
    EXPECT_EQ(RunState::Done, done->state);
    EXPECT_EQ("cross-validate", done->kind);
    EXPECT_EQ("{\"kind\":\"cross-validate\",\"config\":{\"seed\":1}}", done->requestJson);
    EXPECT_EQ("0123456789abcdef", done->datasetId);
    EXPECT_EQ("{\"out_of_fold\":{\"auroc\":{\"value\":0.9}}}", done->resultJson);
    EXPECT_EQ(BEGIN + 300, done->finishedAt);

    const std::optional<WorkState::Run> next = store->GetRuns().Claim("orthanc-2", LEASE, 1);
    ASSERT_TRUE(next);
    EXPECT_EQ("pretrain-20260501T130000-def456", next->id);
    EXPECT_EQ("{\"kind\":\"pretrain\",\"phantoms\":2}", next->requestJson);
    EXPECT_EQ(2u, next->attempts);
  }

  TEST_F(StoredStoreTest, WhatWasSentIsKnownAndWhatWasNotIsSent)
  {
    const auto store = OpenFirst();
    DeliveryQueue& deliveries = store->GetDeliveries();
    EXPECT_EQ(2u, deliveries.List({}).total);
    const std::optional<Delivery> sent = deliveries.Find(1);
    ASSERT_TRUE(sent);
    EXPECT_EQ(DeliveryState::Confirmed, sent->state);
    EXPECT_EQ(DONE, sent->studyId);
    EXPECT_EQ("pacs", sent->rule);
    EXPECT_EQ("k1", sent->resultKey);
    EXPECT_FALSE(sent->isPending);
    EXPECT_EQ(BEGIN + 9100, sent->deliveredAt);

    EXPECT_FALSE(deliveries.Claim("pacs", "orthanc-2", LEASE));
    const std::optional<Delivery> next = deliveries.Claim("webhook", "orthanc-2", LEASE);
    ASSERT_TRUE(next);
    EXPECT_EQ(2, next->id);
    EXPECT_EQ(3u, next->attempts);
    EXPECT_EQ("{\"sr\":\"aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa\"}", next->resultJson);
  }

  TEST_F(StoredStoreTest, WhatCandidatesSaidAndHowAttemptsEndedIsKept)
  {
    const auto store = OpenFirst();
    const std::vector<ShadowResult> shadows = store->GetShadows().List({"candidate", "aa11"}, 10);
    ASSERT_EQ(1u, shadows.size());
    EXPECT_EQ(DONE, shadows[0].studyId);
    EXPECT_EQ("wild-type", shadows[0].candidate.status);
    EXPECT_EQ(std::optional<double>(0.25), shadows[0].candidate.probabilityAltered);
    EXPECT_FALSE(shadows[0].candidate.volumeMm3);
    EXPECT_EQ((ShadowModel{"phantom-demonstration", "bb22"}), shadows[0].current.model);
    EXPECT_EQ(std::optional<double>(0.9375), shadows[0].current.probabilityAltered);
    EXPECT_EQ(BEGIN + 9900, shadows[0].comparedAt);

    const std::vector<Attempt> attempts = store->GetAttempts().List(DONE, 10);
    ASSERT_EQ(2u, attempts.size());
    EXPECT_EQ(TaskState::Done, attempts[0].state);
    EXPECT_EQ(2u, attempts[0].number);
    EXPECT_EQ("{\"model\":\"phantom-demonstration\",\"status\":\"altered\"}", attempts[0].details);
    EXPECT_EQ(TaskState::Failed, attempts[1].state);
    EXPECT_EQ("the engine ended by signal 9", attempts[1].details);
    EXPECT_EQ(BEGIN + 4000, attempts[1].endedAt);
  }
}
