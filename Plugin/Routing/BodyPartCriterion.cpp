// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/BodyPartCriterion.h"

#include "Plugin/Routing/TextFolding.h"

#include <algorithm>
#include <optional>
#include <string>

namespace H3K27M::Routing
{
  namespace
  {
    // The words that name parts in one text; empty: none does.
    struct PartWords
    {
      std::string head;
      std::string neck;
      std::string other;
    };

    using Verdict = std::optional<RoutingCriterion>;  // none: the text names no part

    RoutingCriterion Make(const std::string& seen, bool passed)
    {
      return RoutingCriterion{"body_part", seen, "head or brain, or no part named", passed};
    }

    std::string Quote(const char* tag, const std::string& text)
    {
      return std::string(tag) + " \"" + text + "\"";
    }

    PartWords FindParts(const std::string& text, const RoutingWords& words)
    {
      const std::string folded = RemoveWords(FoldText(text), words.noBodyParts);
      const std::string rest = RemoveWords(folded, words.otherHeads);
      PartWords found;
      found.head = FindWord(rest, words.head);
      found.neck = FindWord(rest, words.neck);
      found.other = FindWord(folded, words.otherHeads);
      if (found.other.empty())
      {
        found.other = FindWord(rest, words.otherBodyParts);
      }
      return found;
    }

    // `name` says where the text comes from, and quotes it where it may be quoted.
    Verdict JudgeText(const std::string& name, const PartWords& found)
    {
      if (!found.head.empty())
      {
        return Make(name + " holds " + found.head, true);
      }
      const std::string& other = found.other.empty() ? found.neck : found.other;
      return other.empty() ? Verdict() : Make(name + " holds " + other, false);
    }

    // Empty, a placeholder, or the whole body: as if it had not been filled in. A phantom is judged elsewhere.
    bool IsUnfilled(const std::string& value, const RoutingWords& words)
    {
      const std::string rest = RemoveWords(RemoveWords(FoldText(value), words.anyBodyParts), words.phantoms);
      return std::none_of(rest.begin(), rest.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c & 0x80) != 0; });
    }

    // These name nothing but parts of the body, so that a term that is not known is another part than the head.
    Verdict JudgeCode(const char* tag, const std::string& value, const RoutingWords& words)
    {
      Verdict verdict = JudgeText(Quote(tag, value), FindParts(value, words));
      if (verdict || IsUnfilled(value, words))
      {
        return verdict;
      }
      return Make(Quote(tag, value) + " names neither head nor brain", false);
    }

    // Where both are filled in, neither may name another part.
    Verdict JudgeCodes(const Volume::AcquisitionTags& tags, const RoutingWords& words)
    {
      const Verdict examined = JudgeCode("BodyPartExamined", tags.bodyPartExamined, words);
      const Verdict region = JudgeCode("AnatomicRegionSequence", tags.anatomicRegion, words);
      return examined && (!examined->passed || !region || region->passed) ? examined : region;
    }

    bool IsHeadAndNeck(const std::string& value, const RoutingWords& words)
    {
      const PartWords found = FindParts(value, words);
      return !found.head.empty() && found.other.empty() && (!found.neck.empty() || found.head == "headneck");
    }

    Verdict JudgeDescription(const Volume::AcquisitionTags& tags, const RoutingWords& words)
    {
      const PartWords found = FindParts(tags.seriesDescription, words);
      const bool isNeckAlone = found.head.empty() && found.other.empty() && !found.neck.empty();
      if (isNeckAlone && (IsHeadAndNeck(tags.bodyPartExamined, words) || IsHeadAndNeck(tags.anatomicRegion, words)))
      {
        return Make(Quote("SeriesDescription", tags.seriesDescription) + " holds " + found.neck +
                      ", in an examination of head and neck",
                    true);
      }
      return JudgeText(Quote("SeriesDescription", tags.seriesDescription), found);
    }

    // Free text of the study, which may hold a person's name: its words count, and it is never quoted.
    Verdict JudgeExamination(const SeriesDescriptor& series, const RoutingWords& words)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      std::string name = "StudyDescription or RequestedProcedureDescription";
      std::string text = tags.studyDescription + " / " + tags.requestedProcedureDescription;
      if (IsExaminationProtocol(series))
      {
        name = "StudyDescription, RequestedProcedureDescription or ProtocolName";
        text += " / " + tags.protocolName;
      }
      return JudgeText(name, FindParts(text, words));
    }
  }

  RoutingCriterion JudgeBodyPart(const SeriesDescriptor& series, const RoutingWords& words)
  {
    const Volume::AcquisitionTags& tags = series.acquisition;
    Verdict verdict = JudgeDescription(tags, words);
    if (!verdict)
    {
      verdict = JudgeCodes(tags, words);
    }
    if (!verdict && !IsExaminationProtocol(series))
    {
      verdict = JudgeText(Quote("ProtocolName", tags.protocolName), FindParts(tags.protocolName, words));
    }
    if (!verdict)
    {
      verdict = JudgeExamination(series, words);
    }
    return verdict.value_or(Make("no part named", true));
  }
}
