// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/AccessPolicy.h"

#include <gtest/gtest.h>

namespace H3K27M::Rest
{
  namespace
  {
    using enum Settings::Role;

    constexpr AccessPolicy::Core OWN_MACHINE{false, false};
    constexpr AccessPolicy::Core OPEN{false, true};
    constexpr AccessPolicy::Core WITH_USERS{true, true};

    Request Make(std::map<std::string, std::string> headers)
    {
      Request request;
      request.headers = std::move(headers);
      return request;
    }

    Settings::AccessSettings MakeSettings()
    {
      Settings::AccessSettings settings;
      settings.roles = {{"alice", Administrator}, {"bob", None}};
      return settings;
    }
  }

  TEST(AccessPolicy, KnowsTheUserByTheCredentialsThatOrthancHasChecked)
  {
    const AccessPolicy policy(MakeSettings(), WITH_USERS);
    const Caller alice = policy.Identify(Make({{"authorization", "Basic YWxpY2U6c2VjcmV0OmI="}}));
    EXPECT_EQ("alice", alice.user) << "a password may hold a colon, a name may not";
    EXPECT_EQ(Administrator, alice.role);
    EXPECT_EQ(None, policy.Identify(Make({{"authorization", "Basic Ym9iOng="}})).role);
    EXPECT_EQ(Viewer, policy.Identify(Make({{"authorization", "Basic Y2Fyb2w6eA=="}})).role) << "no entry";

    for (const char* header : {"", "Basic", "Basic !", "Basic YWxpY2U=", "Bearer YWxpY2U6eA==", "basic YWxpY2U6eA=="})
    {
      EXPECT_EQ("", policy.Identify(Make({{"authorization", header}})).user) << header;
      EXPECT_EQ(Viewer, policy.Identify(Make({{"authorization", header}})).role) << header;
    }
  }

  TEST(AccessPolicy, CredentialsThatNobodyHasCheckedNameNobody)
  {
    const Caller caller =
      AccessPolicy(MakeSettings(), OPEN).Identify(Make({{"authorization", "Basic YWxpY2U6c2VjcmV0OmI="}}));
    EXPECT_EQ("", caller.user);
    EXPECT_EQ(Viewer, caller.role);
  }

  TEST(AccessPolicy, TheHeaderOfAProxyCountsOnlyWhereItIsConfigured)
  {
    Settings::AccessSettings settings = MakeSettings();
    const Request request = Make({{"x-remote-user", "alice"}, {"host", "localhost"}});
    EXPECT_EQ("", AccessPolicy(settings, WITH_USERS).Identify(request).user);

    settings.userHeader = "X-Remote-User";
    const AccessPolicy policy(settings, OWN_MACHINE);
    EXPECT_EQ(Administrator, policy.Identify(request).role);
    EXPECT_EQ(Viewer, policy.Identify(Make({{"host", "localhost"}})).role) << "the proxy let it in without a user";
    EXPECT_EQ("", policy.Identify(Make({{"x-remote-user", "a\nb"}})).user);
    EXPECT_EQ("", policy.Identify(Make({{"x-remote-user", std::string(129, 'a')}})).user);
    EXPECT_EQ(Viewer,
              AccessPolicy(settings, WITH_USERS).Identify(Make({{"authorization", "Basic YWxpY2U6c2VjcmV0OmI="}})).role)
      << "one source of the name, never two";
  }

  TEST(AccessPolicy, OnlyTheOwnMachineIsAdministratorWithoutAName)
  {
    const AccessPolicy policy({}, OWN_MACHINE);

    for (const char* host : {"localhost", "LocalHost:8042", "127.0.0.1:8042", "[::1]:8042", ""})
    {
      EXPECT_EQ(Administrator, policy.Identify(Make({{"host", host}})).role) << host;
    }

    for (const char* host : {"evil.example", "127.0.0.1.evil.example:8042", "localhost.evil.example", "[::2]"})
    {
      EXPECT_EQ(Viewer, policy.Identify(Make({{"host", host}})).role) << host;
    }

    for (const char* header : {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via",
                               "forwarded", "x-client-ip", "x-original-uri"})
    {
      EXPECT_EQ(Viewer, policy.Identify(Make({{"host", "localhost"}, {header, "https"}})).role) << header;
    }

    EXPECT_EQ(Viewer, AccessPolicy({}, OPEN).Identify(Make({{"host", "localhost"}})).role);
    EXPECT_EQ(Viewer, AccessPolicy({}, WITH_USERS).Identify(Make({{"host", "localhost"}})).role);
  }

  // nginx's plain proxy_pass sends its upstream's name as Host, and no header of its own.
  TEST(AccessPolicy, ABrowserBehindAProxyThatHidesItselfIsNotOfThisMachine)
  {
    const AccessPolicy policy({}, OWN_MACHINE);

    for (const char* page : {"https://pacs.example/h3k27m/app/", "http://10.0.0.1:8042",
                             "https://127.0.0.1.evil.example/", "https://pacs.example?localhost"})
    {
      EXPECT_EQ(Viewer, policy.Identify(Make({{"host", "127.0.0.1:8042"}, {"referer", page}})).role) << page;
    }

    for (const char* page :
         {"http://localhost:8042/h3k27m/app/", "http://[::1]:8042/ohif/viewer?a=b", "about:blank", ""})
    {
      EXPECT_EQ(Administrator, policy.Identify(Make({{"host", "127.0.0.1:8042"}, {"referer", page}})).role) << page;
    }
  }

  TEST(AccessPolicy, TheRoleOfRequestsWithoutAUserCanBeSet)
  {
    Settings::AccessSettings settings;
    settings.anonymousRole = None;
    EXPECT_EQ(None, AccessPolicy(settings, OWN_MACHINE).Identify({}).role);
    EXPECT_FALSE(AccessPolicy(settings, OWN_MACHINE).HasAdministrator());
    settings.anonymousRole = Administrator;
    EXPECT_EQ(Administrator, AccessPolicy(settings, OPEN).Identify({}).role);
    EXPECT_TRUE(AccessPolicy(settings, OPEN).HasAdministrator());
    EXPECT_FALSE(AccessPolicy({}, OPEN).HasAdministrator());
  }
}
