// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Models/ModelChoice.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <fstream>

namespace H3K27M::Models
{
  namespace
  {
    using testing::HasSubstr;

    class ModelChoiceTest : public testing::Test
    {
    protected:
      ModelChoiceTest() :
        store_(WorkState::WorkStore::Open({"sqlite://" + (folder_.GetPath() / "work.db").string()}, clock_)),
        catalog_(folder_.GetPath() / "installed" / "first", folder_.GetPath() / "runs", folder_.GetPath() / "uploads"),
        choice_(catalog_, *store_, [this](const std::filesystem::path& path) { loaded_.push_back(path.filename()); })
      {
        WriteModel("installed/first", R"({"variant": "fusion", "weights_sha256": "aa"})");
      }

      void WriteModel(const std::string& path, const std::string& card)
      {
        const std::filesystem::path folder = folder_.GetPath() / path;
        std::filesystem::create_directories(folder);
        std::ofstream(folder / "card.json") << card;
        std::ofstream(folder / "model.safetensors") << "weights";
      }

      void WriteRun(const std::string& id, const std::string& gate)
      {
        WriteModel("runs/" + id + "/model", R"({"variant": "fusion", "weights_sha256": "bb")" +
                                              (gate.empty() ? "" : ", \"gate\": " + gate) + "}");
      }

      std::string Refuse(const ModelChoice::Promotion& promotion)
      {
        try
        {
          choice_.Promote(promotion);
        }
        catch (const Error& e)
        {
          return e.what();
        }

        return "promoted";
      }

      H3K27M::Support::SystemClock clock_;
      Testing::TemporaryFolder folder_;
      std::unique_ptr<WorkState::WorkStore> store_;
      ModelCatalog catalog_;
      std::vector<std::string> loaded_;
      ModelChoice choice_;
    };

    TEST_F(ModelChoiceTest, ListsInstalledModelsAndThoseOfRuns)
    {
      WriteRun("cv-1", "");
      WriteModel("runs/ab-1/model-6/model", R"({"variant": "fusion", "weights_sha256": "cc"})");
      WriteModel("installed/broken", "{");
      std::vector<std::string> names;

      for (const ModelEntry& entry : catalog_.List())
      {
        names.push_back(entry.name + (entry.fault.empty() ? "" : "!"));
      }

      EXPECT_THAT(names, testing::ElementsAre("ab-1-model-6", "broken!", "cv-1", "first"));
      EXPECT_EQ("cv-1", catalog_.Get("cv-1").run);
      EXPECT_THROW(catalog_.Get("../installed/first"), Error);
    }

    TEST_F(ModelChoiceTest, TakesACandidateThatPassedItsGateAndGoesBack)
    {
      WriteRun("cv-1", R"({"passed": true, "baseline": {"name": "first", "weights_sha256": "aa"}})");
      EXPECT_EQ("first", choice_.GetCurrent().name);
      EXPECT_EQ("", choice_.FindPrevious());
      EXPECT_EQ("first", choice_.Promote({"cv-1", false, ""}));
      EXPECT_EQ("first", choice_.FindPrevious()) << "whoever goes back is told where to";
      EXPECT_EQ("cv-1", choice_.GetCurrent().name);
      EXPECT_THAT(loaded_, testing::ElementsAre("model"));
      EXPECT_THROW(choice_.Rollback("first", ""), Error);
      EXPECT_EQ("first", choice_.Rollback("cv-1", "worse in use"));
      EXPECT_EQ("first", choice_.GetCurrent().name);
      EXPECT_THROW(choice_.Rollback("first", ""), Error) << "none was before";
      EXPECT_EQ("model-rolled-back", store_->ListAudit({"cv-1", 0, 10}).front().what);
    }

    TEST_F(ModelChoiceTest, RefusesWhatDidNotPassUnlessAnAdministratorSaysWhy)
    {
      WriteRun("never", "");
      WriteRun("failed", R"({"passed": false, "reason": "it is worse by 0.2"})");
      WriteRun("stale", R"({"passed": true, "baseline": {"name": "older", "weights_sha256": "00"}})");
      WriteModel("runs/encoder/model", R"({"variant": "mae", "weights_sha256": "dd"})");
      EXPECT_THAT(Refuse({"never", false, ""}), HasSubstr("not compared"));
      EXPECT_THAT(Refuse({"failed", false, ""}), HasSubstr("worse by 0.2"));
      EXPECT_THAT(Refuse({"stale", false, ""}), HasSubstr("not in force any more"));
      EXPECT_THAT(Refuse({"failed", true, ""}), HasSubstr("reason"));
      EXPECT_THAT(Refuse({"encoder", true, "why not"}), HasSubstr("encoder"));
      WriteModel("runs/enhanced/model", R"({"variant": "fusion", "weights_sha256": "ee",
                                            "training_data": {"contrast": "ceT1w"}})");
      EXPECT_THAT(Refuse({"enhanced", true, "why not"}), HasSubstr("trained on ceT1w, and triage reads T2w"));
      EXPECT_THAT(Refuse({"nobody", true, "why not"}), HasSubstr("no model"));
      EXPECT_TRUE(loaded_.empty());
      EXPECT_EQ("first", choice_.Promote({"failed", true, "a study of its own"}));
      EXPECT_EQ("model-promoted-over-gate", store_->ListAudit({"failed", 0, 10}).front().what);
    }

