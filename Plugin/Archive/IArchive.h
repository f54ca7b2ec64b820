// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Archive
{
  // One series as the archive's index knows it. All `id`s are Orthanc identifiers.
  struct SeriesSnapshot
  {
    std::string id;
    std::string seriesInstanceUid;
    std::string modality;                              // (0008,0060)
    std::string manufacturer;                          // (0008,0070)
    int seriesNumber = 0;                              // (0020,0011); 0 when absent or no number
    std::chrono::system_clock::time_point lastUpdate;  // when its last instance came; the epoch when it is not known
    std::vector<std::string> instances;
  };

  // What the archive holds of a study at one moment.
  struct StudySnapshot
  {
    std::string id;
    std::string studyInstanceUid;
    std::string studyDate;  // (0008,0020), DICOM DA; may be empty
    std::chrono::system_clock::time_point lastUpdate;
    bool isStable = false;
    std::vector<SeriesSnapshot> series;

    // By Orthanc's identifier; null where the study does not hold it.
    const SeriesSnapshot* FindSeries(const std::string& seriesId) const
    {
      const auto found = std::find_if(series.begin(), series.end(),
                                      [&seriesId](const SeriesSnapshot& one) { return one.id == seriesId; });
      return found == series.end() ? nullptr : &*found;
    }
  };

  enum class ChangeKind
  {
    StudyTouched,  // NewStudy, NewSeries, NewInstance, StableStudy: something of a study arrived
    Other
  };

  struct Change
  {
    std::int64_t sequence = 0;
    ChangeKind kind = ChangeKind::Other;
    std::string resourceType;  // "Study", "Series", "Instance"
    std::string resourceId;
  };

  struct ChangePage
  {
    std::vector<Change> changes;
    std::int64_t last = 0;
    bool done = true;
  };

  struct StudyFilter
  {
    std::string studyDateFrom;  // DICOM DA, inclusive; empty = open
    std::string studyDateTo;
    std::size_t limit = 0;  // 0 = all
  };

  // What the plugin needs of the PACS, as plain types, so that everything but Plugin/Orthanc is tested without one.
  // All methods may be called from several threads at once and block; none may be called from the change callback.
  // They throw Error(Unavailable) when the archive does not answer, and Error(NotFound) where a resource is needed.
  class IArchive
  {
  public:
    virtual ~IArchive() = default;

    // Empty when the study is not (or no longer) stored.
    virtual std::optional<StudySnapshot> GetStudy(const std::string& studyId) = 0;

    // The study a series or an instance belongs to; empty when it is gone.
    virtual std::optional<std::string> GetParentStudy(const std::string& resourceType,
                                                      const std::string& resourceId) = 0;

    virtual std::optional<std::string> FindStudy(const std::string& studyInstanceUid) = 0;
    virtual std::optional<std::string> FindSeries(const std::string& seriesInstanceUid) = 0;

    virtual std::vector<std::string> ListStudies(const StudyFilter& filter) = 0;

    // A part of them, from the place `since` on, in the archive's own order; shorter than `limit` at the end alone.
    // What is deleted meanwhile moves all after it to lower places.
    virtual std::vector<std::string> ListStudyPage(std::size_t since, std::size_t limit) = 0;

    // Bytes of an instance's DICOM file, known without reading it.
    virtual std::uint64_t GetInstanceSize(const std::string& instanceId) = 0;

    // The whole DICOM file of an instance. Error(Corrupt) when the archive knows it and has lost or spoilt its file,
    // Error(NotFound) when it was deleted.
    virtual std::string ReadInstance(const std::string& instanceId) = 0;

    // Stores one DICOM file; storing one that is there already is no error. Returns its Orthanc identifier.
    // Error(Conflict) when the archive does not want it.
    virtual std::string Store(std::span<const char> dicom) = 0;

    // No error when it is gone already.
    virtual void DeleteSeries(const std::string& seriesId) = 0;
    virtual void DeleteInstance(const std::string& instanceId) = 0;

    // The archive's log of changes after `since`.
    virtual ChangePage ReadChanges(std::int64_t since, unsigned limit) = 0;
    virtual std::int64_t GetLastChange() = 0;
  };
}
