// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Review/CaseView.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Archive/RequireStudy.h"
#include "Plugin/Masks/HumanMask.h"
#include "Plugin/Masks/SegmentationMask.h"
#include "Plugin/Pipeline/HandChoice.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/SeriesChoice.h"
#include "Plugin/Pipeline/SliceDecoding.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Results/ResultIdentity.h"
#include "Plugin/Results/SrWording.h"
#include "Plugin/Review/VoxelScale.h"
#include "Plugin/Support/NullableJson.h"
#include "Plugin/Volume/FrameValues.h"
#include "Plugin/Volume/SliceGrid.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace H3K27M::Review
{
  namespace
  {
    constexpr std::size_t MAX_BYTES = std::size_t{64} << 20;

    // How the report calls the slices.
    Json::Value DescribeNames(const Volume::SourceSeries& series)
    {
      const Results::Wording::SliceNames names = Results::Wording::NameSlices(series);
      Json::Value json;
      json["are_shown"] = names.areShown;
      json["numbers"] = Json::arrayValue;

      for (const int number : names.numbers)
      {
        json["numbers"].append(number);
      }

      return json;
    }

    void RequireStack(const Volume::SourceSeries& series, const std::string& stack)
    {
      if (!stack.empty() && stack != Results::NameStack(series))
      {
        throw Error(ErrorCode::Conflict,
                    "The images of this study are others than those that were opened: load it again");
      }
    }

    Json::Value ListPlaces(const Volume::SliceGrid& grid, std::size_t slices)
    {
      Json::Value places(Json::arrayValue);

      for (std::size_t slice = 0; slice < slices; slice++)
      {
        places.append(static_cast<Json::UInt64>(grid.GetPlace(slice)));
      }

      return places;
    }

    // [3][4], RAS; the mean step over the stack, as NIfTI has it.
    Json::Value DescribeAffine(const Volume::SliceGrid& grid)
    {
      const Volume::Vector columns[] = {grid.GetColumnStep(), grid.GetRowStep(), grid.GetSliceStep(),
                                        grid.GetCentre(0, 0, 0)};
      Json::Value affine(Json::arrayValue);

      for (std::size_t row = 0; row < 3; row++)
      {
        Json::Value line(Json::arrayValue);

        for (const Volume::Vector& column : columns)
        {
          line.append(row < 2 ? -column[row] : column[row]);
        }

        affine.append(line);
      }

      return affine;
    }

    void Append(const Volume::DecodedFrame& frame, const VoxelScale& scale, std::string& target)
    {
      Volume::ForEachStored(frame.type, frame.bytes, [&frame, &scale, &target](double stored)
      {
        const std::int16_t shown = scale.ToNumber(stored * frame.rescaleSlope + frame.rescaleIntercept);
        target += static_cast<char>(shown & 0xff);
        target += static_cast<char>((shown >> 8) & 0xff);
      });
    }

    Results::MaskVolume ReadMaskVolume(const Masks::SegmentationFile& file, const Volume::SourceSeries& series)
    {
      return Masks::ReadSegmentationMask(file, Masks::ChooseSegment(file, 0), series);
    }

    // What the file says of itself, whatever it lies on.
    Json::Value DescribeFile(const Masks::SegmentationFile& file, CaseView::Drawer drawer)
    {
      Json::Value json;
      json["sop_instance_uid"] = file.sopInstanceUid;
      json["creator"] = file.creator;
      json["algorithm_type"] =
        file.segments.empty() ? Json::Value() : Support::OrNull(file.segments.front().algorithmType);
      json["fault"] = Json::nullValue;

      if (drawer == CaseView::Drawer::Human)
      {
        json["synthetic"] = Masks::IsPlanted(file);
      }

      json["voxels"] = Json::nullValue;
      json["largest_slice"] = Json::nullValue;
      json["tumour_slices"] = Json::arrayValue;
      return json;
    }

    void AddExtent(const Results::MaskVolume& mask, Json::Value& json)
    {
      json["voxels"] = static_cast<Json::UInt64>(mask.CountVoxels());

      if (!mask.IsEmpty())
      {
        json["largest_slice"] = static_cast<Json::UInt64>(mask.GetLargestSlice());
      }

      for (const std::size_t slice : mask.GetTumourSlices())
      {
        json["tumour_slices"].append(static_cast<Json::UInt64>(slice));
      }
    }
  }

  CaseView::CaseView(Archive::IArchive& archive, const Pipeline::StudyTriage& triage, Volume::IExternalDecoder& decoder,
                     WorkState::WorkStore& store) :
    archive_(archive),
    triage_(triage),
    store_(store),
    masks_(archive, triage.GetOptions().limits, &decoder),
    decoder_(&decoder)
  {
  }

  Pipeline::SeriesReading CaseView::ReadSeries(const Archive::StudySnapshot& study, const std::string& computed) const
  {
    const Archive::SeriesSnapshot* const series = study.FindSeries(computed);

    if (series != nullptr)
    {
      // As one that a person chose: it may have been, and its result stands for a while after that is withdrawn.
      Pipeline::SeriesReading reading = triage_.ReadSeries(*series, study.id, Pipeline::HandChoice{computed, {}});

      if (reading.decision.accepted)
      {
        return reading;
      }
    }

    return Pipeline::ChooseSeries(triage_, study, series == nullptr ? std::string() : computed);
  }

  template <typename Use>
  auto CaseView::WithSeries(const Archive::StudySnapshot& study, const Use& use) const
  {
    const std::optional<WorkState::Task> task = store_.FindByStudy(study.id);
    const std::string computed = task ? task->seriesId : std::string();
    const std::optional<Pipeline::HandChoice> choice = triage_.FindChoice(study.id);
    const std::string key = study.id + '\n' + Pipeline::ComputeFingerprint(study) + '\n' +
                            std::to_string(Pipeline::GetSourceTime(study).time_since_epoch().count()) + '\n' +
                            computed + '\n' + (choice ? choice->seriesId : std::string());
    std::optional<Pipeline::SeriesReading> reading = cache_.Take(key);

    if (!reading)
    {
      reading = ReadSeries(study, computed);
    }

    auto result = use(*reading);
    cache_.Keep(key, std::move(*reading));
    return result;
  }

  std::optional<Masks::SegmentationFile> CaseView::FindMask(const Archive::StudySnapshot& study,
                                                            const Volume::SourceSeries& series, Drawer drawer) const
  {
    if (drawer == Drawer::Human)
    {
      for (Masks::StoredMask& mask : masks_.ListReadable(study))
      {
        if (mask.GetSourceUid() == series.seriesInstanceUid)
        {
          return std::move(mask.file);
        }
      }

      return std::nullopt;
    }

    const std::optional<WorkState::Task> task = store_.FindByStudy(study.id);
    const Json::Value result =
      task && !task->resultJson.empty() ? Protocol::ParseJson(task->resultJson) : Json::Value();

    if (!result.isObject() || !result["segmentation"].isString())
    {
      return std::nullopt;
    }

    try
    {
      return masks_.Find(study, result["segmentation"].asString());
    }
    catch (const Error& e)
    {
      if (e.GetCode() != ErrorCode::NotFound)
      {
        throw;
      }

      return std::nullopt;  // deleted since, or never stored (Triage: shadow)
    }
  }

  Json::Value CaseView::DescribeMask(const Archive::StudySnapshot& study, const Volume::SourceSeries& series,
                                     Drawer drawer) const
  {
    std::optional<Masks::SegmentationFile> file;
    Json::Value json;

    try
    {
      file = FindMask(study, series, drawer);

      if (!file)
      {
        return {};
      }

      json = DescribeFile(*file, drawer);
      AddExtent(ReadMaskVolume(*file, series), json);
    }
    catch (const Error& e)
    {
      if (e.GetCode() != ErrorCode::BadInput && e.GetCode() != ErrorCode::Corrupt)
      {
        throw;
      }

      // Its file is broken, or images went or came: these can be read all the same, and a new mask put in its place.
      json = DescribeFile(file.value_or(Masks::SegmentationFile()), drawer);
      json["fault"] = e.what();
    }

    return json;
  }

  Json::Value CaseView::Describe(const std::string& studyId) const
  {
    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);
    return WithSeries(study, [&](const Pipeline::SeriesReading& reading) { return Describe(study, reading); });
  }

  Json::Value CaseView::Describe(const Archive::StudySnapshot& study, const Pipeline::SeriesReading& reading) const
  {
    const Volume::SourceSeries& series = reading.GetVolume().series;
    const Volume::SliceGrid grid(series);
    Json::Value json;
    json["study"] = study.id;
    json["study_instance_uid"] = study.studyInstanceUid;
    json["series"] = reading.seriesId;
    json["series_instance_uid"] = reading.seriesInstanceUid;
    json["rows"] = series.rows;
    json["columns"] = series.columns;
    json["slices"] = static_cast<Json::UInt64>(series.slices.size());
    json["places"] = ListPlaces(grid, series.slices.size());
    json["stack"] = Results::NameStack(series);
    json["slice_names"] = DescribeNames(series);
    json["pixel_spacing_mm"].append(series.pixelSpacingMm[0]);
    json["pixel_spacing_mm"].append(series.pixelSpacingMm[1]);
    json["slice_spacing_mm"] = series.sliceSpacingMm;
    json["affine"] = DescribeAffine(grid);
    const VoxelScale scale(series);
    json["voxel_scale"] = scale.GetScale();
    json["voxel_offset"] = scale.GetOffset();
    json["masks"]["model"] = DescribeMask(study, series, Drawer::Model);
    json["masks"]["human"] = DescribeMask(study, series, Drawer::Human);
    return json;
  }

  std::string CaseView::ReadVoxels(const std::string& studyId, std::size_t first, std::size_t count,
                                   const std::string& stack) const
  {
    return WithSeries(Archive::RequireStudy(archive_, studyId), [&](const Pipeline::SeriesReading& reading)
    {
      RequireStack(reading.GetVolume().series, stack);
      return ReadVoxels(reading, first, count);
    });
  }

  std::string CaseView::ReadVoxels(const Pipeline::SeriesReading& reading, std::size_t first, std::size_t count) const
  {
    const Volume::SourceSeries& series = reading.GetVolume().series;
    const std::size_t end = std::min(series.slices.size(), first + std::min(count, series.slices.size()));
    const std::size_t plane = std::size_t{series.rows} * series.columns * sizeof(std::int16_t);

    if (first < end && (end - first) * plane > MAX_BYTES)
    {
      throw Error(ErrorCode::BadInput, "Ask for fewer slices at once: at most " + std::to_string(MAX_BYTES / plane));
    }

    const Pipeline::TriageOptions& options = triage_.GetOptions();
    Pipeline::InstanceCache files(archive_, options.maxCachedBytes, options.limits.maxBytes);
    const VoxelScale scale(series);
    std::string voxels;
    voxels.reserve(first < end ? (end - first) * plane : 0);

    for (std::size_t slice = first; slice < end; slice++)
    {
      const Pipeline::SliceOutcome outcome = Pipeline::DecodeSlice(decoder_, series.slices[slice], reading, files);

      if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome))
      {
        throw Error(ErrorCode::BadInput, "slice " + std::to_string(slice) + ": " + refusal->text);
      }

      Append(std::get<Pipeline::DecodedSlice>(outcome).frame, scale, voxels);
    }

    return voxels;
  }

  std::string CaseView::ReadMask(const std::string& studyId, Drawer drawer, const std::string& stack) const
  {
    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);
    return WithSeries(study, [&](const Pipeline::SeriesReading& reading)
    {
      RequireStack(reading.GetVolume().series, stack);
      return ReadMask(study, reading.GetVolume().series, drawer);
    });
  }

  std::string CaseView::ReadMask(const Archive::StudySnapshot& study, const Volume::SourceSeries& series,
                                 Drawer drawer) const
  {
    const std::optional<Masks::SegmentationFile> file = FindMask(study, series, drawer);

    if (!file)
    {
      throw Error(ErrorCode::NotFound, "Study " + study.id + " has no such mask");
    }

    const Results::MaskVolume mask = ReadMaskVolume(*file, series);
    const std::size_t plane = std::size_t{series.rows} * series.columns;
    std::string records;

    for (const std::size_t slice : mask.GetTumourSlices())
    {
      for (unsigned shift = 0; shift < 32; shift += 8)
      {
        records += static_cast<char>((slice >> shift) & 0xff);
      }

      const std::uint8_t* const values = mask.GetSlice(slice);
      std::string bits((plane + 7) / 8, '\0');

      for (std::size_t i = 0; i < plane; i++)
      {
        bits[i / 8] = static_cast<char>(bits[i / 8] | (values[i] != 0 ? 1 << (i % 8) : 0));
      }

      records += bits;
    }

    return records;
  }
}
