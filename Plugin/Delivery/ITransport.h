// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Settings/DeliverySettings.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace H3K27M::Delivery
{
  struct Progress
  {
    enum class State
    {
      Running,
      Success,
      Failure,
      Unknown  // the archive does not know it (any more)
    };

    State state = State::Running;
    std::string reason;  // of a failure
  };

  // What carries results to their receivers. Implementations are thread-safe. All throw Error when the archive or the
  // receiver does not take the request.
  class ITransport
  {
  public:
    virtual ~ITransport() = default;

    // Begins to send Orthanc resources to the modality, peer or DICOMweb server of the rule; returns a job's name.
    virtual std::string StartStore(const Settings::DeliveryRuleSettings& rule,
                                   const std::vector<std::string>& resources) = 0;

    virtual Progress LookAtJob(const std::string& job) = 0;

    // No error when it has ended meanwhile.
    virtual void CancelJob(const std::string& job) = 0;

    // Asks a modality whether it keeps what it was sent; returns the transaction's UID.
    virtual std::string RequestCommitment(const std::string& modality, const std::vector<std::string>& resources) = 0;

    virtual Progress LookAtCommitment(const std::string& transaction) = 0;

    // HTTP POST of JSON; redirections are not followed. Returns the status. Throws Error(Unavailable) without one.
    virtual unsigned Post(const std::string& url, const std::map<std::string, std::string>& headers,
                          const std::string& body, std::chrono::seconds limit) = 0;
  };
}
