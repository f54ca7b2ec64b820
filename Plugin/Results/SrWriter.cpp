// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/SrWriter.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/ContentItem.h"
#include "Plugin/Results/ContourTracer.h"
#include "Plugin/Results/ImageLibrary.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Results/Prediction.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Results/SrDocument.h"
#include "Plugin/Results/SrWording.h"
#include "Plugin/Routing/OwnResults.h"
#include "Plugin/Volume/SourceSeries.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <cmath>
#include <set>

namespace H3K27M::Results
{
  namespace
  {
    using enum Relationship;

    // Everything that the parts of the tree are made from.
    struct ReportInput
    {
      const ResultContext& context;
      const Prediction& prediction;
      const MaskVolume& mask;
      const SourceAttributes& source;
      bool drawsMask;    // the variant has a segmentation decoder
      bool hasSaliency;  // and there is an object that explains the genotype
    };

    const Code& GetStatusCode(GenotypeStatus status)
    {
      switch (status)
      {
        case GenotypeStatus::Altered:
          return Codes::STATUS_ALTERED;
        case GenotypeStatus::WildType:
          return Codes::STATUS_WILD_TYPE;
        default:
          return Codes::STATUS_NOT_DETERMINED;
      }
    }

    void RequireConsistent(const Prediction& prediction, const MaskVolume& mask, const ResultContext& context)
    {
      RequireSameGrid(mask, context.source);
      // The report states the threshold twice: in the conclusion and with the algorithm's parameters.
      if (std::abs(prediction.genotype.threshold - context.model.threshold) > 1e-9)
      {
        throw Error(ErrorCode::Corrupt, "The engine decided by a threshold of " +
                                          ToDecimalString(prediction.genotype.threshold) + ", it was asked for " +
                                          ToDecimalString(context.model.threshold));
      }
      if (prediction.tumour.voxels != mask.CountVoxels() || prediction.tumour.found == mask.IsEmpty())
      {
        throw Error(ErrorCode::Corrupt, "The engine reports " + std::to_string(prediction.tumour.voxels) +
                                          " tumour voxels and sent a mask of " + std::to_string(mask.CountVoxels()));
      }
      if (prediction.genotype.status != GenotypeStatus::NotDetermined && !prediction.genotype.probabilityAltered)
      {
        throw Error(ErrorCode::Corrupt, "The engine determined a status without a probability");
      }
    }

    // TID 1204, 1001, 1004, 1005: language, the device that observes, the procedure.
    void AddObservationContext(ContentItem& root, const ReportInput& input)
    {
      const OwnEquipment equipment = GetEquipment(input.context.model);
      root.Add(HasConceptModifier, ContentItem::MakeCode(Codes::LANGUAGE, Codes::ENGLISH));
      root.Add(HasObservationContext, ContentItem::MakeCode(Codes::OBSERVER_TYPE, Codes::DEVICE));
      root.Add(HasObservationContext,
               ContentItem::MakeUid(Codes::DEVICE_OBSERVER_UID, GetDeviceUid(input.context.model)));
      root.Add(HasObservationContext, ContentItem::MakeText(Codes::DEVICE_OBSERVER_NAME, "H3K27M engine"));
      root.Add(HasObservationContext,
               ContentItem::MakeText(Codes::DEVICE_OBSERVER_MANUFACTURER, std::string(Routing::OWN_MANUFACTURER)));
      root.Add(HasObservationContext, ContentItem::MakeText(Codes::DEVICE_OBSERVER_MODEL_NAME, equipment.modelName));
      root.Add(HasObservationContext,
               ContentItem::MakeText(Codes::DEVICE_OBSERVER_SERIAL_NUMBER, equipment.serialNumber));
      root.Add(HasConceptModifier, ContentItem::MakeCode(Codes::PROCEDURE_REPORTED, Codes::MR_BRAIN));
    }

    void AddTracking(ContentItem& group, const ReportInput& input)
    {
      group.Add(HasObservationContext, ContentItem::MakeText(Codes::TRACKING_IDENTIFIER, GetTrackingIdentifier(false)));
      group.Add(HasObservationContext, ContentItem::MakeUid(Codes::TRACKING_UNIQUE_IDENTIFIER,
                                                            input.context.identity.GetUid(ResultRole::TumourTracking)));
    }

