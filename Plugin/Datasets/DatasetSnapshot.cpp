// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/DatasetSnapshot.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Datasets/DatasetAssembly.h"
#include "Plugin/Datasets/LabelledPatients.h"
#include "Plugin/Datasets/UnlabelledPatients.h"
#include "Plugin/Support/KeyedHash.h"
#include "Plugin/Support/Log.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>

namespace H3K27M::Datasets
{
  namespace
  {
    constexpr const char* KEY = "dataset/key";
    constexpr std::size_t SNAPSHOT_DIGITS = 16;
    constexpr const char* MANIFEST = "manifest.json";

    void ThrowFaults(const std::vector<std::string>& faults)
    {
      if (faults.empty())
      {
        return;
      }

      std::string text = "The labelled studies make no data set";

      for (const std::string& fault : faults)
      {
        text += "\n- " + fault;
      }

      throw Error(ErrorCode::BadInput, text);
    }

    Json::Value ReadManifest(const std::filesystem::path& folder)
    {
      std::ifstream stream(folder / MANIFEST, std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
      return Protocol::ParseJson(text);
    }

    // Those of the set who have other names in other sets, so that they are known there.
    void AddOtherNames(Json::Value& facts, const SamePatients& same, const BidsWriter& writer)
    {
      for (const auto& [subject, others] : same.ListOthers())
      {
        if (!writer.Holds(subject))
        {
          continue;
        }

        for (const std::string& other : others)
        {
          facts[BidsWriter::SAME_PATIENT][subject].append(other);
        }
      }
    }

    // Each subject has several files, in a folder of its own.
    std::size_t CountSubjects(const Json::Value& files)
    {
      std::set<std::string> subjects;

      for (const std::string& path : files.getMemberNames())
      {
        if (path.starts_with("sub-"))
        {
          subjects.insert(path.substr(0, path.find('/')));
        }
      }

      return subjects.size();
    }

    // Where its manifest cannot be read, nothing: one broken folder does not hide the others.
    void TryAppend(Json::Value& list, const std::filesystem::path& folder)
    {
      try
      {
        Json::Value manifest = ReadManifest(folder);
        manifest["subjects"] = static_cast<Json::UInt64>(CountSubjects(manifest["files"]));
        manifest.removeMember("files");
        manifest["id"] = folder.filename().string();
        list.append(manifest);
      }
      catch (const std::exception& e)
      {
        Support::Log::Warning("The manifest of the data set " + folder.string() + " cannot be read: " + e.what());
      }
    }
  }

  DatasetSnapshot::DatasetSnapshot(WorkState::WorkStore& store, const StudyExport& studies, DatasetPlace place) :
    store_(store),
    studies_(studies),
    folder_(std::move(place.folder)),
    unfinished_{folder_, "new", std::move(place.owner)}
  {
    if (const std::size_t swept = Support::UnfinishedFolder::Sweep(unfinished_); swept > 0)
    {
      Support::Log::Info("removed " + std::to_string(swept) + " data sets that were being made when Orthanc ended");
    }
  }

  std::string DatasetSnapshot::GetKey() const
  {
    const std::optional<std::string> key = store_.GetValue(KEY);
    // Of two Orthancs that come here at once, both have the first one's.
    return key ? *key : store_.SetValueOnce(KEY, Support::MakeKey());
  }

  Json::Value DatasetSnapshot::MakeLabelled(BidsWriter& writer, const DatasetRequest& request, const SamePatients& same,
                                            const std::function<bool()>& isStopped) const
  {
    const LabelledPatients patients = LabelledPatients::Collect(store_, studies_, GetKey(), same, isStopped);
    ThrowFaults(patients.FindContradictions());
    DatasetAssembly assembly(studies_, writer, request.contrast);

    for (const UnreadableLabel& label : patients.GetUnreadable())
    {
      assembly.LeaveOut(label);
    }

    for (const auto& [id, labelled] : patients.Get())
    {
      ThrowIfStopped(isStopped);
      assembly.AddLabelled(id, labelled);
    }

    ThrowFaults(assembly.GetFaults());
    const Json::Value& report = assembly.GetReport();

    if (assembly.CountCases() == 0)
    {
      throw Error(ErrorCode::BadInput, "No labelled study can be used: " +
                                         (report["left_out"].empty() ? std::string("none is labelled")
                                                                     : report["left_out"][0]["reason"].asString()));
    }

    return report;
  }

