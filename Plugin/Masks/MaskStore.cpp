// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/MaskStore.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/Attestation.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Results/ResultContext.h"
#include "Plugin/Routing/OwnResults.h"
#include "Plugin/Support/Log.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace H3K27M::Masks
{
  namespace
  {
    constexpr const char* SEGMENTATION_MODALITY = "SEG";

    bool IsReferenceMask(const Archive::SeriesSnapshot& series)
    {
      return series.modality == SEGMENTATION_MODALITY && series.manufacturer == Routing::OWN_MANUFACTURER &&
             series.seriesNumber == static_cast<int>(Results::OwnSeriesNumber::ReferenceMask);
    }

    // By time, and by UID within a second: everybody who looks sees the same one first.
    bool IsNewer(const StoredMask& a, const StoredMask& b)
    {
      return std::tie(a.file.contentDate, a.file.contentTime, a.file.sopInstanceUid) >
             std::tie(b.file.contentDate, b.file.contentTime, b.file.sopInstanceUid);
    }

    // What a review calls it by: the instance, and the series of one whose file cannot be read.
    std::string GetUid(const StoredMask& mask, const Archive::StudySnapshot& study)
    {
      const Archive::SeriesSnapshot* const series = study.FindSeries(mask.seriesId);
      return mask.fault.empty() || series == nullptr ? mask.file.sopInstanceUid : series->seriesInstanceUid;
    }
  }

  std::string StoredMask::GetSourceUid() const
  {
    return file.referencedSeries.empty() ? std::string() : *file.referencedSeries.begin();
  }

  std::shared_ptr<const std::string> MaskStore::ReadFile(const std::string& instanceId) const
  {
    Pipeline::InstanceCache files(archive_, 0, limits_.maxBytes);
    const Pipeline::FileOutcome outcome = files.Get(instanceId);

    if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome))
    {
      throw Error(ErrorCode::BadInput, refusal->text);
    }

    return std::get<std::shared_ptr<const std::string>>(outcome);
  }

  std::vector<std::string> MaskStore::ListInstances(const Archive::StudySnapshot& study)
  {
    std::vector<std::string> instances;

    for (const Archive::SeriesSnapshot& series : study.series)
    {
      if (IsReferenceMask(series))
      {
        instances.insert(instances.end(), series.instances.begin(), series.instances.end());
      }
    }

    return instances;
  }

  std::vector<StoredMask> MaskStore::ListAll(const Archive::StudySnapshot& study) const
  {
    std::vector<StoredMask> masks;

    for (const Archive::SeriesSnapshot& series : study.series)
    {
      if (!IsReferenceMask(series))
      {
        continue;
      }

      for (const std::string& instance : series.instances)
      {
        masks.push_back(Read(series.id, instance));
      }
    }

    std::sort(masks.begin(), masks.end(), IsNewer);
    return masks;
  }

  std::vector<StoredMask> MaskStore::ListReadable(const Archive::StudySnapshot& study) const
  {
    std::vector<StoredMask> masks = ListAll(study);
    std::erase_if(masks, [](const StoredMask& mask)
    {
      if (!mask.fault.empty())
      {
        Support::Log::Warning(mask.fault);
      }

      return !mask.fault.empty();
    });
    return masks;
  }

  StoredMask MaskStore::Read(const std::string& seriesId, const std::string& instance) const
  {
    StoredMask mask;
    mask.seriesId = seriesId;
    mask.instanceId = instance;

    try
    {
      mask.file = SegmentationFile::Parse(ReadFile(instance), limits_, decoder_);
    }
    catch (const Error& e)
    {
      if (e.GetCode() != ErrorCode::BadInput && e.GetCode() != ErrorCode::Corrupt)
      {
        throw;
      }

      mask.fault = "The mask " + instance + " in the archive cannot be read: " + e.what();
    }

    return mask;
  }

  SegmentationFile MaskStore::Find(const Archive::StudySnapshot& study, const std::string& segmentation) const
  {
    std::vector<std::string> instances;

    for (const Archive::SeriesSnapshot& series : study.series)
    {
      if (series.modality == SEGMENTATION_MODALITY)
      {
        instances.insert(instances.end(), series.instances.begin(), series.instances.end());
      }
    }

    if (std::find(instances.begin(), instances.end(), segmentation) != instances.end())
    {
      return SegmentationFile::Parse(ReadFile(segmentation), limits_, decoder_);
    }

    // The archive's index knows no SOPInstanceUID of an instance without asking for it; segmentations are few.
    for (const std::string& instance : instances)
    {
      const std::shared_ptr<const std::string> file = ReadFile(instance);

      if (file->find(segmentation) != std::string::npos)
      {
        SegmentationFile parsed = SegmentationFile::Parse(file, limits_, decoder_);

        if (parsed.sopInstanceUid == segmentation)
        {
          return parsed;
        }
      }
    }

    throw Error(ErrorCode::NotFound, "The study has no segmentation of this identifier or SOPInstanceUID");
  }

  std::vector<StoredMask> MaskStore::KeepInForce(std::vector<StoredMask> masks)
  {
    std::set<std::string> sources;
    std::erase_if(masks, [&sources](const StoredMask& mask)
    { return mask.fault.empty() && !sources.insert(mask.GetSourceUid()).second; });
    return masks;
  }

  std::vector<StoredMask> MaskStore::ListUnattested(const Archive::StudySnapshot& study,
                                                    std::vector<StoredMask> masks) const
  {
    std::set<std::string> uids;

    for (const StoredMask& mask : masks)
    {
      uids.insert(GetUid(mask, study));
    }

    const std::set<std::string> attested = Pipeline::FindAttested(archive_, study.id, uids);
    std::erase_if(masks, [&](const StoredMask& mask) { return attested.contains(GetUid(mask, study)); });
    return masks;
  }

  std::size_t MaskStore::Remove(const std::vector<StoredMask>& masks) const
  {
    for (const StoredMask& mask : masks)
    {
      archive_.DeleteSeries(mask.seriesId);
    }

    return masks.size();
  }
}
