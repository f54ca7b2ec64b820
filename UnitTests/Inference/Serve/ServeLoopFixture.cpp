// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Inference/Serve/ServeLoopFixture.h"

#include "UnitTests/Inference/Preprocess/SyntheticVolume.h"

#include <sys/socket.h>

#include <cstring>

namespace H3K27M::Serve
{
  using Protocol::FrameChannel;
  using Protocol::Message;
  using Protocol::ReceivedMessage;
  namespace Verb = Protocol::Verb;

  void ServeLoopTest::SetUp()
  {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    clientDescriptor_ = ends[0];
    client_ = std::make_unique<FrameChannel>(ends[0]);
    engineChannel_ = std::make_unique<FrameChannel>(ends[1]);
    options_.heartbeat = std::chrono::milliseconds(20);
  }

  void ServeLoopTest::TearDown()
  {
    backend_.Open();
    client_->Shutdown();
    if (engine_.joinable())
    {
      engine_.join();
    }
  }

  void ServeLoopTest::Start()
  {
    engine_ = std::thread([this]
    {
      try
      {
        Predict::EngineDescription description;
        description.backend = backend_.GetInfo();
        description.modelCard["name"] = "tiny";
        ServeLoop(*engineChannel_, backend_, options_).Run(description);
      }
      catch (const Error& error)
      {
        fault_ = error;
      }
    });
    hello_ = Await(Verb::HELLO, "");
  }

  void ServeLoopTest::Send(const Message& message)
  {
    client_->Write(message.Serialize());
  }

  std::unique_ptr<ReceivedMessage> ServeLoopTest::Await(const std::string& verb, const std::string& id)
  {
    while (auto frame = client_->Read())
    {
      auto message = std::make_unique<ReceivedMessage>(std::move(*frame));
      if (message->GetVerb() == verb && message->GetId() == id)
      {
        return message;
      }
      if (message->GetVerb() == Verb::ERROR)
      {
        ADD_FAILURE() << "instead of " << verb << ": " << message->ToError().what();
        throw message->ToError();
      }
    }
    ADD_FAILURE() << "the engine left before " << verb;
    throw Error(ErrorCode::Unavailable, "The engine left before " + verb);
  }

  void ServeLoopTest::SendSlices(const StudyMessages& study, std::uint16_t brightness)
  {
    const Preprocess::SyntheticVolume volume(study.slices, study.rows, study.columns, 2, 2.5);
    std::vector<std::uint16_t> stored;
    for (const float value : volume.voxels)
    {
      stored.push_back(static_cast<std::uint16_t>(value * static_cast<float>(brightness)));
    }
    const std::size_t size = study.rows * study.columns;
    for (std::size_t slice = 0; slice < study.slices; ++slice)
    {
      Send(study.Band(slice, 0, std::span(stored).subspan(slice * size, size)));
    }
  }

  void ServeLoopTest::SendStudy(const StudyMessages& study, std::uint16_t brightness)
  {
    Json::Value request = study.GetRequest();
    request["minimum_tumour_area_mm2"] = 0;
    Send(study.Begin(request));
    SendSlices(study, brightness);
    Send(study.End());
  }

  Answer ServeLoopTest::AwaitAnswer(const StudyMessages& study)
  {
    Answer answer;
    answer.result = Await(Verb::RESULT_BEGIN, study.id)->GetJson("result");
    answer.mask.assign(study.slices * study.rows * study.columns, 0);
    while (auto frame = client_->Read())
    {
      const std::vector<std::byte> copy = *frame;
      const ReceivedMessage message(std::move(*frame));
      if (message.GetId() != study.id)
      {
        continue;
      }
      answer.bytes.insert(answer.bytes.end(), copy.begin(), copy.end());
      if (message.GetVerb() == Verb::RESULT_END)
      {
        return answer;
      }
      if (message.GetVerb() == Verb::SALIENCY)
      {
        EXPECT_EQ(
          message.GetTensor("saliency").shape,
          (std::vector<std::int64_t>{static_cast<std::int64_t>(study.rows), static_cast<std::int64_t>(study.columns)}));
        answer.salient.push_back(message.GetCount("slice"));
        continue;
      }
      EXPECT_EQ(message.GetVerb(), Verb::MASK);
      const auto& mask = message.GetTensor("mask");
      const std::size_t offset = (message.GetCount("slice") * study.rows + message.GetCount("row")) * study.columns;
      std::memcpy(answer.mask.data() + offset, mask.data.data(), mask.data.size());
    }
    ADD_FAILURE() << "the engine left in the middle of an answer";
    return answer;
  }

  Error ServeLoopTest::AwaitError(const std::string& id)
  {
    return Await(Verb::ERROR, id)->ToError();
  }

  StudyMessages ServeLoopTest::MakeStudy(const std::string& id, std::size_t slices)
  {
    return {id, slices, 90, 80};
  }
}