    // Its run was over before another model came into force.
    TEST_F(ModelChoiceTest, TakesAVerdictOfLaterThatIsAgainstTheModelInForce)
    {
      WriteRun("cv-1", R"({"passed": true, "baseline": {"name": "older", "weights_sha256": "00"}})");
      EXPECT_THAT(Refuse({"cv-1", false, ""}), HasSubstr("have its gate judged once more"));
      const ModelEntry candidate = catalog_.Get("cv-1");
      choice_.KeepGate(candidate, Protocol::ParseJson(R"({"passed": false, "reason": "it is worse by 0.2",
        "candidate": {"weights_sha256": "bb"}, "baseline": {"name": "first", "weights_sha256": "aa"}})"));
      EXPECT_THAT(Refuse({"cv-1", false, ""}), HasSubstr("worse by 0.2"));
      choice_.KeepGate(candidate, Protocol::ParseJson(R"({"passed": true, "reason": "as good",
        "candidate": {"weights_sha256": "bb"}, "baseline": {"name": "first", "weights_sha256": "aa"}})"));
      EXPECT_EQ("as good", choice_.FindGate(candidate, choice_.GetCurrent())["reason"].asString());
      const WorkState::AuditEntry entry = store_->ListAudit({"cv-1", 0, 1}).front();
      EXPECT_EQ("model-gate-judged", entry.what);
      EXPECT_EQ("passed against first. as good", entry.details);
      EXPECT_EQ("first", choice_.Promote({"cv-1", false, ""}));
    }

    TEST_F(ModelChoiceTest, AVerdictOfLaterHidesNoneThatIsAgainstTheModelInForce)
    {
      WriteRun("cv-1", R"({"passed": true, "baseline": {"name": "first", "weights_sha256": "aa"}})");
      const ModelEntry candidate = catalog_.Get("cv-1");
      choice_.KeepGate(candidate, Protocol::ParseJson(R"({"passed": false, "reason": "it is worse by 0.2",
        "candidate": {"weights_sha256": "bb"}, "baseline": {"name": "second", "weights_sha256": "cc"}})"));
      EXPECT_EQ("first", choice_.Promote({"cv-1", false, ""}));
    }

    TEST_F(ModelChoiceTest, AVerdictCountsOfTheWeightsThatWereJudgedAlone)
    {
      WriteRun("cv-1", "");
      choice_.KeepGate(catalog_.Get("cv-1"), Protocol::ParseJson(R"({"passed": true, "reason": "as good",
        "candidate": {"weights_sha256": "bb"}, "baseline": {"name": "first", "weights_sha256": "aa"}})"));
      WriteModel("runs/cv-1/model", R"({"variant": "fusion", "weights_sha256": "ee"})");
      EXPECT_TRUE(choice_.FindGate(catalog_.Get("cv-1"), choice_.GetCurrent()).isNull());
      EXPECT_THAT(Refuse({"cv-1", false, ""}), HasSubstr("was not compared"));

      // An upload that has the name of a run that was deleted.
      std::filesystem::remove_all(folder_.GetPath() / "runs");
      WriteModel("uploads/cv-1", R"({"variant": "fusion", "weights_sha256": "bb"})");
      EXPECT_THAT(Refuse({"cv-1", false, ""}), HasSubstr("No run of this server"));
    }

    TEST_F(ModelChoiceTest, ReadsNoCardThatIsALinkOutOfARun)
    {
      WriteModel("elsewhere", R"({"variant": "fusion", "weights_sha256": "ff"})");
      std::filesystem::create_directories(folder_.GetPath() / "runs" / "cv-1");
      std::filesystem::create_directory_symlink(folder_.GetPath() / "elsewhere",
                                                folder_.GetPath() / "runs" / "cv-1" / "model");
      std::filesystem::create_directory_symlink(folder_.GetPath() / "elsewhere",
                                                folder_.GetPath() / "installed" / "linked");
      EXPECT_THAT(catalog_.Get("cv-1").fault, HasSubstr("a link out of the folder"));
      EXPECT_TRUE(catalog_.Get("cv-1").card.empty());
      EXPECT_EQ("", catalog_.Get("linked").fault) << "the administrator's own";
    }

