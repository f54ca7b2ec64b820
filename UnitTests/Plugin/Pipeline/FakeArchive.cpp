// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Pipeline/FakeArchive.h"

#include "Inference/Protocol/Error.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcistrmb.h>

#include <algorithm>
#include <set>

namespace H3K27M::Testing
{
  namespace
  {
    std::string GetText(DcmDataset& dataset, const DcmTagKey& tag)
    {
      OFString text;
      return dataset.findAndGetOFString(tag, text).good() ? std::string(text.c_str()) : std::string();
    }
  }

  void FakeArchive::SetHook(std::function<void(const std::string& call, const std::string& argument)> hook)
  {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }

  void FakeArchive::SetIngest(std::function<std::string(const std::string& file)> ingest)
  {
    const std::lock_guard lock(mutex_);
    ingest_ = std::move(ingest);
  }

  void FakeArchive::Tell(const char* call, const std::string& argument)
  {
    std::function<void(const std::string&, const std::string&)> hook;

    {
      const std::lock_guard lock(mutex_);
      hook = hook_;
    }

    if (hook)
    {
      hook(call, argument);
    }
  }

  std::string FakeArchive::Store(std::span<const char> dicom)
  {
    Tell("Store");
    DcmInputBufferStream stream;
    stream.setBuffer(dicom.data(), static_cast<offile_off_t>(dicom.size()));
    stream.setEos();

    DcmFileFormat file;
    file.transferInit();

    if (file.read(stream).bad())
    {
      throw Error(ErrorCode::Unavailable, "the fake archive cannot read a file");
    }

    DcmDataset& dataset = *file.getDataset();
    const std::string sop = GetText(dataset, DCM_SOPInstanceUID);
    Instance instance;
    instance.file.assign(dicom.begin(), dicom.end());
    instance.studyUid = GetText(dataset, DCM_StudyInstanceUID);
    instance.seriesUid = GetText(dataset, DCM_SeriesInstanceUID);
    instance.modality = GetText(dataset, DCM_Modality);
    instance.manufacturer = GetText(dataset, DCM_Manufacturer);
    instance.seriesNumber = std::atoi(GetText(dataset, DCM_SeriesNumber).c_str());

    const std::lock_guard lock(mutex_);
    instance.file = ingest_ ? ingest_(instance.file) : instance.file;
    storedModalities_.push_back(instance.modality);

    const std::string study = instance.studyUid;
    const bool isFirst = std::none_of(instances_.begin(), instances_.end(),
                                      [&study](const auto& item) { return item.second.studyUid == study; });

    if (instances_.emplace(sop, std::move(instance)).second)
    {
      AddTouched("Instance", "I" + sop);

      if (isFirst)
      {
        AddTouched("Study", "S" + study);
      }
    }

    return "I" + sop;
  }

  void FakeArchive::AddTouched(const char* type, const std::string& id)
  {
    changes_.push_back({static_cast<std::int64_t>(changes_.size()) + 1, Archive::ChangeKind::StudyTouched, type, id});
  }

  void FakeArchive::StoreAll(const std::vector<std::string>& files)
  {
    for (const std::string& file : files)
    {
      Store(std::span(file));
    }
  }

  Archive::SeriesSnapshot FakeArchive::MakeSeries(const std::string& seriesUid) const
  {
    Archive::SeriesSnapshot series;
    series.id = "E" + seriesUid;
    series.seriesInstanceUid = seriesUid;
    series.lastUpdate = sourceTime_;

    for (const auto& [sop, instance] : instances_)
    {
      if (instance.seriesUid == seriesUid)
      {
        series.modality = instance.modality;
        series.manufacturer = instance.manufacturer;
        series.seriesNumber = instance.seriesNumber;
        series.instances.push_back("I" + sop);
      }
    }

    return series;
  }

  std::optional<Archive::StudySnapshot> FakeArchive::GetStudy(const std::string& studyId)
  {
    Tell("GetStudy", studyId);
    const std::lock_guard lock(mutex_);
    std::set<std::string> seriesUids;

    for (const auto& [sop, instance] : instances_)
    {
      if ("S" + instance.studyUid == studyId)
      {
        seriesUids.insert(instance.seriesUid);
      }
    }

    if (seriesUids.empty())
    {
      return std::nullopt;
    }

    Archive::StudySnapshot study;
    study.id = studyId;
    study.studyInstanceUid = studyId.substr(1);
    study.lastUpdate = lastUpdate_;

    for (const std::string& uid : seriesUids)
    {
      study.series.push_back(MakeSeries(uid));
    }

    return study;
  }

  std::optional<std::string> FakeArchive::GetParentStudy(const std::string& resourceType, const std::string& resourceId)
  {
    Tell("GetParentStudy", resourceId);
    const std::lock_guard lock(mutex_);

    for (const auto& [sop, instance] : instances_)
    {
      if ((resourceType == "Instance" && resourceId == "I" + sop) ||
          (resourceType == "Series" && resourceId == "E" + instance.seriesUid) ||
          (resourceType == "Study" && resourceId == "S" + instance.studyUid))
      {
        return "S" + instance.studyUid;
      }
    }

    return std::nullopt;
  }

