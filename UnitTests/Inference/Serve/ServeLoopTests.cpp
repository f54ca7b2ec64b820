// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/ResultJson.h"
#include "UnitTests/Inference/Serve/ServeLoopFixture.h"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Serve;
  using Protocol::Message;
  using Protocol::ReceivedMessage;
  namespace Verb = Protocol::Verb;

  TEST_F(ServeLoopTest, SaysWhatItIs)
  {
    Start();
    const Json::Value info = hello_->GetJson("info");
    EXPECT_EQ(info["protocol"].asString(), "5");
    EXPECT_FALSE(info["libtorch_version"].asString().empty());
    EXPECT_EQ(info["cuda_version"].asString(), "");
    EXPECT_EQ(info["device_kind"].asString(), "cpu");
    EXPECT_EQ(info["model"]["name"].asString(), "tiny");
    Send(Message(Verb::PING, "p"));
    EXPECT_NE(Await(Verb::PONG, "p"), nullptr);
  }

  TEST(Hello, SaysWhatTheModelIsHoweverManyImagesItLearnedFrom)
  {
    Json::Value data;
    for (int i = 0; i < 12000; ++i)
    {
      data["images"]["sub-" + std::to_string(100000 + i)] = std::string(64, 'a');
    }
    Predict::EngineDescription engine;
    engine.modelCard["name"] = "tiny";
    engine.modelCard["training_data"] = data;
    engine.modelCard["input_reference_data"] = data;
    engine.modelCard["run"]["preset"] = "paper";
    engine.modelCard["run"]["from"]["training_data"] = data;
    Message hello(Verb::HELLO, "");
    hello.SetJson("info", Predict::DescribeEngine(engine));
    const Json::Value model = ReceivedMessage(hello.Serialize()).GetJson("info")["model"];
    EXPECT_EQ(model["name"].asString(), "tiny");
    EXPECT_EQ(model["run"]["preset"].asString(), "paper");
    EXPECT_FALSE(model.isMember("training_data"));
  }

  TEST_F(ServeLoopTest, AnswersInterleavedStudies)
  {
    Start();
    const StudyMessages a = MakeStudy("a", 3);
    const StudyMessages b = MakeStudy("b", 5);
    Send(a.Begin(a.GetRequest()));
    Send(b.Begin(b.GetRequest()));
    SendSlices(b, 3);
    SendSlices(a, 3);
    Send(a.End());
    Send(b.End());
    const Answer answerA = AwaitAnswer(a);
    const Answer answerB = AwaitAnswer(b);
    EXPECT_EQ(answerA.result["slices_computed"].asUInt(), 3u);
    EXPECT_EQ(answerB.result["slices_computed"].asUInt(), 5u);
    EXPECT_GE(answerB.result["timings_ms"]["network"].asDouble(), 0);
  }

  TEST_F(ServeLoopTest, GivesTheSameBytesForTheSameStudy)
  {
    Start();
    const StudyMessages study = MakeStudy("a", 5);
    SendStudy(study);
    const Answer first = AwaitAnswer(study);
    SendStudy(study);
    const Answer second = AwaitAnswer(study);
    EXPECT_EQ(first.bytes, second.bytes);
    EXPECT_EQ(first.result["genotype"], second.result["genotype"]);
    EXPECT_EQ(first.result["tumour"], second.result["tumour"]);
    // The masks that were sent are what the result says.
    std::size_t voxels = 0;
    for (const std::uint8_t label : first.mask)
    {
      voxels += label != 0 ? 1 : 0;
    }
    EXPECT_EQ(first.result["tumour"]["voxels"].asUInt64(), voxels);
  }

  TEST_F(ServeLoopTest, SendsNoMasksWhereNoneAreAskedFor)
  {
    Start();
    const StudyMessages study = MakeStudy("a", 2);
    Json::Value request = study.GetRequest();
    request["masks"] = false;
    request["minimum_tumour_area_mm2"] = 0;
    Send(study.Begin(request));
    SendSlices(study, 3);
    Send(study.End());
    const Answer answer = AwaitAnswer(study);
    EXPECT_EQ(std::count(answer.mask.begin(), answer.mask.end(), 0), static_cast<std::ptrdiff_t>(answer.mask.size()));
  }

  TEST_F(ServeLoopTest, SendsSaliencyMapsWhereTheyAreAskedFor)
  {
    Start();
    const StudyMessages study = MakeStudy("a", 3);
    std::size_t counted = 0;
    for (const char* const choice : {"none", "key", "all", "most"})
    {
      Json::Value request = study.GetRequest();
      request["minimum_tumour_area_mm2"] = 0;
      request["saliency"] = choice;
      Send(study.Begin(request));
      if (choice == std::string("most"))
      {
        EXPECT_NE(std::string(AwaitError("a").what()).find("'saliency'"), std::string::npos);
        break;
      }
      SendSlices(study, 3);
      Send(study.End());
      const Answer answer = AwaitAnswer(study);
      counted = answer.result["genotype"]["slices"].size();
      ASSERT_GT(counted, 1u);
      const std::size_t expected = choice == std::string("none") ? 0 : choice == std::string("key") ? 1 : counted;
      EXPECT_EQ(answer.salient.size(), expected) << choice;
      ASSERT_EQ(answer.result["saliency"]["slices"].size(), expected) << choice;
      for (Json::ArrayIndex i = 0; i < expected; ++i)
      {
        EXPECT_EQ(answer.result["saliency"]["slices"][i].asUInt64(), answer.salient[i]);
      }
    }
  }

  TEST_F(ServeLoopTest, CancelStopsBetweenBatchesAndTheNextStudyIsComputed)
  {
    Start();
    backend_.Close();
    const StudyMessages running = MakeStudy("running", 8);
    const StudyMessages waiting = MakeStudy("waiting", 2);
    const StudyMessages open = MakeStudy("open", 2);
    const StudyMessages next = MakeStudy("next", 2);
    SendStudy(running);
    backend_.WaitForBatch(1);
    SendStudy(waiting);
    Send(open.Begin(open.GetRequest()));
    SendStudy(next);
    Send(Message(Verb::CANCEL, "open"));
    EXPECT_EQ(AwaitError("open").GetCode(), ErrorCode::Cancelled);
    Send(Message(Verb::CANCEL, "waiting"));
    EXPECT_EQ(AwaitError("waiting").GetCode(), ErrorCode::Cancelled);
    Send(Message(Verb::CANCEL, "running"));
    Send(Message(Verb::CANCEL, "never-heard-of"));
    Send(Message(Verb::PING, "after"));
    Await(Verb::PONG, "after");  // so the reader has taken the cancellation
    backend_.Open();
    EXPECT_EQ(AwaitError("running").GetCode(), ErrorCode::Cancelled);
    EXPECT_EQ(AwaitAnswer(next).result["slices_computed"].asUInt(), 2u);
    EXPECT_EQ(backend_.GetBatches(), 2);  // one of the cancelled study, one of the next
  }

  TEST_F(ServeLoopTest, AStudyThatIsBeingAnsweredStillCountsAgainstTheLimits)
  {
    options_.limits.maxOpenStudies = 1;
    Start();
    StudyMessages large = MakeStudy("large", 60);
    large.rows = large.columns = 256;
    const StudyMessages second = MakeStudy("second", 2);
    bool isBusy = false;
    // The reader's thread has all the time that the rest of the answer takes, but no test can make sure that it ran.
    for (int attempt = 0; attempt < 10 && !isBusy; ++attempt)
    {
      SendStudy(large);
      // The answer has begun, and the rest of it fits neither the socket nor the queue.
      const Json::Value result = Await(Verb::RESULT_BEGIN, "large")->GetJson("result");
      ASSERT_GT(result["tumour"]["slices"].size(), 50u);
      Send(second.Begin(second.GetRequest()));
      for (bool isOver = false; !isOver;)
      {
        auto frame = client_->Read();
        ASSERT_TRUE(frame);
        const ReceivedMessage message(std::move(*frame));
        isBusy = isBusy || (message.GetVerb() == Verb::ERROR && message.GetId() == "second" &&
                            message.ToError().GetCode() == ErrorCode::Busy);
        isOver = message.GetVerb() == Verb::RESULT_END && message.GetId() == "large";
      }
      if (!isBusy)
      {
        Send(Message(Verb::CANCEL, "second"));
        AwaitError("second");
      }
    }
    EXPECT_TRUE(isBusy);
  }

  TEST_F(ServeLoopTest, WhoHasAnAnswerMayAskAgainAtOnceAlsoWhenThereIsRoomForOneStudyOnly)
  {
    options_.limits.maxOpenStudies = 1;
    Start();
    const StudyMessages study = MakeStudy("a", 2);
    for (int i = 0; i < 20; ++i)
    {
      SendStudy(study);
      EXPECT_EQ(AwaitAnswer(study).result["slices_computed"].asUInt(), 2u);
    }
    SendStudy(study, 0);
    EXPECT_EQ(AwaitError("a").GetCode(), ErrorCode::BadInput);
    SendStudy(study);
    EXPECT_EQ(AwaitAnswer(study).result["slices_computed"].asUInt(), 2u);
  }

  TEST_F(ServeLoopTest, HeartbeatsNameTheStudyAndCountBatches)
  {
    Start();
    backend_.Close();
    SendStudy(MakeStudy("slow", 4));
    backend_.WaitForBatch(1);
    auto heartbeat = Await(Verb::HEARTBEAT, "");
    while (heartbeat && heartbeat->GetString("busy") != "slow")
    {
      heartbeat = Await(Verb::HEARTBEAT, "");
    }
    ASSERT_NE(heartbeat, nullptr);
    // The device hangs: heartbeats go on, the counter stands still.
    EXPECT_EQ(heartbeat->GetCount("progress"), 0u);
    EXPECT_EQ(Await(Verb::HEARTBEAT, "")->GetCount("progress"), 0u);
    EXPECT_GT(heartbeat->GetCount("rss_bytes"), 1000000u);
    EXPECT_GE(heartbeat->GetCount("peak_rss_bytes"), heartbeat->GetCount("rss_bytes") / 2);
    backend_.Open();
    AwaitAnswer(MakeStudy("slow", 4));
    EXPECT_EQ(Await(Verb::HEARTBEAT, "")->GetCount("progress"), 2u);
  }

  TEST_F(ServeLoopTest, AnswersFaultsAndGoesOn)
  {
    Start();
    StudyMessages huge = MakeStudy("huge", 2);
    huge.rows = huge.columns = 65535;
    Send(huge.Begin(huge.GetRequest()));
    EXPECT_EQ(AwaitError("huge").GetCode(), ErrorCode::BadInput);

    const StudyMessages truncated = MakeStudy("truncated", 3);
    Send(truncated.Begin(truncated.GetRequest()));
    Send(truncated.End());
    EXPECT_NE(std::string(AwaitError("truncated").what()).find("slice 0"), std::string::npos);

    SendStudy(MakeStudy("constant", 2), 0);
    EXPECT_NE(std::string(AwaitError("constant").what()).find("constant"), std::string::npos);

    Send(Message("dance", "x"));
    EXPECT_EQ(AwaitError("x").GetCode(), ErrorCode::BadInput);

    Send(Message(std::string(1000000, 'v'), "long"));  // the answer quotes it, and must fit a frame
    EXPECT_LT(std::string(AwaitError("long").what()).size(), 5000U);

    std::vector<std::byte> garbage(100, std::byte{0x5A});
    client_->Write(garbage);
    const Error error = AwaitError("");
    EXPECT_FALSE(error.CanRetry());

    const StudyMessages good = MakeStudy("good", 2);
    SendStudy(good);
    EXPECT_EQ(AwaitAnswer(good).result["slices_computed"].asUInt(), 2u);
  }

  TEST_F(ServeLoopTest, LeavesForANewProcessWhenItsDeviceFailed)
  {
    Start();
    backend_.Close();
    backend_.FailNext(std::make_exception_ptr(DeviceError("CUDA error: an illegal memory access was encountered")));
    SendStudy(MakeStudy("computed", 2));
    backend_.WaitForBatch(1);
    SendStudy(MakeStudy("waiting", 2));
    Send(Message(Verb::PING, "after"));
    Await(Verb::PONG, "after");  // so the second waits
    backend_.Open();

    const Error own = AwaitError("computed");
    EXPECT_EQ(own.GetCode(), ErrorCode::Unavailable);
    EXPECT_TRUE(own.CanRetry());
    EXPECT_NE(std::string(own.what()).find("illegal memory access"), std::string::npos);
    EXPECT_EQ(AwaitError("").GetCode(), ErrorCode::Busy) << "the study that waits is held responsible";
    while (client_->Read())
    {
      // A last heartbeat, perhaps.
    }
    engine_.join();
    ASSERT_TRUE(fault_.has_value());
    EXPECT_EQ(fault_->GetCode(), ErrorCode::Unavailable) << "of which the exit code is made";
    EXPECT_EQ(backend_.GetBatches(), 1);
  }

  TEST_F(ServeLoopTest, ServesOnAfterAFailureThatIsNotTheDevices)
  {
    Start();
    for (const Error& failure : {Error(ErrorCode::Unavailable, "The GPU's memory is exhausted"),
                                 Error(ErrorCode::Internal, "LibTorch: shapes do not fit")})
    {
      backend_.FailNext(std::make_exception_ptr(failure));
      SendStudy(MakeStudy("failed", 2));
      EXPECT_EQ(AwaitError("failed").GetCode(), failure.GetCode());
      const StudyMessages next = MakeStudy("next", 2);
      SendStudy(next);
      EXPECT_EQ(AwaitAnswer(next).result["slices_computed"].asUInt(), 2u);
    }
  }

  TEST_F(ServeLoopTest, LeavesWithAnErrorWhenFramesCannotBeToldApart)
  {
    Start();
    const std::array<unsigned char, 8> lie{0xFF, 0xFF, 0xFF, 0x7F, 1, 2, 3, 4};
    ASSERT_EQ(::write(clientDescriptor_, lie.data(), lie.size()), 8);
    engine_.join();
    ASSERT_TRUE(fault_.has_value());
    EXPECT_EQ(fault_->GetCode(), ErrorCode::Corrupt);
  }

  TEST_F(ServeLoopTest, LeavesWhenTheSocketClosesAlsoInTheMiddleOfAStudy)
  {
    Start();
    backend_.Close();
    SendStudy(MakeStudy("abandoned", 20));
    backend_.WaitForBatch(1);
    client_->Shutdown();
    backend_.Open();
    engine_.join();
    EXPECT_FALSE(fault_.has_value());
    EXPECT_LT(backend_.GetBatches(), 10);
  }

  TEST_F(ServeLoopTest, MakesPhantoms)
  {
    Start();
    Message message(Verb::PHANTOM, "ph");
    Json::Value request;
    request["seed"] = 5;
    request["rows"] = request["columns"] = 96;
    request["slices"] = 12;
    request["pixel_spacing_mm"] = 2.4;
    request["slice_spacing_mm"] = 11.0;
    message.SetJson("request", request);
    Send(message);
    const Json::Value phantom = Await(Verb::PHANTOM_BEGIN, "ph")->GetJson("phantom");
    EXPECT_EQ(phantom["slices"].asUInt(), 12u);
    std::size_t slices = 0;
    std::size_t masks = 0;
    while (auto frame = client_->Read())
    {
      const ReceivedMessage received(std::move(*frame));
      slices += received.GetVerb() == Verb::SLICE ? 1 : 0;
      masks += received.GetVerb() == Verb::MASK ? 1 : 0;
      ASSERT_NE(received.GetVerb(), Verb::ERROR);
      if (received.GetVerb() == Verb::PHANTOM_END)
      {
        break;
      }
    }
    EXPECT_EQ(slices, 12u);
    EXPECT_GE(masks, 1u);
    EXPECT_LE(masks, 12u);

    Message bad(Verb::PHANTOM, "bad");
    bad.SetJson("request", Json::Value(Json::objectValue));
    Send(bad);
    EXPECT_EQ(AwaitError("bad").GetCode(), ErrorCode::BadInput);
  }
}
