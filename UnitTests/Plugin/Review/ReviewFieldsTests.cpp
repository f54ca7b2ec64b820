// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Review/ReviewFields.h"

#include <gmock/gmock.h>

namespace H3K27M::Review
{
  using testing::HasSubstr;
  using testing::Not;

  namespace
  {
    constexpr const char* WHOLE =
      R"({"decision": "corrected", "status": "wild-type", "reason": " seen before ", "reviewer": "Li^Wei",
      "organisation": "Bonn", "result": "2.25.12", "mask": "2.25.7", "replaces": "2.25.42"})";

    // `changes` are members that replace those of WHOLE.
    Json::Value Change(const std::string& changes)
    {
      Json::Value body = Protocol::ParseJson(WHOLE);
      const Json::Value changed = Protocol::ParseJson(changes);

      for (const std::string& key : changed.getMemberNames())
      {
        body[key] = changed[key];
      }

      return body;
    }

    std::string GetFault(const std::string& changes)
    {
      try
      {
        ParseReview(Change(changes));
      }
      catch (const Error& e)
      {
        EXPECT_EQ(ErrorCode::BadInput, e.GetCode());
        return e.what();
      }

      ADD_FAILURE() << "it was taken: " << changes;
      return {};
    }
  }

  TEST(ReviewFields, ReadsEveryField)
  {
    const ReviewRequest request = ParseReview(Protocol::ParseJson(WHOLE));
    EXPECT_EQ(Results::ReviewDecision::Corrected, request.review.decision);
    EXPECT_EQ(Results::GenotypeStatus::WildType, request.review.status);
    EXPECT_EQ("seen before", request.review.reason);
    EXPECT_EQ("Li^Wei", request.review.reviewer);
    EXPECT_EQ("Bonn", request.review.organisation);
    EXPECT_EQ("2.25.12", request.result);
    EXPECT_EQ("2.25.7", request.mask);
    EXPECT_EQ("2.25.42", request.replaces);
  }

  TEST(ReviewFields, WhatIsOptionalMayBeNullOrAbsent)
  {
    const ReviewRequest request = ParseReview(Change(R"({"status": null, "reason": null, "replaces": null})"));
    EXPECT_FALSE(request.review.status);
    EXPECT_EQ("", request.replaces);
  }

  TEST(ReviewFields, AMaskOfWhichNothingIsSaidIsNotNone)
  {
    EXPECT_FALSE(ParseReview(Change(R"({"mask": null})")).mask);
    EXPECT_EQ("", ParseReview(Change(R"({"mask": ""})")).mask);
    EXPECT_THAT(GetFault(R"({"mask": 7})"), HasSubstr("'mask' must be a text"));
  }

  TEST(ReviewFields, NamesWhatIsWrong)
  {
    EXPECT_THAT(GetFault(R"({"decision": "perhaps"})"), HasSubstr("'accepted', 'rejected', 'corrected' or"));
    EXPECT_THAT(GetFault(R"({"decision": "accepted"})"), HasSubstr("'status' must be absent"));
    EXPECT_THAT(GetFault(R"({"status": "mutant"})"), HasSubstr("'status' must be 'altered' or 'wild-type'"));
    EXPECT_THAT(GetFault(R"({"decision": "rejected", "status": null, "reason": " "})"), HasSubstr("'reason' must be"));
    EXPECT_THAT(GetFault(R"({"decision": "accepted", "status": null, "result": ""})"),
                HasSubstr("'decision' must be 'corrected' or 'uncertain'"));
    EXPECT_THAT(GetFault(R"({"genotype": "altered"})"), HasSubstr("'genotype' is no field of a review"));
  }

  TEST(ReviewFields, NamesEveryFaultAtOnce)
  {
    const std::string fault =
      GetFault(R"({"decision": "perhaps", "reviewer": "", "organisation": 3, "result": true, "colour": "red"})");
    EXPECT_THAT(fault, HasSubstr("5 faults"));

    for (const char* key : {"decision", "reviewer", "organisation", "result", "colour"})
    {
      EXPECT_THAT(fault, HasSubstr("'" + std::string(key) + "'"));
    }

    EXPECT_THAT(fault, Not(HasSubstr("'status'"))) << "it cannot be wrong for a decision that is none";
  }
}
