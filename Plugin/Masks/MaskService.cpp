// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/MaskService.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Archive/RequireStudy.h"
#include "Plugin/Masks/HumanMask.h"
#include "Plugin/Masks/LabelChoice.h"
#include "Plugin/Masks/MaskJson.h"
#include "Plugin/Masks/SegmentationMask.h"
#include "Plugin/Pipeline/SeriesChoice.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/PhantomDescription.h"
#include "Plugin/Support/NullableJson.h"

#include <algorithm>
#include <iterator>

namespace H3K27M::Masks
{
  namespace
  {
    using Results::SegmentAlgorithmType;

    constexpr std::size_t SHOWN = 64;  // of a name in a message

    MaskOrigin MakeOrigin(const MaskUpload& upload)
    {
      MaskOrigin origin;
      origin.algorithmType = upload.algorithmType.value_or(SegmentAlgorithmType::Manual);
      origin.algorithmName = upload.algorithmName;
      origin.creator = upload.creator;
      origin.site = upload.site.value_or(origin.site);
      return origin;
    }

    // A person who takes over what a program drew has not drawn it.
    void Inherit(MaskOrigin& origin, const MaskUpload& upload, const SegmentationFile& file,
                 const SegmentDescription& segment)
    {
      const bool isPlanted = file.equipment == Results::PHANTOM_GENERATOR;  // it says MANUAL, and nobody drew it
      const bool isByHand = segment.algorithmType == "MANUAL" && !isPlanted;

      if (!isByHand && upload.algorithmType == SegmentAlgorithmType::Manual)
      {
        throw Error(ErrorCode::BadInput, "The segment is " +
                                           (isPlanted ? "a phantom's" : segment.algorithmType.substr(0, 16)) +
                                           ": taken over by a person it is SEMIAUTOMATIC, not MANUAL");
      }

      if (!isByHand && !upload.algorithmType)
      {
        origin.algorithmType = SegmentAlgorithmType::SemiAutomatic;
      }

      if (origin.algorithmType == SegmentAlgorithmType::SemiAutomatic && origin.algorithmName.empty())
      {
        origin.algorithmName = isPlanted ? file.equipment : segment.algorithmName;
      }
    }

    // What a mask is of: its images' series; of one that cannot be read nothing is known but its own.
    std::string GetSource(const StoredMask& mask)
    {
      return mask.fault.empty() ? mask.GetSourceUid() : mask.seriesId;
    }

    std::set<std::string> ListSources(const std::vector<StoredMask>& masks)
    {
      std::set<std::string> sources;

      for (const StoredMask& mask : masks)
      {
        sources.insert(GetSource(mask));
      }

      return sources;
    }

    // SeriesInstanceUID of what is named by Orthanc's identifier or by itself.
    std::string ToSeriesUid(const Archive::StudySnapshot& study, const std::string& series)
    {
      const Archive::SeriesSnapshot* const found = study.FindSeries(series);
      return found == nullptr ? series : found->seriesInstanceUid;
    }

    bool Holds(const Archive::StudySnapshot& study, const std::string& instanceId)
    {
      return std::any_of(study.series.begin(), study.series.end(), [&instanceId](const Archive::SeriesSnapshot& series)
      { return std::count(series.instances.begin(), series.instances.end(), instanceId) > 0; });
    }

    // Whether the same voxels are tumour, of two masks of one series.
    bool MarkTheSame(const Results::MaskVolume& a, const Results::MaskVolume& b)
    {
      const std::vector<std::size_t> slices = a.GetTumourSlices();
      const std::size_t plane = std::size_t{a.GetRows()} * a.GetColumns();
      return slices == b.GetTumourSlices() &&
             std::all_of(slices.begin(), slices.end(), [&a, &b, plane](std::size_t slice)
      {
        return std::equal(a.GetSlice(slice), a.GetSlice(slice) + plane, b.GetSlice(slice),
                          [](std::uint8_t one, std::uint8_t other) { return (one != 0) == (other != 0); });
      });
    }

    // SOPInstanceUID of the newest of them; empty where there is none, and of one that cannot be read.
    std::string GetNewest(const std::vector<StoredMask>& masks)
    {
      return masks.empty() ? std::string() : masks.front().file.sopInstanceUid;
    }

