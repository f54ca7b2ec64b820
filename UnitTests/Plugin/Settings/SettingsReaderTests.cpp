// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Settings/SettingsReader.h"

#include <gtest/gtest.h>
#include <json/reader.h>

#include <fstream>
#include <limits>
#include <map>

namespace H3K27M::Testing
{
  using namespace H3K27M::Settings;

  namespace
  {
    Settings::Settings Read(const std::string& json)
    {
      return ReadSettings(Protocol::ParseJson(json));
    }

    std::string GetRefusal(const std::string& json)
    {
      try
      {
        Read(json);
      }
      catch (const Error& e)
      {
        EXPECT_EQ(ErrorCode::BadInput, e.GetCode());
        return e.what();
      }

      return "accepted";
    }

    Json::Value LoadWithComments(const std::string& path)
    {
      std::ifstream file(path);
      Json::Value json;
      std::string faults;
      EXPECT_TRUE(Json::parseFromStream(Json::CharReaderBuilder(), file, &json, &faults)) << faults;
      return json;
    }

    // Numbers compare by value: 30 in the file is 30.0 in the settings.
    void ExpectSame(const Json::Value& documented, const Json::Value& actual, const std::string& path)
    {
      if (documented.isObject() && actual.isObject())
      {
        EXPECT_EQ(actual.getMemberNames(), documented.getMemberNames()) << path;

        for (const std::string& key : documented.getMemberNames())
        {
          ExpectSame(documented[key], actual[key], path + "." + key);
        }
      }
      else if (documented.isNumeric() && actual.isNumeric() && !documented.isBool())
      {
        EXPECT_EQ(documented.asDouble(), actual.asDouble()) << path;
      }
      else
      {
        EXPECT_EQ(documented, actual) << path;
      }
    }
  }

  TEST(SettingsReader, ReadsRolesAndNamesTheOneThatIsWrong)
  {
    const Settings::Settings settings =
      Read(R"({"Access": {"Roles": {"ada": "administrator"}, "AnonymousRole": "none", "AuditDays": 30}})");
    EXPECT_EQ(Role::Administrator, settings.access.roles.at("ada"));
    EXPECT_EQ(Role::Viewer, settings.access.defaultRole);
    EXPECT_EQ(Role::None, settings.access.anonymousRole);
    EXPECT_EQ(30u, settings.access.auditDays);

    for (const auto& [json, key] :
         std::map<std::string, std::string>{{R"({"Access": {"Roles": {"ada": "boss"}}})", "H3K27M.Access.Roles.ada"},
                                            {R"({"Access": {"Roles": {"ada": null}}})", "H3K27M.Access.Roles"},
                                            {R"({"Access": {"Roles": ["ada"]}})", "H3K27M.Access.Roles"},
                                            {R"({"Access": {"DefaultRole": "Viewer"}})", "H3K27M.Access.DefaultRole"},
                                            {R"({"Access": {"UserHeader": "X-User: x"}})", "H3K27M.Access.UserHeader"},
                                            {R"({"Access": {"AuditDays": -1}})", "H3K27M.Access.AuditDays"},
                                            {R"({"Access": {"Role": {}}})", "H3K27M.Access.Role"}})
    {
      EXPECT_NE(std::string::npos, GetRefusal(json).find(key)) << json << ": " << GetRefusal(json);
    }
  }

  TEST(SettingsReader, DocumentsEveryOptionWithItsDefault)
  {
    const Json::Value json = LoadWithComments("Resources/Configuration.json");
    ASSERT_TRUE(json["H3K27M"].isObject());
    ExpectSame(json["H3K27M"], ToJson(Settings::Settings()), "H3K27M");
    EXPECT_EQ(Settings::Settings(), ReadSettings(json["H3K27M"]));
  }

  TEST(SettingsReader, DescribesEveryOptionAboveIt)
  {
    std::ifstream file("Resources/Configuration.json");
    std::string line;
    std::string before;
    bool inRouting = false;

    while (std::getline(file, line))
    {
      inRouting =
        (inRouting || line.find("\"Routing\"") != std::string::npos) && line.find("\"Limits\"") == std::string::npos;

      // One comment may stand above a group of lines that belong together: ranges, lists of words.
      if (line.starts_with("    \"") && !inRouting)
      {
        EXPECT_NE(std::string::npos, before.find("//")) << line;
      }

      before = line;
    }
  }

