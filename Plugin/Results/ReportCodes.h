// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Codes.h"

// The codes of what people say of a study.
namespace H3K27M::Results::Codes
{
  // Genotype label, apart from CID 230 Yes-No
  inline const Code YES = {"373066001", "SCT", "Yes"};
  inline const Code NO = {"373067005", "SCT", "No"};
  inline const Code LABEL_TITLE = {"genotype-label", PRIVATE_SCHEME, "H3 K27M genotype label"};
  inline const Code LABEL_ASSAY = {"assay", PRIVATE_SCHEME, "Assay"};
  inline const Code ASSAY_PYROSEQUENCING = {"pyrosequencing", PRIVATE_SCHEME, "Pyrosequencing"};
  inline const Code ASSAY_IMMUNOHISTOCHEMISTRY = {"ihc", PRIVATE_SCHEME, "Immunohistochemistry"};
  inline const Code ASSAY_OTHER = {"assay-other", PRIVATE_SCHEME, "Other assay"};
  inline const Code LABEL_GENE = {"gene", PRIVATE_SCHEME, "Gene that was sequenced"};
  inline const Code GENE_H3F3A = {"H3F3A", PRIVATE_SCHEME, "H3F3A (H3-3A)"};
  inline const Code GENE_HIST1H3B = {"HIST1H3B", PRIVATE_SCHEME, "HIST1H3B (H3C2)"};
  inline const Code LABEL_SITE = {"site", PRIVATE_SCHEME, "Site of the case"};
  inline const Code LABEL_PRE_OPERATIVE = {"pre-operative", PRIVATE_SCHEME, "Images taken before any surgery"};
  inline const Code LABEL_SPLIT = {"split", PRIVATE_SCHEME, "Part of the dataset"};
  inline const Code SPLIT_DEVELOPMENT = {"development", PRIVATE_SCHEME, "Development"};
  inline const Code SPLIT_EXTERNAL = {"external", PRIVATE_SCHEME, "External test"};
  inline const Code SPLIT_EXCLUDED = {"excluded", PRIVATE_SCHEME, "Excluded"};
  inline const Code LABEL_EXCLUSION = {"exclusion-reason", PRIVATE_SCHEME, "Reason of the exclusion"};
  inline const Code EXCLUDED_PRIOR_SURGERY = {"prior-surgery", PRIVATE_SCHEME, "Earlier surgery"};
  inline const Code EXCLUDED_RADIATION = {"radiation", PRIVATE_SCHEME, "Earlier radiation"};
  inline const Code EXCLUDED_CHEMOTHERAPY = {"chemotherapy", PRIVATE_SCHEME, "Earlier chemotherapy"};
  inline const Code EXCLUDED_MISSING_SEQUENCE = {"missing-sequence", PRIVATE_SCHEME, "A sequence is missing"};
  inline const Code EXCLUDED_ARTEFACT = {"artefact", PRIVATE_SCHEME, "Artefacts"};
  inline const Code EXCLUDED_OTHER = {"exclusion-other", PRIVATE_SCHEME, "Other reason"};
  inline const Code LABEL_ANNOTATOR = {"annotator", PRIVATE_SCHEME, "Annotator"};
  inline const Code LABEL_REVISER = {"reviser", PRIVATE_SCHEME, "Reviser"};
  inline const Code LABEL_SOURCE = {"label-source", PRIVATE_SCHEME, "Source of the label"};
  inline const Code LABEL_ORIGIN = {"label-origin", PRIVATE_SCHEME, "Origin of the label"};
  inline const Code ORIGIN_MEASURED = {"measured", PRIVATE_SCHEME, "Measured in tissue"};
  inline const Code ORIGIN_SYNTHETIC = {"synthetic", PRIVATE_SCHEME, "Planted in a synthetic phantom"};

  // Review
  inline const Code REVIEW_TITLE = {"review", PRIVATE_SCHEME, "Review of an H3 K27M prediction"};
  inline const Code REVIEW_DECISION = {"review-decision", PRIVATE_SCHEME, "Decision of the reviewer"};
  inline const Code REVIEW_ACCEPTED = {"accepted", PRIVATE_SCHEME, "Accepted"};
  inline const Code REVIEW_REJECTED = {"rejected", PRIVATE_SCHEME, "Rejected"};
  inline const Code REVIEW_CORRECTED = {"corrected", PRIVATE_SCHEME, "Corrected"};
  inline const Code REVIEW_UNCERTAIN = {"uncertain", PRIVATE_SCHEME, "Uncertain"};
  inline const Code READ_STATUS = {"read-status", PRIVATE_SCHEME, "H3 K27M status as the reviewer reads the images"};
  inline const Code REVIEW_REASON = {"review-reason", PRIVATE_SCHEME, "Reason of the decision"};
  inline const Code REVIEWER = {"reviewer", PRIVATE_SCHEME, "Reviewer"};
  inline const Code REVIEWER_ORGANISATION = {"organisation", PRIVATE_SCHEME, "Organisation of the reviewer"};
  inline const Code REVIEWED_REPORT = {"reviewed-report", PRIVATE_SCHEME, "Report that was reviewed"};
  inline const Code REVIEWED_MODEL_MASK = {"model-mask", PRIVATE_SCHEME, "Outline by the model"};
  inline const Code REVIEWED_HUMAN_MASK = {"human-mask", PRIVATE_SCHEME, "Outline by a person"};
  inline const Code EARLIER_REVIEW = {"earlier-review", PRIVATE_SCHEME, "Review before this one"};
  inline const Code REVIEWED_IMAGES = {"reviewed-images", PRIVATE_SCHEME, "Images that were reviewed"};
  inline const Code IMAGES_OF_PATIENT = {"patient", PRIVATE_SCHEME, "Of a patient"};
  inline const Code IMAGES_OF_PHANTOM = {"phantom", PRIVATE_SCHEME, "Of a synthetic phantom"};

  // Label and review
  inline const Code RECORDED_AT = {"recorded-at", PRIVATE_SCHEME, "Recorded at"};
}
