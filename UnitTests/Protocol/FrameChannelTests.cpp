// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/FrameChannel.h"
#include "Inference/Protocol/Message.h"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace H3K27M::Protocol
{
  namespace
  {
    std::array<int, 2> MakePair()
    {
      std::array<int, 2> ends = {-1, -1};
      EXPECT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()));
      return ends;
    }

    void SendRaw(int descriptor, const std::vector<std::uint8_t>& bytes)
    {
      ASSERT_EQ(static_cast<ssize_t>(bytes.size()), write(descriptor, bytes.data(), bytes.size()));
    }
  }

  TEST(FrameChannel, CarriesAMessageWithItsTensor)
  {
    const auto ends = MakePair();
    FrameChannel plugin(ends[0]);
    FrameChannel engine(ends[1]);
    std::vector<std::int16_t> voxels(512 * 512, 42);

    // The frame is larger than the socket's buffer: someone must read while it is written.
    std::jthread sender([&plugin, &voxels]
    {
      Message message(Verb::SLICE, "study-1");
      message.Set("slice", 7);
      message.AddTensor("voxels", {DType::I16, {512, 512}, std::as_bytes(std::span(voxels))});
      plugin.Write(message.Serialize());
    });

    auto frame = engine.Read();
    ASSERT_TRUE(frame.has_value());
    const ReceivedMessage received(std::move(*frame));
    EXPECT_EQ("slice", received.GetVerb());
    EXPECT_EQ("study-1", received.GetId());
    EXPECT_EQ(7u, received.GetCount("slice"));
    EXPECT_EQ(voxels.size() * 2, received.GetTensor("voxels").data.size());
  }

  TEST(FrameChannel, ACleanEndIsNoError)
  {
    const auto ends = MakePair();
    FrameChannel engine(ends[1]);
    close(ends[0]);
    EXPECT_FALSE(engine.Read().has_value());
  }

  TEST(FrameChannel, AnEndInsideAFrameIsAnError)
  {
    const auto ends = MakePair();
    FrameChannel engine(ends[1]);
    SendRaw(ends[0], {100, 0, 0, 0, 1, 2, 3});
    close(ends[0]);
    EXPECT_THROW(engine.Read(), Error);
  }

  TEST(FrameChannel, RefusesALengthBeyondTheLimitBeforeTakingMemory)
  {
    const auto ends = MakePair();
    FrameChannel engine(ends[1]);
    SendRaw(ends[0], {0xff, 0xff, 0xff, 0xff});
    EXPECT_THROW(engine.Read(), Error);
    close(ends[0]);
  }

  TEST(FrameChannel, WritingToADeadPeerIsAnErrorAndNoSignal)
  {
    const auto ends = MakePair();
    FrameChannel plugin(ends[0]);
    close(ends[1]);

    try
    {
      plugin.Write(Message(Verb::PING, "").Serialize());
      FAIL();
    }
    catch (const Error& e)
    {
      EXPECT_EQ(ErrorCode::Unavailable, e.GetCode());
      EXPECT_TRUE(e.CanRetry());
    }
  }

  TEST(FrameChannel, ShutdownWakesTheReader)
  {
    const auto ends = MakePair();
    FrameChannel plugin(ends[0]);
    FrameChannel engine(ends[1]);
    std::jthread reader([&engine] { EXPECT_FALSE(engine.Read().has_value()); });
    engine.Shutdown();
  }

  TEST(Message, AnErrorCrossesTheWireWithItsCode)
  {
    const Error sent(ErrorCode::Unavailable, "the device is gone");
    const ReceivedMessage received(Message::FromError("9", sent).Serialize());
    const Error arrived = received.ToError();
    EXPECT_EQ(sent.GetCode(), arrived.GetCode());
    EXPECT_STREQ(sent.what(), arrived.what());
    EXPECT_TRUE(arrived.CanRetry());
  }

  TEST(Message, RefusesAnotherProtocolVersion)
  {
    SafetensorsWriter writer;
    writer.SetMetadata("protocol", "99");
    writer.SetMetadata("verb", "ping");
    writer.SetMetadata("id", "");

    EXPECT_THROW(ReceivedMessage(writer.Serialize()), Error);
  }

  TEST(Message, NamesTheFieldThatIsNoNumber)
  {
    Message message(Verb::SLICE, "1");
    message.Set("slice", std::string("12x"));
    message.Set("slope", std::string("nan"));
    const ReceivedMessage received(message.Serialize());

    EXPECT_THROW(received.GetCount("slice"), Error);
    EXPECT_THROW(received.GetNumber("slope"), Error);
    EXPECT_THROW(received.GetNumber("intercept"), Error);
  }

  TEST(Message, RefusesToBuildAFrameBeyondTheLimit)
  {
    const std::vector<std::byte> data(MAX_FRAME_BYTES);
    Message message(Verb::MASK, "1");
    message.AddTensor("mask", {DType::U8, {static_cast<std::int64_t>(data.size())}, data});
    EXPECT_THROW(message.Serialize(), Error);
  }
}
