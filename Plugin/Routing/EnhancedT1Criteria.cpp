// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/EnhancedT1Criteria.h"

#include "Plugin/Routing/TagText.h"
#include "Plugin/Routing/TextFolding.h"

#include <algorithm>
#include <regex>

namespace H3K27M::Routing
{
  namespace
  {
    constexpr double T1_REPETITION_TIME_MS = 1500;  // proton density by spin echoes begins near 2000 ms

    // Texts that hold a word for the agent, or against it, and mean something else.
    std::vector<std::string> OtherMeanings()
    {
      std::vector<std::string> phrases = {"pre op*",     "preop*",     "post op*",    "postop*",
                                          "post fossa",  "post fos",   "fossa post",  "post rt*",
                                          "post xrt*",   "post radi*", "post biops*", "post surg*",
                                          "post chemo*", "post ther*", "post treat*", "phase contrast*"};
      for (const char* without : {"w o", "wo", "without", "no", "non", "ohne", "sans", "sin", "senza"})
      {
        for (const char* what :
             {" fs", " fat*", " spair", " angle*", " angul*", " gap", " gating", " mt", " mtc", " flow*"})
        {
          phrases.push_back(std::string(without) + what);
        }
      }
      return phrases;
    }

    // "+C", "C+", "Gd-": folding makes blanks of signs. "T1-KM" joins two words, so a minus in front stands by itself.
    std::string FindSign(const std::string& text, char sign)
    {
      const std::string agent = "(c|gd|gado|km|kontrast|contrast|inj)";
      const std::string mark = std::string(sign == '-' ? R"((^|[\s_/(]))" : "") + "\\" + sign;
      const std::regex pattern(mark + R"(\s?)" + agent + R"(($|[\s_/)])|(^|[\s_/(]|t1))" + agent + R"(\s?\)" + sign +
                                 R"(($|[\s_/)]))",
                               std::regex::icase);
      std::smatch match;
      return std::regex_search(text, match, pattern) ? "\"" + match.str() + "\"" : std::string();
    }

    // A short inversion time nulls fat (STIR), a long one fluid (FLAIR, which the echo time tells from T1 FLAIR).
    RoutingCriterion JudgeT1Inversion(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      Evidence evidence;
      const double time = tags.inversionTimeMs.value_or(0);
      evidence.Add(time > 0 && time < rules.inversionTimeMinimumMs, "InversionTime " + PrintNumber(time) + " ms");
      evidence.Add(tags.acquisitionContrast == "STIR", "AcquisitionContrast STIR");
      return evidence.Make("inversion", "no inversion pulse, or one that serves T1");
    }

    // From proton density and balanced sequences T1 is told by a word, an inversion, or a short repetition time.
    RoutingCriterion JudgeWeighting(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      RoutingCriterion criterion{"t1_weighting", "", "a word for T1, an inversion, or a short repetition time", true};
      const std::string text = FoldText(tags.seriesDescription + " / " + GetSeriesProtocol(series));
      const std::string word = FindWord(text, rules.words.t1);
      const double inversionTime = tags.inversionTimeMs.value_or(0);
      if (IsYes(tags.steadyStatePulseSequence) && tags.steadyStatePulseSequence != "LONGITUDINAL")
      {
        criterion.seen = "steady state " + tags.steadyStatePulseSequence;
        criterion.passed = false;
      }
      else if (!word.empty())
      {
        criterion.seen = "the name holds " + word;
      }
      else if (inversionTime > 0)
      {
        criterion.seen = "InversionTime " + PrintNumber(inversionTime) + " ms";
      }
      else
      {
        const double time = tags.repetitionTimeMs.value_or(0);
        criterion.seen = "RepetitionTime " + PrintNumber(time) + " ms, and no word for T1";
        criterion.passed = time <= T1_REPETITION_TIME_MS;
      }
      return criterion;
    }

    // What `text` says of the agent: given, not given, or nothing, with the word that said it.
    struct AgentWord
    {
      std::string given;
      std::string notGiven;
    };

    AgentWord FindAgentWord(const std::string& text, const RoutingWords& words)
    {
      const std::string folded = RemoveWords(FoldText(text), OtherMeanings());
      AgentWord found;
      found.notGiven = FindSign(text, '-');
      if (found.notGiven.empty())
      {
        found.notGiven = FindWord(folded, words.noContrastAgent);
      }
      if (found.notGiven.empty())
      {
        found.given = FindSign(text, '+');
        found.given = found.given.empty() ? FindWord(folded, words.contrastAgent) : found.given;
      }
      return found;
    }

    AgentWord FindAgentWord(const SeriesDescriptor& series, const RoutingWords& words)
    {
      const AgentWord own = FindAgentWord(series.acquisition.seriesDescription, words);
      return own.given.empty() && own.notGiven.empty() ? FindAgentWord(GetSeriesProtocol(series), words) : own;
    }

    // Whether the tag says that something was given.
    bool NamesAgent(const std::string& tag)
    {
      const std::vector<std::string> nothing = {"no",    "none", "n",     "nil",   "na",    "n a",    "0",    "without",
                                                "ohne",  "kein", "keine", "keins", "aucun", "aucune", "sans", "sin",
                                                "senza", "нет",  "без",   "无",    "無",    "なし",   "없음"};
      std::string folded = FoldText(tag);
      folded.erase(0, folded.find_first_not_of(' '));
      folded.erase(folded.find_last_not_of(' ') + 1);
      return !folded.empty() && std::find(nothing.begin(), nothing.end(), folded) == nothing.end();
    }

    // The description has the last word, the protocol speaks where it says nothing; the tag comes last, because
    // technicians copy it from series to series, also onto those before the injection.
    RoutingCriterion JudgeContrastAgent(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      const AgentWord word = FindAgentWord(series, rules.words);
      const bool isByTag = NamesAgent(series.acquisition.contrastAgent);
      RoutingCriterion criterion{"contrast_agent", "absent", "given before these images", false};
      if (!word.notGiven.empty())
      {
        criterion.seen = "the description holds " + word.notGiven;
      }
      else if (!word.given.empty() || isByTag)
      {
        criterion.seen = word.given.empty() ? "ContrastBolusAgent is filled in" : "the description holds " + word.given;
        criterion.passed = true;
      }
      return criterion;
    }
  }

  bool SaysContrastAgent(const SeriesDescriptor& series, const RoutingWords& words)
  {
    return !FindAgentWord(series, words).given.empty();
  }

  void AppendEnhancedT1Criteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                                const RoutingRules& rules)
  {
    criteria.push_back(JudgeT1Inversion(series, rules));
    criteria.push_back(JudgeWeighting(series, rules));
    criteria.push_back(JudgeContrastAgent(series, rules));
  }
}
