// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/HumanMask.h"
#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Results/ResultIdentity.h"
#include "Plugin/Results/SegWriter.h"
#include "UnitTests/Plugin/Pipeline/WorkerPoolFixture.h"

#include <ctime>
#include <span>

namespace H3K27M::Testing
{
  // A study with images, and masks of one voxel on one of its slices: drawn by a person, or planted as a phantom's is. Each
  // a second after the one before, and long ago.
  class MaskFixture : public WorkerPoolFixture
  {
  protected:
    // The SOPInstanceUID of the mask.
    std::string StoreDrawn(std::size_t slice, const Masks::MaskOrigin& origin = Masks::MaskOrigin())
    {
      const Volume::SourceSeries source = GetSource();
      return Store(Masks::WriteHumanMask(source, MakeMask(source, slice), origin, "test", GetNextMoment()));
    }

    // As PhantomStudies does.
    std::string StorePlanted(std::size_t slice)
    {
      const Volume::SourceSeries source = GetSource();
      Results::SegOptions options;
      options.purpose = Results::SegPurpose::Reference;
      options.algorithmType = Results::SegmentAlgorithmType::Manual;
      Results::ModelInfo generator;
      generator.name = "phantom generator";
      generator.version = "1";
      generator.softwareVersion = "1";
      generator.hash = "phantom-generator";
      const Results::ResultIdentity identity(source, generator.hash, "phantom-reference");
      return Store(
        Results::SegWriter(options).Write({source, identity, generator, GetNextMoment()}, MakeMask(source, slice)));
    }

    Volume::SourceSeries GetSource()
    {
      const Archive::StudySnapshot study = archive_.GetStudy(STUDY).value();
      return triage_.ReadSeries(Pipeline::GetSourceSeries(study).front(), study.id).GetVolume().series;
    }

  private:
    Results::ContentDateTime GetNextMoment()
    {
      return Results::ContentDateTime::At(FIRST_MOMENT + moments_++, "+0000");
    }

    static Results::MaskVolume MakeMask(const Volume::SourceSeries& source, std::size_t slice)
    {
      Results::MaskVolume mask(source);
      std::vector<std::uint8_t> values(static_cast<std::size_t>(source.rows) * source.columns, 0);
      values[7] = 1;
      mask.SetSlice(slice, values);
      return mask;
    }

    std::string Store(const Results::DicomInstance& file)
    {
      archive_.Store(std::span(file.bytes));
      return file.sopInstanceUid;
    }

    static constexpr std::time_t FIRST_MOMENT = 1'700'000'000;
    std::time_t moments_ = 0;
  };
}