    TEST_F(ModelChoiceTest, BelievesNoVerdictThatARunHasNotMade)
    {
      constexpr const char* CARD = R"({"variant": "fusion", "weights_sha256": "bb",
        "gate": {"passed": true, "baseline": {"name": "first", "weights_sha256": "aa"}}})";
      WriteModel("uploads/brought", CARD);
      WriteModel("installed/copied", CARD);
      WriteModel("uploads/plain", R"({"variant": "fusion", "weights_sha256": "bb"})");
      EXPECT_TRUE(catalog_.Get("brought").isUploaded);
      EXPECT_THAT(Refuse({"brought", false, ""}), HasSubstr("its card brings along does not count"));
      EXPECT_THAT(Refuse({"copied", false, ""}), HasSubstr("does not count"));
      EXPECT_THAT(Refuse({"plain", false, ""}), HasSubstr("No run of this server"));
      EXPECT_EQ("first", choice_.Promote({"brought", true, "measured elsewhere"}));
    }

    TEST_F(ModelChoiceTest, AnUploadHidesNothingAndIsHiddenUntilItIsWhole)
    {
      WriteModel("uploads/first", R"({"variant": "fusion", "weights_sha256": "ee"})");
      WriteModel("uploads/cv-1", R"({"variant": "fusion", "weights_sha256": "ee"})");
      WriteModel("uploads/.upload-1-2", R"({"variant": "fusion", "weights_sha256": "ee"})");
      WriteRun("cv-1", "");
      EXPECT_EQ(2u, catalog_.List().size());
      EXPECT_EQ("cv-1", catalog_.Get("cv-1").run);
      EXPECT_FALSE(catalog_.Get("first").isUploaded);
      EXPECT_TRUE(catalog_.IsTaken("first"));
      EXPECT_TRUE(catalog_.IsTaken("cv-1"));
      EXPECT_TRUE(catalog_.IsTaken("cv-1-model-6")) << "the run may be an ablation that is not over";
      EXPECT_FALSE(catalog_.IsTaken("cv-2"));
    }

    TEST_F(ModelChoiceTest, GoesBackPastModelsThatCannotBeUsedAnyMore)
    {
      for (const char* const run : {"cv-1", "cv-2", "cv-3"})
      {
        WriteRun(run, "");
        choice_.Promote({run, true, "a test"});
      }

      std::filesystem::remove_all(folder_.GetPath() / "runs" / "cv-1");
      WriteModel("runs/cv-2/model", "{");
      EXPECT_EQ("first", choice_.FindPrevious());
      EXPECT_EQ("first", choice_.Rollback("cv-3", "worse in use"));
      EXPECT_EQ("first", choice_.GetCurrent().name);
      const std::string audit = store_->ListAudit({"cv-3", 0, 1}).front().details;
      EXPECT_THAT(audit, HasSubstr("back to first, past cv-2 ("));
      EXPECT_THAT(audit, HasSubstr(", past cv-1 ("));
    }

    TEST_F(ModelChoiceTest, StaysWhenNoneOfThoseBeforeCanBeUsed)
    {
      WriteRun("cv-1", "");
      WriteRun("cv-2", "");
      choice_.Promote({"cv-1", true, "a test"});
      WriteModel("installed/first", "{");
      choice_.Promote({"cv-2", true, "a test"});
      std::filesystem::remove_all(folder_.GetPath() / "runs" / "cv-1");

      try
      {
        choice_.Rollback("cv-2", "");
        FAIL() << "rolled back";
      }
      catch (const Error& e)
      {
        EXPECT_EQ(ErrorCode::Conflict, e.GetCode());
        EXPECT_THAT(e.what(), HasSubstr("past cv-1"));
      }

      EXPECT_EQ("cv-2", choice_.GetCurrent().name);
      WriteModel("installed/first", R"({"variant": "fusion", "weights_sha256": "aa"})");
      EXPECT_EQ("first", choice_.Rollback("cv-2", "")) << "nothing was taken from the list";
    }

    TEST_F(ModelChoiceTest, RefusesTheOneThatIsInForceAlreadySoThatTheNextRollbackGoesBack)
    {
      EXPECT_THAT(Refuse({"first", true, "once more"}), HasSubstr("first is in force already"));
      WriteRun("cv-1", "");
      choice_.Promote({"cv-1", true, "a test"});
      EXPECT_THAT(Refuse({"cv-1", true, "pressed twice"}), HasSubstr("cv-1 is in force already"));
      EXPECT_EQ("first", choice_.Rollback("cv-1", "worse in use"));
    }

    // Such a list was written before a model in force was refused.
    TEST_F(ModelChoiceTest, GoesBackPastTheOneThatIsInForce)
    {
      WriteRun("cv-1", "");
      choice_.Promote({"cv-1", true, "a test"});
      store_->SetValue("model/before", R"(["first", "cv-1", "cv-1"])");
      EXPECT_EQ("first", choice_.Rollback("cv-1", "worse in use"));
      EXPECT_EQ("first", choice_.GetCurrent().name);
      EXPECT_EQ("[]", store_->GetValue("model/before"));
    }

    TEST_F(ModelChoiceTest, TheOneThatStandsInForAModelThatIsGoneCanBeMadeTheChoice)
    {
      WriteRun("cv-1", "");
      choice_.Promote({"cv-1", true, "a test"});
      std::filesystem::remove_all(folder_.GetPath() / "runs");
      EXPECT_EQ("first", choice_.Promote({"first", true, "cv-1 was deleted"}));
      EXPECT_EQ("first", store_->GetValue("model/current"));
      EXPECT_THROW(choice_.Rollback("first", ""), Error) << "none was before but itself";
    }

    // Two Orthancs on one work store: the other one would serve a withdrawn model until it is restarted.
    TEST_F(ModelChoiceTest, FollowsWhatAnotherOrthancHasPromoted)
    {
      WriteRun("cv-1", "");
      std::vector<std::string> others;
      ModelChoice other(catalog_, *store_, [&](const std::filesystem::path& path) { others.push_back(path.string()); });
      other.Follow();
      EXPECT_THAT(others, testing::ElementsAre(HasSubstr("first"))) << "at the start";
      choice_.Promote({"cv-1", true, "a test"});
      other.Follow();
      other.Follow();
      EXPECT_THAT(others, testing::ElementsAre(HasSubstr("first"), HasSubstr("cv-1"))) << "once";
      choice_.Follow();
      EXPECT_EQ(1u, loaded_.size()) << "it was told when it was promoted";
      choice_.Rollback("cv-1", "withdrawn");
      other.Follow();
      EXPECT_THAT(others.back(), HasSubstr("first"));
    }

    // A folder on the network that is mounted late.
    TEST_F(ModelChoiceTest, TakesUpThePromotedModelOnceItCanBeRead)
    {
      WriteRun("cv-1", "");
      choice_.Promote({"cv-1", true, "a test"});
      std::filesystem::rename(folder_.GetPath() / "runs", folder_.GetPath() / "away");
      std::vector<std::string> loaded;
      ModelChoice late(catalog_, *store_, [&](const std::filesystem::path& path) { loaded.push_back(path.string()); },
                       std::chrono::milliseconds(0));
      late.Follow();
      late.Follow();
      EXPECT_THAT(loaded, testing::ElementsAre(HasSubstr("first"))) << "loaded once";
      std::filesystem::rename(folder_.GetPath() / "away", folder_.GetPath() / "runs");
      late.Follow();
      late.Follow();
      EXPECT_THAT(loaded, testing::ElementsAre(HasSubstr("first"), HasSubstr("cv-1")));
    }

    TEST_F(ModelChoiceTest, OfTwoThatPromoteAtOnceTheLaterOneIsRefusedAndNothingIsWritten)
    {
      WriteRun("cv-1", "");
      WriteRun("cv-2", "");
      const std::string history = store_->GetValue("model/before").value_or("none");
      EXPECT_FALSE(store_->ExchangeValues("another", {{"model/current", "cv-2"}, {"model/before", "[]"}},
                                          {0, 0, "rest", "model-promoted", "cv-2", ""}));
      EXPECT_EQ(std::nullopt, store_->GetValue("model/current"));
      EXPECT_EQ(history, store_->GetValue("model/before").value_or("none"));
      EXPECT_TRUE(store_->ListAudit({"cv-2", 0, 1}).empty());

      EXPECT_TRUE(store_->ExchangeValues(std::nullopt, {{"model/current", "cv-2"}},
                                         {0, 0, "rest", "model-promoted", "cv-2", ""}));
      EXPECT_EQ("cv-2", store_->GetValue("model/current"));
      EXPECT_EQ(1u, store_->ListAudit({"cv-2", 0, 1}).size());
    }

    TEST_F(ModelChoiceTest, FallsBackWhenThePromotedModelIsGone)
    {
      WriteRun("cv-1", "");
      choice_.Promote({"cv-1", true, "a test"});
      std::filesystem::remove_all(folder_.GetPath() / "runs");
      EXPECT_EQ("first", choice_.GetCurrent().name);
    }
  }
}