  std::optional<std::string> FakeArchive::FindStudy(const std::string& studyInstanceUid)
  {
    return GetStudy("S" + studyInstanceUid) ? std::make_optional("S" + studyInstanceUid) : std::nullopt;
  }

  std::optional<std::string> FakeArchive::FindSeries(const std::string& seriesInstanceUid)
  {
    return GetParentStudy("Series", "E" + seriesInstanceUid) ? std::make_optional("E" + seriesInstanceUid)
                                                             : std::nullopt;
  }

  std::optional<std::string> FakeArchive::FindInstance(const std::string& sopInstanceUid)
  {
    const std::lock_guard lock(mutex_);
    return instances_.contains(sopInstanceUid) ? std::make_optional("I" + sopInstanceUid) : std::nullopt;
  }

  std::vector<std::string> FakeArchive::ListStudies(const Archive::StudyFilter&)
  {
    Tell("ListStudies");
    const std::lock_guard lock(mutex_);
    std::set<std::string> studies;

    for (const auto& [sop, instance] : instances_)
    {
      studies.insert("S" + instance.studyUid);
    }

    return {studies.begin(), studies.end()};
  }

  std::vector<std::string> FakeArchive::ListStudyPage(std::size_t since, std::size_t limit)
  {
    Tell("ListStudyPage", std::to_string(since));
    const std::vector<std::string> all = ListStudies({});
    const std::size_t begin = std::min(since, all.size());
    const std::span page = std::span(all).subspan(begin, std::min(limit, all.size() - begin));
    return {page.begin(), page.end()};
  }

  std::uint64_t FakeArchive::GetInstanceSize(const std::string& instanceId)
  {
    Tell("GetInstanceSize", instanceId);
    const std::lock_guard lock(mutex_);
    const auto found = instances_.find(instanceId.substr(1));

    if (found == instances_.end())
    {
      throw Error(ErrorCode::NotFound, "no instance " + instanceId, true);
    }

    return found->second.file.size();
  }

  std::string FakeArchive::ReadInstance(const std::string& instanceId)
  {
    Tell("ReadInstance", instanceId);
    const std::lock_guard lock(mutex_);
    const auto found = instances_.find(instanceId.substr(1));

    if (found == instances_.end())
    {
      throw Error(ErrorCode::NotFound, "no instance " + instanceId, true);
    }

    return found->second.file;
  }

  void FakeArchive::DeleteSeries(const std::string& seriesId)
  {
    Tell("DeleteSeries", seriesId);
    const std::lock_guard lock(mutex_);
    std::erase_if(instances_, [&seriesId](const auto& item) { return "E" + item.second.seriesUid == seriesId; });
  }

  void FakeArchive::DeleteInstance(const std::string& instanceId)
  {
    Tell("DeleteInstance", instanceId);
    const std::lock_guard lock(mutex_);
    instances_.erase(instanceId.substr(1));
  }

  void FakeArchive::DeleteStudy(const std::string& studyId)
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(instances_, [&studyId](const auto& item) { return "S" + item.second.studyUid == studyId; });
  }

  void FakeArchive::SetLastUpdate(std::chrono::system_clock::time_point time)
  {
    const std::lock_guard lock(mutex_);
    lastUpdate_ = time;
  }

  void FakeArchive::SetSourceTime(std::chrono::system_clock::time_point time)
  {
    const std::lock_guard lock(mutex_);
    sourceTime_ = time;
  }

  void FakeArchive::AddOtherChanges(std::size_t count)
  {
    const std::lock_guard lock(mutex_);

    for (std::size_t i = 0; i < count; i++)
    {
      changes_.push_back({static_cast<std::int64_t>(changes_.size()) + 1, Archive::ChangeKind::Other, "Patient", "P"});
    }
  }

  Archive::ChangePage FakeArchive::ReadChanges(std::int64_t since, unsigned limit)
  {
    Tell("ReadChanges");
    const std::lock_guard lock(mutex_);
    Archive::ChangePage page;
    page.last = since;

    for (const Archive::Change& change : changes_)
    {
      if (change.sequence > since && page.changes.size() < limit)
      {
        page.changes.push_back(change);
        page.last = change.sequence;
      }
    }

    page.done = page.last >= static_cast<std::int64_t>(changes_.size());
    return page;
  }

  std::int64_t FakeArchive::GetLastChange()
  {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(changes_.size());
  }

  std::vector<std::string> FakeArchive::ListSeries(const std::string& modality)
  {
    const std::lock_guard lock(mutex_);
    std::set<std::string> series;

    for (const auto& [sop, instance] : instances_)
    {
      if (instance.modality == modality)
      {
        series.insert(instance.seriesUid);
      }
    }

    return {series.begin(), series.end()};
  }

  std::vector<std::string> FakeArchive::GetStoredModalities()
  {
    const std::lock_guard lock(mutex_);
    return storedModalities_;
  }
}
