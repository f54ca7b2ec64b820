// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Training/Objectives/RegionLoss.h"
#include "Training/Ranks/SharedBatch.h"
#include "Training/Trainers/CoTrainer.h"
#include "Training/Trainers/MaskedTrainer.h"
#include "UnitTests/Training/DiscSource.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>

namespace H3K27M
{
  namespace
  {
    using testing::HasSubstr;

    constexpr std::size_t RANKS_IMAGE_SIZE = 32;

    std::uint16_t FindFreePort()
    {
      const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
      socklen_t length = sizeof(address);
      getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
      close(descriptor);
      return ntohs(address.sin_port);
    }

    Ranks::RankEnvironment MakeEnvironment(std::size_t rank, std::size_t size, std::uint16_t port)
    {
      return {rank, size, "127.0.0.1", port};
    }

    // Each rank in a thread of its own, with a ring over the loopback, as processes would have it.
    template <typename Result>
    std::vector<std::future<Result>> Start(std::size_t size, std::chrono::seconds patience,
                                           const std::function<Result(Ranks::RankGroup&)>& work)
    {
      const std::uint16_t port = FindFreePort();
      std::vector<std::future<Result>> results;
      for (std::size_t rank = 0; rank < size; rank++)
      {
        results.push_back(std::async(std::launch::async, [=]
        {
          Ranks::RankGroup group(MakeEnvironment(rank, size, port), patience);
          return work(group);
        }));
      }
      return results;
    }

    template <typename Result>
    std::vector<Result> RunTogether(std::size_t size, const std::function<Result(Ranks::RankGroup&)>& work)
    {
      std::vector<Result> values;
      for (std::future<Result>& result : Start<Result>(size, std::chrono::seconds(60), work))
      {
        values.push_back(result.get());
      }
      return values;
    }

    template <typename Result>
    std::string GetReason(std::future<Result>& result)
    {
      try
      {
        result.get();
      }
      catch (const Error& e)
      {
        return e.what();
      }
      return "went through";
    }

    Data::SliceDataset MakeRanksDataset()
    {
      return Data::SliceDataset(Testing::DiscSource(4), {RANKS_IMAGE_SIZE, 1}, [](std::size_t) {});
    }

    Network::NetworkOptions MakeRanksLayout()
    {
      Network::NetworkOptions options;
      options.inputSize = RANKS_IMAGE_SIZE;
      options.width = 16;
      return options;
    }

    // Parameters and buffers in one row.
    torch::Tensor Flatten(const std::vector<torch::Tensor>& tensors)
    {
      std::vector<torch::Tensor> flat;
      for (const torch::Tensor& tensor : tensors)
      {
        flat.push_back(tensor.detach().flatten().to(torch::kFloat64));
      }
      return torch::cat(flat);
    }

    double GetDistance(const torch::Tensor& a, const torch::Tensor& b)
    {
      return (a - b).abs().max().item<double>();
    }

    TEST(RankGroup, SumsGathersAndSpreadsToTheBit)
    {
      struct Seen
      {
        torch::Tensor sum;
        torch::Tensor small;
        torch::Tensor all;
        torch::Tensor spread;
      };

      const auto seen = RunTogether<Seen>(3, [](Ranks::RankGroup& group)
      {
        const auto rank = static_cast<double>(group.GetRank());
        Seen own{torch::arange(1000, torch::kFloat32) * (rank + 0.1),
                 torch::full({1}, rank, torch::kFloat64),
                 {},
                 torch::full({2, 2}, rank)};
        group.Sum({own.sum, own.small});
        const auto count = group.GetShare(group.GetRank(), 7).count;
        own.all = group.Gather(torch::full({count, 2}, rank), 7);
        group.Spread({own.spread});
        return own;
      });
      for (const Seen& one : seen)
      {
        EXPECT_TRUE(torch::equal(one.sum, seen[0].sum));
        EXPECT_TRUE(torch::allclose(one.sum, torch::arange(1000, torch::kFloat32) * 3.3));
        EXPECT_EQ(one.small.item<double>(), 3);
        EXPECT_TRUE(torch::equal(one.all.select(1, 1), torch::tensor({0.F, 0.F, 1.F, 1.F, 2.F, 2.F, 2.F})));
        EXPECT_EQ(one.spread.sum().item<double>(), 0);
      }
    }

    TEST(RankGroup, TellsWhenAProcessLeaves)
    {
      auto results = Start<int>(2, std::chrono::seconds(60), [](Ranks::RankGroup& group)
      {
        if (group.GetRank() == 0)
        {
          group.Sum({torch::zeros({100000})});
        }
        return 0;
      });
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_THAT(GetReason(results[0]), HasSubstr("The process of rank 1 has left the training"));
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
    }

    TEST(RankGroup, TellsWhenAProcessIsSilent)
    {
      std::promise<void> isOver;
      const std::shared_future<void> over = isOver.get_future().share();
      auto results = Start<int>(2, std::chrono::seconds(2), [over](Ranks::RankGroup& group)
      {
        if (group.GetRank() == 0)
        {
          group.Sum({torch::zeros({10})});
        }
        over.wait();
        return 0;
      });
      EXPECT_THAT(GetReason(results[0]), HasSubstr("rank 1 has been silent for 2 s"));
      isOver.set_value();
    }

