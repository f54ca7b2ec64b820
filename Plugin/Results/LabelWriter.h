// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ContentDateTime.h"
#include "Plugin/Results/GenotypeLabel.h"
#include "Plugin/Results/ResultContext.h"

class DcmDataset;

namespace H3K27M::Results
{
  // Writes a label as an Enhanced SR of the labelled study, so that a study that is sent elsewhere carries its label.
  // `studyHeader` is the dataset of any instance of the study: patient and study attributes are copied from it. UIDs
  // follow from study and label alone: the same label twice is the same object. Author is the annotator, or a device
  // where our own name stands for one. Throws BadInput when FindFaults() finds one, or the header names no study.
  DicomInstance WriteLabel(const DcmDataset& studyHeader, const GenotypeLabel& label, const ContentDateTime& made);
}
