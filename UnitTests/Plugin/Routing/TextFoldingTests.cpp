// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/RoutingRules.h"
#include "Plugin/Routing/TextFolding.h"

#include <gtest/gtest.h>

using namespace H3K27M::Routing;

TEST(TextFolding, StripsAccentsCaseAndPunctuation)
{
  EXPECT_EQ(FoldText("  T2_TSE-tra (Schädel) "), " t2 tse tra schadel ");
  EXPECT_EQ(FoldText("CRÂNE / Tête"), " crane tete ");
  EXPECT_EQ(FoldText("Columna vertebral, rodilla"), " columna vertebral rodilla ");
  EXPECT_EQ(FoldText("Łódź ČESKÝ"), " lodz cesky ");
  EXPECT_EQ(FoldText("ГОЛОВА"), " голова ");
  EXPECT_EQ(FoldText("Ｔ２ＷＩ"), " t2wi ");
  EXPECT_EQ(FoldText("Scha\xCC\x88"
                     "del"),
            " schadel ");
}

TEST(TextFolding, SpeaksTheStarOfT2Star)
{
  EXPECT_EQ(FoldText("T2* ax"), " t2 star ax ");
  EXPECT_EQ(FoldText("*tse2d1_19"), " tse2d1 19 ");
}

TEST(TextFolding, SurvivesBrokenUtf8)
{
  EXPECT_EQ(FoldText("T2 \xFF\xC3 tra"), " t2 tra ");
  EXPECT_EQ(FoldText("\xE4"), " ");
  EXPECT_EQ(FoldText(""), " ");
}

TEST(TextFolding, MatchesWholeWordsUnlessOpened)
{
  EXPECT_TRUE(HoldsWord(FoldText("t2_knee_tra"), "knee"));
  EXPECT_FALSE(HoldsWord(FoldText("bottleneck"), "neck"));
  EXPECT_TRUE(HoldsWord(FoldText("T2FLAIR tra"), "*flair*"));
  EXPECT_TRUE(HoldsWord(FoldText("t2 Dark-Fluid"), "dark fluid"));
  EXPECT_TRUE(HoldsWord(FoldText("T1W"), "t1*"));
  EXPECT_FALSE(HoldsWord(FoldText("cont1"), "t1*"));
  EXPECT_FALSE(HoldsWord(FoldText("anything"), "*"));
  EXPECT_FALSE(HoldsWord(FoldText("anything"), ""));
}

TEST(TextFolding, MatchesScriptsWithoutBlanksAnywhere)
{
  EXPECT_TRUE(HoldsWord(FoldText("头颅平扫T2"), "头"));
  EXPECT_TRUE(HoldsWord(FoldText("頭部MRI"), "頭"));
  EXPECT_TRUE(HoldsWord(FoldText("головы"), "голов"));
}

TEST(TextFolding, RemovesWordsAndLeavesABlank)
{
  EXPECT_EQ(RemoveWords(FoldText("T2 femoral head, femoral head!"), {"femoral head"}), " t2 ");
  EXPECT_EQ(RemoveWords(FoldText("T2 Kopfgelenke tra"), {"kopfgelenk*"}), " t2 tra ");
  EXPECT_EQ(RemoveWords(FoldText("Grosshirn tra"), {"*hirn"}), " tra ");
  EXPECT_EQ(RemoveWords(FoldText("head"), {"head"}), " ");
  EXPECT_EQ(RemoveWords(FoldText("heads"), {"head"}), " heads ");
  EXPECT_EQ(RemoveWords(FoldText("股骨头MRI"), {"骨头"}), " 股 mri ");
  EXPECT_EQ(RemoveWords(FoldText("anything"), {""}), " anything ");
}

TEST(TextFolding, TakesNoHeadOfAnotherPartForTheHead)
{
  const RoutingWords words = RoutingWords::Default();
  for (const std::string& word : words.otherHeads)
  {
    const std::string folded = FoldText(word.ends_with('*') ? word.substr(0, word.size() - 1) : word);
    EXPECT_EQ(FindWord(RemoveWords(folded, words.otherHeads), words.head), "") << word;
  }
}

TEST(TextFolding, NoBuiltInWordIsEmpty)
{
  const RoutingWords words = RoutingWords::Default();
  for (const auto* list :
       {&words.head, &words.neck, &words.otherBodyParts, &words.otherHeads, &words.noBodyParts, &words.anyBodyParts,
        &words.localizers, &words.otherContrasts, &words.t2, &words.t1, &words.phantoms})
  {
    for (const std::string& word : *list)
    {
      std::string inner = word;
      std::erase(inner, '*');
      EXPECT_TRUE(HoldsWord(FoldText(inner), word)) << word;
    }
  }
}

TEST(TextFolding, HeadWordsDoNotNameOtherParts)
{
  const RoutingWords words = RoutingWords::Default();
  for (const char* const text :
       {"head", "Kopf", "Schädel", "Gehirn", "tête", "crâne", "encéphale", "cabeza", "cráneo", "cervello", "cabeça",
        "голова", "头颅", "脑", "頭部", "脳", "뇌", "hippocampus", "brain stem"})
  {
    EXPECT_EQ(FindWord(FoldText(text), words.otherBodyParts), "") << text;
  }
  for (const char* const text : {"Knie", "LWS", "Halswirbelsäule", "genou", "rachis lombaire", "rodilla", "columna",
                                 "膝关节", "腰椎", "頸椎", "前列腺", "척추", "колено", "C-Spine", "PELVIS", "Schulter"})
  {
    EXPECT_EQ(FindWord(FoldText(text), words.head), "") << text;
    EXPECT_NE(FindWord(FoldText(text), words.otherBodyParts), "") << text;
  }
}
