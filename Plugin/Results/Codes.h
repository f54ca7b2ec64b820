// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Code.h"

// Every code that the writers use. Schemes: DCM (PS3.16 annex D), SCT (SNOMED CT), LN (LOINC), UCUM, UMLS, RFC5646 and
// our own 99H3K27M, which each object that uses it declares in CodingSchemeIdentificationSequence (0008,0110).
namespace H3K27M::Results::Codes
{
  inline constexpr const char* PRIVATE_SCHEME = "99H3K27M";
  inline constexpr const char* PRIVATE_SCHEME_NAME = "Orthanc-H3K27M";
  inline constexpr const char* PRIVATE_SCHEME_VERSION = "1";

  // Document titles, CID 7021
  inline const Code IMAGING_MEASUREMENT_REPORT = {"126000", "DCM", "Imaging Measurement Report"};
  inline const Code ONCOLOGY_MEASUREMENT_REPORT = {"126001", "DCM", "Oncology Measurement Report"};

  // Context: TID 1204, 1002, 1004
  inline const Code LANGUAGE = {"121049", "DCM", "Language of Content Item and Descendants"};
  inline const Code ENGLISH = {"en", "RFC5646", "English"};
  inline const Code OBSERVER_TYPE = {"121005", "DCM", "Observer Type"};
  inline const Code DEVICE = {"121007", "DCM", "Device"};
  inline const Code PERSON = {"121006", "DCM", "Person"};
  inline const Code PERSON_OBSERVER_NAME = {"121008", "DCM", "Person Observer Name"};
  inline const Code DEVICE_OBSERVER_UID = {"121012", "DCM", "Device Observer UID"};
  inline const Code DEVICE_OBSERVER_NAME = {"121013", "DCM", "Device Observer Name"};
  inline const Code DEVICE_OBSERVER_MANUFACTURER = {"121014", "DCM", "Device Observer Manufacturer"};
  inline const Code DEVICE_OBSERVER_MODEL_NAME = {"121015", "DCM", "Device Observer Model Name"};
  inline const Code DEVICE_OBSERVER_SERIAL_NUMBER = {"121016", "DCM", "Device Observer Serial Number"};
  inline const Code PROCEDURE_REPORTED = {"121058", "DCM", "Procedure reported"};
  inline const Code MR_BRAIN = {"24590-2", "LN", "MR Brain"};

  // Image library: TID 1600, 1602
  inline const Code IMAGE_LIBRARY = {"111028", "DCM", "Image Library"};
  inline const Code IMAGE_LIBRARY_GROUP = {"126200", "DCM", "Image Library Group"};
  inline const Code MODALITY = {"121139", "DCM", "Modality"};
  inline const Code MAGNETIC_RESONANCE = {"MR", "DCM", "Magnetic Resonance"};
  inline const Code STUDY_DATE = {"111060", "DCM", "Study Date"};
  inline const Code FRAME_OF_REFERENCE_UID = {"112227", "DCM", "Frame of Reference UID"};
  inline const Code PIXEL_DATA_ROWS = {"110910", "DCM", "Pixel Data Rows"};
  inline const Code PIXEL_DATA_COLUMNS = {"110911", "DCM", "Pixel Data Columns"};
  inline const Code HORIZONTAL_PIXEL_SPACING = {"111026", "DCM", "Horizontal Pixel Spacing"};
  inline const Code VERTICAL_PIXEL_SPACING = {"111066", "DCM", "Vertical Pixel Spacing"};
  inline const Code SPACING_BETWEEN_SLICES = {"112226", "DCM", "Spacing between slices"};
  inline const Code SOURCE = {"260753009", "SCT", "Source"};

  // Measurement groups: TID 1410, 1411, 1501, 300, 4019
  inline const Code IMAGING_MEASUREMENTS = {"126010", "DCM", "Imaging Measurements"};
  inline const Code MEASUREMENT_GROUP = {"125007", "DCM", "Measurement Group"};
  inline const Code TRACKING_IDENTIFIER = {"112039", "DCM", "Tracking Identifier"};
  inline const Code TRACKING_UNIQUE_IDENTIFIER = {"112040", "DCM", "Tracking Unique Identifier"};
  inline const Code FINDING_CATEGORY = {"276214006", "SCT", "Finding category"};
  inline const Code FINDING = {"121071", "DCM", "Finding"};
  inline const Code FINDING_SITE = {"363698007", "SCT", "Finding Site"};
  inline const Code REFERENCED_SEGMENT = {"121191", "DCM", "Referenced Segment"};
  inline const Code SOURCE_SERIES = {"121232", "DCM", "Source series for segmentation"};
  inline const Code IMAGE_REGION = {"111030", "DCM", "Image Region"};
  inline const Code ALGORITHM_NAME = {"111001", "DCM", "Algorithm Name"};
  inline const Code ALGORITHM_PARAMETERS = {"111002", "DCM", "Algorithm Parameters"};
  inline const Code ALGORITHM_VERSION = {"111003", "DCM", "Algorithm Version"};
  inline const Code VOLUME = {"118565006", "SCT", "Volume"};
  inline const Code AREA = {"42798000", "SCT", "Area"};
  inline const Code PROBABILITY = {"122157", "DCM", "Probability"};
  inline const Code QUALITATIVE_EVALUATIONS = {"C0034375", "UMLS", "Qualitative Evaluations"};
  inline const Code CAD_SUMMARY = {"111017", "DCM", "CAD Processing and Findings Summary"};
  inline const Code WITHOUT_FINDINGS = {"111241", "DCM", "All algorithms succeeded; without findings"};
  inline const Code PARTLY_WITHOUT_FINDINGS = {"111243", "DCM", "Not all algorithms succeeded; without findings"};
  inline const Code WITH_FINDINGS = {"111242", "DCM", "All algorithms succeeded; with findings"};
  inline const Code CONCLUSION = {"121077", "DCM", "Conclusion"};
  inline const Code COMMENT = {"121106", "DCM", "Comment"};

