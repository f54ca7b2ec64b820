// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Zip/ZipReader.h"
#include "Plugin/Zip/ZipWriter.h"
#include "UnitTests/Plugin/Zip/PackedFiles.h"
#include "UnitTests/Support/Refusal.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace H3K27M::Zip
{
  using testing::HasSubstr;

  namespace
  {
    using Testing::Files;

    std::string Write(const Files& files)
    {
      ZipWriter writer;
      for (const auto& [name, content] : files)
      {
        writer.AddFile(name, content.size(), [&text = content](std::span<char> target)
        { std::copy(text.begin(), text.end(), target.begin()); });
      }
      return writer.Finish();
    }

    Files Read(const std::string& archive)
    {
      Files files;
      ReadZip(archive, {1000, 1 << 20, 1 << 24}, [](const std::string&) { return true; },
              [&files](const std::string& name, std::string_view content) { files.emplace(name, content); });
      return files;
    }
  }

  TEST(ZipWriter, IsReadBackAsItWasWritten)
  {
    std::string all(70000, '\0');
    for (std::size_t i = 0; i < all.size(); i++)
    {
      all[i] = static_cast<char>(i * 7);
    }
    const Files files = {
      {"card.json", "{}"}, {"empty", ""}, {"fold-1/model.safetensors", all}, {"fold-2/\xc3\xa4", "x"}};
    EXPECT_EQ(files, Read(Write(files)));
  }

  TEST(ZipWriter, GivesTheSameBytesForTheSameFilesAndTheSizeThatItSaid)
  {
    const Files files = {{"a", "one"}, {"b/c", std::string(100, 'x')}};
    const std::string archive = Write(files);
    EXPECT_EQ(archive, Write(files));
    EXPECT_EQ(archive.size(), ZipWriter::ComputeSize(103, 2, 4));
  }

  TEST(ZipWriter, RefusesWhatTheFormatCannotHoldBeforeItTakesMemory)
  {
    ZipWriter writer;
    bool isFilled = false;
    EXPECT_THAT(Tests::GetRefusal([&]
    { writer.AddFile("big", 0xffffffffull, [&isFilled](std::span<char>) { isFilled = true; }); }),
                HasSubstr("4 GiB"));
    EXPECT_FALSE(isFilled);
  }
}
