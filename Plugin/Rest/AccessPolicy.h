// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Rest/Http.h"
#include "Plugin/Settings/AccessSettings.h"

#include <string>

namespace H3K27M::Rest
{
  struct Caller
  {
    std::string user;  // empty: the request names none
    Settings::Role role = Settings::Role::None;
  };

  // Who asks, and as what. There is one source of the name, never two: the header of "UserHeader" where it is set; else
  // the Basic credentials, which Orthanc has verified before a plugin sees the request (but for the parts of a
  // multipart form, which are refused before: RefuseUnreadBody() in Plugin/Rest/BodyGuard.h); else none, because
  // without Orthanc's authentication anybody may write anything into that header. Immutable, thread-safe.
  class AccessPolicy
  {
  public:
    // What the policy follows of Orthanc's own configuration.
    struct Core
    {
      bool authenticates = true;         // AuthenticationEnabled, as Orthanc resolves it
      bool isReachedFromOutside = true;  // RemoteAccessAllowed
    };

    AccessPolicy(const Settings::AccessSettings& settings, const Core& core);

    Caller Identify(const Request& request) const;

    // Whether any request at all can have the role of an administrator.
    bool HasAdministrator() const;

  private:
    std::string FindUser(const Request& request) const;
    Settings::Role GetAnonymousRole(const Request& request) const;

    Settings::AccessSettings settings_;
    Core core_;
  };
}