    TEST(RankGroup, RefusesProcessesOfAnotherRun)
    {
      auto results = Start<int>(2, std::chrono::seconds(60), [](Ranks::RankGroup& group)
      {
        group.RequireSame(group.GetRank() == 0 ? "one" : "two", "configuration");
        return 0;
      });
      for (auto& result : results)
      {
        EXPECT_THAT(GetReason(result), HasSubstr("rank 1 has another configuration"));
      }
    }

    TEST(RankRing, NamesTheProcessesThatDoNotCome)
    {
      try
      {
        Ranks::RankRing(MakeEnvironment(0, 3, FindFreePort()), std::chrono::seconds(1));
        FAIL() << "nobody came";
      }
      catch (const Error& e)
      {
        EXPECT_THAT(e.what(), HasSubstr("these have not come in time: rank 1 2"));
      }
    }

    TEST(RankRing, RefusesTwoProcessesOfTheSameRank)
    {
      const std::uint16_t port = FindFreePort();
      const auto Join = [port](std::size_t rank)
      { Ranks::RankRing(MakeEnvironment(rank, 3, port), std::chrono::seconds(20)); };
      std::vector<std::future<void>> results;
      for (const std::size_t rank : {0U, 1U, 1U})
      {
        results.push_back(std::async(std::launch::async, Join, rank));
      }
      EXPECT_THAT(GetReason(results[0]), HasSubstr("Two processes say that they are rank 1"));
      EXPECT_THAT(GetReason(results[1]), HasSubstr("has not brought the processes together"));
    }

    TEST(RankRing, SendsStrangersAway)
    {
      const std::uint16_t port = FindFreePort();
      auto first = std::async(std::launch::async,
                              [port] { Ranks::RankRing(MakeEnvironment(0, 2, port), std::chrono::seconds(60)); });
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      const auto stranger = Ranks::RankSocket::Connect("127.0.0.1", port, deadline);
      stranger.Send(std::vector<std::byte>(4096, std::byte{'x'}), deadline);
      Ranks::RankRing(MakeEnvironment(1, 2, port), std::chrono::seconds(60));
      EXPECT_NO_THROW(first.get());
    }

    TEST(RankEnvironment, NamesWhatIsMissingOrWrong)
    {
      const auto Read = [](const char* size, const char* rank, const char* address, const char* port)
      {
        setenv("WORLD_SIZE", size, 1);
        setenv("RANK", rank, 1);
        setenv("MASTER_ADDR", address, 1);
        setenv("MASTER_PORT", port, 1);
        std::string said = "accepted";
        try
        {
          Ranks::RankEnvironment::Read();
        }
        catch (const Error& e)
        {
          said = e.what();
        }
        for (const char* name : {"WORLD_SIZE", "RANK", "MASTER_ADDR", "MASTER_PORT"})
        {
          unsetenv(name);
        }
        return said;
      };
      EXPECT_EQ(Read("2", "1", "here", "29500"), "accepted");
      EXPECT_EQ(Read("1", "", "", ""), "accepted");
      EXPECT_THAT(Read("two", "0", "here", "1"), HasSubstr("WORLD_SIZE must be a whole number"));
      EXPECT_THAT(Read("2", "2", "here", "1"), HasSubstr("RANK must be a whole number from 0 to 1, not '2'"));
      EXPECT_THAT(Read("2", "0", "", "1"), HasSubstr("MASTER_ADDR"));
      EXPECT_THAT(Read("2", "0", "here", "70000"), HasSubstr("MASTER_PORT"));
    }

    // The gradient of one batch and the statistics that the network has then, in float64.
    struct Outcome
    {
      torch::Tensor gradient;
      torch::Tensor statistics;
    };

    Outcome Differentiate(const Weights::TensorMap& weights, const Trainers::Batch& batch,
                          const Ranks::RankGroup* group)
    {
      Network::GenotypeNet network(MakeRanksLayout());
      weights.CopyInto(*network);
      network->to(torch::kFloat64);
      network->train();
      const Ranks::SharedBatch shared(group, static_cast<std::size_t>(batch.image.size(0)));
      {
        const Network::BatchNormScope scope = shared.ShareStatistics();
        const auto output = network(shared.TakeShare(batch.image.to(torch::kFloat64)));
        Objectives::RegionLoss(shared.Gather(output.cls_logits), shared.Gather(output.seg_logits), batch.target)
          .total.backward();
      }
      shared.SumGradients(network->parameters());
      std::vector<torch::Tensor> gradients;
      for (const torch::Tensor& parameter : network->parameters())
      {
        gradients.push_back(parameter.grad());
      }
      return {Flatten(gradients), Flatten(network->buffers())};
    }

