// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/LeakageCheck.h"

#include "Inference/Protocol/Error.h"
#include "Training/Data/SyntheticSubject.h"
#include "Training/Runs/Lineage.h"

#include <algorithm>
#include <cstdint>
#include <regex>
#include <set>

namespace H3K27M::Runs
{
  namespace
  {
    void RefuseSeenPhantoms(const Json::Value& trained, const Json::Value& data)
    {
      const std::uint64_t first = trained["first_seed"].asUInt64();
      const std::uint64_t end = first + trained["count"].asUInt64();
      if (data["first_seed"].asUInt64() < end && first < data["first_seed"].asUInt64() + data["count"].asUInt64())
      {
        throw Error(ErrorCode::BadInput, "The model was trained on phantoms with the seeds " + std::to_string(first) +
                                           " to " + std::to_string(end - 1) + ": choose another --seed");
      }
    }

    // Of the cases that the data name; of a card that anybody wrote, too.
    std::vector<std::string> ListKeys(const Json::Value& data)
    {
      return data["images"].isObject() ? data["images"].getMemberNames() : std::vector<std::string>();
    }

    // The patient's name in the data sets of a PACS, a keyed hash of the identity, or of a phantom: equal ones are the
    // same person. Empty for others' names: "sub-01" is somebody else in each data set. `key` may be a path below it.
    std::string GetIdentity(const std::string& key)
    {
      static const std::regex IDENTITY("sub-([0-9a-f]{16}|phantom[0-9]+)");
      const std::string subject = Data::FindSubject(key);
      return std::regex_match(subject, IDENTITY) ? subject : std::string();
    }

    // All by which a case of the data is known: its image and its person, who may have several names in a PACS
    // (Data/SnapshotManifest.h). Of one patient there may be images of two contrasts, or of two days.
    std::vector<std::string> ListMarks(const Json::Value& data, const std::string& key)
    {
      std::vector<std::string> marks{data["images"][key].asString(), GetIdentity(key)};
      const Json::Value& same = data["same_patient"];
      for (const Json::Value& other : same.isObject() ? same[Data::FindSubject(key)] : Json::Value::nullSingleton())
      {
        marks.push_back(GetIdentity(other.asString()));
      }
      std::erase(marks, std::string());
      return marks;
    }

    std::vector<std::string> ListSeenImages(const Json::Value& trained, const Json::Value& data)
    {
      std::set<std::string> seen;
      for (const std::string& key : ListKeys(trained))
      {
        const std::vector<std::string> marks = ListMarks(trained, key);
        seen.insert(marks.begin(), marks.end());
      }
      std::vector<std::string> both;
      for (const std::string& key : ListKeys(data))
      {
        const std::vector<std::string> marks = ListMarks(data, key);
        if (std::any_of(marks.begin(), marks.end(), [&seen](const std::string& mark) { return seen.contains(mark); }))
        {
          both.push_back(key);
        }
      }
      return both;
    }

    // The phantoms of a folder, by the seeds in their names, that are among generated ones.
    std::vector<std::string> ListGeneratedImages(const Json::Value& generated, const Json::Value& folder)
    {
      const std::uint64_t first = generated["first_seed"].asUInt64();
      std::vector<std::string> both;
      for (const std::string& subject : ListKeys(folder))
      {
        const auto seed = Data::ReadPhantomSeed(Data::FindSubject(subject));
        if (seed && *seed >= first && *seed - first < generated["count"].asUInt64())
        {
          both.push_back(subject);
        }
      }
      return both;
    }

    void RefuseSeenImages(const Json::Value& trained, const Json::Value& data)
    {
      std::string both;
      for (const std::string& subject : ListSharedSubjects(trained, data))
      {
        both += " " + subject;
      }
      if (!both.empty())
      {
        throw Error(ErrorCode::BadInput, "The model was trained on images of these subjects:" + both);
      }
    }
  }

  void RefuseSeenCases(const Json::Value& card, const Json::Value& data)
  {
    VisitLineage(card, [&data](const Json::Value& trained)
    {
      if (!trained.isObject())
      {
        return;
      }
      if (IsGenerated(data) && IsGenerated(trained))
      {
        RefuseSeenPhantoms(trained, data);
      }
      else
      {
        RefuseSeenImages(trained, data);
      }
    });
  }

  std::vector<std::string> ListSharedSubjects(const Json::Value& known, const Json::Value& data)
  {
    if (IsGenerated(data))
    {
      return ListGeneratedImages(data, known);
    }
    return IsGenerated(known) ? ListGeneratedImages(known, data) : ListSeenImages(known, data);
  }
}
