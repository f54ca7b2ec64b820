// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Folds/PatientFolds.h"

#include "Inference/Phantom/RandomSource.h"
#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <utility>

namespace H3K27M::Folds
{
  namespace
  {
    std::string Count(std::size_t count, const std::string& what)
    {
      return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
    }

    // `patients` ascending by id.
    std::vector<std::string> FindFaults(const std::vector<FoldPatient>& patients, std::size_t folds)
    {
      std::vector<std::string> faults;
      if (folds < 2)
      {
        faults.push_back("cross-validation needs at least two folds");
      }
      std::size_t altered = 0;
      for (std::size_t i = 0; i < patients.size(); i++)
      {
        altered += patients[i].isAltered ? 1 : 0;
        const bool isRepeated = i > 0 && patients[i].id == patients[i - 1].id;
        const bool isKnown = i > 1 && patients[i].id == patients[i - 2].id;
        if (patients[i].id.empty() && i == 0)
        {
          faults.push_back("a patient has no id");
        }
        if (isRepeated && !isKnown && !patients[i].id.empty())
        {
          faults.push_back("patient " + patients[i].id + " is listed more than once");
        }
      }
      if (patients.size() < folds)
      {
        faults.push_back(Count(patients.size(), "patient") + " cannot fill " + Count(folds, "fold"));
      }
      const std::size_t wildType = patients.size() - altered;
      for (const auto& [name, count] : {std::pair("altered", altered), std::pair("wild-type", wildType)})
      {
        if (count == 0)
        {
          faults.push_back(std::string("there is no ") + name + " patient");
        }
        else if (count < folds)
        {
          faults.push_back(Count(count, std::string(name) + " patient") + ": of " + Count(folds, "fold") +
                           " some would have none");
        }
      }
      return faults;
    }

    void Shuffle(std::vector<const FoldPatient*>& patients, Phantom::RandomSource& random)
    {
      for (std::size_t left = patients.size(); left > 1; left--)
      {
        std::swap(patients[left - 1], patients[random.Index(static_cast<unsigned int>(left))]);
      }
    }
  }

  PatientFolds::PatientFolds(std::map<std::string, std::size_t> foldOf, std::size_t folds, std::uint64_t seed) :
    foldOf_(std::move(foldOf)),
    folds_(folds),
    seed_(seed)
  {
  }

  PatientFolds PatientFolds::Make(std::vector<FoldPatient> patients, std::size_t folds, std::uint64_t seed)
  {
    std::sort(patients.begin(), patients.end(), [](const FoldPatient& a, const FoldPatient& b) { return a.id < b.id; });
    std::string message;
    for (const std::string& fault : FindFaults(patients, folds))
    {
      message += (message.empty() ? "The folds cannot be made: " : "; ") + fault;
    }
    if (!message.empty())
    {
      throw Error(ErrorCode::BadInput, message);
    }

    // The wild types first, each genotype site by site.
    std::map<std::pair<bool, std::string>, std::vector<const FoldPatient*>> strata;
    for (const FoldPatient& patient : patients)
    {
      strata[{patient.isAltered, patient.site}].push_back(&patient);
    }
    Phantom::RandomSource random(seed, 0);
    std::map<std::string, std::size_t> foldOf;
    // Dealt like cards, each stratum going on where the last one ended: that balances strata, genotypes and folds.
    std::size_t dealt = 0;
    for (auto& [key, stratum] : strata)
    {
      Shuffle(stratum, random);
      for (const FoldPatient* patient : stratum)
      {
        foldOf[patient->id] = dealt % folds;
        dealt++;
      }
    }
    return {std::move(foldOf), folds, seed};
  }

  std::optional<std::size_t> PatientFolds::FindFold(const std::string& patient) const
  {
    const auto found = foldOf_.find(patient);
    return found == foldOf_.end() ? std::nullopt : std::optional(found->second);
  }

  Json::Value PatientFolds::ToJson() const
  {
    Json::Value json;
    json["folds"] = Json::UInt64{folds_};
    json["seed"] = Json::UInt64{seed_};
    for (const auto& [id, fold] : foldOf_)
    {
      json["patients"][id] = Json::UInt64{fold};
    }
    return json;
  }
}
