// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/Safetensors.h"
#include "Inference/Protocol/Sha256.h"

#include <gmock/gmock.h>

#include <array>
#include <cstring>
#include <filesystem>

namespace H3K27M::Protocol
{
  namespace
  {
    std::vector<std::byte> MakeBlob(const std::string& header, std::size_t dataBytes)
    {
      std::vector<std::byte> blob(8 + header.size() + dataBytes);

      for (std::size_t i = 0; i < 8; i++)
      {
        blob[i] = static_cast<std::byte>((header.size() >> (8 * i)) & 0xff);
      }

      std::memcpy(blob.data() + 8, header.data(), header.size());
      return blob;
    }

    std::string ReasonFor(const std::string& header, std::size_t dataBytes)
    {
      try
      {
        SafetensorsFile::Parse(MakeBlob(header, dataBytes));
      }
      catch (const Error& e)
      {
        return e.what();
      }

      return "accepted";
    }
  }

  TEST(Safetensors, ReadsBackWhatItWrote)
  {
    const std::array<float, 6> weights = {1, 2, 3, 4, 5, 6};
    const std::int64_t count = 101;

    SafetensorsWriter writer;
    writer.SetMetadata("verb", "slice");
    writer.AddTensor("weight", {DType::F32, {2, 3}, std::as_bytes(std::span(weights))});
    writer.AddTensor("count", {DType::I64, {}, std::as_bytes(std::span(&count, 1))});

    const SafetensorsFile file = SafetensorsFile::Parse(writer.Serialize());

    EXPECT_EQ("slice", file.GetMetadata().at("verb"));
    EXPECT_THAT(file.GetTensor("weight").shape, testing::ElementsAre(2, 3));
    EXPECT_EQ(0, std::memcmp(weights.data(), file.GetTensor("weight").data.data(), sizeof(weights)));
    EXPECT_EQ(1u, file.GetTensor("count").GetElementCount());
    EXPECT_TRUE(file.GetTensor("count").shape.empty());
  }

  TEST(Safetensors, EqualContentGivesEqualBytesWhateverTheOrderOfAdding)
  {
    const std::array<std::uint8_t, 4> a = {1, 2, 3, 4};
    const std::array<std::uint8_t, 2> b = {5, 6};
    const TensorView viewA = {DType::U8, {4}, std::as_bytes(std::span(a))};
    const TensorView viewB = {DType::U8, {2}, std::as_bytes(std::span(b))};

    SafetensorsWriter first;
    first.AddTensor("a", viewA);
    first.AddTensor("b", viewB);
    SafetensorsWriter second;
    second.AddTensor("b", viewB);
    second.AddTensor("a", viewA);

    EXPECT_EQ(first.Serialize(), second.Serialize());
  }

  TEST(Safetensors, AFileIsReplacedAsAWholeAndReadBack)
  {
    const std::filesystem::path path = std::filesystem::temp_directory_path() / "h3k27m-safetensors-test.safetensors";
    const std::array<std::uint8_t, 3> data = {7, 8, 9};

    SafetensorsWriter writer;
    writer.AddTensor("x", {DType::U8, {3}, std::as_bytes(std::span(data))});
    writer.Save(path);
    writer.Save(path);

    EXPECT_EQ(3u, SafetensorsFile::Open(path).GetTensor("x").data.size());
    std::filesystem::remove(path);
  }

  TEST(Safetensors, OpensByItsHashTheContentThatWasHashed)
  {
    const std::filesystem::path path = std::filesystem::temp_directory_path() / "h3k27m-safetensors-hash.safetensors";
    const std::array<std::uint8_t, 3> data = {7, 8, 9};

    SafetensorsWriter writer;
    writer.AddTensor("x", {DType::U8, {3}, std::as_bytes(std::span(data))});
    writer.Save(path);
    const std::string hash = Sha256::OfFile(path);
    const auto file = SafetensorsFile::OpenHashed(path, hash);
    SafetensorsWriter().Save(path);

    ASSERT_TRUE(file);
    EXPECT_EQ(3u, file->GetTensor("x").data.size()) << "another file has taken its place since";
    EXPECT_FALSE(SafetensorsFile::OpenHashed(path, hash));
    std::filesystem::remove(path);
    EXPECT_THROW(SafetensorsFile::OpenHashed(path, hash), Error);
  }

  TEST(Safetensors, RefusesAHeaderLengthBeyondTheEnd)
  {
    std::vector<std::byte> blob(16, std::byte(0));
    blob[7] = std::byte(0x7f);
    EXPECT_THROW(SafetensorsFile::Parse(blob), Error);
    EXPECT_THROW(SafetensorsFile::Parse(std::vector<std::byte>(3)), Error);
  }

  TEST(Safetensors, RefusesSizesThatLie)
  {
    EXPECT_THAT(ReasonFor(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4),
                testing::HasSubstr("'w': its data_offsets do not match"));
    EXPECT_THAT(ReasonFor(R"({"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0),
                testing::HasSubstr("overflows"));
    EXPECT_THAT(
      ReasonFor(R"({"w":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}})", 0),
      testing::HasSubstr("overflows"));
    EXPECT_EQ("accepted", ReasonFor(R"({"w":{"dtype":"F32","shape":[7,0,3],"data_offsets":[0,0]}})", 0));
    EXPECT_THAT(ReasonFor(R"({"w":{"dtype":"U8","shape":[-1],"data_offsets":[0,4]}})", 4),
                testing::HasSubstr("no whole number"));
    EXPECT_THAT(ReasonFor(R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})", 8),
                testing::HasSubstr("hole or overlaps"));
    EXPECT_THAT(ReasonFor(R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 5),
                testing::HasSubstr("speaks of 4 bytes"));
    EXPECT_THAT(ReasonFor(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                          R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
                          6),
                testing::HasSubstr("overlaps"));
    EXPECT_THAT(ReasonFor(R"({"w":{"dtype":"Q3","shape":[4],"data_offsets":[0,4]}})", 4),
                testing::HasSubstr("unknown dtype"));
  }

  TEST(Safetensors, RefusesWhatIsNotTheFormat)
  {
    EXPECT_THAT(ReasonFor(std::string(200, '['), 0), testing::HasSubstr("JSON"));
    EXPECT_THAT(ReasonFor(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                          R"("w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
                          0),
                testing::HasSubstr("Duplicate"));
    EXPECT_THAT(ReasonFor(R"({"__metadata__":{"a":1}})", 0), testing::HasSubstr("strings"));
    EXPECT_THAT(ReasonFor("[]", 0), testing::HasSubstr("no JSON object"));
  }

  // Two megabytes that would take a hundred as JSON; of a hundred, gigabytes.
  TEST(Safetensors, CountsTheHeadersValuesBeforeTheyTakeMemory)
  {
    std::string header = "[0";

    for (int i = 0; i < 1'000'000; i++)
    {
      header += ",0";
    }

    EXPECT_THAT(ReasonFor(header + "]", 0), testing::HasSubstr("more than 1000000 values"));
    EXPECT_NO_THROW(RequireFewValues(R"(["a,,,,,\",,,{{{[[["])", 3)) << "commas in a text are no values";
  }

  TEST(Safetensors, NamesTheTensorThatIsNotThere)
  {
    const SafetensorsFile file = SafetensorsFile::Parse(MakeBlob("{}", 0));

    try
    {
      file.GetTensor("decoder.cls_cls.weight");
      FAIL();
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::NotFound, e.GetCode());
      EXPECT_THAT(e.what(), testing::HasSubstr("decoder.cls_cls.weight"));
    }
  }
}