  TEST(SettingsReader, TakesTheDefaultsWhenThereIsNoSection)
  {
    EXPECT_EQ(Settings::Settings(), ReadSettings(Json::Value()));
    EXPECT_EQ(Settings::Settings(), Read("{}"));
    EXPECT_EQ(Settings::Settings(), Read(R"({"Triage": null, "Routing": {}, "Limits": null})"));
  }

  TEST(SettingsReader, AcceptsTheDemonstrationConfiguration)
  {
    const auto settings = ReadSettings(LoadWithComments("orthanc.json")["H3K27M"]);
    EXPECT_EQ(TriageMode::On, settings.triage);
    EXPECT_TRUE(settings.phantomsRoute);
  }

  TEST(SettingsReader, ReadsWhatIsSet)
  {
    const auto settings = Read(R"({"Triage": "shadow", "Device": "cuda", "Precision": "bf16", "Threads": 4,
      "EnginePriority": "idle", "EngineMemoryMiB": 4096, "ConcurrentStudies": 5, "StableAgeSeconds": 0, "MinimumTumourAreaMm2": 12.5,
      "Candidates": "all", "SrTitle": "imaging", "Threshold": 0.25, "Saliency": "all",
      "Routing": {"EchoTimeMinimumMs": 60, "HeadWords": ["caput"]}, "Limits": {"MaxRows": 4096}})");
    EXPECT_EQ(TriageMode::Shadow, settings.triage);
    EXPECT_EQ(DevicePreference::Cuda, settings.device);
    EXPECT_EQ("bf16", settings.precision);
    EXPECT_EQ(4u, settings.threads);
    EXPECT_EQ(EnginePriority::Idle, settings.enginePriority);
    EXPECT_EQ(4096u, settings.engineMemoryMiB);
    EXPECT_EQ(5u, settings.concurrentStudies);
    EXPECT_EQ(0u, settings.stableAgeSeconds);
    EXPECT_EQ(12.5, settings.minimumTumourAreaMm2);
    EXPECT_EQ(CandidateChoice::All, settings.candidates);
    EXPECT_EQ(ReportTitle::Imaging, settings.srTitle);
    EXPECT_EQ(0.25, settings.threshold);
    EXPECT_EQ(SaliencyChoice::All, settings.saliency);
    EXPECT_EQ(60, settings.routing.echoTimeMinimumMs);
    EXPECT_EQ(std::vector<std::string>{"caput"}, settings.routing.headWords);
    EXPECT_EQ(4096u, settings.limits.maxRows);
  }

  TEST(SettingsReader, LeavesTheThresholdToTheModelsCardUnlessItIsSet)
  {
    EXPECT_FALSE(Settings::Settings().threshold);
    EXPECT_FALSE(Read(R"({"Threshold": null})").threshold);
    EXPECT_EQ(0.0, Read(R"({"Threshold": 0})").threshold);
    EXPECT_TRUE(ToJson(Settings::Settings())["Threshold"].isNull());
    EXPECT_EQ(0.25, ToJson(Read(R"({"Threshold": 0.25})"))["Threshold"].asDouble());
  }

  TEST(SettingsReader, NamesAnUnknownKeyAndTheNearestKnownOne)
  {
    EXPECT_EQ("'H3K27M.Triagge' is not a known key; did you mean 'Triage'?", GetRefusal(R"({"Triagge": "on"})"));
    EXPECT_EQ("'H3K27M.triage' is not a known key; did you mean 'Triage'?", GetRefusal(R"({"triage": "on"})"));
    EXPECT_EQ("'H3K27M.Limits.MaxRow' is not a known key; did you mean 'MaxRows'?",
              GetRefusal(R"({"Limits": {"MaxRow": 5}})"));
    EXPECT_EQ("'H3K27M.Xyz' is not a known key", GetRefusal(R"({"Xyz": 1})"));
  }

  TEST(SettingsReader, NamesTheKeyOfAWrongValue)
  {
    const std::vector<std::pair<std::string, std::string>> wrong = {
      {R"({"Triage": "maybe"})", "'H3K27M.Triage' must be \"on\" or \"shadow\" or \"off\""},
      {R"({"Triage": true})", "'H3K27M.Triage' must be \"on\" or \"shadow\" or \"off\""},
      {R"({"ConcurrentStudies": 17})", "'H3K27M.ConcurrentStudies' must be a whole number from 1 to 16"},
      {R"({"ConcurrentStudies": 0})", "'H3K27M.ConcurrentStudies' must be a whole number from 1 to 16"},
      {R"({"ConcurrentStudies": 2.5})", "'H3K27M.ConcurrentStudies' must be a whole number from 1 to 16"},
      {R"({"ConcurrentStudies": "2"})", "'H3K27M.ConcurrentStudies' must be a whole number from 1 to 16"},
      {R"({"Threads": 99999999999999999999})", "'H3K27M.Threads' must be a whole number from 0 to 256"},
      {R"({"Threads": -1})", "'H3K27M.Threads' must be a whole number from 0 to 256"},
      {R"({"MaxTrainings": 17})", "'H3K27M.MaxTrainings' must be a whole number from 1 to 16"},
      {R"({"EngineMemoryMiB": -1})", "'H3K27M.EngineMemoryMiB' must be a whole number from 0 to 16777216"},
      {R"({"Threshold": 1.5})", "'H3K27M.Threshold' must be a number from 0 to 1"},
      {R"({"Threshold": false})", "'H3K27M.Threshold' must be a number from 0 to 1"},
      {R"({"AllowPhantoms": "yes"})", "'H3K27M.AllowPhantoms' must be true or false"},
      {R"({"Saliency": true})", "'H3K27M.Saliency' must be \"none\" or \"key\" or \"all\""},
      {R"({"Engine": 5})", "'H3K27M.Engine' must be a text"},
      {R"({"Precision": "fp64"})", "'H3K27M.Precision' must be \"auto\" or \"fp32\" or \"bf16\" or \"fp16\""},
      {R"({"Limits": {"MaxRows": 4097}})", "'H3K27M.Limits.MaxRows' must be a whole number from 1 to 4096"},
      {R"({"Limits": {"MaxColumns": 4097}})", "'H3K27M.Limits.MaxColumns' must be a whole number from 1 to 4096"},
      {R"({"Limits": {"MaxSlices": 1025}})", "'H3K27M.Limits.MaxSlices' must be a whole number from 1 to 1024"},
      {R"({"Limits": {"MinSlices": 9, "MaxSlices": 8}})", "'H3K27M.Limits.MinSlices' is above 'MaxSlices'"},
      {R"({"Limits": []})", "'H3K27M.Limits' must be an object"},
      {R"({"Routing": {"T2Words": ["t2", 5]}})", "'H3K27M.Routing.T2Words' must be a list of texts"},
      {R"({"Routing": {"EchoTimeMinimumMs": 600}})", "'H3K27M.Routing.EchoTimeMinimumMs' is above its maximum"},
      {"[]", "'H3K27M' must be an object"}};

    for (const auto& [json, message] : wrong)
    {
      EXPECT_EQ(message, GetRefusal(json)) << json;
    }

    Json::Value infinite(Json::objectValue);
    infinite["Threshold"] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(ReadSettings(infinite), Error);
  }

  TEST(SettingsReader, TakesTheAddressOfAViewerAndNothingThatRunsAsScript)
  {
    EXPECT_EQ("", Settings::Settings().viewer);

    for (const std::string viewer : {"/ohif/viewer?StudyInstanceUIDs={StudyInstanceUID}",
                                     "https://viewer/?study={StudyInstanceUID}&series={SeriesInstanceUID}"})
    {
      EXPECT_EQ(viewer, Read(R"({"Viewer": ")" + viewer + "\"}").viewer);
      EXPECT_EQ(viewer, ToJson(Read(R"({"Viewer": ")" + viewer + "\"}"))["Viewer"].asString());
    }

    for (const std::string viewer :
         {"/ohif/viewer", "javascript:alert('{StudyInstanceUID}')", "ohif/{StudyInstanceUID}"})
    {
      EXPECT_EQ("'H3K27M.Viewer' must begin with \"/\", \"http://\" or \"https://\" and hold {StudyInstanceUID}",
                GetRefusal(R"({"Viewer": ")" + viewer + "\"}"));
    }
  }

  TEST(SettingsReader, ReadsRulesOfDeliveryAndShowsNoSecret)
  {
    const std::string text = R"({"Delivery": {"MaxAttempts": 3, "Rules": [
      {"Name": "pacs", "When": "altered", "MinimumVolumeMm3": 500, "SourceSeries": true, "Modality": "PACS",
       "StorageCommitment": true},
      {"Name": "hook", "Webhook": "https://host/path?token=1", "Secret": "geheim-geheim-geheim"}]}})";
    const DeliverySettings delivery = Read(text).delivery;
    EXPECT_EQ(3u, delivery.maxAttempts);
    ASSERT_EQ(2u, delivery.rules.size());
    EXPECT_EQ(DeliveryCondition::Altered, delivery.rules[0].when);
    EXPECT_EQ("PACS", delivery.rules[0].address);
    EXPECT_TRUE(delivery.rules[0].storageCommitment);
    EXPECT_EQ(DeliveryTarget::Webhook, delivery.rules[1].target);
    EXPECT_EQ(std::string::npos, ToJson(Read(text)).toStyledString().find("geheim"));
  }

  TEST(SettingsReader, NamesWhatIsWrongWithARuleOfDelivery)
  {
    const std::string secret = R"("Secret": "0123456789abcdef")";

    for (const auto& [rule, key] : std::vector<std::pair<std::string, std::string>>{
           {R"({"Modality": "A"})", "Rules[0].Name"},
           {R"({"Name": "a b", "Modality": "A"})", "Rules[0].Name"},
           {R"({"Name": "a"})", "Rules[0].Modality"},
           {R"({"Name": "a", "Modality": "A", "Peer": "B"})", "Rules[0].Modality"},
           {R"({"Name": "a", "Peer": ""})", "Rules[0].Peer"},
           {R"({"Name": "a", "Peer": "B", "StorageCommitment": true})", "Rules[0].StorageCommitment"},
           {R"({"Name": "a", "Peer": "B", "When": "often"})", "Rules[0].When"},
           {R"({"Name": "a", "Peer": "B", "Sent": "report"})", "Rules[0].Sent"},
           {R"({"Name": "a", "Webhook": "ftp://host", )" + secret + "}", "Rules[0].Webhook"},
           {R"({"Name": "a", "Webhook": "http://me:you@host", )" + secret + "}", "Rules[0].Webhook"},
           {R"({"Name": "a", "Webhook": "http://host"})", "Rules[0].Secret"},
           {R"({"Name": "a", "Webhook": "http://host", "Send": "report", )" + secret + "}", "Rules[0].Send"},
           {R"({"Name": "a", "Peer": "B"}, {"Name": "a", "Peer": "C"})", "Rules[1].Name"}})
    {
      const std::string refusal = GetRefusal(R"({"Delivery": {"Rules": [)" + rule + "]}}");
      EXPECT_NE(std::string::npos, refusal.find("'H3K27M.Delivery." + key + "'")) << rule << ": " << refusal;
    }
  }

  TEST(SettingsReader, RefusesAConnectionItDoesNotKnowWithoutRepeatingIt)
  {
    const std::string refusal = GetRefusal(R"({"WorkStore": "mysql://root:geheim@host/db"})");
    EXPECT_NE(std::string::npos, refusal.find("'H3K27M.WorkStore'"));
    EXPECT_EQ(std::string::npos, refusal.find("geheim"));
  }

  TEST(SettingsReader, NeverShowsAPassword)
  {
    for (const std::string connection :
         {"postgresql://u:geheim@host/db", "postgresql://u:ge@h/eim@host:5432/db",
          "postgresql://host=h password=geheim dbname=d", "postgresql://host=h password='ge heim' dbname=d",
          "postgresql://host/db?user=u&password=geheim&connect_timeout=3"})
    {
      Settings::Settings settings;
      settings.workStore = connection;
      const std::string shown = ToJson(settings)["WorkStore"].asString();
      EXPECT_EQ(std::string::npos, shown.find("heim")) << shown;
      EXPECT_EQ(std::string::npos, shown.find("eim@")) << shown;
      EXPECT_NE(std::string::npos, shown.find("***")) << shown;
    }

    Settings::Settings settings;
    settings.workStore = "sqlite:///data/work.db";
    EXPECT_EQ("sqlite:///data/work.db", ToJson(settings)["WorkStore"].asString());
  }
}
