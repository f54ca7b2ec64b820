// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/DatasetSnapshot.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Datasets/BidsWriter.h"
#include "Plugin/Datasets/LabelledPatients.h"
#include "Plugin/Support/KeyedHash.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

namespace H3K27M::Datasets
{
  namespace
  {
    constexpr const char* KEY = "dataset/key";
    constexpr const char* EXCLUDED = "excluded";
    constexpr std::size_t ID_DIGITS = 16;
    constexpr const char* MANIFEST = "manifest.json";

    // Removes an unfinished folder, whatever happens.
    class ScratchFolder
    {
    public:
      explicit ScratchFolder(std::filesystem::path path) :
        path_(std::move(path))
      {
      }

      ScratchFolder(const ScratchFolder&) = delete;
      ScratchFolder& operator=(const ScratchFolder&) = delete;

      ~ScratchFolder()
      {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
      }

      const std::filesystem::path& GetPath() const noexcept
      {
        return path_;
      }

    private:
      std::filesystem::path path_;
    };

    void SetLabelColumns(const WorkState::StudyLabel& label, std::map<std::string, std::string>& columns)
    {
      columns["h3k27m_status"] = label.genotype;
      columns["split"] = label.split;
      columns["reason"] = label.reason;
      columns["site"] = label.synthetic && label.site.empty() ? "phantom" : label.site;
      columns["assay"] = label.assay;
      columns["gene"] = label.gene;
      columns["synthetic"] = label.synthetic ? "yes" : "";
    }

    void AddLeftOut(Json::Value& report, const WorkState::StudyLabel& label, const std::string& reason)
    {
      Json::Value item;
      item["study"] = label.studyId;
      item["reason"] = reason;
      report["left_out"].append(item);
    }

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

    // Counts by split and genotype, for a person and for the manifest.
    void Count(Json::Value& counts, const WorkState::StudyLabel& label)
    {
      Json::Value& count = counts[label.split][label.genotype];
      count = count.asUInt() + 1;
    }

    // A whole snapshot on its way into the scratch folder.
    class Assembly
    {
    public:
      Assembly(const StudyExport& studies, BidsWriter& writer, Json::Value& report) :
        studies_(studies),
        writer_(writer),
        report_(report)
      {
      }

      void AddPatient(const std::string& id, const std::vector<LabelledStudy>& labelled)
      {
        bool isDone = false;

        for (const LabelledStudy& study : labelled)
        {
          if (isDone)
          {
            AddLeftOut(report_, study.label, "another study of the same patient is used");
          }
          else if (study.label.split == EXCLUDED)
          {
            excluded_ = excluded_ ? excluded_ : std::optional(study.label);
          }
          else if (!study.label.preOperative)
          {
            AddLeftOut(report_, study.label, "it is not pre-operative");
          }
          else
          {
            isDone = AddStudy(id, study.label);
          }
        }

        if (!isDone && excluded_)
        {
          AddExcluded(id, *excluded_);
        }

        excluded_.reset();
      }

      const std::vector<std::string>& GetFaults() const noexcept
      {
        return faults_;
      }

      std::size_t CountCases() const noexcept
      {
        return cases_;
      }

    private:
      bool AddStudy(const std::string& id, const WorkState::StudyLabel& label)
      {
        auto exported = studies_.Export(label);

        if (const LeftOut* const leftOut = std::get_if<LeftOut>(&exported))
        {
          AddLeftOut(report_, label, leftOut->reason);
          return false;
        }

        DatasetSubject& subject = std::get<DatasetSubject>(exported);
        subject.id = id;
        SetLabelColumns(label, subject.columns);

        try
        {
          writer_.Add(subject);
        }
        catch (const Error& e)
        {
          if (e.GetCode() != ErrorCode::Conflict)
          {
            throw;
          }

          faults_.push_back(std::string(e.what()) + " (study " + label.studyId + ")");
        }

        Count(report_["counts"], label);
        cases_++;
        return true;
      }

      void AddExcluded(const std::string& id, const WorkState::StudyLabel& label)
      {
        DatasetSubject subject;
        subject.id = id;
        SetLabelColumns(label, subject.columns);
        writer_.Add(subject);
        Count(report_["counts"], label);
      }

      const StudyExport& studies_;
      BidsWriter& writer_;
      Json::Value& report_;
      std::optional<WorkState::StudyLabel> excluded_;  // of the patient in hand
      std::vector<std::string> faults_;
      std::size_t cases_ = 0;
    };
  }

  DatasetSnapshot::DatasetSnapshot(WorkState::WorkStore& store, const StudyExport& studies,
                                   std::filesystem::path folder) :
    store_(store),
    studies_(studies),
    folder_(std::move(folder))
  {
  }

  std::string DatasetSnapshot::GetKey() const
  {
    if (const std::optional<std::string> key = store_.GetValue(KEY))
    {
      return *key;
    }

    const std::string made = Support::MakeKey();
    store_.SetValue(KEY, made);
    return store_.GetValue(KEY).value_or(made);  // of two Orthancs that start at once, the last one's
  }

  Json::Value DatasetSnapshot::Make(const std::function<bool()>& isStopped) const
  {
    const LabelledPatients patients = LabelledPatients::Collect(store_, studies_, GetKey(), isStopped);
    ThrowFaults(patients.FindContradictions());
    const ScratchFolder scratch(folder_ / (".new-" + Support::MakeKey().substr(0, ID_DIGITS)));
    BidsWriter writer(scratch.GetPath());
    Json::Value report;
    report["left_out"] = Json::arrayValue;
    report["counts"] = Json::objectValue;
    Assembly assembly(studies_, writer, report);

    for (const auto& [id, labelled] : patients.Get())
    {
      if (isStopped())
      {
        throw Error(ErrorCode::Cancelled, "The data set was not made: it was cancelled");
      }

      assembly.AddPatient(id, labelled);
    }

    ThrowFaults(assembly.GetFaults());

    if (assembly.CountCases() == 0)
    {
      throw Error(ErrorCode::BadInput, "No labelled study can be used: " +
                                         (report["left_out"].empty() ? std::string("none is labelled")
                                                                     : report["left_out"][0]["reason"].asString()));
    }

    Json::Value facts;
    facts["contrast"] = "T2w";
    facts["counts"] = report["counts"];
    const Json::Value manifest = writer.Finish(facts);
    const std::string id = manifest["hash"].asString().substr(0, ID_DIGITS);
    std::error_code error;
    std::filesystem::rename(scratch.GetPath(), folder_ / id, error);

    if (error && !std::filesystem::exists(folder_ / id / MANIFEST))
    {
      throw Error(ErrorCode::Unavailable, "Cannot write the data set " + id + ": " + error.message());
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
        Json::Value manifest = ReadManifest(item.path());
        manifest["subjects"] = manifest["files"].size();
        manifest.removeMember("files");
        manifest["id"] = item.path().filename().string();
        list.append(manifest);
      }
    }

    return list;
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