    // TID 4019
    void AddAlgorithm(ContentItem& group, const ModelInfo& model)
    {
      group.Add(HasConceptModifier, ContentItem::MakeText(Codes::ALGORITHM_NAME, model.name));
      group.Add(HasConceptModifier, ContentItem::MakeText(Codes::ALGORITHM_VERSION, model.version));
      group.Add(HasConceptModifier, ContentItem::MakeText(Codes::ALGORITHM_PARAMETERS, DescribeParameters(model)));
    }

    void AddStatus(ContentItem& parent, const GenotypePrediction& genotype)
    {
      parent.Add(Contains, ContentItem::MakeCode(Codes::PREDICTED_STATUS, GetStatusCode(genotype.status)));
    }

    // Viewers show it as it is: two decimals say all that a network knows. Near 0 and 100, where they would say never
    // or always, it has all its digits, for programs that compare.
    std::string ToPercentValue(double share)
    {
      constexpr double NEARLY_CERTAIN = 0.001;
      const double percent = 100 * share;
      const bool isNearlyCertain = share < NEARLY_CERTAIN || share > 1 - NEARLY_CERTAIN;
      return ToDecimalString(isNearlyCertain ? percent : std::round(100 * percent) / 100);
    }

    void AddProbability(ContentItem& group, const ReportInput& input)
    {
      const GenotypePrediction& genotype = input.prediction.genotype;
      if (genotype.probabilityAltered)
      {
        ContentItem probability =
          ContentItem::MakeNumber(Codes::PROBABILITY, ToPercentValue(*genotype.probabilityAltered), Codes::PERCENT);
        probability.Add(HasConceptModifier, ContentItem::MakeCode(Codes::PROBABILITY_OF, Codes::STATUS_ALTERED));
        group.Add(Contains, std::move(probability));
      }
      if (const std::string spread = Wording::DescribeSpread(genotype); !spread.empty())
      {
        group.Add(Contains, ContentItem::MakeText(Codes::ENSEMBLE_SPREAD, spread));
      }
    }

    // How the number came about, for a reader who doubts it.
    void AddReasons(ContentItem& group, const ReportInput& input)
    {
      const GenotypePrediction& genotype = input.prediction.genotype;
      if (genotype.agreesWithMask)
      {
        group.Add(Contains, ContentItem::MakeCode(Codes::MASK_AGREEMENT,
                                                  *genotype.agreesWithMask ? Codes::AGREE : Codes::DISAGREE));
      }
      const std::string scores = Wording::DescribeSliceScores(input.context.source, input.prediction);
      const std::string decision =
        Wording::JoinSentences({genotype.logic, genotype.reason, Wording::DescribeTypicality(input.prediction),
                                scores.empty() ? scores : "Probability of alteration and outlined area: " + scores});
      if (!decision.empty())
      {
        group.Add(Contains, ContentItem::MakeText(Codes::DECISION, input.source.Encode(decision)));
      }
    }

    // TID 1411 with a segment, TID 1501 for a model that draws none.
    ContentItem MakeTumourGroup(const ReportInput& input)
    {
      const ResultContext& context = input.context;
      ContentItem group = ContentItem::MakeContainer(Codes::MEASUREMENT_GROUP, input.drawsMask ? "1411" : "1501");
      AddTracking(group, input);
      if (input.drawsMask)  // else nobody looked for one
      {
        group.Add(Contains, ContentItem::MakeCode(Codes::FINDING_CATEGORY, Codes::MORPHOLOGICALLY_ABNORMAL));
        group.Add(Contains, ContentItem::MakeCode(Codes::FINDING, Codes::NEOPLASM));
      }
      AddStatus(group, input.prediction.genotype);
      AddProbability(group, input);
      if (input.drawsMask)
      {
        group.Add(Contains, ContentItem::MakeNumber(
                              Codes::VOLUME, ToRoundedDecimalString(ComputeVolumeMm3(input.mask, context.source)),
                              Codes::CUBIC_MILLIMETRE));
        group.Add(Contains, ContentItem::MakeText(Codes::SLICES_USED, Wording::DescribeSlices(
                                                                        context.source, input.mask.GetTumourSlices())));
      }
      group.Add(HasConceptModifier, ContentItem::MakeCode(Codes::FINDING_SITE, Codes::BRAIN));
      AddReasons(group, input);
      AddAlgorithm(group, context.model);
      if (input.drawsMask)
      {
        group.Add(Contains,
                  ContentItem::MakeImage(Codes::REFERENCED_SEGMENT,
                                         {UID_SegmentationStorage, context.identity.GetUid(ResultRole::Segmentation),
                                          std::nullopt, std::uint16_t{1}}));
        group.Add(Contains, ContentItem::MakeUid(Codes::SOURCE_SERIES, context.source.seriesInstanceUid));
        if (input.hasSaliency)
        {
          group.Add(Contains, ContentItem::MakeImage(Codes::VISUAL_EXPLANATION,
                                                     {UID_MultiframeTrueColorSecondaryCaptureImageStorage,
                                                      context.identity.GetUid(ResultRole::Saliency), std::nullopt,
                                                      std::nullopt}));
        }
      }
      return group;
    }

