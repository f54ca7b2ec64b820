// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/PhysicsCriteria.h"

#include "Plugin/Routing/DixonImage.h"
#include "Plugin/Routing/EnhancedT1Criteria.h"
#include "Plugin/Routing/OwnResults.h"
#include "Plugin/Routing/TagText.h"
#include "Plugin/Routing/TextFolding.h"
#include "Plugin/Volume/Vectors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace H3K27M::Routing
{
  namespace
  {
    using Values = std::vector<std::string>;

    struct SopClass
    {
      std::string_view uid;
      std::string_view name;
    };

    constexpr std::array<SopClass, 3> MR_CLASSES = {{
      {"1.2.840.10008.5.1.4.1.1.4", "MR Image Storage"},
      {"1.2.840.10008.5.1.4.1.1.4.1", "Enhanced MR Image Storage"},
      {"1.2.840.10008.5.1.4.1.1.4.4", "Legacy Converted Enhanced MR Image Storage"},
    }};

    RoutingCriterion JudgeImageType(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      const Values& type = series.acquisition.imageType;
      const std::string unwanted =
        FindAny(type, {"MOSAIC", "LOCALIZER", "PROJECTION IMAGE", "MIP", "MINIP", "MNIP", "MIN IP", "MAX_IP", "MIN_IP",
                       "T1 MAP", "T2 MAP", "T2_MAP", "T2STAR MAP", "R2 MAP", "B0 MAP", "B1 MAP", "SCREEN SAVE",
                       "CSA REPORT", "SPEC"});
      // Of enhanced images (PS3.3 C.8.16.2.1.3). A flat reformation (MPR) shows tissue where it lies, these do not.
      const std::string& calculation = series.acquisition.volumeBasedCalculation;
      const bool isProjection =
        !FindAny({calculation}, {"MAX_IP", "MIN_IP", "VOLUME_RENDER", "SURFACE_RENDER", "CURVED_MPR"}).empty();
      const bool isFat = ClassifyDixon(type) == DixonImage::FatOrOutOfPhase;
      const bool isDerived = !type.empty() && type.front() == "DERIVED";
      RoutingCriterion criterion{"image_type", OrAbsent(JoinValues(type)),
                                 "no map, mosaic, projection or localizer, no fat or out-of-phase image", true};
      criterion.seen += isFat ? ", a fat or out-of-phase image of a Dixon series" : "";
      criterion.seen += isProjection ? ", VolumeBasedCalculationTechnique " + calculation : "";
      criterion.passed = unwanted.empty() && !isFat && !isProjection && (rules.allowDerived || !isDerived);
      criterion.isBinding = !unwanted.empty() || isProjection;  // the pixels are no slices of tissue
      criterion.wanted += rules.allowDerived ? "" : ", and not DERIVED";
      return criterion;
    }

    RoutingCriterion JudgeComponent(const SeriesDescriptor& series)
    {
      const std::string& component = series.acquisition.complexImageComponent;
      // Value 3 or 4 of classic vendors: M, P, R, I; Philips writes PHASE MAP.
      const std::string classic =
        FindAny(series.acquisition.imageType, {"P", "PHASE", "PHASE MAP", "R", "REAL", "I", "IMAGINARY"});
      const bool isPossible = component.empty() || component == "MAGNITUDE" || component == "MIXED";
      const std::string seen = !classic.empty() ? classic : component;
      return RoutingCriterion{"complex_component", OrAbsent(seen), "magnitude, or not stated",
                              isPossible && classic.empty()};
    }

    // Words and lines in the pixels would be read as tissue, and may name the patient.
    RoutingCriterion JudgeAnnotation(const SeriesDescriptor& series)
    {
      const std::string& annotation = series.acquisition.burnedInAnnotation;
      return RoutingCriterion{"burned_in_annotation", OrAbsent(annotation), "NO, or not stated", annotation != "YES",
                              BINDING};
    }

    RoutingCriterion JudgeEchoTime(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      std::vector<double> times = series.echoTimesMs;
      if (times.empty() && series.acquisition.echoTimeMs)
      {
        times.push_back(*series.acquisition.echoTimeMs);
      }
      RoutingCriterion criterion{
        "echo_time", "absent",
        PrintNumber(rules.echoTimeMinimumMs) + " to " + PrintNumber(rules.echoTimeMaximumMs) + " ms", false};
      if (!times.empty())
      {
        criterion.seen = times.size() == 1 ? PrintNumber(times.front()) + " ms"
                                           : PrintNumber(times.front()) + " to " + PrintNumber(times.back()) + " ms, " +
                                               std::to_string(times.size()) + " different";
        criterion.passed = times.front() >= rules.echoTimeMinimumMs && times.back() <= rules.echoTimeMaximumMs;
      }
      return criterion;
    }

    RoutingCriterion JudgeRepetitionTime(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      RoutingCriterion criterion{"repetition_time", "absent",
                                 PrintNumber(rules.repetitionTimeMinimumMs) + " to " +
                                   PrintNumber(rules.repetitionTimeMaximumMs) + " ms",
                                 false};
      if (const auto& time = series.acquisition.repetitionTimeMs)
      {
        criterion.seen = PrintNumber(*time) + " ms";
        criterion.passed = *time >= rules.repetitionTimeMinimumMs && *time <= rules.repetitionTimeMaximumMs;
      }
      return criterion;
    }

    // Spin echo and nothing else: EchoPulseSequence of enhanced images, ScanningSequence of classic ones. Where neither
    // says anything (GE's research mode, converted images) the names must.
    RoutingCriterion JudgeSpinEcho(const SeriesDescriptor& series)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      RoutingCriterion criterion{"spin_echo", "", "a spin echo, no gradient echo, no steady state", false};
      if (!tags.echoPulseSequence.empty())
      {
        criterion.seen = tags.echoPulseSequence;
        criterion.passed = tags.echoPulseSequence == "SPIN";
      }
      const std::string scanning = JoinValues(tags.scanningSequence);
      if (!scanning.empty() && scanning != "RM")
      {
        criterion.seen += (criterion.seen.empty() ? "" : ", ") + scanning;
        const bool isSpin =
          !FindAny(tags.scanningSequence, {"SE"}).empty() && FindAny(tags.scanningSequence, {"GR", "EP"}).empty();
        criterion.passed = isSpin && (tags.echoPulseSequence.empty() || criterion.passed);
      }
      if (criterion.seen.empty())
      {
        const std::string names = FoldText(tags.sequenceName + " " + tags.seriesDescription + " " + tags.protocolName);
        const std::string name =
          FindWord(names, {"*tse*", "*fse*", "*se2d*", "*spc*", "*haste*", "spin echo", "turbo spin echo",
                           "*propeller*", "*blade*", "*multivane*", "*cube*", "*vista*"});
        criterion.seen = name.empty() ? "absent" : "not stated, but the name holds " + name;
        criterion.passed = !name.empty();
      }
      if (IsYes(tags.steadyStatePulseSequence))
      {
        criterion.seen += ", steady state " + tags.steadyStatePulseSequence;
        criterion.passed = false;
      }
      return criterion;
    }

    RoutingCriterion JudgeInversion(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      Evidence evidence;
      evidence.AddValue("ScanningSequence", FindAny(tags.scanningSequence, {"IR"}));
      evidence.Add(IsYes(tags.inversionRecovery), "InversionRecovery " + tags.inversionRecovery);
      const double time = tags.inversionTimeMs.value_or(0);
      evidence.Add(time > rules.inversionTimeMaximumMs, "InversionTime " + PrintNumber(time) + " ms");
      evidence.Add(tags.acquisitionContrast == "FLUID_ATTENUATED" || tags.acquisitionContrast == "STIR",
                   "AcquisitionContrast " + tags.acquisitionContrast);
      const std::string name = FindWord(FoldText(tags.sequenceName), {"tir*", "*flair*"});
      evidence.AddValue("the sequence's name", name.empty() ? name : tags.sequenceName);
      return evidence.Make("inversion", "no inversion pulse (FLAIR, STIR)");
    }

    RoutingCriterion JudgeEchoPlanar(const SeriesDescriptor& series)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      Evidence evidence;
      evidence.AddValue("ScanningSequence", FindAny(tags.scanningSequence, {"EP"}));
      evidence.Add(IsYes(tags.echoPlanarPulseSequence), "EchoPlanarPulseSequence " + tags.echoPlanarPulseSequence);
      evidence.AddValue("ScanOptions", FindAny(tags.scanOptions, {"EPI_GEMS"}));
      const std::string name = FindWord(FoldText(tags.sequenceName), {"ep2d*", "epse*", "epfid*", "epi*"});
      evidence.AddValue("the sequence's name", name.empty() ? name : tags.sequenceName);
      return evidence.Make("echo_planar", "no echo-planar readout");
    }

    RoutingCriterion JudgeDiffusion(const SeriesDescriptor& series, const RoutingRules& rules)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      Evidence evidence;
      const double value = tags.diffusionBValue.value_or(0);
      evidence.Add(value > rules.diffusionBValueMaximum, "DiffusionBValue " + PrintNumber(value) + " s/mm2");
      evidence.Add(IsYes(tags.diffusionDirectionality), "DiffusionDirectionality " + tags.diffusionDirectionality);
      evidence.Add(tags.acquisitionContrast == "DIFFUSION", "AcquisitionContrast DIFFUSION");
      evidence.AddValue("ImageType", FindAny(tags.imageType, {"DIFFUSION", "ADC", "EADC", "TRACEW", "TRACE", "FA",
                                                              "DTI", "DWI", "TENSOR", "TENSOR_B0"}));
      return evidence.Make("diffusion", "no diffusion weighting");
    }

    RoutingCriterion JudgePerfusion(const SeriesDescriptor& series)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      Evidence evidence;
      evidence.AddValue("ArterialSpinLabelingContrast", tags.arterialSpinLabelingContrast);
      evidence.Add(tags.acquisitionContrast == "PERFUSION", "AcquisitionContrast PERFUSION");
      evidence.AddValue("ImageType",
                        FindAny(tags.imageType, {"PERFUSION", "ASL", "CBF", "RCBF", "RELCBF", "CBV", "RCBV", "RELCBV",
                                                 "MTT", "RELMTT", "TTP", "TMAX", "GBP", "PBP", "FMRI", "TTEST"}));
      return evidence.Make("perfusion", "no perfusion or functional imaging");
    }

    RoutingCriterion JudgeSubtraction(const SeriesDescriptor& series)
    {
      Evidence evidence;
      evidence.AddValue("ImageType",
                        FindAny(series.acquisition.imageType, {"SUB", "SUBTRACT", "SUBTRACTED", "SUBTRACTION"}));
      return evidence.Make("subtraction", "no difference of two images");
    }

    RoutingCriterion JudgeAngiography(const SeriesDescriptor& series)
    {
      const Volume::AcquisitionTags& tags = series.acquisition;
      Evidence evidence;
      evidence.Add(tags.angioFlag == "Y", "AngioFlag Y");
      evidence.Add(IsYes(tags.timeOfFlightContrast), "TimeOfFlightContrast " + tags.timeOfFlightContrast);
      evidence.Add(IsYes(tags.phaseContrast), "PhaseContrast " + tags.phaseContrast);
      evidence.AddValue("ImageType", FindAny(tags.imageType, {"TOF", "PCA", "ANGIO", "FLOW_ENCODED"}));
      return evidence.Make("angiography", "no angiography");
    }

    RoutingCriterion JudgeContrast(const SeriesDescriptor& series, const std::string& wanted)
    {
      const std::string& contrast = series.acquisition.acquisitionContrast;
      const bool passed = contrast.empty() || contrast == wanted || contrast == "UNKNOWN";
      return RoutingCriterion{"acquisition_contrast", OrAbsent(contrast), wanted + ", or not stated", passed};
    }
  }

  void AppendObjectCriteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                            const RoutingRules& rules)
  {
    criteria.push_back({"modality", OrAbsent(series.modality), "MR", series.modality == "MR", BINDING});
    const auto known = std::find_if(MR_CLASSES.begin(), MR_CLASSES.end(),
                                    [&series](const SopClass& one) { return one.uid == series.sopClassUid; });
    const bool isMr = known != MR_CLASSES.end();
    criteria.push_back({"sop_class", isMr ? std::string(known->name) : OrAbsent(series.sopClassUid),
                        "MR Image, Enhanced MR Image or Legacy Converted Enhanced MR Image Storage", isMr, BINDING});
    const bool isOwn = IsOwnResult(series.modality, series.sopClassUid, series.manufacturer);
    criteria.push_back({"own_result", isOwn ? "yes" : "no", "no", !isOwn, BINDING});
    criteria.push_back({"pixels", series.pixelProblem.empty() ? series.photometricInterpretation : series.pixelProblem,
                        "a grey image within the limits", series.pixelProblem.empty(), BINDING});
    criteria.push_back(JudgeImageType(series, rules));
    criteria.push_back(JudgeComponent(series));
    criteria.push_back(JudgeAnnotation(series));
  }

  void AppendGeometryCriteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                              const RoutingRules& rules)
  {
    RoutingCriterion criterion{"orientation", OrAbsent(series.geometryProblem),
                               "within " + PrintNumber(rules.orientationToleranceDegrees) + " degrees of axial", false,
                               BINDING};
    if (series.imageOrientationPatient)
    {
      const Volume::Vector normal = Volume::GetNormal(*series.imageOrientationPatient);
      // Head first or feet first, the slices are axial: the sign does not matter.
      const double angle =
        std::acos(std::clamp(std::abs(normal[2]) / Volume::Length(normal), 0.0, 1.0)) * Volume::DEGREES_PER_RADIAN;
      criterion.seen = PrintNumber(std::round(angle * 100) / 100) + " degrees from axial";
      criterion.passed = angle <= rules.orientationToleranceDegrees;
    }
    criteria.push_back(criterion);
  }

  void AppendPhysicsCriteria(std::vector<RoutingCriterion>& criteria, const SeriesDescriptor& series,
                             const RoutingRules& rules)
  {
    const bool isT2 = rules.contrast == Contrast::T2w;
    criteria.push_back(JudgeEchoTime(series, rules));
    criteria.push_back(JudgeRepetitionTime(series, rules));
    if (isT2)
    {
      criteria.push_back(JudgeSpinEcho(series));
      criteria.push_back(JudgeInversion(series, rules));
    }
    criteria.push_back(JudgeEchoPlanar(series));
    criteria.push_back(JudgeDiffusion(series, rules));
    criteria.push_back(JudgePerfusion(series));
    criteria.push_back(JudgeSubtraction(series));
    criteria.push_back(JudgeAngiography(series));
    criteria.push_back(JudgeContrast(series, isT2 ? "T2" : "T1"));
    if (!isT2)
    {
      AppendEnhancedT1Criteria(criteria, series, rules);
    }
  }
}
