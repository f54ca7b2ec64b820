// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Engine/PhantomReply.h"
#include "Plugin/Engine/StudyReply.h"
#include "UnitTests/Plugin/Engine/EngineTestBase.h"

namespace H3K27M::Testing
{
  using namespace Protocol;

  namespace
  {
    ReceivedMessage Transmit(const Message& message)
    {
      return ReceivedMessage(message.Serialize());
    }

    ReceivedMessage MakeResultBegin(std::uint64_t voxels, const std::vector<unsigned>& slices,
                                    const std::vector<unsigned>& salient = {})
    {
      Json::Value json(Json::objectValue);
      json["tumour"]["voxels"] = static_cast<Json::UInt64>(voxels);
      json["tumour"]["slices"] = Json::arrayValue;
      json["saliency"]["slices"] = Json::arrayValue;

      for (unsigned slice : slices)
      {
        json["tumour"]["slices"].append(slice);
      }

      for (unsigned slice : salient)
      {
        json["saliency"]["slices"].append(slice);
      }

      Message message(Verb::RESULT_BEGIN, "1");
      message.SetJson("result", json);
      return Transmit(message);
    }

    ReceivedMessage MakeSaliency(std::uint64_t slice)
    {
      const std::vector<std::uint8_t> values(8, 200);
      Message message(Verb::SALIENCY, "1");
      message.Set("slice", slice).Set("row", std::uint64_t{0});
      message.AddTensor("saliency", TensorView{DType::U8, {4, 2}, std::as_bytes(std::span(values))});
      return Transmit(message);
    }

    ReceivedMessage MakeMask(std::uint64_t slice, std::uint64_t row, std::int64_t rows, std::int64_t columns,
                             std::uint8_t value = 1)
    {
      const std::vector<std::uint8_t> values(static_cast<std::size_t>(rows * columns), value);
      Message message(Verb::MASK, "1");
      message.Set("slice", slice).Set("row", row);
      message.AddTensor("mask", TensorView{DType::U8, {rows, columns}, std::as_bytes(std::span(values))});
      return Transmit(message);
    }

    const ReceivedMessage& GetResultEnd()
    {
      static const ReceivedMessage end = Transmit(Message(Verb::RESULT_END, "1"));
      return end;
    }

    constexpr Extents EXTENTS = {3, 4, 2};

    ErrorCode GetCode(StudyReply& reply, const ReceivedMessage& message)
    {
      return GetError([&] { reply.Accept(message); }).GetCode();
    }
  }

  TEST(StudyReply, PutsMasksTogetherFromBands)
  {
    StudyReply reply(EXTENTS);
    EXPECT_FALSE(reply.Accept(MakeResultBegin(8, {2})));
    EXPECT_FALSE(reply.Accept(MakeMask(2, 0, 3, 2)));
    EXPECT_FALSE(reply.Accept(MakeMask(2, 3, 1, 2, 2)));
    EXPECT_TRUE(reply.Accept(GetResultEnd()));
    const StudyResult result = reply.Take();
    EXPECT_EQ((std::vector<std::uint8_t>{1, 1, 1, 1, 1, 1, 2, 2}), result.masks.at(2));
    EXPECT_EQ(1u, result.masks.size());
  }

  TEST(StudyReply, TakesTheSaliencyThatWasAnnouncedAndNoOther)
  {
    StudyReply reply(EXTENTS);
    reply.Accept(MakeResultBegin(0, {}, {1}));
    EXPECT_FALSE(reply.Accept(MakeSaliency(1)));
    EXPECT_TRUE(reply.Accept(GetResultEnd()));
    EXPECT_EQ(std::vector<std::uint8_t>(8, 200), reply.Take().saliency.at(1));

    StudyReply missing(EXTENTS);
    missing.Accept(MakeResultBegin(0, {}, {1}));
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(missing, GetResultEnd()));

