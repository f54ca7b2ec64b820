// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace H3K27M::Settings
{
  enum class DeliveryCondition
  {
    Any,
    Altered,  // the genotype is predicted as altered
    Tumour    // a tumour was found
  };

  enum class DeliveryContent
  {
    Result,        // SEG, saliency picture and SR of the result
    Segmentation,  // its SEG alone
    Report,        // its SR alone
    AllResults     // and what people made of the study: labels, masks, reviews
  };

  enum class DeliveryTarget
  {
    Modality,  // C-STORE
    Peer,      // another Orthanc
    DicomWeb,  // STOW-RS
    Webhook    // POST of JSON
  };

  // One entry of "Delivery.Rules".
  struct DeliveryRuleSettings
  {
    std::string name;  // 1..64 of A-Z a-z 0-9 _ -
    DeliveryCondition when = DeliveryCondition::Any;
    double minimumVolumeMm3 = 0;
    DeliveryContent send = DeliveryContent::Result;
    bool sourceSeries = false;  // and the series that the result was made of
    DeliveryTarget target = DeliveryTarget::Modality;
    std::string address;             // its name in Orthanc's configuration; of a webhook, its URL
    std::string secret;              // of a webhook
    bool storageCommitment = false;  // of a modality

    bool operator==(const DeliveryRuleSettings&) const = default;
  };

  // Section "Delivery": where results are sent on to. Without rules nothing is.
  struct DeliverySettings
  {
    unsigned maxAttempts = 100;               // 1..10000; with the delays below about four days
    unsigned retryDelaySeconds = 30;          // 1..86400, doubled with each attempt
    unsigned maxRetryDelaySeconds = 3600;     // 1..604800
    unsigned webhookTimeoutSeconds = 10;      // 1..30
    unsigned commitmentLimitSeconds = 86400;  // 1..2592000: without a confirmation for so long it is sent again
    std::vector<DeliveryRuleSettings> rules;  // at most 32

    bool operator==(const DeliverySettings&) const = default;
  };
}
