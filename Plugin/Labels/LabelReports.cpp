// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/LabelReports.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Labels/LabelFields.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Results/LabelReader.h"
#include "Plugin/Results/LabelWriter.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Routing/OwnResults.h"
#include "Plugin/Volume/DicomReader.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <variant>

namespace H3K27M::Labels
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

    // Nothing when the report is gone meanwhile. Throws Error(Corrupt) when it is none that we understand.
    std::optional<WorkState::StudyLabel> ReadReport(Archive::IArchive& archive, const std::string& instanceId,
                                                    const Volume::VolumeLimits& limits)
    {
      try
      {
        const HeaderOutcome outcome = ReadHeader(archive, instanceId, limits, MAX_REPORT_BYTES);

        if (const auto* const fault = std::get_if<std::string>(&outcome))
        {
          throw Error(ErrorCode::Corrupt, *fault);
        }

        const auto& header = std::get<Volume::DicomHeader>(outcome);
        const std::optional<Results::GenotypeLabel> label = Results::ReadLabel(*header.dataset);

        if (!label)
        {
          throw Error(ErrorCode::Corrupt, "Not a label report, although its series says so");
        }

        WorkState::StudyLabel row = ToStudyLabel(*label);
        row.instanceId = instanceId;
        row.sopInstanceUid = header.sopInstanceUid;
        return row;
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

    void AddReport(ReportReading& reading, Archive::IArchive& archive, const std::string& instanceId,
                   const Volume::VolumeLimits& limits)
    {
      reading.instances.push_back(instanceId);

      try
      {
        if (std::optional<WorkState::StudyLabel> label = ReadReport(archive, instanceId, limits))
        {
          reading.labels.push_back(std::move(*label));
        }
      }
      catch (const Error& e)
      {
        if (e.GetCode() != ErrorCode::Corrupt)
        {
          throw;
        }

        reading.fault = "label report " + instanceId + ": " + e.what();
      }
    }

    // One instance of each source series (of every series where all are ours), smallest file first: an Enhanced MR may
    // hold hundreds of megabytes, and its neighbour has the same patient.
    std::vector<std::string> ListHeaders(Archive::IArchive& archive, const Archive::StudySnapshot& study)
    {
      const std::vector<Archive::SeriesSnapshot> source = Pipeline::GetSourceSeries(study);
      std::vector<std::pair<std::uint64_t, std::string>> files;

      for (const Archive::SeriesSnapshot& series : source.empty() ? study.series : source)
      {
        if (!series.instances.empty())
        {
          const std::string& first = *std::min_element(series.instances.begin(), series.instances.end());
          files.emplace_back(archive.GetInstanceSize(first), first);
        }
      }

      std::sort(files.begin(), files.end());
      std::vector<std::string> instances;
      instances.reserve(files.size());

      for (auto& [size, instance] : files)
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

  ReportReading LabelReports::Read(const Archive::StudySnapshot& study) const
  {
    ReportReading reading;

    for (const Archive::SeriesSnapshot& series : Pipeline::GetLabelSeries(study))
    {
      const std::size_t before = reading.labels.size();

      for (const std::string& instance : series.instances)
      {
        AddReport(reading, archive_, instance, limits_);
      }

      for (WorkState::StudyLabel& label : std::span(reading.labels).subspan(before))
      {
        label.studyId = study.id;
        label.studyInstanceUid = study.studyInstanceUid;
        label.seriesId = series.id;
      }
    }

    // Recorded in the same millisecond at two sites: the same one is in force everywhere.
    std::sort(reading.labels.begin(), reading.labels.end(),
              [](const WorkState::StudyLabel& a, const WorkState::StudyLabel& b)
    { return std::tie(a.recordedAt, a.sopInstanceUid) < std::tie(b.recordedAt, b.sopInstanceUid); });
    return reading;
  }

  void LabelReports::Store(const Archive::StudySnapshot& study, Results::GenotypeLabel label) const
  {
    label.synthetic = IsOfPhantom(study);
    std::string fault = "it holds no file";

    for (const std::string& instance : ListHeaders(archive_, study))
    {
      const HeaderOutcome outcome = ReadHeader(archive_, instance, limits_, limits_.maxBytes);

      if (const auto* const header = std::get_if<Volume::DicomHeader>(&outcome))
      {
        const std::string timezone = Results::SourceAttributes(*header->dataset).Get(DCM_TimezoneOffsetFromUTC);
        const Results::DicomInstance report =
          Results::WriteLabel(*header->dataset, label, Results::ContentDateTime::Now(timezone));
        archive_.Store(std::span(report.bytes));
        return;
      }

      fault = std::get<std::string>(outcome);
    }

    throw Error(ErrorCode::BadInput, "Study " + study.id + " cannot be labelled, no file of it can be read: " + fault);
  }

  void LabelReports::Remove(const std::string& instanceId) const
  {
    archive_.DeleteInstance(instanceId);
  }
}
