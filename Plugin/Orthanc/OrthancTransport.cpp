// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/OrthancTransport.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Log.h"

#include <utility>

namespace H3K27M::OrthancBinding
{
  using Delivery::Progress;

  namespace
  {
    Json::Value MakeBody(const std::vector<std::string>& resources)
    {
      Json::Value body;
      body["Resources"] = Json::arrayValue;

      for (const std::string& resource : resources)
      {
        body["Resources"].append(resource);
      }

      return body;
    }

    // The most telling of what a job says: the DICOMweb plugin hides it in the content.
    std::string GetFault(const Json::Value& job)
    {
      for (const Json::Value& text :
           {job["ErrorDetails"], job["Content"]["FunctionErrorDescription"], job["ErrorDescription"]})
      {
        if (text.isString() && !text.asString().empty())
        {
          return text.asString();
        }
      }

      return "the job that sent it failed";
    }
  }

  OrthancTransport::OrthancTransport(OrthancPluginContext* context, std::string dicomWebRoot, HttpClientOptions http) :
    rest_(context),
    dicomWebRoot_(std::move(dicomWebRoot)),
    webhooks_(std::move(http))
  {
  }

  std::string OrthancTransport::StartStore(const Settings::DeliveryRuleSettings& rule,
                                           const std::vector<std::string>& resources)
  {
    Json::Value body = MakeBody(resources);
    body["Synchronous"] = false;

    switch (rule.target)
    {
      case Settings::DeliveryTarget::Modality:
        return rest_.Post("/modalities/" + rule.address + "/store", body)["ID"].asString();
      case Settings::DeliveryTarget::Peer:
        return rest_.Post("/peers/" + rule.address + "/store", body)["ID"].asString();
      case Settings::DeliveryTarget::DicomWeb:
        return rest_.PostToPlugin(dicomWebRoot_ + "servers/" + rule.address + "/stow", body)["ID"].asString();
      case Settings::DeliveryTarget::Webhook:
        break;
    }

    throw Error(ErrorCode::Internal, "A webhook stores nothing");
  }

  Progress OrthancTransport::LookAtJob(const std::string& job)
  {
    const std::optional<Json::Value> answer = rest_.Get("/jobs/" + job);

    if (!answer)
    {
      return {Progress::State::Unknown, {}};
    }

    const std::string state = (*answer)["State"].asString();

    if (state == "Success")
    {
      return {Progress::State::Success, {}};
    }

    return state == "Failure" ? Progress{Progress::State::Failure, GetFault(*answer)} : Progress{};
  }

  void OrthancTransport::CancelJob(const std::string& job)
  {
    try
    {
      rest_.Post("/jobs/" + job + "/cancel", Json::Value(Json::objectValue));
    }
    catch (const Error& e)
    {
      // It ended at this moment: that is as good.
      Support::Log::Info(std::string("deliveries: ") + e.what());
    }
  }

  std::string OrthancTransport::RequestCommitment(const std::string& modality,
                                                  const std::vector<std::string>& resources)
  {
    return rest_.Post("/modalities/" + modality + "/storage-commitment", MakeBody(resources))["ID"].asString();
  }

  Progress OrthancTransport::LookAtCommitment(const std::string& transaction)
  {
    const std::optional<Json::Value> answer = rest_.Get("/storage-commitment/" + transaction);

    if (!answer)
    {
      return {Progress::State::Unknown, {}};
    }

    const std::string status = (*answer)["Status"].asString();

    if (status == "Success")
    {
      return {Progress::State::Success, {}};
    }

    if (status != "Failure")
    {
      return {};
    }

    const Json::Value& failures = (*answer)["Failures"];
    return {Progress::State::Failure, std::to_string(failures.size()) + " objects, the first: " +
                                        (failures.empty() ? "" : failures[0]["Description"].asString())};
  }

  unsigned OrthancTransport::Post(const std::string& url, const std::map<std::string, std::string>& headers,
                                  const std::string& body, std::chrono::seconds limit)
  {
    return webhooks_.Post(url, headers, body, limit);
  }
}