    TEST(SharedBatch, GivesTheGradientOfOneProcess)
    {
      const auto dataset = MakeRanksDataset();
      const auto batch = Trainers::BatchSampler(dataset, {}).Draw(3);
      torch::manual_seed(4);
      const auto weights = Weights::TensorMap::FromModule(*Network::GenotypeNet(MakeRanksLayout()));
      const Outcome alone = Differentiate(weights, batch, nullptr);
      const double scale = alone.gradient.abs().max().item<double>();
      ASSERT_GT(scale, 1e-3);
      for (const std::size_t size : {2U, 3U})  // eight slices: 4 and 4; 2, 3 and 3
      {
        for (const Outcome& shared :
             RunTogether<Outcome>(size, [&](Ranks::RankGroup& group) { return Differentiate(weights, batch, &group); }))
        {
          EXPECT_LT(GetDistance(shared.gradient, alone.gradient), 1e-9 * scale) << size;
          EXPECT_LT(GetDistance(shared.statistics, alone.statistics), 1e-9) << size;
        }
      }
    }

    TEST(SharedBatch, RefusesMoreProcessesThanSlices)
    {
      auto results = Start<int>(2, std::chrono::seconds(60), [](Ranks::RankGroup& group)
      {
        const Ranks::SharedBatch shared(&group, 1);
        return 0;
      });
      EXPECT_THAT(GetReason(results[0]), HasSubstr("A batch of 1 slices cannot be divided among 2 processes"));
    }

    struct Trained
    {
      torch::Tensor parameters;
      torch::Tensor statistics;
    };

    // One step of two batches with the paper's optimizer, whose steps follow the gradient: AdamW's divide by it, so that
    // rounding in the smallest gradients would show. One step, because rounding grows: after three the statistics of
    // one process with one thread and with two differ by hundredths. One thread, for the same reason.
    Trained CoTrain(const Data::SliceDataset& dataset, const Weights::TensorMap& weights, const Ranks::RankGroup* group)
    {
      torch::set_num_threads(1);
      Network::GenotypeNet network(MakeRanksLayout());
      weights.CopyInto(*network);
      auto options = Trainers::CoTrainerOptions::Paper();
      options.steps = 1;
      options.accumulation = 2;
      Trainers::CoTrainer(network, dataset, options, torch::kCPU, group).Run([](const Trainers::StepReport&) {});
      return {Flatten(network->parameters()), Flatten(network->buffers())};
    }

    TEST(CoTrainer, TwoProcessesEndWithTheWeightsOfOne)
    {
      const auto dataset = MakeRanksDataset();
      torch::manual_seed(4);
      Network::GenotypeNet untrained(MakeRanksLayout());
      const auto weights = Weights::TensorMap::FromModule(*untrained);
      const Trained alone = CoTrain(dataset, weights, nullptr);
      ASSERT_GT(GetDistance(alone.parameters, Flatten(untrained->parameters())), 1e-5);
      const auto together =
        RunTogether<Trained>(2, [&](Ranks::RankGroup& group) { return CoTrain(dataset, weights, &group); });
      EXPECT_TRUE(torch::equal(together[0].parameters, together[1].parameters));
      EXPECT_TRUE(torch::equal(together[0].statistics, together[1].statistics));
      EXPECT_LT(GetDistance(together[0].parameters, alone.parameters), 1e-6);
      EXPECT_LT(GetDistance(together[0].statistics, alone.statistics), 1e-5);
    }

    torch::Tensor Pretrain(const Data::SliceDataset& dataset, const Weights::TensorMap& weights,
                           const Ranks::RankGroup* group)
    {
      torch::set_num_threads(1);
      Network::MaskedAutoencoder network(MakeRanksLayout());
      weights.CopyInto(*network);
      auto options = Trainers::MaskedTrainerOptions::Recommended();
      options.steps = 1;
      options.batch.batchSize = 5;
      double reconstruction = 0;
      Trainers::MaskedTrainer(network, dataset, options, torch::kCPU, group)
        .Run([&](const Trainers::MaskedStepReport& report) { reconstruction = report.reconstruction; });
      std::vector<torch::Tensor> seen{torch::full({1}, reconstruction)};
      for (const torch::Tensor& parameter : network->parameters())
      {
        seen.push_back(parameter.grad());
      }
      return Flatten(seen);
    }

    TEST(MaskedTrainer, TwoProcessesHaveTheGradientOfOne)
    {
      const auto dataset = MakeRanksDataset();
      torch::manual_seed(4);
      const auto weights = Weights::TensorMap::FromModule(*Network::MaskedAutoencoder(MakeRanksLayout()));
      const torch::Tensor alone = Pretrain(dataset, weights, nullptr);
      ASSERT_GT(alone.abs().max().item<double>(), 1e-3);
      for (const torch::Tensor& together :
           RunTogether<torch::Tensor>(2, [&](Ranks::RankGroup& group) { return Pretrain(dataset, weights, &group); }))
      {
        EXPECT_LT(GetDistance(together, alone), 1e-6 * std::max(1.0, alone.abs().max().item<double>()));
      }
    }
  }
}