  // Units
  inline const Code CUBIC_MILLIMETRE = {"mm3", "UCUM", "cubic millimeter"};
  inline const Code SQUARE_MILLIMETRE = {"mm2", "UCUM", "square millimeter"};
  inline const Code MILLIMETRE = {"mm", "UCUM", "millimeter"};
  inline const Code PERCENT = {"%", "UCUM", "percent"};
  inline const Code PIXELS = {"{pixels}", "UCUM", "pixels"};

  // Segment: CID 7150, 7159, 7151; anatomy is Brain unless a person says otherwise
  inline const Code MORPHOLOGICALLY_ABNORMAL = {"49755003", "SCT", "Morphologically Abnormal Structure"};
  inline const Code NEOPLASM = {"108369006", "SCT", "Neoplasm"};
  inline const Code BRAIN = {"12738006", "SCT", "Brain"};
  inline const Code BRAIN_STEM = {"119238007", "SCT", "Brain stem"};
  inline const Code MIDBRAIN = {"61962009", "SCT", "Midbrain"};
  inline const Code THALAMUS = {"42695009", "SCT", "Thalamus"};
  inline const Code ARTIFICIAL_INTELLIGENCE = {"123110", "DCM", "Artificial Intelligence"};

  // References and equipment: CID 7203, 7202, 7005
  inline const Code SEGMENTATION = {"113076", "DCM", "Segmentation"};
  inline const Code SOURCE_IMAGE = {"121322", "DCM", "Source Image for Image Processing Operation"};
  inline const Code ACQUISITION_EQUIPMENT = {"109101", "DCM", "Acquisition Equipment"};
  inline const Code PROCESSING_EQUIPMENT = {"109102", "DCM", "Processing Equipment"};

  // Saliency: CID 217, and TID 1411 for the reference to it
  inline const Code GRAD_CAM = {"130403", "DCM", "Gradient-weighted class activation"};
  inline const Code VISUAL_EXPLANATION = {"130401", "DCM", "Visual explanation"};

  // Our own scheme: no public code for a *predicted* genotype was found (NCIt C185368 is the diagnosis). H3 K27M as
  // sequencing finds it, the label of the paper: the WHO's "H3 K27-altered" is wider.
  inline const Code PREDICTED_STATUS = {"predicted-status", PRIVATE_SCHEME, "H3 K27M status predicted by the model"};
  inline const Code KNOWN_STATUS = {"known-status", PRIVATE_SCHEME, "H3 K27M status"};
  inline const Code STATUS_ALTERED = {"altered", PRIVATE_SCHEME, "H3 K27M-altered (mutant)"};
  inline const Code STATUS_WILD_TYPE = {"wild-type", PRIVATE_SCHEME, "H3 K27M wild type"};
  inline const Code STATUS_NOT_DETERMINED = {"not-determined", PRIVATE_SCHEME, "Not determined"};
  inline const Code ENSEMBLE_SPREAD = {"ensemble-spread", PRIVATE_SCHEME, "Spread over the networks of the ensemble"};
  inline const Code PROBABILITY_OF = {"probability-of", PRIVATE_SCHEME, "Probability of"};
  inline const Code DECISION = {"decision", PRIVATE_SCHEME, "How the status was decided"};
  inline const Code MASK_AGREEMENT = {"mask-agreement", PRIVATE_SCHEME, "Class of the outline and predicted status"};
  inline const Code AGREE = {"agree", PRIVATE_SCHEME, "Agree"};
  inline const Code DISAGREE = {"disagree", PRIVATE_SCHEME, "Disagree"};
  inline const Code SLICES_USED = {"slices-used", PRIVATE_SCHEME, "Images with outlined region"};
  inline const Code MISSING_SLICES = {"missing-slices", PRIVATE_SCHEME, "Missing images"};
  inline const Code LIMITS = {"limits", PRIVATE_SCHEME, "Limits of this result"};
  inline const Code TRAINING_DATA = {"training-data", PRIVATE_SCHEME, "Model trained on"};
  inline const Code WARNING = {"warning", PRIVATE_SCHEME, "Warning"};
}