  Json::Value DatasetSnapshot::MakeUnlabelled(BidsWriter& writer, const DatasetRequest& request,
                                              const SamePatients& same, const std::function<bool()>& isStopped) const
  {
    const std::string key = GetKey();
    const LabelledPatients labelled = LabelledPatients::Collect(store_, studies_, key, same, isStopped);

    // Whoever it is may be a test patient, whom an encoder must not have seen.
    if (!labelled.GetUnreadable().empty())
    {
      throw Error(ErrorCode::BadInput,
                  "Nobody can say who is labelled, and has to be kept out: " + labelled.GetUnreadable().front().reason);
    }

    const UnlabelledPatients patients =
      UnlabelledPatients::Collect(studies_.ListStudies(), studies_, labelled, request.contrast, key, isStopped);
    DatasetAssembly assembly(studies_, writer, request.contrast);

    for (const auto& [id, studies] : patients.Get())
    {
      ThrowIfStopped(isStopped);
      assembly.AddUnlabelled(id, studies);
    }

    const UnlabelledPatients::Counts& counts = patients.GetCounts();
    Json::Value report = assembly.GetReport();
    report["counts"]["studies"] = Json::UInt64{counts.studies};
    report["counts"]["labelled"] = Json::UInt64{counts.labelled};
    report["counts"]["refused"] = Json::UInt64{counts.refused};
    report["counts"]["used"] = Json::UInt64{assembly.CountCases()};

    if (assembly.CountCases() == 0)
    {
      throw Error(ErrorCode::BadInput, "No study can be used for pre-training: of " + std::to_string(counts.studies) +
                                         ", " + std::to_string(counts.labelled) + " are of labelled patients and " +
                                         std::to_string(counts.refused) + " have no series that is " +
                                         Routing::Describe(request.contrast));
    }

    return report;
  }

  Json::Value DatasetSnapshot::Make(const DatasetRequest& request, const std::function<bool()>& isStopped) const
  {
    Support::UnfinishedFolder scratch(unfinished_);
    BidsWriter writer(scratch.GetPath(), request);
    const SamePatients same = SamePatients::Resolve(request.samePatient, store_, studies_, GetKey(), isStopped);
    Json::Value report = request.contents == DatasetContents::Labelled
                           ? MakeLabelled(writer, request, same, isStopped)
                           : MakeUnlabelled(writer, request, same, isStopped);
    report["contents"] = ToString(request.contents);
    report["contrast"] = Routing::ToString(request.contrast);
    Json::Value facts;
    facts["contrast"] = report["contrast"];
    facts["contents"] = report["contents"];
    facts["counts"] = report["counts"];
    AddOtherNames(facts, same, writer);

    if (!report["left_out_by_reason"].empty())
    {
      facts[BidsWriter::LEFT_OUT] = report["left_out_by_reason"];
    }

    const Json::Value manifest = writer.Finish(facts);
    const std::string id = manifest["hash"].asString().substr(0, SNAPSHOT_DIGITS);

    try
    {
      scratch.RenameTo(folder_ / id);
    }
    catch (const Error&)
    {
      // The same content is the same data set, whoever has made it before.
      if (!std::filesystem::exists(folder_ / id / MANIFEST))
      {
        throw;
      }
    }

    report["id"] = id;
    report["hash"] = manifest["hash"];
    report["folder"] = (folder_ / id).string();
    return report;
  }

  Json::Value DatasetSnapshot::List() const
  {
    Json::Value list(Json::arrayValue);
    std::error_code error;

    for (const auto& item : std::filesystem::directory_iterator(folder_, error))
    {
      if (std::filesystem::exists(item.path() / MANIFEST, error) && !item.path().filename().string().starts_with('.'))
      {
        TryAppend(list, item.path());
      }
    }

    return list;
  }

  Routing::Contrast DatasetSnapshot::GetContrast(const std::string& id) const
  {
    return Routing::ParseContrast(ReadManifest(GetPath(id))["contrast"].asString());
  }

  std::filesystem::path DatasetSnapshot::GetPath(const std::string& id) const
  {
    const bool isName = !id.empty() && id.find_first_not_of("0123456789abcdef") == std::string::npos;

    if (!isName || !std::filesystem::exists(folder_ / id / MANIFEST))
    {
      throw Error(ErrorCode::NotFound, "There is no data set '" + id + "'");
    }

    return folder_ / id;
  }
}
