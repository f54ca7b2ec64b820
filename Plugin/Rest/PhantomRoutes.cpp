// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Rest/RequestBody.h"
#include "Plugin/Rest/Routes.h"
#include "Plugin/Support/JsonObjectReader.h"

namespace H3K27M::Rest
{
  namespace
  {
    // One request holds one of Orthanc's HTTP threads; a phantom takes a fraction of a second.
    constexpr std::int64_t MAX_COUNT = 100;

    // What is the same for all phantoms of a request, as the engine wants it; it checks the values.
    Json::Value GetTemplate(const Json::Value& body)
    {
      Json::Value request = body;
      request.removeMember("count");
      return request;
    }

    Answer MakePhantoms(const Services& services, const Request& request)
    {
      if (!services.settings.phantomsRoute)
      {
        return Answer::FromError(request, 403,
                                 "Synthetic studies are not allowed here: set H3K27M.PhantomsRoute in "
                                 "Orthanc's configuration");
      }

      const Json::Value body = ParseBody(request);
      Support::JsonObjectReader reader(body, "body");
      const std::int64_t count = reader.ReadInteger("count", 1, 1, MAX_COUNT);
      const std::int64_t seed = reader.ReadInteger("seed", 1, 0, std::int64_t(1) << 53);

      Json::Value one = GetTemplate(body);
      Json::Value json;
      json["synthetic"] = true;
      json["studies"] = Json::arrayValue;

      for (std::int64_t i = 0; i < count; i++)
      {
        one["seed"] = static_cast<Json::Int64>(seed + i);

        if (!body.isMember("status"))
        {
          one["status"] = (seed + i) % 2 == 0 ? "altered" : "wild-type";
        }

        json["studies"].append(services.phantoms.Make(one));
      }

      Answer answer = Answer::FromJson(json);
      answer.note.details = std::to_string(count) + " synthetic studies";
      return answer;
    }
  }

  void AddPhantomRoutes(Router& router, const Services& services)
  {
    router.Add(Method::Post, "phantoms",
               [&services](const Request& request, const PathParameters&) { return MakePhantoms(services, request); });
  }
}
