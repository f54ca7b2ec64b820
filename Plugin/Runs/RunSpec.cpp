// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Runs/RunSpec.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/StoredNames.h"
#include "Plugin/Support/JsonObjectReader.h"

#include <algorithm>
#include <array>

namespace H3K27M::Runs
{
  using Datasets::DatasetContents;

  namespace
  {
    constexpr std::array KINDS{"snapshot", "pretrain", "fine-tune", "cross-validate", "ablate", "evaluate"};
    constexpr std::int64_t MAX_PHANTOMS = 100'000;
    constexpr const char* SAME_PATIENT = "same_patient";
    const std::vector<Support::JsonObjectReader::Choice> CONTENTS = {
      {ToString(DatasetContents::Labelled), static_cast<int>(DatasetContents::Labelled)},
      {ToString(DatasetContents::Unlabelled), static_cast<int>(DatasetContents::Unlabelled)}};

    void Refuse(const std::string& text)
    {
      throw Error(ErrorCode::BadInput, text);
    }

    // Beside `config` or in it; a run that has a configuration gets it there too. What else it may hold is the engine's
    // to judge.
    Routing::Contrast SettleContrast(Support::JsonObjectReader& reader, RunSpec& spec)
    {
      const std::string beside = reader.ReadString("contrast", "");
      const Json::Value& inside = spec.config["contrast"];

      if (!beside.empty() && inside.isString() && inside.asString() != beside)
      {
        Refuse("'contrast' and 'config.contrast' differ");
      }

      const Routing::Contrast contrast = Routing::ParseContrast(inside.isString() ? inside.asString() : beside);
      const bool hasConfiguration = spec.NeedsEngine() && spec.kind != "evaluate";

      if (inside.isNull())
      {
        spec.config.removeMember("contrast");
      }

      if (hasConfiguration && contrast != Routing::Contrast::T2w)
      {
        spec.config["contrast"] = Routing::ToString(contrast);
      }

      return contrast;
    }

