// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Settings/AccessReader.h"

#include "Inference/Protocol/Error.h"

#include <array>

namespace H3K27M::Settings
{
  namespace
  {
    constexpr std::int64_t MAX_AUDIT_DAYS = 36500;

    // In the order of Role.
    constexpr std::array NAMES = {"none", "viewer", "annotator", "trainer", "administrator"};

    const std::vector<Support::JsonObjectReader::Choice> ROLES = {{NAMES[0], static_cast<int>(Role::None)},
                                                                  {NAMES[1], static_cast<int>(Role::Viewer)},
                                                                  {NAMES[2], static_cast<int>(Role::Annotator)},
                                                                  {NAMES[3], static_cast<int>(Role::Trainer)},
                                                                  {NAMES[4], static_cast<int>(Role::Administrator)}};

    std::map<std::string, Role> ReadRoles(Support::JsonObjectReader reader)
    {
      std::map<std::string, Role> roles;

      for (const std::string& user : reader.ListKeys())
      {
        if (user.empty() || !reader.Has(user))
        {
          throw Error(ErrorCode::BadInput, "'H3K27M.Access.Roles' must give each user's name a role");
        }

        roles[user] = reader.ReadChoice(user, Role::None, ROLES);
      }

      return roles;
    }

    // RFC 9110, section 5.6.2, as far as anybody uses it.
    std::string ReadHeaderName(Support::JsonObjectReader& reader)
    {
      const std::string name = reader.ReadString("UserHeader", "");

      if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") !=
          std::string::npos)
      {
        throw Error(ErrorCode::BadInput,
                    "'H3K27M.Access.UserHeader' must be the name of an HTTP header: letters, digits, - and _");
      }

      return name;
    }
  }

  AccessSettings ReadAccess(Support::JsonObjectReader reader)
  {
    AccessSettings access;
    access.roles = ReadRoles(reader.ReadObject("Roles"));
    access.defaultRole = reader.ReadChoice("DefaultRole", access.defaultRole, ROLES);
    access.userHeader = ReadHeaderName(reader);
    access.auditDays = static_cast<unsigned>(reader.ReadInteger("AuditDays", 0, 0, MAX_AUDIT_DAYS));

    if (reader.Has("AnonymousRole"))
    {
      access.anonymousRole = reader.ReadChoice("AnonymousRole", Role::None, ROLES);
    }

    reader.RefuseUnknownKeys();
    return access;
  }

  Json::Value ToJson(const AccessSettings& access)
  {
    Json::Value json(Json::objectValue);
    json["Roles"] = Json::objectValue;

    for (const auto& [user, role] : access.roles)
    {
      json["Roles"][user] = ToString(role);
    }

    json["DefaultRole"] = ToString(access.defaultRole);
    json["AnonymousRole"] = access.anonymousRole ? Json::Value(ToString(*access.anonymousRole)) : Json::Value();
    json["UserHeader"] = access.userHeader;
    json["AuditDays"] = access.auditDays;
    return json;
  }

  std::string ToString(Role role)
  {
    return NAMES.at(static_cast<std::size_t>(role));
  }
}