    // `masks`: those of the series, newest first.
    void RequireSeen(const std::string& seen, const std::vector<StoredMask>& masks)
    {
      const std::string now = GetNewest(masks);

      if (seen == now)
      {
        return;
      }

      if (masks.empty())
      {
        throw Error(ErrorCode::Conflict, "The mask that was seen is gone meanwhile. Nothing was written");
      }

      const SegmentationFile& file = masks.front().file;
      const std::string name = now.empty() ? "one that cannot be read" : now;
      throw Error(ErrorCode::Conflict, "Another mask of the series was stored meanwhile: " + name +
                                         (file.creator.empty() ? "" : ", by " + file.creator.substr(0, SHOWN)) +
                                         ". Nothing was written");
    }
  }

  MaskService::MaskService(Archive::IArchive& archive, const Pipeline::StudyTriage& triage,
                           Support::StudyClaims& claims) :
    archive_(archive),
    triage_(triage),
    store_(archive, triage.GetOptions().limits, &triage.GetDecoder()),
    claims_(claims)
  {
  }

  std::vector<StoredMask> MaskService::Choose(std::vector<StoredMask> masks, const Archive::StudySnapshot& study,
                                              const std::string& series)
  {
    const std::set<std::string> sources = ListSources(masks);

    if (series.empty() && sources.size() > 1)
    {
      throw Error(
        ErrorCode::Conflict,
        "Several series of the study have a mask: name one as 'series' (of a mask that cannot be read, its own): " +
          QuoteAll(sources));
    }

    const std::string uid = ToSeriesUid(study, series);
    std::erase_if(masks, [&](const StoredMask& mask)
    { return !series.empty() && GetSource(mask) != (mask.fault.empty() ? uid : series); });

    if (masks.empty())
    {
      throw Error(ErrorCode::NotFound, series.empty() ? "Study " + study.id + " has no mask that a person drew"
                                                      : "Series " + series + " has no mask that a person drew");
    }

    return masks;
  }

  Json::Value MaskService::Get(const std::string& studyId, const std::string& series) const
  {
    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);
    std::vector<StoredMask> masks = store_.ListAll(study);

    // Those that can be read come first.
    if (!masks.empty() && !masks.front().fault.empty())
    {
      throw Error(ErrorCode::Corrupt, masks.front().fault);
    }

