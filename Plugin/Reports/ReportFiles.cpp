// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Reports/ReportFiles.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Routing/OwnResults.h"
#include "Plugin/Volume/DicomReader.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr std::uint64_t MAX_REPORT_BYTES = 1 << 20;  // ours have a few kilobytes

    using HeaderOutcome = std::variant<Volume::DicomHeader, std::string>;

    // The header, or why there is none.
    HeaderOutcome ReadHeader(Archive::IArchive& archive, const std::string& instanceId,
                             const Volume::VolumeLimits& limits, std::uint64_t maxBytes)
    {
      Pipeline::InstanceCache files(archive, 0, maxBytes);
      const Pipeline::FileOutcome file = files.Get(instanceId);

      if (const auto* const refusal = std::get_if<Volume::Refusal>(&file))
      {
        return refusal->text;
      }

      Volume::ReadOutcome outcome =
        Volume::DicomReader(limits).Read(*std::get<std::shared_ptr<const std::string>>(file));

      if (const auto* const refusal = std::get_if<Volume::Refusal>(&outcome))
      {
        return refusal->text;
      }

      return std::get<Volume::DicomHeader>(std::move(outcome));
    }

    // Whether a series is of a scanner: of others (a screenshot, a person's annotation) the equipment is none.
    bool HoldsImages(const Archive::SeriesSnapshot& series)
    {
      constexpr std::array OTHERS = {"SR", "KO", "PR", "SEG", "RTSTRUCT", "OT", "DOC", "REG"};
      return std::find(OTHERS.begin(), OTHERS.end(), series.modality) == OTHERS.end();
    }

    // One instance of each source series (of every series where all are ours), of scanners first, smallest file first:
    // an Enhanced MR may hold hundreds of megabytes, and its neighbour has the same patient.
    std::vector<std::string> ListHeaders(Archive::IArchive& archive, const Archive::StudySnapshot& study)
    {
      const std::vector<Archive::SeriesSnapshot> source = Pipeline::GetSourceSeries(study);
      std::vector<std::tuple<bool, std::uint64_t, std::string>> files;

      for (const Archive::SeriesSnapshot& series : source.empty() ? study.series : source)
      {
        if (!series.instances.empty())
        {
          const std::string& first = *std::min_element(series.instances.begin(), series.instances.end());
          files.emplace_back(!HoldsImages(series), archive.GetInstanceSize(first), first);
        }
      }

      std::sort(files.begin(), files.end());
      std::vector<std::string> instances;
      instances.reserve(files.size());

      for (auto& [isOther, size, instance] : files)
      {
        instances.push_back(std::move(instance));
      }

      return instances;
    }

    bool IsOfPhantom(const Archive::StudySnapshot& study)
    {
      const std::vector<Archive::SeriesSnapshot> source = Pipeline::GetSourceSeries(study);
      return std::any_of(source.begin(), source.end(), [](const Archive::SeriesSnapshot& series)
      { return series.manufacturer == Routing::OWN_MANUFACTURER; });
    }
  }

  std::optional<Volume::DicomHeader> ReportFiles::Read(const std::string& instanceId) const
  {
    try
    {
      HeaderOutcome outcome = ReadHeader(archive_, instanceId, limits_, MAX_REPORT_BYTES);

      if (const auto* const fault = std::get_if<std::string>(&outcome))
      {
        throw Error(ErrorCode::Corrupt, *fault);
      }

      return std::get<Volume::DicomHeader>(std::move(outcome));
    }
    catch (const Error& e)
    {
      if (e.GetCode() == ErrorCode::NotFound)
      {
        return std::nullopt;
      }

      throw;
    }
  }

  std::string ReportFiles::Store(const Archive::StudySnapshot& study, const Writer& write) const
  {
    std::string fault = "it holds no file";

    for (const std::string& instance : ListHeaders(archive_, study))
    {
      const HeaderOutcome outcome = ReadHeader(archive_, instance, limits_, limits_.maxBytes);

      if (const auto* const header = std::get_if<Volume::DicomHeader>(&outcome))
      {
        const std::string timezone = Results::SourceAttributes(*header->dataset).Get(DCM_TimezoneOffsetFromUTC);
        const Results::DicomInstance report =
          write({*header->dataset, IsOfPhantom(study), Results::ContentDateTime::Now(timezone)});
        archive_.Store(std::span(report.bytes));
        return report.sopInstanceUid;
      }

      fault = std::get<std::string>(outcome);
    }

    throw Error(ErrorCode::BadInput,
                "Nothing can be said of study " + study.id + ", no file of it can be read: " + fault);
  }

  void ReportFiles::Remove(const std::string& instanceId) const
  {
    archive_.DeleteInstance(instanceId);
  }
}
