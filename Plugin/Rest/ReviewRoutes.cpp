// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Rest/RequestBody.h"
#include "Plugin/Rest/Routes.h"
#include "Plugin/Review/ReviewJson.h"

#include <optional>
#include <string>

namespace H3K27M::Rest
{
  namespace
  {
    // Says what is there now, so that the reader can look at it and keep what was typed.
    Answer DescribeConflict(const Services& services, const Request& request, const std::string& studyId,
                            const std::optional<std::string>& seenMask, const std::string& text)
    {
      const Review::StudyReviews::Situation now = services.reviews.Look(studyId, seenMask);
      Json::Value more;
      more["result"] = now.result;
      more["mask"] = now.mask;
      more["review"] = now.review ? Review::ToJson(*now.review) : Json::Value();
      return Answer::FromError(request, 409, text, more);
    }

    Answer AddReview(const Services& services, const Request& request, const std::string& studyId)
    {
      Review::ReviewRequest review = Review::ParseReview(ParseBody(request));
      const std::optional<std::string> seenMask = review.mask;

      try
      {
        return Answer::FromJson(Review::ToJson(services.reviews.Add(studyId, std::move(review))));
      }
      catch (const Error& e)
      {
        if (e.GetCode() != ErrorCode::Conflict)
        {
          throw;
        }

        return DescribeConflict(services, request, studyId, seenMask, e.what());
      }
    }
  }

  void AddReviewRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Get, "cases/{study}/review", [&services](const Request&, const PathParameters& path)
    { return Answer::FromJson(Review::ToJson(services.reviews.Get(path.at("study")))); });
    router.Add(Method::Post, "cases/{study}/review", [&services](const Request& request, const PathParameters& path)
    { return AddReview(services, request, path.at("study")); });
  }
}
