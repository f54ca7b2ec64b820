// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/HumanMask.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Results/ResultIdentity.h"
#include "Plugin/Volume/SourceSeries.h"

#include <json/value.h>

namespace H3K27M::Masks
{
  namespace
  {
    const char* const UNNAMED_TOOL = "tool not named";  // (0062,0009) may not be empty unless MANUAL

    // Names the voxels: equal for equal masks.
    std::string Fingerprint(const Results::MaskVolume& mask)
    {
      std::string text = "mask\n";
      const std::size_t size = static_cast<std::size_t>(mask.GetRows()) * mask.GetColumns();
      for (const std::size_t slice : mask.GetTumourSlices())
      {
        text += "slice " + std::to_string(slice) + "\n";
        const std::uint8_t* const values = mask.GetSlice(slice);
        std::size_t runStart = 0;
        for (std::size_t i = 1; i <= size; i++)
        {
          if (i == size || values[i] != values[runStart])
          {
            text += std::to_string(values[runStart]) + " x " + std::to_string(i - runStart) + "\n";
            runStart = i;
          }
        }
      }
      return Results::MakeNameBasedUid(text);
    }

    // All that can change the bytes besides the series.
    std::string Describe(const Results::MaskVolume& mask, const Results::SegOptions& options, const std::string& after,
                         const std::string& softwareVersion)
    {
      Json::Value json;
      json["software"] = softwareVersion;
      json["mask"] = Fingerprint(mask);
      json["algorithm_type"] = static_cast<int>(options.algorithmType);
      json["algorithm_name"] = options.algorithmName;
      json["creator"] = options.contentCreatorName;
      json["site"] = options.anatomicRegion.value;

      if (!after.empty())
      {
        json["after"] = after;
      }

      return Protocol::WriteCompactJson(json);
    }

    Results::SegOptions MakeOptions(const MaskOrigin& origin)
    {
      Results::SegOptions options;
      options.purpose = Results::SegPurpose::Reference;
      options.algorithmType = origin.algorithmType;
      options.anatomicRegion = origin.site;
      options.contentCreatorName = origin.creator;
      if (origin.algorithmType != Results::SegmentAlgorithmType::Manual)
      {
        options.algorithmName = origin.algorithmName.empty() ? UNNAMED_TOOL : origin.algorithmName;
      }
      return options;
    }
  }

  Results::DicomInstance WriteHumanMask(const Volume::SourceSeries& source, const Results::MaskVolume& mask,
                                        const MaskOrigin& origin, const std::string& softwareVersion,
                                        const Results::ContentDateTime& made)
  {
    origin.Check();
    if (mask.IsEmpty())
    {
      throw Error(ErrorCode::BadInput, "The mask marks no voxel: it says nothing. DELETE withdraws a mask");
    }

    const Results::SegOptions options = MakeOptions(origin);
    Results::ModelInfo importer;
    importer.name = MASK_IMPORT;
    importer.version = softwareVersion;
    importer.softwareVersion = softwareVersion;
    importer.hash = "mask-import";
    const Results::ResultIdentity identity(source, importer.hash,
                                           Describe(mask, options, origin.after, softwareVersion));
    return Results::SegWriter(options).Write({source, identity, importer, made}, mask);
  }
}
