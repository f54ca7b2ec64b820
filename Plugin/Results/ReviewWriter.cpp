// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/ReviewWriter.h"

#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/PersonReport.h"
#include "Plugin/Results/ReportCodes.h"
#include "Plugin/Results/ResultIdentity.h"
#include "Plugin/Results/ReviewTerms.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Results/SrDocument.h"
#include "Plugin/Results/UtcDateTime.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcuid.h>

namespace H3K27M::Results
{
  namespace
  {
    using enum Relationship;

    std::string GetUid(const std::optional<ReviewedObject>& object)
    {
      return object ? object->sopInstanceUid : std::string();
    }

    // Lines part the ingredients: FindFaults() saw to it that none holds a line break.
    std::string MakeUid(const std::string& studyInstanceUid, const CaseReview& review, const char* role)
    {
      return MakeNameBasedUid("review\nstudy " + studyInstanceUid + "\ndecision " + GetTerm(review.decision).name +
                              "\nstatus " + (review.status ? GetTerm(*review.status).name : "") + "\nreason " +
                              review.reason + "\nreviewer " + review.reviewer + "\norganisation " +
                              review.organisation + "\nat " + std::to_string(review.reviewedAtMs) + "\nsynthetic " +
                              (review.synthetic ? "1" : "0") + "\nreport " + GetUid(review.report) + "\nmodel mask " +
                              GetUid(review.modelMask) + "\nhuman mask " + GetUid(review.humanMask) + "\nearlier " +
                              GetUid(review.earlierReview) + "\nrole " + role + "\n");
    }

    void AddTo(Evidence& evidence, const std::optional<ReviewedObject>& object)
    {
      if (object)
      {
        evidence[object->seriesInstanceUid].emplace_back(object->sopClassUid, object->sopInstanceUid);
      }
    }

    void AddReport(ContentItem& root, const Code& name, const std::optional<ReviewedObject>& report)
    {
      if (report)
      {
        root.Add(Contains, ContentItem::MakeComposite(name, report->sopClassUid, report->sopInstanceUid));
      }
    }

    void AddMask(ContentItem& root, const Code& name, const std::optional<ReviewedObject>& mask)
    {
      if (mask)
      {
        root.Add(Contains,
                 ContentItem::MakeImage(name, {mask->sopClassUid, mask->sopInstanceUid, std::nullopt, std::nullopt}));
      }
    }

    const char* DescribeWorth(const CaseReview& review)
    {
      return review.synthetic
               ? "SYNTHETIC: the review of a synthetic phantom. No patient. For research use only."
               : "What a reader says who looked at the images and at the result of the model. A reading of images and "
                 "no genotype label: it says nothing of an assay or of tissue. For research use only.";
    }

    ContentItem MakeTree(const SourceAttributes& source, const CaseReview& review)
    {
      ContentItem root = ContentItem::MakeContainer(Codes::REVIEW_TITLE);
      root.Add(HasConceptModifier, ContentItem::MakeCode(Codes::LANGUAGE, Codes::ENGLISH));
      AddPersonObserver(root, source, review.reviewer);
      root.Add(Contains, ContentItem::MakeText(Codes::COMMENT, DescribeWorth(review)));
      AddTerm(root, Codes::REVIEW_DECISION, review.decision);
      if (review.status)
      {
        AddTerm(root, Codes::READ_STATUS, *review.status);
      }
      if (!review.reason.empty())
      {
        AddText(root, source, Codes::REVIEW_REASON, review.reason);
      }
      AddText(root, source, Codes::REVIEWER, review.reviewer);
      AddText(root, source, Codes::REVIEWER_ORGANISATION, review.organisation);
      root.Add(Contains, ContentItem::MakeCode(Codes::REVIEWED_IMAGES,
                                               review.synthetic ? Codes::IMAGES_OF_PHANTOM : Codes::IMAGES_OF_PATIENT));
      AddReport(root, Codes::REVIEWED_REPORT, review.report);
      AddMask(root, Codes::REVIEWED_MODEL_MASK, review.modelMask);
      AddMask(root, Codes::REVIEWED_HUMAN_MASK, review.humanMask);
      AddReport(root, Codes::EARLIER_REVIEW, review.earlierReview);
      root.Add(Contains, ContentItem::MakeDateTime(Codes::RECORDED_AT, ToUtcDateTime(review.reviewedAtMs)));
      return root;
    }

    // What stands in for a character that the study's character set lacks is longer than it; the whole text stands in
    // the content.
    Verification MakeVerification(const SourceAttributes& source, const CaseReview& review)
    {
      return {source.EncodeName(review.reviewer), source.EncodeName(review.organisation),
              ToUtcDateTime(review.reviewedAtMs)};
    }
  }

  DicomInstance WriteReview(const DcmDataset& studyHeader, const CaseReview& review, const ContentDateTime& made)
  {
    ThrowIfAny(FindFaults(review), ErrorCode::BadInput, "This is no review");
    const SourceAttributes source(studyHeader);
    const std::string study = RequireStudy(source);

    SrDocument document;
    document.sopClassUid = UID_EnhancedSRStorage;
    document.sopInstanceUid = MakeUid(study, review, "instance");
    document.studyInstanceUid = study;
    document.series = {"SR", MakeUid(study, review, "series"), OwnSeriesNumber::Review,
                       review.synthetic ? "H3K27M review, SYNTHETIC" : "H3K27M review"};
    document.equipment = {"review writer", "reviews", "1"};
    document.personName = source.EncodeName(review.reviewer);
    document.verification = MakeVerification(source, review);
    for (const auto* const object : {&review.report, &review.modelMask, &review.humanMask, &review.earlierReview})
    {
      AddTo(document.evidence, *object);
    }
    AddTo(document.predecessors, review.report);
    AddTo(document.predecessors, review.earlierReview);
    return MakeInstance(WriteSrDocument(document, source, MakeTree(source, review), made));
  }
}
