// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/MaskParameters.h"
#include "Plugin/Rest/Routes.h"

namespace H3K27M::Rest
{
  namespace
  {
    Answer GetMask(const Services& services, const Request& request, const std::string& studyId)
    {
      return Answer::FromJson(services.masks.Get(studyId, GetSeries(ParseMaskParameters(request))));
    }

    Answer PutMask(const Services& services, const Request& request, const std::string& studyId)
    {
      const Json::Value mask = services.masks.Put(studyId, ParseMaskUpload(request));
      Answer answer = Answer::FromJson(mask);
      answer.note.details =
        mask["algorithm_type"].asString() + " segmentation " + mask["segmentation_instance_uid"].asString();
      return answer;
    }

    Answer WithdrawMask(const Services& services, const Request& request, const std::string& studyId)
    {
      const MaskParameters parameters = ParseMaskParameters(request);
      const Json::Value withdrawn = services.masks.Withdraw(studyId, GetSeries(parameters), GetReplaced(parameters));
      Answer answer = Answer::FromJson(withdrawn);

      // One that cannot be read has no UID that anybody knows.
      if (withdrawn["segmentation_instance_uid"].isString())
      {
        answer.note.details = "segmentation " + withdrawn["segmentation_instance_uid"].asString();
      }

      return answer;
    }
  }

  void AddMaskRoutes(Router& router, const Services& services)
  {
    const auto put = [&services](const Request& request, const PathParameters& path)
    { return PutMask(services, request, path.at("study")); };

    router.Add(Method::Get, "cases/{study}/mask", [&services](const Request& request, const PathParameters& path)
    { return GetMask(services, request, path.at("study")); });
    router.Add(Method::Put, "cases/{study}/mask", put, ListMaskContentTypes(), Masks::MAX_UPLOAD_BYTES);
    router.Add(Method::Post, "cases/{study}/mask", put, ListMaskContentTypes(), Masks::MAX_UPLOAD_BYTES);
    router.Add(Method::Delete, "cases/{study}/mask", [&services](const Request& request, const PathParameters& path)
    { return WithdrawMask(services, request, path.at("study")); }, {});
  }
}
