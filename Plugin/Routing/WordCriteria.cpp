// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/WordCriteria.h"

#include "Plugin/Routing/BodyPartCriterion.h"
#include "Plugin/Routing/TextFolding.h"

#include <algorithm>
#include <string>

namespace H3K27M::Routing
{
  namespace
  {
    // Each text once: many scanners repeat one as the other.
    std::string JoinTexts(const std::vector<std::string>& texts)
    {
      std::string joined;
      for (auto text = texts.begin(); text != texts.end(); ++text)
      {
        if (!text->empty() && std::find(texts.begin(), text, *text) == text)
        {
          joined += (joined.empty() ? "" : " / ") + *text;
        }
      }
      return joined;
    }

    RoutingCriterion Judge(const char* name, const std::string& text, const std::string& word,
                           const std::string& wanted)
    {
      std::string seen = text.empty() ? "absent" : "\"" + text + "\"";
      seen += word.empty() ? "" : " holds " + word;
      return RoutingCriterion{name, seen, wanted, word.empty()};
    }

    RoutingCriterion JudgeDescription(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      const RoutingWords& words = rules.words;
      const bool isT1 = rules.contrast == Contrast::CeT1w;
      const std::string& own = series.acquisition.seriesDescription;
      const std::string text = own.empty() ? GetSeriesProtocol(series) : own;
      std::string folded = FoldText(text);
      const bool hasOwnWord = !FindWord(folded, isT1 ? words.t1 : words.t2).empty();
      if (isT1 && hasOwnWord)
      {
        folded = RemoveWords(folded, {"flair", "t1flair*", "t1wflair*", "gre"});  // T1 FLAIR, T1 by gradient echoes
      }
      std::string word = FindWord(folded, words.otherContrasts);
      if (word.empty() && !hasOwnWord)
      {
        word = FindWord(folded, isT1 ? words.t2 : words.t1);
      }
      return Judge("description", text, word, "no word for another contrast");
    }

    RoutingCriterion JudgeLocalizer(const SeriesDescriptor& series, const RoutingWords& words)
    {
      const std::string text = JoinTexts({series.acquisition.seriesDescription, GetSeriesProtocol(series)});
      return Judge("localizer", text, FindWord(FoldText(text), words.localizers), "no word for a localizer");
    }

    // Free text of the study, which may hold a person's name: its words count, and it is never quoted.
    const char* const STUDY_TEXTS = "StudyDescription or RequestedProcedureDescription";

    std::string FoldStudy(const Volume::AcquisitionTags& tags)
    {
      return FoldText(tags.studyDescription + " / " + tags.requestedProcedureDescription);
    }

    RoutingCriterion JudgePhantom(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      const std::string text =
        JoinTexts({tags.bodyPartExamined, tags.anatomicRegion, tags.seriesDescription, tags.protocolName});
      std::string word = FindWord(FoldText(text), rules.words.phantoms);
      if (word.empty())
      {
        word = FindWord(FoldStudy(tags), rules.words.phantoms);
        word += word.empty() ? "" : std::string(" in ") + STUDY_TEXTS;
      }
      if (word.empty() && (tags.qualityControlImage == "YES" || tags.qualityControlImage == "BOTH"))
      {
        word = "QualityControlImage (0028,0300) " + tags.qualityControlImage;
      }
      RoutingCriterion criterion = Judge("phantom", text, word, "no word for a phantom");
      if (rules.allowPhantoms)
      {
        criterion.wanted = "anything: phantoms are allowed";
        criterion.passed = true;
      }
      return criterion;
    }
  }

  void AppendWordCriteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                          const RoutingRules& rules)
  {
    criteria.push_back(JudgeDescription(series, rules));
    criteria.push_back(JudgeLocalizer(series, rules.words));
    criteria.push_back(JudgeBodyPart(series, rules.words));
    criteria.push_back(JudgePhantom(series, rules));
  }
}
