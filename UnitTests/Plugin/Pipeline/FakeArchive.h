// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace H3K27M::Testing
{
  // An archive in memory that indexes real DICOM files as Orthanc does. Identifiers are the DICOM UIDs with a letter in
  // front, so that a test can name them. Thread-safe.
  class FakeArchive : public Archive::IArchive
  {
  public:
    std::optional<Archive::StudySnapshot> GetStudy(const std::string& studyId) override;
    std::optional<std::string> GetParentStudy(const std::string& resourceType, const std::string& resourceId) override;
    std::optional<std::string> FindStudy(const std::string& studyInstanceUid) override;
    std::optional<std::string> FindSeries(const std::string& seriesInstanceUid) override;
    std::vector<std::string> ListStudies(const Archive::StudyFilter& filter) override;
    std::vector<std::string> ListStudyPage(std::size_t since, std::size_t limit) override;
    std::uint64_t GetInstanceSize(const std::string& instanceId) override;
    std::string ReadInstance(const std::string& instanceId) override;
    std::string Store(std::span<const char> dicom) override;
    void DeleteSeries(const std::string& seriesId) override;
    void DeleteInstance(const std::string& instanceId) override;
    Archive::ChangePage ReadChanges(std::int64_t since, unsigned limit) override;
    std::int64_t GetLastChange() override;

    std::optional<std::string> FindInstance(const std::string& sopInstanceUid);

    void StoreAll(const std::vector<std::string>& files);
    void DeleteStudy(const std::string& studyId);

    // Every study is taken to have changed at this moment; the epoch (long stable) by default.
    void SetLastUpdate(std::chrono::system_clock::time_point time);

    // The images of every study came at this moment; not known by default.
    void SetSourceTime(std::chrono::system_clock::time_point time);

    // Changes of the log that are of no study.
    void AddOtherChanges(std::size_t count);

    // Called at the beginning of each call of IArchive with its name, without a lock: to count, to change what is stored,
    // or to throw what the call shall throw.
    void SetHook(std::function<void(const std::string& call, const std::string& argument)> hook);

    // What the archive makes of each file that it takes in before it keeps it, as Orthanc's IngestTranscoding does.
    void SetIngest(std::function<std::string(const std::string& file)> ingest);

    // SeriesInstanceUIDs of a study by modality.
    std::vector<std::string> ListSeries(const std::string& modality);

    // SOP class by order of storing, of everything that was ever stored.
    std::vector<std::string> GetStoredModalities();

  private:
    struct Instance
    {
      std::string file;
      std::string studyUid;
      std::string seriesUid;
      std::string modality;
      std::string manufacturer;
      int seriesNumber = 0;
    };

    void AddTouched(const char* type, const std::string& id);  // with the lock held
    void Tell(const char* call, const std::string& argument = {});
    Archive::SeriesSnapshot MakeSeries(const std::string& seriesUid) const;

    std::mutex mutex_;
    std::function<void(const std::string& call, const std::string& argument)> hook_;
    std::function<std::string(const std::string& file)> ingest_;
    std::map<std::string, Instance> instances_;  // by SOP instance UID
    std::vector<std::string> storedModalities_;
    std::vector<Archive::Change> changes_;
    std::chrono::system_clock::time_point lastUpdate_;
    std::chrono::system_clock::time_point sourceTime_;
  };
}
