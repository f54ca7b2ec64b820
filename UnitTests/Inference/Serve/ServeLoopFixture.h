// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/FrameChannel.h"
#include "Inference/Serve/ServeLoop.h"
#include "UnitTests/Inference/Serve/GatedBackend.h"
#include "UnitTests/Inference/Serve/StudyMessages.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace H3K27M::Serve
{
  // What came back for one study.
  struct Answer
  {
    Json::Value result;
    std::vector<std::uint8_t> mask;    // of all slices, zero where none was sent
    std::vector<std::size_t> salient;  // slices of which a map came, lowest first
    std::vector<std::byte> bytes;      // of all frames but for result-begin, whose timings differ
  };

  // A service loop in a thread of its own, on one end of a socketpair; the test is the plugin on the other.
  class ServeLoopTest : public testing::Test
  {
  protected:
    void SetUp() override;
    void TearDown() override;

    // Starts the loop and takes its `hello`.
    void Start();

    void Send(const Protocol::Message& message);

    // The next message of this verb and id; others are dropped, but an error that is not awaited fails the test.
    std::unique_ptr<Protocol::ReceivedMessage> Await(const std::string& verb, const std::string& id);

    // A synthetic head, its values times `brightness`.
    void SendSlices(const StudyMessages& study, std::uint16_t brightness);
    void SendStudy(const StudyMessages& study, std::uint16_t brightness = 3);

    Answer AwaitAnswer(const StudyMessages& study);
    Error AwaitError(const std::string& id);

    static StudyMessages MakeStudy(const std::string& id, std::size_t slices);

    GatedBackend backend_;
    ServeOptions options_;
    int clientDescriptor_ = -1;
    std::unique_ptr<Protocol::FrameChannel> client_;
    std::unique_ptr<Protocol::FrameChannel> engineChannel_;
    std::thread engine_;
    std::optional<Error> fault_;  // what the loop threw; read after engine_ was joined
    std::unique_ptr<Protocol::ReceivedMessage> hello_;
  };
}
