// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Orthanc/RestClient.h"

namespace H3K27M::OrthancBinding
{
  // IArchive over the core's SDK and REST API. Stateless, so thread-safe.
  class OrthancArchive : public Archive::IArchive
  {
  public:
    explicit OrthancArchive(OrthancPluginContext* context) noexcept :
      rest_(context)
    {
    }

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

  private:
    RestClient rest_;
  };
}
