// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/MaskUpload.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Masks/LabelMeMask.h"
#include "Plugin/Masks/NiftiMask.h"
#include "Plugin/Masks/RtStructMask.h"
#include "Plugin/Zip/ZipReader.h"
#include "Plugin/Volume/SourceSeries.h"

namespace H3K27M::Masks
{
  namespace
  {
    constexpr std::uint64_t MAX_ALL_BYTES = 512ull << 20;  // of a ZIP's JSON files, which are inflated one by one

    // LabelMe's files lie beside the pictures, and macOS adds shadows of its own.
    bool IsLabelMeFile(const std::string& name)
    {
      const std::string base = name.substr(name.find_last_of('/') + 1);
      return base.ends_with(".json") && !base.starts_with("._") && !name.starts_with("__MACOSX/");
    }

    Results::MaskVolume ReadLabelMeArchive(std::string_view archive, const Volume::SourceSeries& series,
                                           const LabelChoice& choice)
    {
      LabelMeMask mask(series);
      Zip::ZipLimits limits;
      limits.fileBytes = LabelMeMask::MAX_FILE_BYTES;
      limits.allBytes = MAX_ALL_BYTES;
      Zip::ReadZip(archive, limits, IsLabelMeFile,
                   [&mask](const std::string& name, std::string_view content) { mask.AddFile(name, content); });
      return mask.Finish(choice);
    }
  }

  Results::MaskVolume ReadUpload(const MaskUpload& upload, const Volume::SourceSeries& series,
                                 const Volume::VolumeLimits& limits)
  {
    const LabelChoice choice(upload.label);

    switch (upload.kind)
    {
      case MaskUpload::Kind::Nifti:
        return ReadNiftiMask(upload.body, series, choice);
      case MaskUpload::Kind::LabelMeArchive:
        return ReadLabelMeArchive(upload.body, series, choice);
      case MaskUpload::Kind::LabelMeDocuments:
      {
        LabelMeMask mask(series);
        mask.AddDocuments(upload.json);
        return mask.Finish(choice);
      }
      case MaskUpload::Kind::RtStruct:
        return ReadRtStructMask(upload.body, series, upload.roi, limits);
      case MaskUpload::Kind::Segmentation:
        break;
    }

    throw Error(ErrorCode::Internal, "A segmentation is read from the archive, not from an upload");
  }
}
