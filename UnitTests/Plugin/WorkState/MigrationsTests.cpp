// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/WorkState/Connections.h"
#include "Plugin/WorkState/Migrations.h"
#include "UnitTests/Plugin/WorkState/WorkStoreTestBase.h"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

namespace H3K27M::Testing
{
  using namespace WorkState;

  class MigrationsTests : public WorkStoreTestBase
  {
  };

  TEST_P(MigrationsTests, GoesDownToNothingAndUpAgain)
  {
    Open()->Enqueue(MakeRequest("study"));

    const auto session = ConnectDirectly();
    Migrations migrations(*session, GetParam());
    migrations.MigrateTo(0);
    EXPECT_THROW(*session << "SELECT id FROM h3k27m_tasks", soci::soci_error);
    EXPECT_THROW(*session << "SELECT id FROM h3k27m_audit", soci::soci_error);
    migrations.MigrateTo(migrations.GetLatest());

    EXPECT_FALSE(Open()->FindByStudy("study"));
  }

  TEST_P(MigrationsTests, AStoreWithoutLabelsGetsThemAndKeepsItsTasks)
  {
    Open()->Enqueue(MakeRequest("study"));
    {
      const auto session = ConnectDirectly();
      Migrations(*session, GetParam()).MigrateTo(1);
      EXPECT_THROW(*session << "SELECT study_id FROM h3k27m_labels", soci::soci_error);
    }

    const auto store = Open();
    EXPECT_TRUE(store->FindByStudy("study"));
    EXPECT_EQ(0u, store->GetLabels().Count());
  }

  TEST_P(MigrationsTests, AStoreWithoutReviewsGetsThemAndKeepsItsLabels)
  {
    StudyLabel label;
    label.studyId = "study";
    Open()->GetLabels().Put(label);
    {
      const auto session = ConnectDirectly();
      Migrations(*session, GetParam()).MigrateTo(3);
      EXPECT_THROW(*session << "SELECT study_id FROM h3k27m_reviews", soci::soci_error);
    }

    const auto store = Open();
    EXPECT_TRUE(store->GetLabels().Find("study"));
    EXPECT_EQ(0u, store->GetReviews().Count());
  }

  TEST_P(MigrationsTests, AStoreWithoutMasksGetsThemAndKeepsItsReviews)
  {
    StudyReview review;
    review.studyId = "study";
    Open()->GetReviews().Put(review);
    {
      const auto session = ConnectDirectly();
      Migrations(*session, GetParam()).MigrateTo(7);
      EXPECT_THROW(*session << "SELECT study_id FROM h3k27m_masks", soci::soci_error);
    }

    const auto store = Open();
    EXPECT_TRUE(store->GetReviews().Find("study"));
    EXPECT_EQ(0u, store->GetMasks().Count());
  }

  TEST_P(MigrationsTests, TasksFromBeforeTheyWereCountedAreCounted)
  {
    Open()->Enqueue(MakeRequest("earlier"));
    {
      const auto session = ConnectDirectly();
      Migrations(*session, GetParam()).MigrateTo(8);
      EXPECT_THROW(*session << "SELECT n FROM h3k27m_task_counts", soci::soci_error);
    }

    const auto store = Open();
    store->Enqueue(MakeRequest("later"));
    EXPECT_EQ(2u, store->GetCounters().byState.at(TaskState::Queued));
  }

  TEST_P(MigrationsTests, AnOldAuditIsKeptAndNoEntryCanBeChanged)
  {
    Open();
    const auto session = ConnectDirectly();
    Migrations migrations(*session, GetParam());
    migrations.MigrateTo(4);
    *session << "INSERT INTO h3k27m_audit (at, who, what, subject, details) VALUES (1, 'rest', 'label', 'study', '')";

    EXPECT_EQ("label", Open()->ListAudit({"study", 0, 10}).at(0).what);
    EXPECT_THROW(*session << "UPDATE h3k27m_audit SET who = 'nobody'", soci::soci_error);
  }

  TEST_P(MigrationsTests, RefusesASchemaOfALaterRelease)
  {
    Open();
    const auto session = ConnectDirectly();
    *session << "UPDATE h3k27m_schema SET version = 99";

    try
    {
      Open();
      FAIL() << "a newer schema was accepted";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Corrupt, e.GetCode());
      EXPECT_FALSE(e.CanRetry());
      EXPECT_NE(std::string::npos, std::string(e.what()).find("99"));
    }

