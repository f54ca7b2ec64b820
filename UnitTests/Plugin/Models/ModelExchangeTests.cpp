// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/CardFaults.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/Safetensors.h"
#include "Inference/Protocol/Sha256.h"
#include "Plugin/Models/ModelExchange.h"
#include "Plugin/Models/ModelFiles.h"
#include "Plugin/Zip/ZipReader.h"
#include "UnitTests/Plugin/Zip/PackedFiles.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace H3K27M::Models
{
  namespace
  {
    using testing::AllOf;
    using testing::ElementsAre;
    using testing::HasSubstr;
    using testing::IsEmpty;
    using testing::Not;
    using Testing::Files;
    using Testing::Pack;

    std::string MakeWeights(float value)
    {
      const std::vector<float> numbers(100, value);
      Protocol::SafetensorsWriter writer;
      writer.AddTensor("layer", {Protocol::DType::F32, {10, 10}, std::as_bytes(std::span(numbers))});
      const std::vector<std::byte> blob = writer.Serialize();
      return {reinterpret_cast<const char*>(blob.data()), blob.size()};
    }

    Json::Value MakeCard(const std::string& name, const std::string& weights)
    {
      Json::Value card;
      card["name"] = name;
      card["version"] = "1";
      card["variant"] = "fusion";
      card["input_size"] = 64;
      card["width"] = 8;
      card["weights_sha256"] = Protocol::Sha256::OfText(weights);
      card["threshold"] = 0.5;
      card["minimum_tumour_area_mm2"] = 100;
      card["research_use_only"] = true;
      return card;
    }

    std::string ToText(const Json::Value& json)
    {
      return Protocol::WriteCompactJson(json);
    }

    Files MakeModel(const std::string& name)
    {
      return {{"card.json", ToText(MakeCard(name, MakeWeights(1)))}, {"model.safetensors", MakeWeights(1)}};
    }

    Files MakeEnsemble(const std::string& name)
    {
      Files files;
      Json::Value card = MakeCard(name, "");
      for (const char* folder : {"fold-1", "fold-2"})
      {
        const std::string weights = MakeWeights(static_cast<float>(folder[5]));
        Json::Value member;
        member["folder"] = folder;
        member["weights_sha256"] = Protocol::Sha256::OfText(weights);
        card["members"].append(member);
        files.emplace(std::string(folder) + "/card.json", ToText(MakeCard(folder, weights)));
        files.emplace(std::string(folder) + "/model.safetensors", weights);
      }
      card["weights_sha256"] = Protocol::HashMembers(card["members"]);
      files.emplace("card.json", ToText(card));
      return files;
    }

    void Replace(Files& files, const std::string& name, const std::string& content)
    {
      files.erase(name);
      files.emplace(name, content);
    }

    // The model's card with another value, or without the field.
    Files ChangeCard(const std::string& field, const Json::Value& value)
    {
      Json::Value card = MakeCard("changed", MakeWeights(1));
      if (value.isNull())
      {
        card.removeMember(field);
      }
      else
      {
        card[field] = value;
      }
      Files files = MakeModel("changed");
      Replace(files, "card.json", ToText(card));
      return files;
    }

    class ModelExchangeTest : public testing::Test
    {
    protected:
      static constexpr std::uint64_t LIMIT = 20'000;

      ModelExchangeTest() :
        store_(WorkState::WorkStore::Open({"sqlite://" + GetPath("work.db").string()}, clock_)),
        catalog_(GetPath("installed/first"), GetPath("runs"), GetPath("uploads")),
        exchange_(catalog_, *store_, MakeOptions())
      {
        std::filesystem::create_directories(GetPath("installed/first"));
        std::ofstream(GetPath("installed/first/card.json")) << ToText(MakeCard("first", MakeWeights(1)));
        std::ofstream(GetPath("installed/first/model.safetensors"), std::ios::binary) << MakeWeights(1);
      }

      std::filesystem::path GetPath(const std::string& path) const
      {
        return folder_.GetPath() / path;
      }

      ModelExchangeOptions MakeOptions()
      {
        return {GetPath("uploads"), "this one", LIMIT, [this](const std::filesystem::path& folder) { Check(folder); }};
      }

      void Check(const std::filesystem::path& folder)
      {
        checked_.push_back(folder.filename().string());
        EXPECT_THAT(ListNames(), ElementsAre("first")) << "nothing is visible before it is checked";
        if (!engineFault_.empty())
        {
          throw Error(ErrorCode::BadInput, folder.string() + "/model.safetensors " + engineFault_);
        }
      }

      std::vector<std::string> ListNames() const
      {
        std::vector<std::string> names;
        for (const ModelEntry& entry : catalog_.List())
        {
          names.push_back(entry.name);
        }
        return names;
      }

      std::string Refuse(const std::string& archive)
      {
        const std::string reason = Tests::GetRefusal([&] { exchange_.Take(archive); });
        EXPECT_THAT(ListNames(), ElementsAre("first"));
        EXPECT_TRUE(!std::filesystem::exists(GetPath("uploads")) || std::filesystem::is_empty(GetPath("uploads")));
        EXPECT_THAT(store_->ListAudit({}), IsEmpty());
        return reason;
      }

      std::string Refuse(const Files& files)
      {
        return Refuse(Pack(files));
      }

      static Files Unpack(const std::string& archive)
      {
        Files files;
        Zip::ReadZip(archive, {100, LIMIT, LIMIT}, [](const std::string&) { return true; },
                     [&files](const std::string& name, std::string_view content) { files.emplace(name, content); });
        return files;
      }

      H3K27M::Support::SystemClock clock_;
      Testing::TemporaryFolder folder_;
      std::unique_ptr<WorkState::WorkStore> store_;
      ModelCatalog catalog_;
      std::vector<std::string> checked_;
      std::string engineFault_;
      ModelExchange exchange_;
    };

    TEST_F(ModelExchangeTest, WhatGoesOutComesIn)
    {
      EXPECT_EQ("second", exchange_.Take(Pack(MakeModel("second"))));
      EXPECT_THAT(ListNames(), ElementsAre("first", "second"));
      EXPECT_TRUE(catalog_.Get("second").isUploaded);
      EXPECT_EQ(MakeModel("second"), Unpack(exchange_.Pack("second")));
      EXPECT_EQ(exchange_.Pack("second"), exchange_.Pack("second"));
      EXPECT_EQ("model-uploaded", store_->ListAudit({"second", 0, 10}).front().what);
      EXPECT_EQ(std::filesystem::perms(0755), std::filesystem::status(GetPath("uploads/second")).permissions());
    }

    TEST_F(ModelExchangeTest, AFileThatLinksOutOfTheFolderDoesNotGoOut)
    {
      exchange_.Take(Pack(MakeModel("second")));
      const std::filesystem::path weights = GetPath("uploads/second/model.safetensors");
      std::ofstream(GetPath("secret")) << "of the server";
      std::filesystem::remove(weights);
      std::filesystem::create_symlink(GetPath("secret"), weights);
      EXPECT_THROW(exchange_.Pack("second"), Error);
      std::filesystem::remove(weights);
      std::filesystem::create_symlink("card.json", weights);
      EXPECT_NO_THROW(exchange_.Pack("second")) << "a link inside of it does";
    }

    TEST_F(ModelExchangeTest, AnEnsembleGoesWithItsMembersAndWithoutWhatElseLiesThere)
    {
      Files files = MakeEnsemble("many");
      files.emplace("fold-1/", "");  // as other programs pack folders
      EXPECT_EQ("many", exchange_.Take(Pack(files)));
      std::ofstream(GetPath("uploads/many/notes.txt")) << "not the model's";
      EXPECT_EQ(MakeEnsemble("many"), Unpack(exchange_.Pack("many")));
      EXPECT_EQ(2 * MakeWeights(1).size(), catalog_.Get("many").bytes);
    }

    // As an `evaluate --learn-inputs` leaves it that was killed between card and weights.
    TEST_F(ModelExchangeTest, AModelThatIsHalfWrittenAgainGoesWithTheWeightsOfItsCard)
    {
      exchange_.Take(Pack(MakeEnsemble("many")));

      for (const char* const folder : {"installed/first", "uploads/many/fold-2"})
      {
        const std::filesystem::path weights = GetPath(folder) / "model.safetensors";
        std::filesystem::rename(weights, GetPath(folder) / "model.next.safetensors");
        std::ofstream(weights, std::ios::binary) << MakeWeights(9);
      }

      EXPECT_EQ(MakeModel("first"), Unpack(exchange_.Pack("first")));
      EXPECT_EQ(MakeEnsemble("many"), Unpack(exchange_.Pack("many")));

      // Or before the card was written.
      std::filesystem::rename(GetPath("installed/first/model.next.safetensors"),
                              GetPath("installed/first/model.safetensors"));
      std::ofstream(GetPath("installed/first/model.next.safetensors"), std::ios::binary) << MakeWeights(9);
      EXPECT_EQ(MakeModel("first"), Unpack(exchange_.Pack("first")));
    }

    TEST_F(ModelExchangeTest, ListsAllFaultsAtOnce)
    {
      Files files = ChangeCard("threshold", 7);
      Replace(files, "model.safetensors", MakeWeights(2));
      files.emplace("../escape", "x");
      files.emplace("weights.pkl", "x");
      files.emplace("readme.txt", "x");
      EXPECT_THAT(Refuse(files), AllOf(HasSubstr("'threshold' must be"), HasSubstr("is not the card's"),
                                       HasSubstr("'../escape' leads out"), HasSubstr("pickled ones are never read"),
                                       HasSubstr("'readme.txt' is none of the model's files")));
      EXPECT_THAT(checked_, IsEmpty()) << "the engine sees nothing of it";
      EXPECT_FALSE(std::filesystem::exists(GetPath("escape")));
    }

    TEST_F(ModelExchangeTest, RefusesNamesThatLeadOut)
    {
      for (const char* const name : {"../x", "a/../../x", "/etc/x", "..\\x", "C:\\x", "fold-1/../../card.json"})
      {
        Files files = MakeModel("second");
        files.emplace(name, "x");
        EXPECT_THAT(Refuse(files), HasSubstr("leads out of the model's folder")) << name;
      }
    }

    TEST_F(ModelExchangeTest, RefusesLinksDoublesAndMissingFiles)
    {
      EXPECT_THAT(Refuse(Pack(MakeModel("second"), 0120777)), HasSubstr("is a link"));
      Files twice = MakeModel("second");
      twice.emplace("model.safetensors", MakeWeights(2));
      EXPECT_THAT(Refuse(twice), HasSubstr("'model.safetensors' stands there 2 times"));
      Files without = MakeModel("second");
      without.erase("model.safetensors");
      EXPECT_THAT(Refuse(without), HasSubstr("model.safetensors is missing"));
      EXPECT_THAT(Refuse(Files{{"model.safetensors", MakeWeights(1)}}), HasSubstr("card.json is missing"));
      Files one = MakeEnsemble("many");
      one.erase("fold-2/card.json");
      EXPECT_THAT(Refuse(one), HasSubstr("fold-2/card.json is missing"));
      Files swapped = MakeEnsemble("many");
      Replace(swapped, "fold-2/card.json", ToText(MakeCard("fold-2", MakeWeights(9))));
      EXPECT_THAT(Refuse(swapped), HasSubstr("not the card of the member"));
    }

    TEST_F(ModelExchangeTest, RefusesCardsWithoutTheFieldsOfACard)
    {
      for (const char* const field : {"name", "version", "variant", "input_size", "width", "weights_sha256",
                                      "threshold", "minimum_tumour_area_mm2", "research_use_only"})
      {
        EXPECT_THAT(Refuse(ChangeCard(field, {})), HasSubstr(field));
      }

      EXPECT_THAT(Refuse(ChangeCard("research_use_only", false)), HasSubstr("'research_use_only' must be true"));
      EXPECT_THAT(Refuse(ChangeCard("name", "../first")), HasSubstr("'name' must be"));
      EXPECT_THAT(Refuse(ChangeCard("name", ".hidden")), HasSubstr("'name' must be"));
      EXPECT_THAT(Refuse(ChangeCard("members", Json::Value(Json::objectValue))), HasSubstr("'members' must be"));
      EXPECT_THAT(Refuse(ChangeCard("weights_sha256", Json::Value(Json::objectValue))), HasSubstr("hexadecimal"));
      Files files = MakeModel("second");
      Replace(files, "card.json", "{\"name\": \"second\", \"name\": \"third\"}");
      EXPECT_THAT(Refuse(files), HasSubstr("card.json: "));
      Replace(files, "card.json", "[]");
      EXPECT_THAT(Refuse(files), HasSubstr("must be a JSON object"));
    }

    TEST_F(ModelExchangeTest, RefusesWeightsThatAreNoSafetensors)
    {
      for (const std::string& weights : {std::string("PK\x03\x04 pickled inside"), std::string("\x80\x02}q.")})
      {
        Files files = {{"card.json", ToText(MakeCard("second", weights))}, {"model.safetensors", weights}};
        EXPECT_THAT(Refuse(files), HasSubstr("holds pickled objects, which are never read"));
      }

      const std::string cut = MakeWeights(1).substr(0, 200);
      EXPECT_THAT(Refuse(Files{{"card.json", ToText(MakeCard("second", cut))}, {"model.safetensors", cut}}),
                  AllOf(HasSubstr("model.safetensors: "), Not(HasSubstr("SHA-256"))));
    }

    TEST_F(ModelExchangeTest, RefusesWhatIsTooLargeBeforeItInflates)
    {
      Files bomb = MakeModel("second");
      Replace(bomb, "model.safetensors", std::string(8 << 20, '\0'));
      const std::string archive = Pack(bomb);
      EXPECT_THAT(Refuse(archive), HasSubstr("8388608 bytes"));
      EXPECT_THAT(Refuse(std::string(LIMIT + 1, 'x')), HasSubstr("MaxModelBytes is 20000"));
      Files many = MakeModel("second");
      for (int i = 0; i < 600; i++)
      {
        many.emplace(std::to_string(i), "");
      }
      const std::string crowd = Pack(many);
      ModelExchangeOptions options = MakeOptions();
      options.maxBytes = 1 << 20;
      ModelExchange larger(catalog_, *store_, options);
      EXPECT_THAT(Tests::GetRefusal([&] { larger.Take(crowd); }), HasSubstr("602 entries, the limit is 512"));
    }

    TEST_F(ModelExchangeTest, RefusesWhatIsNoArchive)
    {
      const std::string archive = Pack(MakeModel("second"));
      EXPECT_THAT(Refuse(std::string()), HasSubstr("no ZIP archive"));
      EXPECT_THAT(Refuse(std::string("{}")), HasSubstr("no ZIP archive"));
      EXPECT_THAT(Refuse(archive.substr(0, archive.size() - 30)), HasSubstr("no ZIP archive"));

      for (std::size_t at = 0; at < archive.size(); at += 7)
      {
        std::string damaged = archive;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
        const std::string reason = Tests::GetRefusal([&] { exchange_.Take(damaged); });

        // Bytes of time and rights are nobody's concern; whatever gets in is the model, whole.
        if (reason == "accepted")
        {
          EXPECT_EQ(MakeModel("second"), Unpack(exchange_.Pack("second"))) << at;
          std::filesystem::remove_all(GetPath("uploads/second"));
        }
      }
    }

    TEST_F(ModelExchangeTest, RefusesANameThatIsTaken)
    {
      EXPECT_THAT(Refuse(MakeModel("first")), HasSubstr("There is a model 'first' already"));
      std::filesystem::create_directories(GetPath("runs/ablate-1"));
      EXPECT_THAT(Refuse(MakeModel("ablate-1-model-6")), HasSubstr("or a run that may make one"));
      exchange_.Take(Pack(MakeModel("second")));
      EXPECT_THAT(Tests::GetRefusal([&] { exchange_.Take(Pack(MakeModel("second"))); }), HasSubstr("already"));
    }

    TEST_F(ModelExchangeTest, TheEngineHasTheLastWordButForEncoders)
    {
      engineFault_ = "lacks the tensor x";
      EXPECT_THAT(Refuse(MakeModel("second")),
                  AllOf(HasSubstr("the model/model.safetensors lacks the tensor x"), Not(HasSubstr("uploads"))));
      Files encoder = MakeModel("encoder");
      Json::Value card = MakeCard("encoder", MakeWeights(1));
      card["variant"] = "mae";
      Replace(encoder, "card.json", ToText(card));
      EXPECT_EQ("encoder", exchange_.Take(Pack(encoder)));
    }

    TEST_F(ModelExchangeTest, SweepsWhatItLeftWhenItWasKilledAndNothingElse)
    {
      exchange_.Take(Pack(MakeModel("second")));
      const std::string mine = ".upload-" + Protocol::Sha256::OfText("this one").substr(0, 12) + "-abcdef";
      std::filesystem::create_directories(GetPath("uploads/" + mine + "/fold-1"));
      std::filesystem::create_directories(GetPath("uploads/.upload-another-abcdef"));
      const ModelExchange restarted(catalog_, *store_, MakeOptions());
      EXPECT_FALSE(std::filesystem::exists(GetPath("uploads/" + mine)));
      EXPECT_TRUE(std::filesystem::exists(GetPath("uploads/.upload-another-abcdef")))
        << "of an Orthanc that still runs";
      EXPECT_THAT(ListNames(), ElementsAre("first", "second"));
    }

    TEST_F(ModelExchangeTest, GivesNoModelBeyondItsLimitOrThatCannotBeRead)
    {
      std::ofstream(GetPath("installed/first/model.safetensors")) << std::string(LIMIT, 'x');
      EXPECT_THAT(Tests::GetRefusal([&] { exchange_.Pack("first"); }), HasSubstr("MaxModelBytes"));
      std::ofstream(GetPath("installed/first/card.json")) << "{";
      EXPECT_THAT(Tests::GetRefusal([&] { exchange_.Pack("first"); }), HasSubstr("cannot be read"));
      EXPECT_THAT(Tests::GetRefusal([&] { exchange_.Pack("../first"); }), HasSubstr("no model"));
    }
  }
}
