// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Settings/DeliveryReader.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Clock.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace H3K27M::Settings
{
  namespace
  {
    using Support::JsonObjectReader;
    using Choices = std::vector<JsonObjectReader::Choice>;

    constexpr std::size_t MAX_RULES = 32;  // each has a thread
    constexpr std::size_t MAX_NAME = 64;
    constexpr std::size_t MIN_SECRET = 16;

    const Choices CONDITIONS = {{"any", static_cast<int>(DeliveryCondition::Any)},
                                {"altered", static_cast<int>(DeliveryCondition::Altered)},
                                {"tumour", static_cast<int>(DeliveryCondition::Tumour)}};
    const Choices CONTENTS = {{"result", static_cast<int>(DeliveryContent::Result)},
                              {"segmentation", static_cast<int>(DeliveryContent::Segmentation)},
                              {"report", static_cast<int>(DeliveryContent::Report)},
                              {"all-results", static_cast<int>(DeliveryContent::AllResults)}};
    constexpr std::array<std::pair<const char*, DeliveryTarget>, 4> TARGETS = {
      {{"Modality", DeliveryTarget::Modality},
       {"Peer", DeliveryTarget::Peer},
       {"DicomWebServer", DeliveryTarget::DicomWeb},
       {"Webhook", DeliveryTarget::Webhook}}};

    void ReadSeconds(JsonObjectReader& reader, const char* key, unsigned& value, std::int64_t maximum)
    {
      value = static_cast<unsigned>(reader.ReadInteger(key, value, 1, maximum));
    }

    bool IsName(const std::string& text)
    {
      constexpr std::string_view LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
      return !text.empty() && text.size() <= MAX_NAME && text.find_first_not_of(LETTERS) == std::string::npos;
    }

    // What is after "http://" or "https://"; empty for another scheme.
    std::string_view GetAfterScheme(std::string_view url)
    {
      for (const std::string_view scheme : {"http://", "https://"})
      {
        if (url.starts_with(scheme))
        {
          return url.substr(scheme.size());
        }
      }

      return {};
    }

    // Credentials have no place in an address: it is told in the log and on the dashboard.
    bool IsWebhookUrl(const std::string& url)
    {
      const std::string_view rest = GetAfterScheme(url);
      const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
      const bool isPrintable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 127; });
      return isPrintable && !authority.empty() && authority.find('@') == std::string_view::npos;
    }

    void ReadTarget(JsonObjectReader& reader, DeliveryRuleSettings& rule)
    {
      unsigned targets = 0;

      for (const auto& [key, target] : TARGETS)
      {
        if (reader.Has(key))
        {
          rule.target = target;
          rule.address = reader.ReadString(key, "");
          targets++;

          if (rule.address.empty())
          {
            reader.Refuse(key, "a text that is not empty");
          }
        }
      }

      if (targets != 1)
      {
        reader.Refuse("Modality", "there, or one of \"Peer\", \"DicomWebServer\", \"Webhook\" in its place: a rule "
                                  "has exactly one target");
      }

      rule.storageCommitment = reader.ReadBoolean("StorageCommitment", false);
      rule.secret = reader.ReadString("Secret", "");

      if (rule.storageCommitment && rule.target != DeliveryTarget::Modality)
      {
        reader.Refuse("StorageCommitment", "false where the target is no \"Modality\"");
      }

      if (rule.target == DeliveryTarget::Webhook && !IsWebhookUrl(rule.address))
      {
        reader.Refuse("Webhook", "an address that begins with \"http://\" or \"https://\", without user and password");
      }

      if (rule.target == DeliveryTarget::Webhook && rule.secret.size() < MIN_SECRET)
      {
        reader.Refuse("Secret", "there, with at least " + std::to_string(MIN_SECRET) +
                                  " characters: it signs what is posted (\"${NAME}\" takes it from the environment)");
      }

      if (rule.target != DeliveryTarget::Webhook && !rule.secret.empty())
      {
        reader.Refuse("Secret", "absent where the target is no \"Webhook\"");
      }
    }

    DeliveryRuleSettings ReadRule(JsonObjectReader& reader)
    {
      constexpr double MAX_VOLUME_MM3 = 1e7;
      DeliveryRuleSettings rule;
      rule.name = reader.ReadString("Name", "");

      if (!IsName(rule.name))
      {
        reader.Refuse("Name", "1 to " + std::to_string(MAX_NAME) + " letters, digits, \"_\" and \"-\"");
      }

      rule.when = reader.ReadChoice("When", rule.when, CONDITIONS);
      rule.minimumVolumeMm3 = reader.ReadNumber("MinimumVolumeMm3", rule.minimumVolumeMm3, 0, MAX_VOLUME_MM3);
      rule.send = reader.ReadChoice("Send", rule.send, CONTENTS);
      rule.sourceSeries = reader.ReadBoolean("SourceSeries", rule.sourceSeries);
      const bool choosesContent = reader.Has("Send") || rule.sourceSeries;
      ReadTarget(reader, rule);

      if (rule.target == DeliveryTarget::Webhook && choosesContent)
      {
        reader.Refuse("Send",
                      "absent, and \"SourceSeries\" too, where the target is a \"Webhook\": it gets no objects");
      }

      reader.RefuseUnknownKeys();
      return rule;
    }

    Json::Value DescribeRule(const DeliveryRuleSettings& rule)
    {
      const bool isWebhook = rule.target == DeliveryTarget::Webhook;
      Json::Value json;
      json["Name"] = rule.name;
      json["When"] = JsonObjectReader::GetName(CONDITIONS, rule.when);
      json["MinimumVolumeMm3"] = rule.minimumVolumeMm3;
      json["Send"] = isWebhook ? Json::Value() : Json::Value(JsonObjectReader::GetName(CONTENTS, rule.send));
      json["SourceSeries"] = rule.sourceSeries;

      for (const auto& [key, target] : TARGETS)
      {
        json[key] = target == rule.target ? Json::Value(rule.address) : Json::Value();
      }

      json["Secret"] = isWebhook ? Json::Value("***") : Json::Value();
      json["StorageCommitment"] = rule.storageCommitment;
      return json;
    }
  }

  DeliverySettings ReadDelivery(JsonObjectReader reader)
  {
    DeliverySettings delivery;
    delivery.maxAttempts = static_cast<unsigned>(reader.ReadInteger("MaxAttempts", delivery.maxAttempts, 1, 10000));
    ReadSeconds(reader, "RetryDelaySeconds", delivery.retryDelaySeconds, Support::SECONDS_PER_DAY);
    ReadSeconds(reader, "MaxRetryDelaySeconds", delivery.maxRetryDelaySeconds, 7 * Support::SECONDS_PER_DAY);
    ReadSeconds(reader, "WebhookTimeoutSeconds", delivery.webhookTimeoutSeconds, 30);
    ReadSeconds(reader, "CommitmentLimitSeconds", delivery.commitmentLimitSeconds, 30 * Support::SECONDS_PER_DAY);

    for (JsonObjectReader& rule : reader.ReadObjects("Rules"))
    {
      delivery.rules.push_back(ReadRule(rule));
      const std::string& name = delivery.rules.back().name;

      if (std::count_if(delivery.rules.begin(), delivery.rules.end(),
                        [&name](const DeliveryRuleSettings& other) { return other.name == name; }) > 1)
      {
        rule.Refuse("Name", "another one: \"" + name + "\" is there already");
      }
    }

    if (delivery.rules.size() > MAX_RULES)
    {
      reader.Refuse("Rules", "a list of at most " + std::to_string(MAX_RULES) + " rules");
    }

    reader.RefuseUnknownKeys();
    return delivery;
  }

  Json::Value DescribeDelivery(const DeliverySettings& delivery)
  {
    Json::Value json;
    json["MaxAttempts"] = delivery.maxAttempts;
    json["RetryDelaySeconds"] = delivery.retryDelaySeconds;
    json["MaxRetryDelaySeconds"] = delivery.maxRetryDelaySeconds;
    json["WebhookTimeoutSeconds"] = delivery.webhookTimeoutSeconds;
    json["CommitmentLimitSeconds"] = delivery.commitmentLimitSeconds;
    json["Rules"] = Json::arrayValue;

    for (const DeliveryRuleSettings& rule : delivery.rules)
    {
      json["Rules"].append(DescribeRule(rule));
    }

    return json;
  }
}
