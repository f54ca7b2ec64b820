// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Orthanc/CoreConfiguration.h"
#include "UnitTests/Plugin/Orthanc/FakeCore.h"
#include "UnitTests/Support/LogRecorder.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <fstream>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    class CoreConfigurationTest : public testing::Test
    {
    protected:
      CoreConfigurationTest()
      {
        std::ofstream(GetPath("h3k27m")) << "engine";
        std::ofstream(GetPath("card.json")) << "{}";
        std::ofstream(GetPath("orthanc.json")) << "{}";
      }

      std::string GetPath(const std::string& name) const
      {
        return (folder_.GetPath() / name).string();
      }

      // With `keys` of the core, e.g. "\"StableAge\":60,".
      CoreConfiguration Read(const std::string& keys, const std::string& section = {})
      {
        core_.configuration = "{" + keys + "\"H3K27M\":{\"Engine\":\"" + GetPath("h3k27m") + "\",\"Model\":\"" +
                              folder_.GetPath().string() + "\"" + section + "}}";
        return CoreConfiguration::Read(core_.GetContext());
      }

      std::string GetStore(const std::string& storage) const
      {
        return "sqlite://" + GetPath(storage) + "/h3k27m-work.db";
      }

      Testing::TemporaryFolder folder_;
      Testing::FakeCore core_;
    };
  }

  TEST_F(CoreConfigurationTest, TheWorkStoreLiesBesideAnIndexWhosePathIsRelativeToTheConfigurationFile)
  {
    core_.arguments = {"--verbose", GetPath("orthanc.json")};
    EXPECT_EQ(GetStore("Store"), Read(R"("StorageDirectory":"Store",)").workStore);
    EXPECT_EQ(GetStore("Index"), Read(R"("StorageDirectory":"Store","IndexDirectory":"./Index",)").workStore);
    EXPECT_EQ(GetStore("OrthancStorage"), Read("").workStore);
  }

  TEST_F(CoreConfigurationTest, WebhooksHeedWhatTheCoreIsToldOfHttp)
  {
    core_.arguments = {GetPath("orthanc.json")};
    const HttpClientOptions standard = Read("").http;
    EXPECT_TRUE(standard.verifiesPeers && standard.certificates.empty() && standard.proxy.empty());
    const HttpClientOptions http =
      Read(R"("HttpsVerifyPeers":false,"HttpsCACertificates":"ca.crt","HttpProxy":"proxy:3128",)").http;
    EXPECT_FALSE(http.verifiesPeers);
    EXPECT_EQ(GetPath("ca.crt"), http.certificates);
    EXPECT_EQ("proxy:3128", http.proxy);
    EXPECT_EQ("/etc/ca.crt", Read(R"("HttpsCACertificates":"/etc/ca.crt",)").http.certificates);
  }

  TEST_F(CoreConfigurationTest, AFolderOfConfigurationFilesIsWhatPathsAreRelativeTo)
  {
    for (const char* const end : {"", "/"})
    {
      core_.arguments = {folder_.GetPath().string() + end};
      EXPECT_EQ(GetStore("Store"), Read(R"("StorageDirectory":"Store",)").workStore);
    }
  }

  TEST_F(CoreConfigurationTest, AnAbsolutePathStaysAsItIs)
  {
    core_.arguments = {GetPath("orthanc.json")};
    EXPECT_EQ("sqlite:///var/lib/db/h3k27m-work.db", Read(R"("StorageDirectory":"/var/lib/db",)").workStore);
  }

  TEST_F(CoreConfigurationTest, WithoutAConfigurationFilePathsAreRelativeToTheWorkingDirectory)
  {
    EXPECT_EQ("sqlite://" + (std::filesystem::current_path() / "Store/h3k27m-work.db").string(),
              Read(R"("StorageDirectory":"Store",)").workStore);
  }

  TEST_F(CoreConfigurationTest, WarnsOfARoleForAUserThatTheCoreDoesNotKnow)
  {
    const std::string roles = R"(,"Access":{"Roles":{"meier":"trainer","mayer":"administrator"})";
    const std::string users = R"("RegisteredUsers":{"meier":"secret"},"AuthenticationEnabled":)";
    const Testing::LogRecorder log;
    Read(users + "true,", roles + "}");
    ASSERT_EQ(1u, log.GetLines().size());
    EXPECT_THAT(log.GetLines()[0].second, testing::HasSubstr("'mayer' administrator"));
    EXPECT_THAT(log.GetLines()[0].second, testing::Not(testing::HasSubstr("secret")));

    // The names come from elsewhere, or nobody is asked for one.
    Read(users + "true,", roles + R"(,"UserHeader":"X-Remote-User"})");
    Read(users + "false,", roles + "}");
    EXPECT_EQ(1u, log.GetLines().size());
  }

  TEST_F(CoreConfigurationTest, UploadedModelsLieApartFromThoseOfRuns)
  {
    EXPECT_EQ(GetPath("Store/h3k27m-models"), Read("\"StorageDirectory\":\"" + GetPath("Store") + "\",").uploadsFolder);
    EXPECT_EQ("/m", Read("", R"(,"ModelsFolder":"/m","RunsFolder":"/r")").uploadsFolder);

    for (const char* const folders :
         {R"(,"ModelsFolder":"/r/models","RunsFolder":"/r")", R"(,"ModelsFolder":"/r","RunsFolder":"/r/runs/")",
          R"(,"ModelsFolder":"/r/","RunsFolder":"/r")", R"(,"ModelsFolder":"/m/../r","RunsFolder":"/r")"})
    {
      EXPECT_THROW(Read("", folders), Error) << folders;
    }
  }

  TEST_F(CoreConfigurationTest, HowManyStorageCommitmentsTheCoreRemembersIsKnown)
  {
    EXPECT_EQ(100u, Read("").commitmentReports);
    EXPECT_EQ(20u, Read(R"("StorageCommitmentReportsSize":20,)").commitmentReports);
  }

  TEST_F(CoreConfigurationTest, WhatTellsThisOrthancFromOthersIsKnownAndNothingIsWrittenYet)
  {
    core_.arguments = {GetPath("orthanc.json")};
    const Installation standard = Read("").installation;
    EXPECT_FALSE(standard.host.empty());
    EXPECT_EQ(GetPath("OrthancStorage"), standard.folder);
    EXPECT_EQ(8042u, standard.httpPort);
    EXPECT_EQ(4242u, standard.dicomPort);
    EXPECT_FALSE(std::filesystem::exists(standard.folder));

    const Installation other = Read(R"("HttpPort":8043,"DicomPort":4243,"IndexDirectory":"Index",)").installation;
    EXPECT_EQ(GetPath("Index"), other.folder);
    EXPECT_EQ(8043u, other.httpPort);
    EXPECT_EQ(4243u, other.dicomPort);
  }

  TEST_F(CoreConfigurationTest, BothStableAgesAreKnown)
  {
    const CoreConfiguration own = Read(R"("StableAge":60,)", R"(,"StableAgeSeconds":5)");
    EXPECT_EQ(std::chrono::seconds(5), own.stableAge);
    EXPECT_EQ(std::chrono::seconds(60), own.coreStableAge);

    const CoreConfiguration core = Read(R"("StableAge":20,)");
    EXPECT_EQ(std::chrono::seconds(20), core.stableAge);
    EXPECT_EQ(std::chrono::seconds(20), core.coreStableAge);
  }
}
