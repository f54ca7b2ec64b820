// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Runs/LeakageCheck.h"

#include <gtest/gtest.h>

#include <string>

namespace H3K27M
{
  namespace
  {
    TEST(LeakageCheck, RefusesCasesThatTheModelOrItsParentHasSeen)
    {
      Json::Value parent;
      parent["training_data"]["kind"] = "bids";
      parent["training_data"]["images"]["sub-1"] = "aa";
      Json::Value card;
      card["training_data"]["kind"] = "phantoms";
      card["training_data"]["first_seed"] = 10;
      card["training_data"]["count"] = 5;
      card["run"]["from"] = parent;

      Json::Value phantoms = card["training_data"];
      phantoms["first_seed"] = 14;
      EXPECT_THROW(Runs::RefuseSeenCases(card, phantoms), Error);
      phantoms["first_seed"] = 15;
      EXPECT_NO_THROW(Runs::RefuseSeenCases(card, phantoms));

      Json::Value patients;
      patients["kind"] = "bids";
      patients["images"]["sub-other-name"] = "aa";
      EXPECT_THROW(Runs::RefuseSeenCases(card, patients), Error);
      patients["images"]["sub-other-name"] = "bb";
      EXPECT_NO_THROW(Runs::RefuseSeenCases(card, patients));
      patients["images"]["sub-1"] = "bb";
      EXPECT_NO_THROW(Runs::RefuseSeenCases(card, patients)) << "such a name is somebody else in each data set";

      // The T1 of somebody whose T2 was learned from; an encoder names the files.
      card["training_data"] = Json::Value();
      card["training_data"]["images"]["sub-0123456789abcdef/anat/sub-0123456789abcdef_T2w.nii.gz"] = "cc";
      patients["images"]["sub-0123456789abcdee"] = "dd";
      EXPECT_NO_THROW(Runs::RefuseSeenCases(card, patients));
      patients["images"]["sub-0123456789abcdef"] = "dd";
      EXPECT_THROW(Runs::RefuseSeenCases(card, patients), Error);

      // Several data sets below one folder: the person is the same.
      card["training_data"]["images"] = Json::Value(Json::objectValue);
      card["training_data"]["images"]["site-a/sub-0123456789abcdef/anat/sub-0123456789abcdef_T2w.nii.gz"] = "cc";
      EXPECT_THROW(Runs::RefuseSeenCases(card, patients), Error);
    }

    // One person with two PatientIDs has one name in a snapshot that was told so, and two in those that were not.
    TEST(LeakageCheck, KnowsAPersonByTheNamesThatAreOneTo)
    {
      constexpr const char* FIRST = "sub-0123456789abcdef";
      constexpr const char* SECOND = "sub-fedcba9876543210";
      Json::Value told;
      told["kind"] = "bids";
      told["images"][FIRST] = "aa";
      told["same_patient"][FIRST].append(SECOND);
      Json::Value untold;
      untold["kind"] = "bids";
      untold["images"][SECOND] = "bb";
      Json::Value card;
      card["training_data"] = told;
      EXPECT_THROW(Runs::RefuseSeenCases(card, untold), Error);
      card["training_data"] = untold;
      EXPECT_THROW(Runs::RefuseSeenCases(card, told), Error);
      told.removeMember("same_patient");
      EXPECT_NO_THROW(Runs::RefuseSeenCases(card, told));

      // An encoder names the files.
      Json::Value files;
      files["kind"] = "nifti-folder";
      files["images"][std::string(FIRST) + "/anat/" + FIRST + "_T2w.nii.gz"] = "aa";
      files["same_patient"][FIRST].append(SECOND);
      card["training_data"] = files;
      EXPECT_THROW(Runs::RefuseSeenCases(card, untold), Error);
    }

    TEST(LeakageCheck, KnowsGeneratedPhantomsInAFolderByTheirSeeds)
    {
      Json::Value generated;
      generated["kind"] = "phantoms";
      generated["first_seed"] = 10;
      generated["count"] = 5;
      for (const bool isTrained : {true, false})
      {
        const auto refuse = [&](const std::string& subject)
        {
          Json::Value folder;
          folder["kind"] = "bids";
          folder["images"][subject] = "aa";
          Json::Value card;
          card["training_data"] = isTrained ? generated : folder;
          Runs::RefuseSeenCases(card, isTrained ? folder : generated);
        };
        EXPECT_THROW(refuse("sub-phantom00000010"), Error) << isTrained;
        EXPECT_THROW(refuse("sub-phantom00000014/anat/sub-phantom00000014_T2w.nii.gz"), Error) << isTrained;
        EXPECT_THROW(refuse("site-a/sub-phantom00000014/anat/a.nii.gz"), Error) << isTrained;
        EXPECT_NO_THROW(refuse("sub-phantom00000009")) << isTrained;
        EXPECT_NO_THROW(refuse("sub-phantom00000015")) << isTrained;
        EXPECT_NO_THROW(refuse("sub-phantom12x")) << isTrained;
        EXPECT_NO_THROW(refuse("sub-12")) << isTrained;
      }
    }
  }
}
