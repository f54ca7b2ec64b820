// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// ZIP archives as other programs pack them, and those that are meant to do harm.

#include "Plugin/Zip/ZipReader.h"
#include "UnitTests/Plugin/Zip/PackedFiles.h"
#include "UnitTests/Support/Refusal.h"

#include <gmock/gmock.h>

namespace H3K27M::Zip
{
  using testing::HasSubstr;

  namespace
  {
    using Testing::Files;
    using Testing::Pack;

    Files Unpack(const std::string& archive, std::uint64_t fileBytes = 1000, std::uint64_t allBytes = 2000)
    {
      Files files;
      ReadZip(archive, {3, fileBytes, allBytes}, [](const std::string& name) { return name.ends_with(".json"); },
              [&files](const std::string& name, std::string_view content) { files.emplace(name, content); });
      return files;
    }

    std::string Refuse(const std::string& archive)
    {
      return Tests::GetRefusal([&archive] { Unpack(archive); });
    }
  }

  TEST(ZipReader, GivesTheFilesThatAreWanted)
  {
    const Files files = {{"a/1.json", "one"}, {"a/1.png", std::string(5000, 'x')}, {"2.json", ""}};
    EXPECT_EQ((Files{{"a/1.json", "one"}, {"2.json", ""}}), Unpack(Pack(files)));
    EXPECT_EQ(Files{}, Unpack(Pack({{"1.png", "x"}})));
    EXPECT_THAT(Refuse(Pack({})), HasSubstr("no ZIP archive"));
  }

  TEST(ZipReader, RefusesMoreThanItsLimitsBeforeInflating)
  {
    EXPECT_THAT(Refuse(Pack({{"1.json", std::string(64 << 20, '0')}})), HasSubstr("inflates to 67108864 bytes"));
    EXPECT_THAT(
      Refuse(Pack(
        {{"1.json", std::string(900, '0')}, {"2.json", std::string(900, '0')}, {"3.json", std::string(900, '0')}})),
      HasSubstr("2000 for all of them"));
    EXPECT_THAT(Refuse(Pack({{"1", ""}, {"2", ""}, {"3", ""}, {"4", ""}})), HasSubstr("4 entries, the limit is 3"));
  }

  TEST(ZipReader, RefusesDamagedArchives)
  {
    const std::string archive = Pack({{"1.json", "one and two and three"}});
    EXPECT_THAT(Refuse("PK"), HasSubstr("no ZIP archive"));
    EXPECT_THAT(Refuse(archive.substr(0, archive.size() / 2)), HasSubstr("no ZIP archive"));
    for (std::size_t at = 0; at < archive.size(); at++)
    {
      std::string damaged = archive;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
      Tests::GetRefusal([&damaged] { Unpack(damaged); });  // whatever it says, it neither crashes nor hangs
    }
    std::string wrong = archive;
    wrong[archive.find("1.json") + 8] = static_cast<char>(wrong[archive.find("1.json") + 8] ^ 0x10);
    EXPECT_THAT(Refuse(wrong), HasSubstr("damaged"));
  }

  TEST(ZipReader, RefusesLinksThatAreWanted)
  {
    EXPECT_THAT(Refuse(Pack({{"1.json", "/etc/passwd"}}, 0120777)), HasSubstr("'1.json' is a link"));
    EXPECT_EQ(Files{}, Unpack(Pack({{"1.png", "/etc/passwd"}}, 0120777)));
    EXPECT_EQ((Files{{"1.json", "{}"}}), Unpack(Pack({{"1.json", "{}"}}, 0100644)));
  }
}
