// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Reports/ReportFiles.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace H3K27M::Reports
{
  // The reports of one kind in one study, as they were read.
  template <typename Row>
  struct ReportReading
  {
    std::vector<Row> rows;               // by time of recording: the last counts
    std::vector<std::string> instances;  // Orthanc identifiers of all of them, those that cannot be read too
    std::string fault;                   // why some cannot be read; empty when all can
  };

  // Adds the report of one instance. One that is gone meanwhile is none.
  template <typename Kind>
  void AddReport(ReportReading<typename Kind::Row>& reading, const ReportFiles& files, const std::string& instanceId)
  {
    reading.instances.push_back(instanceId);

    try
    {
      const std::optional<Volume::DicomHeader> header = files.Read(instanceId);

      if (!header)
      {
        return;
      }

      std::optional<typename Kind::Row> row = Kind::Read(*header->dataset);

      if (!row)
      {
        throw Error(ErrorCode::Corrupt, "Not a " + std::string(Kind::NAME) + " report, although its series says so");
      }

      row->instanceId = instanceId;
      row->sopInstanceUid = header->sopInstanceUid;
      reading.rows.push_back(std::move(*row));
    }
    catch (const Error& e)
    {
      if (e.GetCode() != ErrorCode::Corrupt)
      {
        throw;
      }

      reading.fault = std::string(Kind::NAME) + " report " + instanceId + ": " + e.what();
    }
  }

  // All reports of a kind (StudyReports.h says what that is) in a study.
  template <typename Kind>
  ReportReading<typename Kind::Row> ReadReports(const ReportFiles& files, const Archive::StudySnapshot& study)
  {
    ReportReading<typename Kind::Row> reading;

    for (const Archive::SeriesSnapshot& series : Pipeline::GetOwnSeries(study, Kind::NUMBER))
    {
      const std::size_t before = reading.rows.size();

      for (const std::string& instance : series.instances)
      {
        AddReport<Kind>(reading, files, instance);
      }

      for (std::size_t i = before; i < reading.rows.size(); i++)
      {
        reading.rows[i].studyId = study.id;
        reading.rows[i].studyInstanceUid = study.studyInstanceUid;
        reading.rows[i].seriesId = series.id;
      }
    }

    // Recorded in the same millisecond at two sites: the same one counts everywhere.
    std::sort(reading.rows.begin(), reading.rows.end(), [](const auto& a, const auto& b)
    { return std::tie(a.recordedAt, a.sopInstanceUid) < std::tie(b.recordedAt, b.sopInstanceUid); });
    return reading;
  }
}
