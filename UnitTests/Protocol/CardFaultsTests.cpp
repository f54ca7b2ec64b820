// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/CardFaults.h"

#include <gmock/gmock.h>

namespace H3K27M::Protocol
{
  using testing::ElementsAre;
  using testing::HasSubstr;
  using testing::IsEmpty;

  namespace
  {
    Json::Value MakeCard()
    {
      Json::Value card;
      card["name"] = "model-1_a.b";
      card["version"] = "1";
      card["variant"] = "fusion";
      card["input_size"] = 64;
      card["width"] = 8;
      card["weights_sha256"] = std::string(64, 'a');
      card["threshold"] = 0.5;
      card["minimum_tumour_area_mm2"] = 100;
      card["research_use_only"] = true;
      return card;
    }

    Json::Value MakeMember(const std::string& folder)
    {
      Json::Value member;
      member["folder"] = folder;
      member["weights_sha256"] = std::string(64, 'b');
      return member;
    }
  }

  TEST(CardFaults, NamesEveryFieldThatIsWrongAtOnce)
  {
    EXPECT_THAT(FindCardFaults(MakeCard()), IsEmpty());
    EXPECT_EQ(9u, FindCardFaults(Json::Value(Json::objectValue)).size());
    Json::Value card = MakeCard();
    card["threshold"] = 1.5;
    card["research_use_only"] = "true";
    EXPECT_THAT(FindCardFaults(card), ElementsAre(HasSubstr("'threshold'"), HasSubstr("'research_use_only'")));
    EXPECT_THAT(FindCardFaults(Json::Value("card")), ElementsAre(HasSubstr("JSON object")));
  }

  TEST(CardFaults, TakesNamesThatAreNoPaths)
  {
    EXPECT_TRUE(IsModelName("A-1_b.c"));
    for (const char* const name : {"", ".", "..", ".hidden", "a/b", "a\\b", "a b", "\xc3\xa4"})
    {
      EXPECT_FALSE(IsModelName(name)) << name;
    }
    EXPECT_FALSE(IsModelName(std::string(65, 'a')));
  }

  TEST(CardFaults, TakesVersionsThatADicomAttributeHolds)
  {
    Json::Value card = MakeCard();
    card["version"] = "2026-11 (fold 3), " + std::string(46, 'x');
    EXPECT_THAT(FindCardFaults(card), IsEmpty());
    for (const std::string& version : {std::string(), std::string("1\n2"), std::string("1\\2"),
                                       std::string("1 \xc3\xa4"), std::string("1\0", 2), std::string(65, '1')})
    {
      card["version"] = version;
      EXPECT_THAT(FindCardFaults(card), ElementsAre(HasSubstr("'version' must be one line"))) << version;
    }
    card["version"] = 1;
    EXPECT_THAT(FindCardFaults(card), ElementsAre(HasSubstr("'version'")));
  }

  TEST(CardFaults, MembersAreNamedApartAndHashedTogether)
  {
    Json::Value card = MakeCard();
    card["members"].append(MakeMember("fold-1"));
    card["members"].append(MakeMember("fold-2"));
    EXPECT_THAT(FindCardFaults(card), ElementsAre(HasSubstr("the hash over those of the members")));
    card["weights_sha256"] = HashMembers(card["members"]);
    EXPECT_THAT(FindCardFaults(card), IsEmpty());
    card["members"][1]["folder"] = "fold-1";
    EXPECT_THAT(FindCardFaults(card), ElementsAre(HasSubstr("folders of their own")));
    card["members"][1]["folder"] = "../fold-2";
    EXPECT_THAT(FindCardFaults(card), ElementsAre(HasSubstr("(a name)")));
    card["members"] = Json::Value(Json::arrayValue);
    EXPECT_THAT(FindCardFaults(card), ElementsAre(HasSubstr("1 to 100")));
  }
}
