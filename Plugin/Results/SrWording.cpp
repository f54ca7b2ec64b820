// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/SrWording.h"

#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Results/Prediction.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Volume/SourceSeries.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

namespace H3K27M::Results::Wording
{
  namespace
  {
    std::string Format(const char* format, double value)
    {
      std::array<char, 64> buffer = {};
      std::snprintf(buffer.data(), buffer.size(), format, value);
      return buffer.data();
    }

    // A stack that is lower cannot hold a whole brain, a child's included.
    constexpr double WHOLE_BRAIN_MM = 100;

    // What follows numbers that no viewer shows.
    const char* ExplainNumbers(const SliceNames& names)
    {
      return names.areShown ? "" : " counted from the lowest";
    }

    double GetExtentMm(const Volume::SourceSeries& source)
    {
      const double thicknessMm = source.sliceThicknessMm > 0 ? source.sliceThicknessMm : source.sliceSpacingMm;
      return std::abs(source.slices.back().positionAlongNormalMm - source.slices.front().positionAlongNormalMm) +
             thicknessMm;
    }

    std::string GetVolumeText(double volumeMm3)
    {
      return Format("%.1f", volumeMm3 / 1000) + " mL (" + Format("%.0f", volumeMm3) + " mm3)";
    }

    // Networks of the ensemble that would have said the other status.
    std::ptrdiff_t CountDissenters(const GenotypePrediction& genotype)
    {
      const bool isAltered = genotype.status == GenotypeStatus::Altered;
      return std::count_if(genotype.memberProbabilities.begin(), genotype.memberProbabilities.end(),
                           [&](double probability) { return (probability > genotype.threshold) != isAltered; });
    }

    std::string GetStatusSentence(const Prediction& prediction)
    {
      const GenotypePrediction& genotype = prediction.genotype;
      if (genotype.status == GenotypeStatus::NotDetermined || !genotype.probabilityAltered)
      {
        return "H3 K27M status NOT DETERMINED" +
               (genotype.reason.empty() ? std::string(".") : ": " + JoinSentences({genotype.reason}));
      }
      const std::string status = genotype.status == GenotypeStatus::Altered ? "-ALTERED (mutant)" : " WILD TYPE";
      return "The model predicts H3 K27M" + status + ": estimated probability of alteration " +
             ToPercent(*genotype.probabilityAltered) + " (decision threshold " + ToPercent(genotype.threshold) + ")." +
             (CountDissenters(genotype) > 0 ? " CAUTION: " + DescribeSpread(genotype) : std::string());
    }
  }

  SliceNames NameSlices(const Volume::SourceSeries& source)
  {
    SliceNames names;
    names.numbers.reserve(source.slices.size());
    for (const Volume::SourceSlice& slice : source.slices)
    {
      names.numbers.push_back(slice.isMultiFrame ? static_cast<int>(slice.frameNumber) : slice.instanceNumber);
    }
    const std::set<int> distinct(names.numbers.begin(), names.numbers.end());
    names.areShown = distinct.size() == names.numbers.size() && *distinct.begin() > 0;
    if (!names.areShown)
    {
      // Slices run along the normal, which points to the feet where rows run to anterior.
      const bool fromTop = source.slices.back().imagePositionPatient[2] < source.slices.front().imagePositionPatient[2];
      const int count = static_cast<int>(names.numbers.size());
      for (int i = 0; i < count; i++)
      {
        names.numbers[static_cast<std::size_t>(i)] = fromTop ? count - i : i + 1;
      }
    }
    return names;
  }

  std::string ToPercent(double share)
  {
    if (share < 0.001)
    {
      return "less than 0.1 %";
    }
    if (share > 0.999)
    {
      return "more than 99.9 %";
    }
    return Format("%.1f", share * 100) + " %";
  }

  std::string JoinSentences(const std::vector<std::string>& sentences)
  {
    std::string text;
    for (const std::string& sentence : sentences)
    {
      const std::size_t end = sentence.find_last_not_of(". ");
      if (end != std::string::npos)
      {
        text.append(text.empty() ? "" : " ").append(sentence, 0, end + 1).append(".");
      }
    }
    return text;
  }

  std::string GetNotice()
  {
    return "AI-GENERATED, FOR RESEARCH USE ONLY. Not reviewed by a physician. Not for diagnosis or treatment.";
  }