    // TID 1410 beside the group above, under its tracking UID: viewers that show no SEG show this.
    ContentItem MakeContourGroup(const ReportInput& input)
    {
      const Volume::SourceSeries& series = input.context.source;
      const std::size_t index = input.mask.GetLargestSlice();
      const Volume::SourceSlice& slice = series.slices[index];
      const Contour contour = TraceLargestComponent(input.mask.GetSlice(index), series.rows, series.columns);

      std::vector<float> points;
      for (std::size_t i = 0; i <= contour.points.size(); i++)
      {
        const ContourPoint& point = contour.points[i % contour.points.size()];
        points.push_back(static_cast<float>(point.column));
        points.push_back(static_cast<float>(point.row));
      }
      ContentItem region = ContentItem::MakePolyline(Codes::IMAGE_REGION, points);
      region.Add(SelectedFrom,
                 ContentItem::MakeImage(Codes::SOURCE,
                                        {slice.sopClassUid, slice.sopInstanceUid,
                                         slice.isMultiFrame ? std::optional<unsigned>(slice.frameNumber) : std::nullopt,
                                         std::nullopt}));

      ContentItem group = ContentItem::MakeContainer(Codes::MEASUREMENT_GROUP, "1410");
      AddTracking(group, input);
      group.Add(Contains, ContentItem::MakeCode(Codes::FINDING, Codes::NEOPLASM));
      group.Add(HasConceptModifier, ContentItem::MakeCode(Codes::FINDING_SITE, Codes::BRAIN));
      group.Add(Contains, std::move(region));
      group.Add(Contains,
                ContentItem::MakeNumber(Codes::AREA,
                                        ToRoundedDecimalString(static_cast<double>(contour.pixels) *
                                                               series.pixelSpacingMm[0] * series.pixelSpacingMm[1]),
                                        Codes::SQUARE_MILLIMETRE));
      return group;
    }

    // "Without findings" is said without reserve only where nothing speaks against it.
    const Code& GetSummary(const ReportInput& input, bool hasGroup)
    {
      if (hasGroup)
      {
        return Codes::WITH_FINDINGS;
      }
      return Wording::GetDoubts(input.context.model, input.prediction).empty() ? Codes::WITHOUT_FINDINGS
                                                                               : Codes::PARTLY_WITHOUT_FINDINGS;
    }

    // What holds for the whole patient, and what a reader must know before using any of it.
    ContentItem MakeEvaluations(const ReportInput& input, bool hasGroup)
    {
      const ModelInfo& model = input.context.model;
      ContentItem evaluations = ContentItem::MakeContainer(Codes::QUALITATIVE_EVALUATIONS);
      if (input.drawsMask)
      {
        evaluations.Add(Contains, ContentItem::MakeCode(Codes::CAD_SUMMARY, GetSummary(input, hasGroup)));
      }
      if (!hasGroup)
      {
        AddStatus(evaluations, input.prediction.genotype);
        AddReasons(evaluations, input);
        evaluations.Add(Contains, ContentItem::MakeText(Codes::ALGORITHM_NAME, model.name));
        evaluations.Add(Contains, ContentItem::MakeText(Codes::ALGORITHM_VERSION, model.version));
        evaluations.Add(Contains, ContentItem::MakeText(Codes::ALGORITHM_PARAMETERS, DescribeParameters(model)));
      }
      for (const std::string& sentence : Wording::GetMissingSlices(input.context.source))
      {
        evaluations.Add(Contains, ContentItem::MakeText(Codes::MISSING_SLICES, sentence));
      }
      for (const std::string& warning : input.prediction.warnings)
      {
        evaluations.Add(Contains, ContentItem::MakeText(Codes::WARNING, input.source.Encode(warning)));
      }
      evaluations.Add(Contains, ContentItem::MakeText(Codes::LIMITS,
                                                      input.source.Encode(Wording::GetLimits(model, input.drawsMask))));
      return evaluations;
    }

