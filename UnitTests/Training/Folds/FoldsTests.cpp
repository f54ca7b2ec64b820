// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Folds/PatientFolds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace H3K27M::Folds
{
  namespace
  {
    // The paper's patients: 108 altered, 92 wild type; every third is from another site.
    std::vector<FoldPatient> MakePatients(std::size_t altered = 108, std::size_t wildType = 92)
    {
      std::vector<FoldPatient> patients;
      for (std::size_t i = 0; i < altered + wildType; i++)
      {
        patients.push_back({"sub-" + std::to_string(1000 + i), i < altered, i % 3 == 0 ? "A" : "B"});
      }
      return patients;
    }

    // Of MakePatients(), ascending by id.
    std::vector<std::string> ListHeldOut(const PatientFolds& folds, const std::vector<FoldPatient>& patients,
                                         std::size_t fold)
    {
      std::vector<std::string> heldOut;
      for (const FoldPatient& patient : patients)
      {
        if (folds.FindFold(patient.id) == fold)
        {
          heldOut.push_back(patient.id);
        }
      }
      return heldOut;
    }

    std::string GetFaults(const std::vector<FoldPatient>& patients, std::size_t folds)
    {
      try
      {
        PatientFolds::Make(patients, folds, 1);
        return "";
      }
      catch (const Error& error)
      {
        EXPECT_EQ(error.GetCode(), ErrorCode::BadInput);
        return error.what();
      }
    }

    void ExpectSpread(const std::array<std::size_t, 5>& counts, std::size_t apart)
    {
      EXPECT_LE(*std::max_element(counts.begin(), counts.end()) - *std::min_element(counts.begin(), counts.end()),
                apart);
    }

    TEST(PatientFolds, SpreadsGenotypesAndSites)
    {
      for (std::uint64_t seed = 0; seed < 20; seed++)
      {
        const std::vector<FoldPatient> patients = MakePatients();
        const PatientFolds folds = PatientFolds::Make(patients, 5, seed);
        std::array<std::size_t, 5> all{};
        std::array<std::size_t, 5> altered{};
        std::array<std::size_t, 5> alteredOfSiteA{};
        for (const FoldPatient& patient : patients)
        {
          const std::size_t fold = folds.FindFold(patient.id).value();
          all[fold]++;
          altered[fold] += patient.isAltered ? 1 : 0;
          alteredOfSiteA[fold] += patient.isAltered && patient.site == "A" ? 1 : 0;
        }
        ExpectSpread(all, 1);
        ExpectSpread(altered, 1);
        ExpectSpread(alteredOfSiteA, 1);
      }
    }

    TEST(PatientFolds, EachPatientIsHeldOutOnce)
    {
      const std::vector<FoldPatient> patients = MakePatients();
      const PatientFolds folds = PatientFolds::Make(patients, 5, 1);
      std::set<std::string> seen;
      for (std::size_t fold = 0; fold < 5; fold++)
      {
        const std::vector<std::string> heldOut = ListHeldOut(folds, patients, fold);
        EXPECT_EQ(heldOut.size(), 40U);
        for (const std::string& patient : heldOut)
        {
          EXPECT_TRUE(seen.insert(patient).second) << patient;
        }
      }
      EXPECT_EQ(seen.size(), 200U);
      EXPECT_FALSE(folds.FindFold("sub-unknown"));
    }

    TEST(PatientFolds, DependOnTheSeedAndNotOnTheOrderOfTheList)
    {
      std::vector<FoldPatient> patients = MakePatients();
      const Json::Value folds = PatientFolds::Make(patients, 5, 1).ToJson();
      EXPECT_NE(PatientFolds::Make(patients, 5, 2).ToJson()["patients"], folds["patients"]);
      std::reverse(patients.begin(), patients.end());
      EXPECT_EQ(PatientFolds::Make(patients, 5, 1).ToJson(), folds);
      EXPECT_EQ(folds["folds"].asUInt(), 5U);
      EXPECT_EQ(folds["patients"].size(), 200U);
    }

    TEST(PatientFolds, AreTheSameOnEveryMachine)
    {
      const std::vector<FoldPatient> patients = MakePatients(4, 4);
      const PatientFolds folds = PatientFolds::Make(patients, 2, 7);
      EXPECT_EQ(ListHeldOut(folds, patients, 0),
                (std::vector<std::string>{"sub-1001", "sub-1003", "sub-1005", "sub-1006"}));
    }

    TEST(PatientFolds, WorkWithoutSites)
    {
      std::vector<FoldPatient> patients = MakePatients(5, 5);
      for (FoldPatient& patient : patients)
      {
        patient.site.clear();
      }
      EXPECT_EQ(ListHeldOut(PatientFolds::Make(patients, 5, 1), patients, 0).size(), 2U);
    }

    TEST(PatientFolds, NameAllFaultsAtOnce)
    {
      std::vector<FoldPatient> patients = MakePatients(2, 0);
      patients.push_back(patients[0]);
      patients.push_back(patients[0]);
      patients.push_back({"", true, ""});
      const std::string faults = GetFaults(patients, 7);
      for (const char* fault :
           {"a patient has no id", "sub-1000 is listed more than once", "5 patients cannot fill 7 folds",
            "there is no wild-type patient", "5 altered patients: of 7 folds some would have none"})
      {
        EXPECT_NE(faults.find(fault), std::string::npos) << fault << " is missing in: " << faults;
      }
      EXPECT_EQ(faults.find("sub-1000", faults.find("sub-1000") + 1), std::string::npos) << faults;
    }

    TEST(PatientFolds, RefuseEachFaultAlone)
    {
      EXPECT_NE(GetFaults(MakePatients(), 1).find("at least two folds"), std::string::npos);
      EXPECT_NE(GetFaults(MakePatients(10, 0), 5).find("there is no wild-type patient"), std::string::npos);
      EXPECT_NE(GetFaults(MakePatients(10, 4), 5).find("4 wild-type patients"), std::string::npos);
      EXPECT_NE(GetFaults({}, 2).find("0 patients cannot fill 2 folds"), std::string::npos);
      EXPECT_EQ(GetFaults(MakePatients(5, 5), 5), "");
    }
  }
}
