// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/AccessPolicy.h"

#include "Plugin/Support/LowerCase.h"
#include "Plugin/Support/Utf8.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace H3K27M::Rest
{
  namespace
  {
    constexpr std::size_t MAX_USER_BYTES = 128;

    // RFC 4648, section 4. Nothing where a character is none of the alphabet's.
    std::optional<std::string> DecodeBase64(std::string_view text)
    {
      constexpr std::string_view ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
      std::string decoded;
      unsigned bits = 0;
      unsigned count = 0;

      while (!text.empty() && text.back() == '=')
      {
        text.remove_suffix(1);
      }

      for (const char c : text)
      {
        const std::size_t value = ALPHABET.find(c);

        if (value == std::string_view::npos)
        {
          return std::nullopt;
        }

        bits = (bits << 6) | static_cast<unsigned>(value);
        count += 6;

        if (count >= 8)
        {
          count -= 8;
          decoded.push_back(static_cast<char>((bits >> count) & 0xFF));
        }
      }

      return decoded;
    }

    std::string GetBasicUser(const Request& request)
    {
      constexpr std::string_view BASIC = "Basic ";
      const std::string header = request.GetHeader("authorization");

      if (!header.starts_with(BASIC))
      {
        return {};
      }

      const std::optional<std::string> credentials = DecodeBase64(std::string_view(header).substr(BASIC.size()));

      if (!credentials || credentials->find(':') == std::string::npos)
      {
        return {};
      }

      return credentials->substr(0, credentials->find(':'));
    }

    // What may stand in the audit and in a table: text, without control characters, and not endless.
    bool IsUserName(const std::string& name)
    {
      return name.size() <= MAX_USER_BYTES && Support::IsUtf8(name) &&
             std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    }

    // Of a Host header: "localhost:8042", "127.0.0.1", "[::1]:8042". "127.0.0.1.example.org" is none.
    bool NamesLoopback(const std::string& host)
    {
      const std::string name =
        Support::ToLower(host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':')));
      const bool isAddress = name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string::npos;
      return name == "localhost" || name == "[::1]" || isAddress;
    }

    bool NamesProxy(const std::string& header)
    {
      constexpr std::array NAMES = {"cf-connecting-ip", "forwarded",      "true-client-ip", "via",
                                    "x-client-ip",      "x-original-uri", "x-real-ip",      "x-scheme"};
      return header.starts_with("x-forwarded") || std::find(NAMES.begin(), NAMES.end(), header) != NAMES.end();
    }

    // The page that a browser was led on by, "https://pacs.example/h3k27m/app/", stands on another machine.
    bool ComesFromElsewhere(const std::string& referrer)
    {
      const std::size_t scheme = referrer.find("://");
      std::string authority = scheme == std::string::npos ? std::string() : referrer.substr(scheme + 3);
      authority.resize(std::min(authority.size(), authority.find_first_of("/?#")));
      return !authority.empty() && !NamesLoopback(authority);
    }

    // Sent by a program or a browser of this machine to this machine. A proxy gives itself away by its headers, or,
    // when it hides both them and the host, by the address of the dashboard that a browser names; a page of another
    // site whose name was made to lead here (DNS rebinding) by its Host. Of a program that comes through a proxy which
    // hides both nothing can be told: "Connection: close" is what many send by themselves (Python's urllib). Without a
    // Host it comes from inside of Orthanc: another plugin, or Lua.
    bool IsLocal(const Request& request)
    {
      const std::string host = request.GetHeader("host");
      return (host.empty() || NamesLoopback(host)) && !ComesFromElsewhere(request.GetHeader("referer")) &&
             std::none_of(request.headers.begin(), request.headers.end(),
                          [](const auto& header) { return NamesProxy(header.first); });
    }
  }

  AccessPolicy::AccessPolicy(const Settings::AccessSettings& settings, const Core& core) :
    settings_(settings),
    core_(core)
  {
    settings_.userHeader = Support::ToLower(settings_.userHeader);
  }

  Caller AccessPolicy::Identify(const Request& request) const
  {
    const std::string user = FindUser(request);

    if (user.empty())
    {
      return {"", GetAnonymousRole(request)};
    }

    const auto found = settings_.roles.find(user);
    return {user, found == settings_.roles.end() ? settings_.defaultRole : found->second};
  }

  bool AccessPolicy::HasAdministrator() const
  {
    using enum Settings::Role;
    const bool isNamed = std::any_of(settings_.roles.begin(), settings_.roles.end(),
                                     [](const auto& entry) { return entry.second == Administrator; });
    return isNamed || settings_.defaultRole == Administrator || GetAnonymousRole({}) == Administrator;
  }

  std::string AccessPolicy::FindUser(const Request& request) const
  {
    std::string user;

    if (!settings_.userHeader.empty())
    {
      user = request.GetHeader(settings_.userHeader);
    }
    else if (core_.authenticates)
    {
      user = GetBasicUser(request);
    }

    return IsUserName(user) ? user : std::string();
  }

  Settings::Role AccessPolicy::GetAnonymousRole(const Request& request) const
  {
    if (settings_.anonymousRole)
    {
      return *settings_.anonymousRole;
    }

    const bool isOwnMachine = !core_.authenticates && !core_.isReachedFromOutside && settings_.userHeader.empty();
    return isOwnMachine && IsLocal(request) ? Settings::Role::Administrator : Settings::Role::Viewer;
  }
}