    int version = 0;
    *session << "SELECT version FROM h3k27m_schema", soci::into(version);
    EXPECT_EQ(99, version);
  }

  TEST_P(MigrationsTests, LetsSeveralServersStartAtOnce)
  {
    std::vector<std::thread> servers;
    std::atomic<int> failed = 0;

    for (int i = 0; i < 4; i++)
    {
      servers.emplace_back([&]
      {
        try
        {
          Open();
        }
        catch (const Error& e)
        {
          ADD_FAILURE() << e.what();
          failed++;
        }
      });
    }

    for (std::thread& server : servers)
    {
      server.join();
    }

    EXPECT_EQ(0, failed);
    const auto session = ConnectDirectly();
    int rows = 0;
    *session << "SELECT COUNT(*) FROM h3k27m_schema", soci::into(rows);
    EXPECT_EQ(1, rows);
  }

  INSTANTIATE_TEST_SUITE_P(Database, MigrationsTests, ::testing::Values(Dialect::Sqlite, Dialect::PostgreSql),
                           GetDialectName);

  TEST(Migrations, SplitsScriptsAtLineEndsAndDropsComments)
  {
    const auto statements = Migrations::SplitStatements("-- about; this\nCREATE a\n  (b);  -- why: so\n\nDROP c;\n");
    EXPECT_EQ((std::vector<std::string>{"CREATE a\n  (b)", "DROP c"}), statements);
    EXPECT_THROW(Migrations::SplitStatements("DROP a;\nDROP b"), Error);
  }

  TEST(Connections, TurnLibpqsUriIntoWords)
  {
    const std::string words = TranslateForSoci("postgresql://user:p%40ss@server:5433/h3k27m?connect_timeout=3");

    for (const char* word :
         {"user=user", "password=p@ss", "host=server", "port=5433", "dbname=h3k27m", "connect_timeout=3"})
    {
      EXPECT_NE(std::string::npos, (" " + words + " ").find(std::string(" ") + word + " ")) << word;
    }

    EXPECT_THAT(TranslateForSoci("dbname=h3k27m"), testing::HasSubstr("dbname=h3k27m"));
    EXPECT_THROW(TranslateForSoci("postgresql://user:a%20b@server/h3k27m"), Error);
    EXPECT_THROW(TranslateForSoci("nonsense=1"), Error);
  }

  // A lease that cannot be renewed must be known to be lost before it is over.
  TEST(Connections, DoNotWaitForAServerThatIsCutOff)
  {
    const std::string words = TranslateForSoci("dbname=h3k27m keepalives_idle=60");
    EXPECT_THAT(words, testing::HasSubstr("tcp_user_timeout=30000"));
    EXPECT_THAT(words, testing::HasSubstr("connect_timeout=10"));
    EXPECT_THAT(words, testing::HasSubstr("keepalives_idle=60")) << "what was said counts";
  }

  TEST(WorkStore, NamesAFileThatIsNoDatabase)
  {
    const TemporaryFolder folder;
    const FakeClock clock;
    const std::string path = (folder.GetPath() / "work.db").string();
    std::ofstream(path) << "This file holds text that is long enough to be looked at, and no database whatsoever.";
    StoreOptions options;
    options.connection = "sqlite://" + path;

    try
    {
      WorkStore::Open(options, clock);
      FAIL() << "a text file was taken for a database";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Corrupt, e.GetCode()) << e.what();
    }
  }

  // The test of several servers at once failed now and then: SQLite does not wait by itself for the lock under which a new
  // file becomes a write-ahead one.
  TEST(WorkStore, WaitsForAnotherServerThatHoldsTheNewFile)
  {
    const TemporaryFolder folder;
    const FakeClock clock;
    const std::string path = (folder.GetPath() / "work.db").string();
    StoreOptions options;
    options.connection = "sqlite://" + path;
    soci::session other("sqlite3", "db=\"" + path + "\"");
    other << "CREATE TABLE of_the_other (number INTEGER)";
    other << "BEGIN IMMEDIATE";

    options.lockTimeout = std::chrono::seconds(0);

    try
    {
      WorkStore::Open(options, clock);
      FAIL() << "a file that is locked was opened";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Unavailable, e.GetCode()) << e.what();
    }

    options.lockTimeout = std::chrono::seconds(30);
    std::thread release([&other]
    {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      other << "COMMIT";
    });
    EXPECT_NO_THROW(WorkStore::Open(options, clock));
    release.join();
  }

  TEST(WorkStore, SaysThatAServerCannotBeReachedWithoutItsPassword)
  {
    const FakeClock clock;
    StoreOptions options;
    options.connection = "postgresql://someone:geheim@127.0.0.1:1/nothing";

    try
    {
      WorkStore::Open(options, clock);
      FAIL() << "a server answered on port 1";
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Unavailable, e.GetCode());
      EXPECT_TRUE(e.CanRetry());
      EXPECT_EQ(std::string::npos, std::string(e.what()).find("geheim")) << e.what();
    }
  }
}
