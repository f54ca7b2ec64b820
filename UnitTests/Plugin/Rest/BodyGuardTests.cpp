// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/Router.h"
#include "UnitTests/Support/LogRecorder.h"

#include <gmock/gmock.h>

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace H3K27M::Rest
{
  namespace
  {
    constexpr std::uint64_t LARGE = 100'000'000;
    constexpr const char* READER = "Basic cmVhZGVyOng=";  // reader:x
    constexpr const char* GUEST = "Basic Z3Vlc3Q6eA==";   // guest:x

    // A request as a filter sees it: its headers, and no body yet.
    Request MakeUpload(std::map<std::string, std::string> headers)
    {
      Request request;
      request.method = Method::Put;
      request.path = "cases/1a-2b/mask";
      request.headers = std::move(headers);
      request.headers.emplace("content-type", "application/octet-stream");
      return request;
    }

    class BodyGuardTest : public testing::Test
    {
    protected:
      BodyGuardTest()
      {
        const auto handler = [this](const Request& request, const PathParameters&)
        {
          bodies_.push_back(request.body);
          return Answer::FromJson("taken");
        };
        router_.Add(Method::Put, "cases/{study}/mask", handler, {"application/octet-stream"}, LARGE);
        router_.Add(Method::Put, "cases/{study}/label", handler);
      }

      static Settings::AccessSettings MakeSettings()
      {
        Settings::AccessSettings settings;
        settings.roles = {{"reader", Settings::Role::Annotator}};
        return settings;
      }

      bool Admits(const std::string& bytes, const std::string& credentials) const
      {
        return router_.AdmitsBody(MakeUpload({{"content-length", bytes}, {"authorization", credentials}}));
      }

      AccessPolicy access_{MakeSettings(), {true, true}};
      std::vector<WorkState::AuditEntry> audit_;
      std::vector<std::string> bodies_;
      Router router_{access_, [this](const WorkState::AuditEntry& entry) { audit_.push_back(entry); }};
    };
  }

  TEST(BodyGuard, ABodyThatSaysItIsSmallMayBeReadWhoeverSendsIt)
  {
    EXPECT_TRUE(IsSmallBody(MakeUpload({}))) << "there is none";
    EXPECT_TRUE(IsSmallBody(MakeUpload({{"content-length", "1048576"}})));
    EXPECT_FALSE(IsSmallBody(MakeUpload({{"content-length", "1048577"}})));

    for (const char* length : {"-1", "5x", "x", "99999999999999999999999"})
    {
      EXPECT_FALSE(IsSmallBody(MakeUpload({{"content-length", length}}))) << length;
      EXPECT_EQ(411, RefuseUnreadBody(MakeUpload({{"content-length", length}}), LARGE)->status) << length;
    }
  }

  TEST(BodyGuard, ABodyWithoutALengthIsReadForNobody)
  {
    const Request request = MakeUpload({{"transfer-encoding", "chunked"}, {"content-length", "5"}});
    EXPECT_FALSE(IsSmallBody(request));
    EXPECT_EQ(411, RefuseUnreadBody(request, LARGE)->status);
  }

  TEST(BodyGuard, AFormIsReadForNobody)
  {
    Request request = MakeUpload({{"content-type", "Multipart/Form-Data ;boundary=\"x\""}, {"content-length", "5"}});
    EXPECT_TRUE(IsSmallBody(request)) << "only what is posted is taken apart";
    request.method = Method::Post;
    EXPECT_FALSE(IsSmallBody(request));
    EXPECT_EQ(415, RefuseUnreadBody(request, LARGE)->status);
  }

  TEST_F(BodyGuardTest, ALargeBodyIsReadForThoseAloneWhoMaySendIt)
  {
    EXPECT_TRUE(Admits("100000000", READER));
    EXPECT_TRUE(audit_.empty()) << "it is written down when it is done";
    EXPECT_TRUE(Admits("1000", GUEST)) << "the route says in words what is missing";
    EXPECT_TRUE(audit_.empty());
    EXPECT_FALSE(Admits("2000000", GUEST));
    ASSERT_EQ(1u, audit_.size());
    EXPECT_EQ("guest", audit_[0].who);
    EXPECT_EQ("putMask", audit_[0].what);
    EXPECT_EQ("1a-2b", audit_[0].subject);
    EXPECT_EQ("refused", audit_[0].outcome);
    EXPECT_EQ("HTTP 403", audit_[0].details);
  }

  TEST_F(BodyGuardTest, WhatIsLargerThanItsRouteTakesIsReadForNobody)
  {
    EXPECT_FALSE(Admits("100000001", READER));
    ASSERT_EQ(1u, audit_.size());
    EXPECT_EQ("HTTP 413", audit_[0].details);
    EXPECT_EQ("refused", audit_[0].outcome);

    Request request = MakeUpload({{"content-length", "20000000"}, {"authorization", READER}});
    request.path = "no/such/route";
    EXPECT_FALSE(router_.AdmitsBody(request));
    request.path = "cases/1a-2b/label";
    EXPECT_FALSE(router_.AdmitsBody(request)) << "JSON is small";
    request.headers["content-length"] = "16777216";
    request.headers["content-type"] = "application/json";
    EXPECT_TRUE(router_.AdmitsBody(request)) << "the route says in words that it is too large";
  }

  TEST_F(BodyGuardTest, ThatABodyIsOfAnotherTypeIsToldInWords)
  {
    Request request = MakeUpload({{"content-length", "2000000"}, {"authorization", READER}});
    request.headers["content-type"] = "text/plain";
    EXPECT_TRUE(router_.AdmitsBody(request));
    EXPECT_EQ(415, router_.Handle(request).status);
  }

  TEST_F(BodyGuardTest, ALargeBodyFromAForeignPageIsNotRead)
  {
    Request request = MakeUpload({{"content-length", "2000000"}, {"authorization", READER}, {"host", "pacs:8042"}});
    EXPECT_TRUE(router_.AdmitsBody(request));
    request.headers["origin"] = "http://evil.example";
    EXPECT_FALSE(router_.AdmitsBody(request));
  }

  TEST_F(BodyGuardTest, TheLogNamesTheRouteAndNothingThatTheCallerWrote)
  {
    const Testing::LogRecorder log;
    Request request = MakeUpload({{"content-length", "2000000"}, {"authorization", GUEST}});
    request.path = "cases/Zweibruecken\nE: made up/mask";
    EXPECT_FALSE(router_.AdmitsBody(request));
    request.path = "Zweibruecken\nE: made up";
    EXPECT_FALSE(router_.AdmitsBody(request));

    const auto lines = log.GetLines();
    ASSERT_EQ(2u, lines.size());
    EXPECT_THAT(lines[0].second, testing::StartsWith("PUT /h3k27m/cases/{study}/mask: refused (HTTP 403)"));

    for (const auto& [level, text] : lines)
    {
      EXPECT_THAT(text, testing::Not(testing::HasSubstr("Zweibruecken")));
      EXPECT_THAT(text, testing::Not(testing::HasSubstr("\n")));
    }
  }

  // Else a viewer could have gigabytes copied.
  TEST_F(BodyGuardTest, ABodyIsCopiedForThoseAloneWhoMaySendIt)
  {
    const char byte = 'x';
    const std::string_view endless(&byte, std::numeric_limits<std::ptrdiff_t>::max());  // a copy of it would fail
    EXPECT_EQ(403, router_.Handle(MakeUpload({{"authorization", GUEST}}), endless).status);
    EXPECT_TRUE(bodies_.empty());
    EXPECT_EQ(200, router_.Handle(MakeUpload({{"authorization", READER}}), "voxels").status);
    EXPECT_EQ(std::vector<std::string>{"voxels"}, bodies_);
  }
}
