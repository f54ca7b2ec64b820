// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/OrthancArchive.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Orthanc/MemoryBuffer.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <set>
#include <span>

namespace H3K27M::OrthancBinding
{
  using namespace Archive;

  namespace
  {
    // A page is one transaction of the core. With tags each study costs it several statements.
    constexpr std::size_t STUDIES_PER_PAGE = 10'000;
    constexpr std::size_t STUDIES_WITH_TAGS_PER_PAGE = 500;

    std::string GetTag(const Json::Value& resource, const char* name)
    {
      const Json::Value& tags = resource["MainDicomTags"];
      return tags.isObject() && tags[name].isString() ? tags[name].asString() : std::string();
    }

    // Whether it may be one of Orthanc's identifiers (hexadecimal digits and '-'). Those that a request named become a
    // part of a path here: with a '?' the same study would have any number of names, with a '/' another resource came.
    bool IsIdentifier(const std::string& id)
    {
      const auto isOrthancs = [](char c)
      { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; };
      return !id.empty() && std::all_of(id.begin(), id.end(), isOrthancs);
    }

    // The SDK's lookups answer alike when there is no such resource and when the index cannot be asked. Orthanc's own
    // identifier is made of the PatientID too: where that was corrected, two resources have one UID.
    std::optional<std::string> Lookup(const RestClient& rest, const std::string& type, const std::string& uid)
    {
      std::optional<std::string> id;

      for (const Json::Value& found : rest.Post("/tools/lookup", std::span<const char>(uid)))
      {
        if (found["Type"].asString() != type)
        {
          continue;
        }

        if (id)
        {
          throw Error(ErrorCode::Conflict, "Several resources (" + type +
                                             ") have this UID, under different patients: name the one that is meant "
                                             "by Orthanc's identifier");
        }

        id = found["ID"].asString();
      }

      return id;
    }

    int ParseWhole(const std::string& text)
    {
      int value = 0;
      std::from_chars(text.data(), text.data() + text.size(), value);
      return value;
    }

    // Orthanc's metadata "LastUpdate": YYYYMMDDTHHMMSS in UTC.
    std::chrono::system_clock::time_point ParseLastUpdate(const std::string& text)
    {
      std::tm parts = {};
      const char* const end = strptime(text.c_str(), "%Y%m%dT%H%M%S", &parts);
      return end == nullptr ? std::chrono::system_clock::time_point()
                            : std::chrono::system_clock::from_time_t(timegm(&parts));
    }

    SeriesSnapshot ParseSeries(const Json::Value& json)
    {
      SeriesSnapshot series;
      series.id = json["ID"].asString();
      series.seriesInstanceUid = GetTag(json, "SeriesInstanceUID");
      series.modality = GetTag(json, "Modality");
      series.manufacturer = GetTag(json, "Manufacturer");
      series.seriesNumber = ParseWhole(GetTag(json, "SeriesNumber"));
      series.lastUpdate = ParseLastUpdate(json["LastUpdate"].asString());

      for (const Json::Value& instance : json["Instances"])
      {
        series.instances.push_back(instance.asString());
      }

      return series;
    }

    std::string GetPluralPath(const std::string& resourceType)
    {
      if (resourceType == "Study")
      {
        return "/studies/";
      }

      return resourceType == "Series" ? "/series/" : "/instances/";
    }

    // A study without a date lies in no range, as in a query of DICOM (PS3.4 section C.2.2.2.5).
    bool IsWithin(const StudyFilter& filter, std::string date)
    {
      std::erase(date, '.');  // 1999.12.31: ACR-NEMA's way to write it
      return !date.empty() && (filter.studyDateFrom.empty() || date >= filter.studyDateFrom) &&
             (filter.studyDateTo.empty() || date <= filter.studyDateTo);
    }

    // What the core answers when a single file is at fault and not the storage: seen on 1.10.1 with a file that was
    // removed (RegularFileExpected) and one that was cut, with StorageCompression (CorruptedFile).
    bool IsFileLost(OrthancPluginErrorCode code)
    {
      return code == OrthancPluginErrorCode_RegularFileExpected || code == OrthancPluginErrorCode_InexistentFile ||
             code == OrthancPluginErrorCode_CorruptedFile || code == OrthancPluginErrorCode_BadFileFormat;
    }