    ContentItem MakeReport(const ReportInput& input, const SrOptions& options)
    {
      const bool hasContour =
        input.drawsMask && !input.mask.IsEmpty() && (options.withContour || options.title == SrTitle::Imaging);
      // A model without outlines has its group, and its status, without a mask.
      const bool hasGroup =
        input.drawsMask ? !input.mask.IsEmpty() : input.prediction.genotype.probabilityAltered.has_value();
      const bool isImaging = options.title == SrTitle::Imaging && (hasContour || !hasGroup);

      ContentItem root = ContentItem::MakeContainer(
        isImaging ? Codes::IMAGING_MEASUREMENT_REPORT : Codes::ONCOLOGY_MEASUREMENT_REPORT, "1500");
      AddObservationContext(root, input);
      root.Add(Contains, ContentItem::MakeText(Codes::COMMENT, Wording::GetNotice()));
      const std::string conclusion =
        Wording::GetConclusion(input.context, input.prediction, input.mask, input.drawsMask);
      const std::string readFrom = Wording::DescribeSource(input.source);
      root.Add(Contains, ContentItem::MakeText(Codes::CONCLUSION, input.source.Encode(conclusion) +
                                                                    (readFrom.empty() ? "" : " " + readFrom)));
      if (const std::string& trainedOn = input.context.model.trainedOn; !trainedOn.empty())
      {
        // Beside the conclusion, because it decides what that is worth: a demonstration model is named as one here.
        root.Add(Contains, ContentItem::MakeText(Codes::TRAINING_DATA, input.source.Encode(trainedOn)));
      }
      root.Add(Contains, MakeImageLibrary(input.context.source, input.source));
      if (hasGroup)
      {
        ContentItem measurements = ContentItem::MakeContainer(Codes::IMAGING_MEASUREMENTS);
        measurements.Add(Contains, MakeTumourGroup(input));
        if (hasContour)
        {
          measurements.Add(Contains, MakeContourGroup(input));
        }
        root.Add(Contains, std::move(measurements));
      }
      root.Add(Contains, MakeEvaluations(input, hasGroup));
      return root;
    }

    Evidence GetEvidence(const ReportInput& input)
    {
      Evidence evidence;
      std::set<std::string> known;
      for (const Volume::SourceSlice& slice : input.context.source.slices)
      {
        if (known.insert(slice.sopInstanceUid).second)
        {
          evidence[input.context.source.seriesInstanceUid].emplace_back(slice.sopClassUid, slice.sopInstanceUid);
        }
      }
      if (input.drawsMask && !input.mask.IsEmpty())
      {
        evidence[input.context.identity.GetUid(ResultRole::SegmentationSeries)].emplace_back(
          UID_SegmentationStorage, input.context.identity.GetUid(ResultRole::Segmentation));
      }
      if (input.hasSaliency)
      {
        evidence[input.context.identity.GetUid(ResultRole::SaliencySeries)].emplace_back(
          UID_MultiframeTrueColorSecondaryCaptureImageStorage, input.context.identity.GetUid(ResultRole::Saliency));
      }
      return evidence;
    }
  }

  SrWriter::SrWriter(const SrOptions& options) :
    options_(options)
  {
  }

  DicomInstance SrWriter::Write(const ResultContext& context, const Prediction& prediction, const MaskVolume& mask,
                                bool hasSaliency) const
  {
    RequireConsistent(prediction, mask, context);
    const SourceAttributes source(RequireHeader(context.source));
    const bool drawsMask = context.model.variant != "classification";
    const ReportInput input = {context, prediction, mask,
                               source,  drawsMask,  drawsMask && !mask.IsEmpty() && hasSaliency};

    SrDocument document;
    document.sopClassUid = UID_Comprehensive3DSRStorage;
    document.sopInstanceUid = context.identity.GetUid(ResultRole::Report);
    document.studyInstanceUid = context.source.studyInstanceUid;
    document.series = {"SR", context.identity.GetUid(ResultRole::ReportSeries), OwnSeriesNumber::Report,
                       "H3K27M AI report, research only"};
    document.equipment = GetEquipment(context.model);
    document.deviceUid = GetDeviceUid(context.model);
    document.evidence = GetEvidence(input);
    return MakeInstance(WriteSrDocument(document, source, MakeReport(input, options_), context.made));
  }
}
