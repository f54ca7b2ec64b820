// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Reports/StudyReports.h"

// The bodies of StudyReports, which each kind of report makes a class of.
namespace H3K27M::Reports
{
  template <typename Kind>
  std::optional<typename Kind::Row> StudyReports<Kind>::FindCopy(const Archive::StudySnapshot& study) const
  {
    std::optional<Row> copy = Kind::GetTable(store_).Find(study.id);
    const std::vector<Archive::SeriesSnapshot> series = Pipeline::GetOwnSeries(study, Kind::NUMBER);
    const bool isOnly =
      copy && series.size() == 1 && series.front().instances == std::vector<std::string>{copy->instanceId};
    return isOnly ? copy : std::nullopt;
  }

  template <typename Kind>
  std::optional<typename Kind::Row> StudyReports<Kind>::Look(const Archive::StudySnapshot& study) const
  {
    if (std::optional<Row> copy = FindCopy(study))
    {
      return copy;
    }

    const ReportReading<Row> reading = Read(study);
    return reading.rows.empty() ? std::nullopt : std::optional<Row>(reading.rows.back());
  }

  template <typename Kind>
  std::optional<typename Kind::Row> StudyReports<Kind>::Find(const Archive::StudySnapshot& study) const
  {
    std::optional<Row> row = Look(study);

    if (!row && !Pipeline::GetOwnSeries(study, Kind::NUMBER).empty())
    {
      throw Error(ErrorCode::Corrupt, std::string("The ") + Kind::NAME + " of study " + study.id + " cannot be read");
    }

    return row;
  }

  template <typename Kind>
  typename Kind::Row StudyReports<Kind>::Require(const std::string& studyId) const
  {
    const Archive::StudySnapshot study = Archive::RequireStudy(archive_, studyId);

    if (std::optional<Row> row = Look(study))
    {
      return std::move(*row);
    }

    const std::string fault = Read(study).fault;
    const std::string name = Kind::NAME;
    throw Error(ErrorCode::NotFound, "Study " + studyId + " has no " + name + "; " + Kind::METHOD + " cases/" +
                                       studyId + "/" + name + " sets one" + (fault.empty() ? "" : " (" + fault + ")"));
  }

  template <typename Kind>
  std::optional<typename Kind::Row> StudyReports<Kind>::Settle(const Archive::StudySnapshot& study) const
  {
    if (std::optional<Row> copy = FindCopy(study))
    {
      return copy;
    }

    const std::optional<Row> copy = Kind::GetTable(store_).Find(study.id);
    ReportReading<Row> reading = Read(study);

    if (copy && std::none_of(reading.rows.begin(), reading.rows.end(),
                             [&copy](const Row& row) { return row.instanceId == copy->instanceId; }))
    {
      Kind::GetTable(store_).Remove(study.id, copy->instanceId);
    }

    if (!reading.fault.empty())
    {
      Support::Log::Info("study " + study.id + ": " + reading.fault);
    }

    if (reading.rows.empty())
    {
      return std::nullopt;
    }

    Row last = std::move(reading.rows.back());
    reading.rows.pop_back();
    Kind::GetTable(store_).Put(last);

    if (!Kind::KEEPS_HISTORY)
    {
      for (const Row& superseded : reading.rows)
      {
        Audit("archive", "-superseded", superseded);
        files_.Remove(superseded.instanceId);
      }
    }

    return last;
  }

  template <typename Kind>
  typename Kind::Row StudyReports<Kind>::Put(const Archive::StudySnapshot& before,
                                             const ReportFiles::Writer& write) const
  {
    files_.Store(before, write);
    const std::optional<Archive::StudySnapshot> now = archive_.GetStudy(before.id);

    if (now)
    {
      RequireSource(before, *now);
    }

    std::optional<Row> settled = now ? Settle(*now) : std::nullopt;

    if (!settled)
    {
      throw Error(ErrorCode::Conflict,
                  "Study " + before.id + " or its " + Kind::NAME + " was removed while that was set");
    }

    return std::move(*settled);
  }

  // Storing into a study that was deleted meanwhile brings it back, with nothing but the report.
  template <typename Kind>
  void StudyReports<Kind>::RequireSource(const Archive::StudySnapshot& before, const Archive::StudySnapshot& now) const
  {
    const bool isThere = std::any_of(before.series.begin(), before.series.end(), [&](const Archive::SeriesSnapshot& old)
    {
      return std::any_of(now.series.begin(), now.series.end(),
                         [&old](const Archive::SeriesSnapshot& series) { return series.id == old.id; });
    });

    if (!isThere)
    {
      for (const std::string& instance : Read(now).instances)
      {
        files_.Remove(instance);
      }

      throw Error(ErrorCode::Conflict, "Study " + before.id + " was deleted while its " + Kind::NAME + " was set");
    }
  }
}