    [[noreturn]] void ThrowGone(const std::string& instanceId)
    {
      throw Error(ErrorCode::NotFound, "Instance " + instanceId + " is no longer in the archive", true);
    }

    // What the archive says of a change becomes what the plugin wants to know: did something of a study arrive?
    Change ParseChange(const Json::Value& json)
    {
      Change change;
      change.sequence = json["Seq"].asInt64();
      change.resourceType = json["ResourceType"].asString();
      change.resourceId = json["ID"].asString();
      const std::string type = json["ChangeType"].asString();

      if (type == "NewStudy" || type == "NewSeries" || type == "NewInstance" || type == "StableStudy" ||
          type == "StableSeries")
      {
        change.kind = ChangeKind::StudyTouched;
      }

      return change;
    }
  }

  std::optional<StudySnapshot> OrthancArchive::GetStudy(const std::string& studyId)
  {
    if (!IsIdentifier(studyId))
    {
      return std::nullopt;
    }

    const std::optional<Json::Value> study = rest_.Get("/studies/" + studyId);

    if (!study)
    {
      return std::nullopt;
    }

    const std::optional<Json::Value> series = rest_.Get("/studies/" + studyId + "/series");

    if (!series)
    {
      return std::nullopt;
    }

    StudySnapshot snapshot;
    snapshot.id = studyId;
    snapshot.studyInstanceUid = GetTag(*study, "StudyInstanceUID");
    snapshot.studyDate = GetTag(*study, "StudyDate");
    snapshot.isStable = (*study)["IsStable"].asBool();
    snapshot.lastUpdate = ParseLastUpdate((*study)["LastUpdate"].asString());

    for (const Json::Value& item : *series)
    {
      snapshot.series.push_back(ParseSeries(item));
    }

    return snapshot;
  }

  std::optional<std::string> OrthancArchive::GetParentStudy(const std::string& resourceType,
                                                            const std::string& resourceId)
  {
    if (!IsIdentifier(resourceId))
    {
      return std::nullopt;
    }

    if (resourceType == "Study")
    {
      return resourceId;
    }

    const std::optional<Json::Value> study = rest_.Get(GetPluralPath(resourceType) + resourceId + "/study");
    return study ? std::make_optional((*study)["ID"].asString()) : std::nullopt;
  }

  std::optional<std::string> OrthancArchive::FindStudy(const std::string& studyInstanceUid)
  {
    return Lookup(rest_, "Study", studyInstanceUid);
  }

  std::optional<std::string> OrthancArchive::FindSeries(const std::string& seriesInstanceUid)
  {
    return Lookup(rest_, "Series", seriesInstanceUid);
  }

  // By pages of /studies: /tools/find cuts its answer at LimitFindResults without a word.
  std::vector<std::string> OrthancArchive::ListStudies(const StudyFilter& filter)
  {
    const bool needsDate = !filter.studyDateFrom.empty() || !filter.studyDateTo.empty();
    const std::size_t size = needsDate ? STUDIES_WITH_TAGS_PER_PAGE : STUDIES_PER_PAGE;
    const std::string uri = std::string("/studies?") + (needsDate ? "expand&" : "") + "limit=" + std::to_string(size);
    std::vector<std::string> studies;

    // What is deleted meanwhile moves all after it to lower places: pages overlap, so that nothing is passed over.
    std::set<std::string> before;

    for (std::size_t since = 0;; since += size - size / 10)
    {
      const std::optional<Json::Value> page = rest_.Get(uri + "&since=" + std::to_string(since));

      // Only an empty page is the last: the core leaves out of a page with tags what was deleted meanwhile.
      if (!page || page->empty())
      {
        return studies;
      }

      std::set<std::string> here;

      for (const Json::Value& study : *page)
      {
        const std::string id = needsDate ? study["ID"].asString() : study.asString();
        here.insert(id);

        if (!before.contains(id) && (!needsDate || IsWithin(filter, GetTag(study, "StudyDate"))))
        {
          studies.push_back(id);
        }

        if (filter.limit != 0 && studies.size() == filter.limit)
        {
          return studies;
        }
      }

      before = std::move(here);
    }
  }