    std::erase_if(masks, [](const StoredMask& mask) { return !mask.fault.empty(); });
    return Describe(Choose(std::move(masks), study, series).front(), study);
  }

  Results::MaskVolume MaskService::ReadMask(const Archive::StudySnapshot& study, const MaskUpload& upload,
                                            const Volume::SourceSeries& series, MaskOrigin& origin) const
  {
    if (upload.kind != MaskUpload::Kind::Segmentation)
    {
      return ReadUpload(upload, series, triage_.GetOptions().limits);
    }

    const SegmentationFile file = store_.Find(study, upload.segmentation);
    const SegmentDescription& segment = ChooseSegment(file, upload.segment);
    Inherit(origin, upload, file, segment);
    return ReadSegmentationMask(file, segment, series);
  }

  Results::DicomInstance MaskService::Write(const Volume::SourceSeries& series, const Results::MaskVolume& mask,
                                            MaskOrigin origin, const MaskUpload& upload,
                                            const std::vector<StoredMask>& older) const
  {
    const std::string& version = triage_.GetOptions().softwareVersion;
    Results::ContentDateTime made = Results::GetContentDateTime(series);

    if (older.empty())
    {
      return WriteHumanMask(series, mask, origin, version, made);
    }

    const SegmentationFile& newest = older.front().file;
    made = made.After(newest.contentDate, newest.contentTime);
    Results::DicomInstance segmentation = WriteHumanMask(series, mask, origin, version, made);
    const auto isReplaced = [&older](const Results::DicomInstance& file)
    {
      return std::any_of(older.begin() + 1, older.end(), [&file](const StoredMask& candidate)
      { return candidate.file.sopInstanceUid == file.sopInstanceUid; });
    };

    // It was replaced, and stands as what a review names: the object that comes back is a newer one.
    for (std::string after = upload.replaces.value_or(newest.sopInstanceUid); isReplaced(segmentation);)
    {
      origin.after = after;
      segmentation = WriteHumanMask(series, mask, origin, version, made);
      after = segmentation.sopInstanceUid;
    }

    return segmentation;
  }

  std::string MaskService::FindDamage(const Archive::StudySnapshot& study, const std::string& instanceId,
                                      const Results::MaskVolume& mask, const Volume::SourceSeries& series) const
  {
    try
    {
      const SegmentationFile stored = store_.Find(study, instanceId);
      const Results::MaskVolume read = ReadSegmentationMask(stored, ChooseSegment(stored, 0), series);
      return MarkTheSame(mask, read) ? "" : "voxels of it are others";
    }
    catch (const Error& e)
    {
      if (e.CanRetry())
      {
        throw;
      }

      return e.what();
    }
  }

  Json::Value MaskService::Put(const std::string& studyId, const MaskUpload& upload)
  {
    const Support::StudyClaims::Claim claim(claims_, studyId);
    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);
    const Pipeline::SeriesReading reading = Pipeline::ChooseSeries(triage_, study, upload.series, upload.contrast);
    const Volume::SourceSeries& series = reading.GetVolume().series;

    std::vector<StoredMask> older = store_.ListReadable(study);
    std::erase_if(older, [&series](const StoredMask& candidate)
    { return candidate.GetSourceUid() != series.seriesInstanceUid; });

    MaskOrigin origin = MakeOrigin(upload);
    const Results::MaskVolume mask = ReadMask(study, upload, series, origin);
    const Results::DicomInstance segmentation = Write(series, mask, origin, upload, older);

    // A request that was answered and came again finds its own mask there.
    if (upload.replaces && GetNewest(older) != segmentation.sopInstanceUid)
    {
      RequireSeen(*upload.replaces, older);
    }

    std::erase_if(older, [&segmentation](const StoredMask& candidate)
    { return candidate.file.sopInstanceUid == segmentation.sopInstanceUid; });

    // The new one stands before the old one goes: a reader sees one of them at least.
    const std::string instanceId = archive_.Store(std::span(segmentation.bytes));
    const std::optional<Archive::StudySnapshot> now = archive_.GetStudy(studyId);

    if (!now || now->FindSeries(reading.seriesId) == nullptr)
    {
      archive_.DeleteInstance(instanceId);  // storing into a study that was deleted meanwhile brings it back
      throw Error(ErrorCode::NotFound, "The series was deleted while its mask was stored");
    }

    if (const std::string damage = FindDamage(*now, instanceId, mask, series); !damage.empty())
    {
      if (!Holds(study, instanceId))
      {
        archive_.DeleteInstance(instanceId);
      }

      throw Error(ErrorCode::Conflict, "The archive does not give the mask back as it was stored (Orthanc's "
                                       "IngestTranscoding may have compressed it), so that it replaces none: " +
                                         damage);
    }

    const std::size_t replaced = store_.Remove(store_.ListUnattested(*now, std::move(older)));
    Json::Value json = Get(studyId, reading.seriesId);
    json["replaced"] = static_cast<Json::UInt64>(replaced);
    return json;
  }

  Json::Value MaskService::Withdraw(const std::string& studyId, const std::string& series,
                                    const std::optional<std::string>& seen)
  {
    const Support::StudyClaims::Claim claim(claims_, studyId);
    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);
    const std::vector<StoredMask> masks = Choose(store_.ListAll(study), study, series);

    if (seen)
    {
      RequireSeen(*seen, masks);
    }

    const std::vector<StoredMask> unattested = store_.ListUnattested(study, masks);

    if (unattested.empty() || unattested.front().instanceId != masks.front().instanceId)
    {
      throw Error(ErrorCode::Conflict, "A review of the study names this mask, and would point at nothing: put another "
                                       "mask in its place, or remove the review from the archive first. Nothing was "
                                       "removed");
    }

    // What a review names of the older ones was in force before, and is again.
    Json::Value json;
    json["study"] = studyId;
    json["segmentation_instance_uid"] = Support::OrNull(masks.front().file.sopInstanceUid);
    json["withdrawn"] = static_cast<Json::UInt64>(store_.Remove(unattested));
    return json;
  }
}
