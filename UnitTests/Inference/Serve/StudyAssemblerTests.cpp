// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Serve/StudyAssembler.h"
#include "UnitTests/Inference/Serve/StudyMessages.h"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Serve;
  using Protocol::Message;
  using Protocol::ReceivedMessage;

  ReceivedMessage Receive(const Message& message)
  {
    return ReceivedMessage(message.Serialize());
  }

  class Assembler : public testing::Test
  {
  protected:
    Assembler() :
      values_(16 * 12)
    {
      std::iota(values_.begin(), values_.end(), std::uint16_t{0});
    }

    void Begin(StudyAssembler& assembler, const StudyMessages& study)
    {
      assembler.Begin(Receive(study.Begin(study.GetRequest())), 0, 0);
    }

    // Expects an Error whose text holds `part`, and returns its code.
    static ErrorCode ExpectError(const std::function<void()>& call, const std::string& part)
    {
      try
      {
        call();
        ADD_FAILURE() << "no Error";
      }
      catch (const Error& error)
      {
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        return error.GetCode();
      }
      return ErrorCode::Internal;
    }

    std::vector<std::uint16_t> values_;
    StudyMessages messages_;
  };

  TEST_F(Assembler, JoinsBandsOfInterleavedSlicesAndStudies)
  {
    StudyAssembler assembler{ServeLimits()};
    StudyMessages other = messages_;
    other.id = "other";
    other.slices = 1;
    Begin(assembler, messages_);
    Begin(assembler, other);
    const std::span<const std::uint16_t> values(values_);
    assembler.AddBand(Receive(messages_.Band(1, 0, values.first(120))));
    assembler.AddBand(Receive(other.Band(0, 0, values)));
    assembler.AddBand(Receive(messages_.Band(0, 0, values)));
    const auto second = assembler.End(Receive(other.End()));
    assembler.AddBand(Receive(messages_.Band(1, 10, values.subspan(120))));
    const auto first = assembler.End(Receive(messages_.End()));
    ASSERT_TRUE(first && second);
    const auto view = first->GetView();
    ASSERT_EQ(view.voxels.size(), 2u * 16 * 12);
    for (std::size_t i = 0; i < view.voxels.size(); ++i)
    {
      ASSERT_EQ(view.voxels[i], static_cast<float>(i % (16 * 12)));
    }
    EXPECT_EQ(second->GetView().slices, 1u);
    EXPECT_DOUBLE_EQ(view.pixelSpacingMm[1], 2.5);
  }

  TEST_F(Assembler, RefusesSizesBeforeAllocating)
  {
    StudyAssembler assembler{ServeLimits()};
    for (const char* key : {"slices", "rows", "columns"})
    {
      for (const Json::Value& bad : {Json::Value(0), Json::Value(65535), Json::Value(-4), Json::Value(12.5),
                                     Json::Value("16"), Json::Value(Json::UInt64(1) << 63)})
      {
        Json::Value request = messages_.GetRequest();
        request[key] = bad;
        EXPECT_EQ(ExpectError([&] { assembler.Begin(Receive(messages_.Begin(request)), 0, 0); }, key),
                  ErrorCode::BadInput);
      }
    }
    Json::Value request = messages_.GetRequest();
    request["slices"] = 1024;
    request["rows"] = request["columns"] = 4096;
    ExpectError([&] { assembler.Begin(Receive(messages_.Begin(request)), 0, 0); }, "voxels are more");
  }

  TEST_F(Assembler, NamesTheKeyAtFault)
  {
    StudyAssembler assembler{ServeLimits()};
    const auto Expect = [&](const char* key, const Json::Value& value)
    {
      Json::Value request = messages_.GetRequest();
      request[key] = value;
      ExpectError([&] { assembler.Begin(Receive(messages_.Begin(request)), 0, 0); }, key);
    };
    Expect("pixel_spacing_mm", 1.0);
    Expect("slice_spacing_mm", 0.0);
    Expect("threshold", 1.5);
    Expect("minimum_tumour_area_mm2", -1);
    Expect("slice_protocol", "oracle");
    Expect("masks", 1);
    Expect("colour", true);
    Json::Value request = messages_.GetRequest();
    request.removeMember("rows");
    ExpectError([&] { assembler.Begin(Receive(messages_.Begin(request)), 0, 0); }, "rows");
  }

  // Else a card could name an area with which it is put in force, and then each study is refused.
  TEST_F(Assembler, TakesEachTumourAreaThatACardMayName)
  {
    StudyAssembler assembler{ServeLimits()};
    Json::Value request = messages_.GetRequest();
    request["minimum_tumour_area_mm2"] = 1e6;
    EXPECT_NO_THROW(assembler.Begin(Receive(messages_.Begin(request)), 0, 0));
    EXPECT_TRUE(assembler.Cancel("study"));
    request["minimum_tumour_area_mm2"] = 1000001;
    ExpectError([&] { assembler.Begin(Receive(messages_.Begin(request)), 0, 0); }, "minimum_tumour_area_mm2");
  }

  TEST_F(Assembler, IsBusyWhenAllStudiesTogetherAreTooMuch)
  {
    ServeLimits limits;
    limits.maxOpenBytes = 2 * 16 * 12 * sizeof(float) + 100;
    StudyAssembler assembler(limits);
    Begin(assembler, messages_);
    StudyMessages other = messages_;
    other.id = "other";
    EXPECT_EQ(ExpectError([&] { Begin(assembler, other); }, "as many"), ErrorCode::Busy);
    EXPECT_TRUE(assembler.Cancel("study"));
    Begin(assembler, other);
    StudyMessages third = messages_;
    third.id = "third";
    // Studies that wait for the device count too.
    StudyAssembler empty(limits);
    EXPECT_EQ(ExpectError([&] { empty.Begin(Receive(third.Begin(third.GetRequest())), 200, 1); }, "as many"),
              ErrorCode::Busy);
  }

  TEST_F(Assembler, RefusesBandsThatDoNotFit)
  {
    const std::span<const std::uint16_t> values(values_);
    StudyMessages narrow = messages_;
    narrow.columns = 8;
    const std::vector<Message> bad{messages_.Band(2, 0, values), messages_.Band(0, 1, values.first(12)),
                                   narrow.Band(0, 0, values.first(64)), messages_.Band(1ULL << 60, 0, values)};
    for (const Message& message : bad)
    {
      StudyAssembler assembler{ServeLimits()};
      Begin(assembler, messages_);
      EXPECT_EQ(ExpectError([&] { assembler.AddBand(Receive(message)); }, "slice"), ErrorCode::BadInput);
    }
    StudyAssembler assembler{ServeLimits()};
    Begin(assembler, messages_);
    assembler.AddBand(Receive(messages_.Band(0, 0, values.first(24))));
    ExpectError([&] { assembler.AddBand(Receive(messages_.Band(0, 2, values))); }, "does not fit");
  }

  TEST_F(Assembler, AnswersAFaultOnceAndIgnoresTheRest)
  {
    const std::span<const std::uint16_t> values(values_);
    StudyAssembler assembler{ServeLimits()};
    ExpectError([&] { assembler.AddBand(Receive(messages_.Band(0, 0, values))); }, "not begun");
    assembler.AddBand(Receive(messages_.Band(1, 0, values)));
    EXPECT_EQ(assembler.End(Receive(messages_.End())), nullptr);
    // The same id may be tried again.
    Begin(assembler, messages_);
    assembler.AddBand(Receive(messages_.Band(0, 0, values)));
    assembler.AddBand(Receive(messages_.Band(1, 0, values)));
    EXPECT_NE(assembler.End(Receive(messages_.End())), nullptr);
  }

  TEST_F(Assembler, NamesTheSliceThatIsNotComplete)
  {
    const std::span<const std::uint16_t> values(values_);
    StudyAssembler assembler{ServeLimits()};
    Begin(assembler, messages_);
    assembler.AddBand(Receive(messages_.Band(0, 0, values)));
    assembler.AddBand(Receive(messages_.Band(1, 0, values.first(36))));
    ExpectError([&] { assembler.End(Receive(messages_.End())); }, "slice 1 only 3 of 16 rows");
  }

  TEST_F(Assembler, RefusesASecondStudyOfTheSameId)
  {
    StudyAssembler assembler{ServeLimits()};
    Begin(assembler, messages_);
    ExpectError([&] { Begin(assembler, messages_); }, "open already");
  }
}