  std::string GetConclusion(const ResultContext& context, const Prediction& prediction, const MaskVolume& mask,
                            bool hasMask)
  {
    const std::string coverage = DescribeCoverage(context.source, prediction);
    if (!hasMask)
    {
      return GetStatusSentence(prediction) + " This model draws no outline of the tumour. " + coverage;
    }
    if (mask.IsEmpty())
    {
      const double leastMm2 = context.model.minimumTumourAreaMm2;
      return JoinSentences(
        {"No tumour region " + (leastMm2 > 0 ? "of at least " + Format("%.0f", leastMm2) + " mm2 on a slice " : "") +
           "was found on the axial T2 series, so no outline was stored",
         JoinSentences(GetDoubts(context.model, prediction)), coverage, GetStatusSentence(prediction)});
    }
    std::string text = GetStatusSentence(prediction) + " Outlined T2-bright tumour and oedema region: " +
                       GetVolumeText(ComputeVolumeMm3(mask, context.source)) + " on " +
                       DescribeSlices(context.source, mask.GetTumourSlices()) + ". " + coverage;
    if (!context.source.gaps.empty())
    {
      text += " Slices are MISSING from the series: the volume leaves them out.";
    }
    if (prediction.genotype.agreesWithMask == false)
    {
      text += " CAUTION: the class of the outline and the predicted status DISAGREE.";
    }
    return text;
  }

  std::vector<std::string> GetDoubts(const ModelInfo& model, const Prediction& prediction)
  {
    std::vector<std::string> doubts;
    const std::vector<SliceScore>& scores = prediction.genotype.slices;
    const auto outlined =
      std::count_if(scores.begin(), scores.end(), [](const SliceScore& score) { return score.tumourAreaMm2 > 0; });
    if (!prediction.tumour.found && outlined > 0)
    {
      doubts.push_back("CAUTION: the model outlined smaller areas on " + std::to_string(outlined) +
                       (outlined == 1 ? " slice" : " slices") + ", which were taken as free of tumour");
    }
    if (prediction.typicality && prediction.typicality->share < model.minimumTypicality)
    {
      doubts.emplace_back(
        "CAUTION: the images look unlike those that the model knows, and tumour may have been missed");
    }
    return doubts;
  }

  std::string DescribeSource(const SourceAttributes& source)
  {
    const std::string number = source.Get(DCM_SeriesNumber);
    const std::string description = source.Get(DCM_SeriesDescription);
    if (number.empty())
    {
      return description.empty() ? "" : "Read from the series " + description + ".";
    }
    return "Read from series " + number + (description.empty() ? "" : " (" + description + ")") + ".";
  }

  std::string DescribeCoverage(const Volume::SourceSeries& source, const Prediction& prediction)
  {
    const double extentMm = GetExtentMm(source);
    const std::string slices =
      std::to_string(prediction.slicesComputed) + " of " + std::to_string(source.slices.size()) + " slices examined.";
    return (extentMm < WHOLE_BRAIN_MM ? "CAUTION: the series covers only " : "The series covers ") +
           Format("%.0f", extentMm) + " mm; " + slices;
  }

  std::vector<std::string> GetCoverageWarnings(const Volume::SourceSeries& source)
  {
    const double extentMm = GetExtentMm(source);
    if (extentMm >= WHOLE_BRAIN_MM)
    {
      return {};
    }
    return {"the series covers only " + Format("%.0f", extentMm) +
            " mm along its slices, less than a whole brain: nothing is said of what lies outside"};
  }

  std::string GetLimits(const ModelInfo& model, bool hasMask)
  {
    const std::string outline = hasMask ? "The outline includes oedema and may include other T2-bright tissue; its "
                                          "anatomic site is not determined beyond the brain. "
                                        : "Whether there is a tumour, and where, is not looked for. ";
    const std::string text =
      "Assumes a newly diagnosed, untreated diffuse midline glioma; that this is one is not checked. "
      "Says nothing of other lesions. Not validated for clinical use; no substitute for histology and "
      "molecular testing. " +
      outline +
      "The status means the H3 K27M mutation, as sequencing "
      "finds it: wild type does not exclude other H3 K27 alterations (e.g. EZHIP overexpression). The "
      "probability is the model's own estimate: it is not calibrated for patients of other hospitals, and depends on "
      "the share of altered tumours among those that the model was trained on.";
    return model.intendedUse.empty() ? text : JoinSentences({text, "Intended use of the model: " + model.intendedUse});
  }