    // Part of a path of Orthanc's REST interface.
    bool IsStudyId(const Json::Value& json)
    {
      constexpr std::size_t LONGEST = 64;
      const std::string text = json.isString() ? json.asString() : std::string();
      return !text.empty() && text.size() <= LONGEST &&
             std::all_of(text.begin(), text.end(), [](char c)
      { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-'; });
    }

    // A list of lists, which a reader of objects knows nothing of.
    Datasets::StudyGroups ReadSamePatient(Support::JsonObjectReader& reader, const Json::Value& json)
    {
      constexpr std::size_t MOST = 1000;  // whoever lists runs gets the requests of all of them
      Datasets::StudyGroups groups;

      if (!reader.Has(SAME_PATIENT))
      {
        return groups;
      }

      const Json::Value& list = json[SAME_PATIENT];
      std::size_t count = 0;
      bool isRight = list.isArray();

      for (const Json::Value& group : isRight ? list : Json::Value::nullSingleton())
      {
        isRight = isRight && group.isArray() && group.size() > 1;
        groups.emplace_back();

        for (const Json::Value& study : isRight ? group : Json::Value::nullSingleton())
        {
          isRight = isRight && IsStudyId(study);
          groups.back().push_back(isRight ? study.asString() : std::string());
          count++;
        }
      }

      if (!isRight || count > MOST)
      {
        reader.Refuse(SAME_PATIENT, "a list of lists, each of two studies or more of one person by Orthanc's "
                                    "identifiers, at most 1000 in all");
      }

      return groups;
    }

    void CheckTogether(const RunSpec& spec)
    {
      const bool takesModel = spec.kind == "fine-tune" || spec.kind == "cross-validate" || spec.kind == "evaluate";

      if (!spec.from.empty() && !takesModel)
      {
        Refuse("'from' belongs to fine-tune, cross-validate and evaluate");
      }

      if (spec.kind == "evaluate" && (spec.from.empty() || !spec.config.empty()))
      {
        Refuse("evaluate needs 'from', the model to be measured, and takes no 'config'");
      }

      if (!spec.encoder.empty() && spec.kind != "ablate")
      {
        Refuse("'encoder' belongs to ablate");
      }

      if (spec.phantoms > 0 && (spec.kind != "pretrain" || !spec.dataset.empty()))
      {
        Refuse("'phantoms' belongs to pretrain, instead of 'dataset'");
      }

      if (spec.phantoms > 0 && spec.data.contrast != Routing::Contrast::T2w)
      {
        Refuse("'phantoms' are T2w");
      }

      if (spec.data.contents == DatasetContents::Unlabelled && spec.kind != "snapshot" && spec.kind != "pretrain")
      {
        Refuse("'contents' unlabelled belongs to snapshot and pretrain: anything else needs labels");
      }

      if (!spec.data.samePatient.empty() && (!spec.dataset.empty() || spec.phantoms > 0))
      {
        Refuse("'same_patient' belongs to a data set that is made, instead of 'dataset' and 'phantoms'");
      }

      if (spec.kind == "snapshot" && (!spec.dataset.empty() || !spec.config.empty()))
      {
        Refuse("A snapshot takes neither 'dataset' nor 'config'");
      }
    }
  }

  RunSpec RunSpec::Parse(const Json::Value& json)
  {
    Support::JsonObjectReader reader(json, "body");
    RunSpec spec;
    spec.kind = reader.ReadString("kind", "");

    if (std::find(KINDS.begin(), KINDS.end(), spec.kind) == KINDS.end())
    {
      Refuse("'kind' must be one of snapshot, pretrain, fine-tune, cross-validate, ablate, evaluate");
    }

    reader.ReadObject("config");
    spec.config = json.isMember("config") && !json["config"].isNull() ? json["config"] : Json::Value(Json::objectValue);
    spec.dataset = reader.ReadString("dataset", "");
    spec.data.contrast = SettleContrast(reader, spec);
    spec.data.contents = reader.ReadChoice(
      "contents", spec.kind == "pretrain" ? DatasetContents::Unlabelled : DatasetContents::Labelled, CONTENTS);
    spec.data.samePatient = ReadSamePatient(reader, json);
    spec.from = reader.ReadString("from", "");
    spec.encoder = reader.ReadString("encoder", "");
    spec.phantoms = static_cast<unsigned>(reader.ReadInteger("phantoms", 0, 0, MAX_PHANTOMS));
    reader.RefuseUnknownKeys();
    CheckTogether(spec);
    return spec;
  }

  Json::Value RunSpec::ToJson() const
  {
    Json::Value json;
    json["kind"] = kind;
    json["config"] = config;
    json["dataset"] = dataset;
    json["contents"] = ToString(data.contents);
    json["contrast"] = Routing::ToString(data.contrast);
    json["from"] = from;
    json["encoder"] = encoder;
    json["phantoms"] = phantoms;

    for (const std::vector<std::string>& group : data.samePatient)
    {
      Json::Value& list = json[SAME_PATIENT].append(Json::Value(Json::arrayValue));

      for (const std::string& study : group)
      {
        list.append(study);
      }
    }

    return json;
  }

  std::vector<std::string> MakeCheckArguments(const RunSpec& spec, const RunPlaces& places)
  {
    std::vector<std::string> arguments{"check-config", Protocol::WriteCompactJson(spec.config)};
    const auto Add = [&arguments](const char* option, const std::filesystem::path& model)
    {
      if (!model.empty())
      {
        arguments.emplace_back(option);
        arguments.push_back(model.string());
      }
    };

    // What is evaluated is measured as it is: it starts nothing.
    if (spec.kind != "evaluate")
    {
      Add("--from", places.from);
      Add("--encoder", places.encoder);
    }

    if (spec.BeginsFromScratch())
    {
      arguments.emplace_back("--from-scratch");
    }

    return arguments;
  }

  std::vector<std::string> MakeArguments(const RunSpec& spec, const RunPlaces& places, const std::string& name,
                                         const RunHardware& hardware)
  {
    const std::string folder = places.folder.string();
    std::vector<std::string> arguments;
    const auto Add = [&arguments](const std::string& option, const std::string& value)
    {
      if (!value.empty())
      {
        arguments.push_back(option);
        arguments.push_back(value);
      }
    };

    if (spec.kind == "fine-tune" || spec.kind == "pretrain")
    {
      arguments.push_back(spec.kind == "pretrain" ? "pretrain" : "train");
      Add("--output", (places.folder / Protocol::StoredNames::MODEL_FOLDER).string());
      Add("--run", folder);
      Add(spec.kind == "pretrain" ? "--images" : "--dataset", places.dataset.string());
      Add("--phantoms", spec.phantoms > 0 ? std::to_string(spec.phantoms) : std::string());
    }
    else if (spec.kind == "evaluate")
    {
      // Nothing is made here that a configuration or a name could be for.
      return {"evaluate",
              "--output",
              folder,
              "--dataset",
              places.dataset.string(),
              "--contrast",
              Routing::ToString(spec.data.contrast),
              "--model",
              places.from.string(),
              "--device",
              hardware.device,
              "--threads",
              std::to_string(hardware.threads),
              "--resume"};
    }
    else
    {
      arguments.push_back(spec.kind);
      Add("--output", folder);
      Add("--dataset", places.dataset.string());
      Add("--encoder", places.encoder.string());
      Add("--baseline", spec.kind == "cross-validate" ? places.baseline.string() : std::string());
    }

    Add("--from", places.from.string());
    Add("--config", places.config.string());
    Add("--name", name);
    Add("--device", hardware.device);
    Add("--threads", std::to_string(hardware.threads));
    arguments.push_back("--resume");
    return arguments;
  }
}
