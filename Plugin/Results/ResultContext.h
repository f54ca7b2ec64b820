// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ContentDateTime.h"
#include "Plugin/Results/ResultIdentity.h"

#include <string>

namespace H3K27M::Volume
{
  struct SourceSeries;
}

namespace H3K27M::Results
{
  // What SEG and SR say of the model. All from the engine's `hello` (its `model` card, `model_hash`,
  // `engine_version`) and this plugin's configuration. Nothing here may differ between two makings of one result.
  struct ModelInfo
  {
    std::string name;
    std::string version;
    std::string hash;             // SHA-256 of the weights, hexadecimal, 64 characters
    std::string variant;          // classification | parallel | fusion
    std::string trainedOn;        // the card's trained_on, in words: a demonstration model is named as one
    std::string intendedUse;      // the card's intended_use; may be empty
    std::string softwareVersion;  // of plugin and engine
    std::string deviceKind;       // cpu | cuda
    std::string precision;        // fp32 | bf16 | ...
    double threshold = 0.5;
    double minimumTumourAreaMm2 = 0;
    double minimumTypicality = 0;  // 0..1: images that look less usual are told as such
    std::string sliceProtocol = "automatic";
  };

  // What each writer needs besides the result itself. References: the caller keeps them alive during Write().
  struct ResultContext
  {
    const Volume::SourceSeries& source;
    const ResultIdentity& identity;
    const ModelInfo& model;
    ContentDateTime made;
  };

  // A finished DICOM file: preamble, file meta information, Explicit VR Little Endian. A plain value.
  struct DicomInstance
  {
    std::string sopClassUid;
    std::string sopInstanceUid;
    std::string seriesInstanceUid;
    std::string bytes;
  };

  // Series numbers of our own objects (shared/dicom.md): 9001-9003 for results, then what people add.
  enum class OwnSeriesNumber : unsigned
  {
    Segmentation = 9001,
    Saliency = 9002,
    Report = 9003,
    Label = 9004,
    ReferenceMask = 9005,
    Review = 9006
  };
}
