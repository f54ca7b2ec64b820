// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Folds
{
  // What a patient is stratified by.
  struct FoldPatient
  {
    std::string id;  // pseudonym; all cases of a patient bear it
    bool isAltered = false;
    std::string site;  // empty where it is not known
  };

  // The folds of a cross-validation: a patient with all cases lies in one fold. Genotypes are spread so that two folds
  // differ by one patient of each at most, and so does the size of the folds; within a genotype each site is spread in
  // the same way. A function of the set of patients, the number of folds and the seed: the order of the list and the
  // machine do not matter. Immutable.
  class PatientFolds
  {
  public:
    // Throws Error(BadInput) with all faults at once: fewer than two folds, a patient without id, a patient listed
    // twice, one genotype only, fewer patients than folds, a genotype with too few patients for each fold to have one.
    static PatientFolds Make(std::vector<FoldPatient> patients, std::size_t folds, std::uint64_t seed);

    std::size_t GetCount() const noexcept
    {
      return folds_;
    }

    // The fold that holds the patient out; empty for one who is in none, and trains in each.
    std::optional<std::size_t> FindFold(const std::string& patient) const;

    Json::Value ToJson() const;  // {folds, seed, patients: {id: fold}}

  private:
    PatientFolds(std::map<std::string, std::size_t> foldOf, std::size_t folds, std::uint64_t seed);

    std::map<std::string, std::size_t> foldOf_;
    std::size_t folds_;
    std::uint64_t seed_;
  };
}
