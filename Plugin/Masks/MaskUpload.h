// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Results/SegWriter.h"
#include "Plugin/Routing/Contrast.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <json/value.h>

#include <optional>
#include <string>
#include <string_view>

namespace H3K27M::Masks
{
  // What a person sent to become the mask of a study.
  struct MaskUpload
  {
    enum class Kind
    {
      Nifti,             // `body`
      LabelMeArchive,    // `body`: a ZIP of JSON files
      LabelMeDocuments,  // `json`: one, or an array
      RtStruct,          // `body`: a DICOM file
      Segmentation       // `segmentation`: one that stands in the study already
    };

    Kind kind = Kind::Nifti;
    std::string_view body;  // the request owns it
    Json::Value json;
    std::string segmentation;

    std::string series;  // Orthanc's identifier or SeriesInstanceUID; empty: the one that the router chooses
    Routing::Contrast contrast = Routing::Contrast::T2w;  // of that series
    std::string label;                                    // of NIfTI and LabelMe; see LabelChoice
    std::string roi;                                      // ROIName of an RT Structure Set
    unsigned segment = 0;                                 // of a segmentation; 0: the only one

    std::optional<Results::SegmentAlgorithmType> algorithmType;  // none: MANUAL, or as the named segment has it
    std::string algorithmName;
    std::string creator;
    std::optional<Results::Code> site;

    // SOPInstanceUID of the series' mask that was seen; empty: there was none. Without it nothing is asked.
    std::optional<std::string> replaces;
  };

  // Bytes of one request: the largest file that a person makes by hand is far below.
  inline constexpr std::size_t MAX_UPLOAD_BYTES = 256 << 20;

  // The mask of an upload that brings it along (any kind but Segmentation), on the grid of the series. Throws
  // Error(BadInput) with everything that is wrong.
  Results::MaskVolume ReadUpload(const MaskUpload& upload, const Volume::SourceSeries& series,
                                 const Volume::VolumeLimits& limits);
}