  std::vector<std::string> GetMissingSlices(const Volume::SourceSeries& source)
  {
    const SliceNames names = NameSlices(source);
    const std::vector<int>& numbers = names.numbers;
    const std::string noun = names.areShown ? "image" : "slice";
    std::vector<std::string> sentences;
    for (const Volume::SliceGap& gap : source.gaps)
    {
      const std::string count = std::to_string(gap.missingSlices);
      std::string where = "after " + noun + " " + std::to_string(numbers.at(gap.afterSlice));
      if (gap.afterSlice + 1 < numbers.size())
      {
        where = "between " + noun + "s " + std::to_string(numbers[gap.afterSlice]) + " and " +
                std::to_string(numbers[gap.afterSlice + 1]);
      }
      where += ExplainNumbers(names);
      std::string sentence = count;
      sentence.append(gap.missingSlices == 1 ? " slice position is" : " slice positions are")
        .append(" without an image ")
        .append(where)
        .append(
          " (by the spacing of the series). Tumour there, if any, is neither outlined nor counted in the volume.");
      sentences.push_back(sentence);
    }
    return sentences;
  }

  std::string DescribeSlices(const Volume::SourceSeries& source, const std::vector<std::size_t>& slices)
  {
    const SliceNames names = NameSlices(source);
    std::vector<int> numbers;
    numbers.reserve(slices.size());
    for (const std::size_t slice : slices)
    {
      numbers.push_back(names.numbers.at(slice));
    }
    std::sort(numbers.begin(), numbers.end());

    std::string text = names.areShown ? "image" : "slice";
    text += numbers.size() == 1 ? " " : "s ";
    for (std::size_t i = 0; i < numbers.size();)
    {
      std::size_t last = i;
      while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1)
      {
        last++;
      }
      text.append(i == 0 ? "" : ", ").append(std::to_string(numbers[i]));
      if (last > i)
      {
        text.append("-").append(std::to_string(numbers[last]));
      }
      i = last + 1;
    }
    return text + ExplainNumbers(names) + " (" + std::to_string(slices.size()) + " of " +
           std::to_string(source.slices.size()) + ")";
  }

  std::string DescribeSpread(const GenotypePrediction& genotype)
  {
    const std::vector<double>& members = genotype.memberProbabilities;
    if (members.size() < 2 || genotype.status == GenotypeStatus::NotDetermined)
    {
      return "";
    }
    const auto [lowest, highest] = std::minmax_element(members.begin(), members.end());
    const std::string count = std::to_string(members.size());
    std::string text = "The " + count + " networks of the ensemble, each by itself, estimate " + ToPercent(*lowest) +
                       " to " + ToPercent(*highest) + " (their spread, not a confidence interval)";
    if (const std::ptrdiff_t dissenters = CountDissenters(genotype); dissenters > 0)
    {
      text += "; " + std::to_string(dissenters) + " of " + count + " would say the other status";
    }
    return text + ".";
  }

  std::string DescribeTypicality(const Prediction& prediction)
  {
    if (!prediction.typicality)
    {
      return "";
    }
    const InputTypicality& typicality = *prediction.typicality;
    return "How usual the images look to the model: of " + std::to_string(typicality.patients) +
           " patients that it had not seen, " + std::to_string(typicality.CountAsUnusual()) +
           " look at least as unusual" + (typicality.abstained ? "; no status is stated because of it." : ".");
  }

  std::string DescribeSliceScores(const Volume::SourceSeries& source, const Prediction& prediction)
  {
    const SliceNames names = NameSlices(source);
    const std::string noun = names.areShown ? "image " : "slice ";
    std::map<int, std::string> byNumber;  // in the order that a viewer shows the images
    for (const SliceScore& score : prediction.genotype.slices)
    {
      if (score.probabilityAltered)
      {
        const int number = names.numbers.at(score.slice);
        byNumber[number] = noun + std::to_string(number) + ": " + ToPercent(*score.probabilityAltered) + ", " +
                           Format("%.0f", score.tumourAreaMm2) + " mm2";
      }
    }
    std::string text;
    for (const auto& [number, sentence] : byNumber)
    {
      text.append(text.empty() ? "" : "; ").append(sentence);
    }
    return text.empty() || names.areShown ? text : text + " (slices" + ExplainNumbers(names) + ")";
  }
}