  std::vector<std::string> OrthancArchive::ListStudyPage(std::size_t since, std::size_t limit)
  {
    const std::optional<Json::Value> page =
      rest_.Get("/studies?limit=" + std::to_string(limit) + "&since=" + std::to_string(since));
    std::vector<std::string> studies;

    if (page)
    {
      for (const Json::Value& study : *page)
      {
        studies.push_back(study.asString());
      }
    }

    return studies;
  }

  std::uint64_t OrthancArchive::GetInstanceSize(const std::string& instanceId)
  {
    if (!IsIdentifier(instanceId))
    {
      ThrowGone(instanceId);
    }

    const std::optional<Json::Value> size = rest_.Get("/instances/" + instanceId + "/attachments/dicom/size");

    if (!size)
    {
      ThrowGone(instanceId);
    }

    if (!size->isUInt64())
    {
      throw Error(ErrorCode::Unavailable, "Orthanc did not say how large instance " + instanceId + " is");
    }

    return size->asUInt64();
  }

  std::string OrthancArchive::ReadInstance(const std::string& instanceId)
  {
    MemoryBuffer file(rest_.GetContext());
    const OrthancPluginErrorCode code =
      OrthancPluginGetDicomForInstance(rest_.GetContext(), file.Get(), instanceId.c_str());

    if (code == OrthancPluginErrorCode_UnknownResource || code == OrthancPluginErrorCode_InexistentItem)
    {
      ThrowGone(instanceId);
    }

    if (IsFileLost(code))
    {
      throw Error(ErrorCode::Corrupt, "The archive has lost or spoilt the file of instance " + instanceId + " (error " +
                                        std::to_string(static_cast<int>(code)) + ")");
    }

    if (code != OrthancPluginErrorCode_Success)
    {
      throw Error(ErrorCode::Unavailable, "Cannot read instance " + instanceId + " from the archive (error " +
                                            std::to_string(static_cast<int>(code)) + ")");
    }

    return file.ToString();
  }

  std::string OrthancArchive::Store(std::span<const char> dicom)
  {
    const Json::Value answer = rest_.Post("/instances", dicom);

    if (!answer.isObject() || !answer["ID"].isString())
    {
      throw Error(ErrorCode::Unavailable, "Orthanc did not say under which identifier it stored an object");
    }

    const std::string status = answer["Status"].asString();

    // "FilteredOut" comes with an identifier too, of an object that is not there.
    if (status != "Success" && status != "AlreadyStored")
    {
      throw Error(ErrorCode::Conflict, "Orthanc did not keep an object of ours: it answered " + status +
                                         " (FilteredOut: a filter for incoming instances, of Lua or of a plugin)");
    }

    return answer["ID"].asString();
  }

  void OrthancArchive::DeleteSeries(const std::string& seriesId)
  {
    rest_.Delete("/series/" + seriesId);
  }

  void OrthancArchive::DeleteInstance(const std::string& instanceId)
  {
    rest_.Delete("/instances/" + instanceId);
  }

  ChangePage OrthancArchive::ReadChanges(std::int64_t since, unsigned limit)
  {
    const std::optional<Json::Value> answer =
      rest_.Get("/changes?since=" + std::to_string(since) + "&limit=" + std::to_string(limit));

    if (!answer)
    {
      throw Error(ErrorCode::Unavailable, "Orthanc has no change log");
    }

    ChangePage page;
    page.last = (*answer)["Last"].asInt64();
    page.done = (*answer)["Done"].asBool();

    for (const Json::Value& change : (*answer)["Changes"])
    {
      page.changes.push_back(ParseChange(change));
    }

    return page;
  }

  std::int64_t OrthancArchive::GetLastChange()
  {
    const std::optional<Json::Value> answer = rest_.Get("/changes?last");
    return answer ? (*answer)["Last"].asInt64() : 0;
  }
}
