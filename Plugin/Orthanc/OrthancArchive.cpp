// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/OrthancArchive.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Orthanc/MemoryBuffer.h"

#include <charconv>
#include <ctime>

namespace H3K27M::OrthancBinding
{
  using namespace Archive;

  namespace
  {
    std::string GetTag(const Json::Value& resource, const char* name)
    {
      const Json::Value& tags = resource["MainDicomTags"];
      return tags.isObject() && tags[name].isString() ? tags[name].asString() : std::string();
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

      for (const Json::Value& instance : json["Instances"])
      {
        series.instances.push_back(instance.asString());
      }

      return series;
    }

    std::optional<std::string> TakeString(OrthancPluginContext* context, char* text)
    {
      if (text == nullptr)
      {
        return std::nullopt;
      }

      const std::string result(text);
      OrthancPluginFreeString(context, text);
      return result.empty() ? std::nullopt : std::make_optional(result);
    }

    std::string GetPluralPath(const std::string& resourceType)
    {
      if (resourceType == "Study")
      {
        return "/studies/";
      }

      return resourceType == "Series" ? "/series/" : "/instances/";
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
    if (resourceType == "Study")
    {
      return resourceId;
    }

    const std::optional<Json::Value> study = rest_.Get(GetPluralPath(resourceType) + resourceId + "/study");
    return study ? std::make_optional((*study)["ID"].asString()) : std::nullopt;
  }

  std::optional<std::string> OrthancArchive::FindStudy(const std::string& studyInstanceUid)
  {
    OrthancPluginContext* const context = rest_.GetContext();
    return TakeString(context, OrthancPluginLookupStudy(context, studyInstanceUid.c_str()));
  }

  std::optional<std::string> OrthancArchive::FindSeries(const std::string& seriesInstanceUid)
  {
    OrthancPluginContext* const context = rest_.GetContext();
    return TakeString(context, OrthancPluginLookupSeries(context, seriesInstanceUid.c_str()));
  }

  std::optional<std::string> OrthancArchive::FindInstance(const std::string& sopInstanceUid)
  {
    OrthancPluginContext* const context = rest_.GetContext();
    return TakeString(context, OrthancPluginLookupInstance(context, sopInstanceUid.c_str()));
  }

  std::vector<std::string> OrthancArchive::ListStudies(const StudyFilter& filter)
  {
    Json::Value request;
    request["Level"] = "Study";
    request["Query"] = Json::objectValue;

    if (!filter.studyDateFrom.empty() || !filter.studyDateTo.empty())
    {
      request["Query"]["StudyDate"] = filter.studyDateFrom + "-" + filter.studyDateTo;
    }

    if (filter.limit != 0)
    {
      request["Limit"] = static_cast<Json::UInt64>(filter.limit);
    }

    std::vector<std::string> studies;

    for (const Json::Value& id : rest_.Post("/tools/find", request))
    {
      studies.push_back(id.asString());
    }

    return studies;
  }

  std::string OrthancArchive::ReadInstance(const std::string& instanceId)
  {
    MemoryBuffer file(rest_.GetContext());
    const OrthancPluginErrorCode code =
      OrthancPluginGetDicomForInstance(rest_.GetContext(), file.Get(), instanceId.c_str());

    if (code == OrthancPluginErrorCode_UnknownResource || code == OrthancPluginErrorCode_InexistentItem)
    {
      throw Error(ErrorCode::NotFound, "Instance " + instanceId + " is no longer in the archive", true);
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