    StudyReply other(EXTENTS);
    other.Accept(MakeResultBegin(0, {}, {1}));
    other.Accept(MakeSaliency(2));
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(other, GetResultEnd()));
  }

  TEST(StudyReply, RefusesBandsThatDoNotFit)
  {
    StudyReply reply(EXTENTS);
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(reply, MakeMask(0, 0, 4, 2))) << "before result-begin";
    reply.Accept(MakeResultBegin(8, {0}));
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(reply, MakeMask(3, 0, 4, 2))) << "slice beyond the end";
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(reply, MakeMask(0, 0, 5, 2))) << "too many rows";
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(reply, MakeMask(0, 0, 4, 3))) << "too many columns";
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(reply, MakeMask(0, 2, 2, 2))) << "out of order";
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(reply, MakeMask(0, std::uint64_t{1} << 63, 1, 2))) << "row overflows";
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(reply, MakeResultBegin(8, {0}))) << "twice";
  }

  TEST(StudyReply, RefusesMasksThatContradictTheResult)
  {
    StudyReply cut(EXTENTS);
    cut.Accept(MakeResultBegin(6, {0}));
    cut.Accept(MakeMask(0, 0, 3, 2));
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(cut, GetResultEnd())) << "rows are missing";

    StudyReply unnamed(EXTENTS);
    unnamed.Accept(MakeResultBegin(8, {1}));
    unnamed.Accept(MakeMask(0, 0, 4, 2));
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(unnamed, GetResultEnd())) << "another slice";

    StudyReply miscounted(EXTENTS);
    miscounted.Accept(MakeResultBegin(7, {0}));
    miscounted.Accept(MakeMask(0, 0, 4, 2));
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(miscounted, GetResultEnd())) << "another count";

    StudyReply unknownClass(EXTENTS);
    unknownClass.Accept(MakeResultBegin(8, {0}));
    unknownClass.Accept(MakeMask(0, 0, 4, 2, 3));
    EXPECT_EQ(ErrorCode::Corrupt, GetCode(unknownClass, GetResultEnd())) << "class 3";
  }

  TEST(PhantomReply, RefusesAVolumeThatIsTooLargeBeforeTakingMemory)
  {
    for (const char* json : {R"({"rows":65535,"columns":65535,"slices":65535})", R"({"rows":0,"columns":5,"slices":5})",
                             R"({"rows":-5,"columns":5,"slices":5})", R"({"rows":1e30,"columns":5,"slices":5})",
                             R"({"rows":5,"columns":5})", "[]"})
    {
      PhantomReply reply;
      Message message(Verb::PHANTOM_BEGIN, "1");
      message.Set("phantom", std::string(json));
      EXPECT_THROW(reply.Accept(Transmit(message)), Error) << json;
    }
  }

  TEST(EngineInfo, NamesWhatIsMissingInHello)
  {
    const Json::Value good = ParseJson(R"({"engine_version":"1",
      "libtorch_version":"2.6.0","cuda_version":"","device":"cpu","device_kind":"cpu","precision":"fp32",
      "threads":2,"model":{},"model_hash":"00","self_test":{"passed":true}})");
    EXPECT_NO_THROW(ParseEngineInfo(good));

    EngineStatus status;
    EXPECT_TRUE(ToJson(status)["libtorch_version"].isNull());
    status.info = ParseEngineInfo(good);
    EXPECT_EQ("2.6.0", ToJson(status)["libtorch_version"].asString());
    EXPECT_TRUE(ToJson(status)["cuda_version"].isNull()) << "on the CPU";
    status.info->cudaVersion = "12.4";
    EXPECT_EQ("12.4", ToJson(status)["cuda_version"].asString());

    for (const std::string& key : good.getMemberNames())
    {
      Json::Value broken = good;
      broken.removeMember(key);
      EXPECT_THAT(GetError([&] { ParseEngineInfo(broken); }).what(), ::testing::HasSubstr("'" + key + "'"));
    }

    EXPECT_THROW(ParseEngineInfo(Json::arrayValue), Error);
  }
}
