// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/ForwardCommand.h"

#include "Inference/Commands/BackendCommandLine.h"
#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/VariantChoice.h"
#include "Inference/Network/GenotypeNet.h"
#include "Inference/Network/MaskedAutoencoder.h"
#include "Inference/Network/TranslateTorch.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/WeightsImport.h"

#include <torch/torch.h>

#include <filesystem>

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    constexpr const char* INPUT_TENSOR = "input";

    CommandLine MakeForwardCommandLine()
    {
      CommandLine line;
      line.usage = "forward --weights FILE [--weights FILE ...] --input FILE --output FILE [OPTIONS]";
      line.description =
        "Runs the bare network in fp32 on the CPU. Reads the tensor `input` [N, 3, S, S] and writes `cls_logits` [N, "
        "2],\n"
        "`seg_logits` [N, 3, S, S] (not for the variant classification) and `feature`; for the variant mae `output`\n"
        "[N, 3, S, S]. All files are safetensors. Several --weights are merged; tensors of another variant's head are "
        "left\n"
        "aside, missing and unknown ones are refused by name. Research use only.";
      line.options.add_options()("weights", po::value<std::vector<std::filesystem::path>>()->required()->composing(),
                                 "under the published names")("input", po::value<std::filesystem::path>()->required(),
                                                              "safetensors file")(
        "output", po::value<std::filesystem::path>()->required(),
        "safetensors file to write")("variant", po::value<std::string>(),
                                     "classification, parallel, fusion or mae; what the weights are when absent")(
        "threads", po::value<int>()->default_value(0), "0: as many as this process may use");
      return line;
    }

    Weights::TensorMap Run(const Network::NetworkOptions& options, const Weights::TensorMap& weights,
                           const torch::Tensor& input)
    {
      const c10::InferenceMode guard;
      Weights::TensorMap result;
      if (options.variant == Network::Variant::MaskedAutoencoder)
      {
        Network::MaskedAutoencoder network(options);
        weights.CopyInto(*network);
        network->eval();
        result.Set("output", network(input));
        return result;
      }
      Network::GenotypeNet network(options);
      weights.CopyInto(*network);
      network->eval();
      const Network::GenotypeOutput output = network(input);
      result.Set("cls_logits", output.cls_logits);
      result.Set("feature", output.feature);
      if (output.seg_logits.defined())
      {
        result.Set("seg_logits", output.seg_logits);
      }
      return result;
    }
  }

  int RunForward(const std::vector<std::string>& arguments)
  {
    const auto values = MakeForwardCommandLine().Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    Predict::ProcessTuning::KeepFreedMemory();
    torch::set_num_threads(static_cast<int>(Predict::ProcessTuning::SettleThreads(ReadThreads(*values))));

    const Weights::WeightsImport import((*values)["weights"].as<std::vector<std::filesystem::path>>());
    const Network::NetworkOptions options = import.DetectOptions(ChooseVariant(*values, import));
    const Weights::TensorMap weights = import.Select(options);
    const auto inputs = Weights::TensorMap::Load((*values)["input"].as<std::filesystem::path>());
    const torch::Tensor input = inputs.Get(INPUT_TENSOR);
    Network::TranslateTorch([&]
    {
      return Run(options, weights, input.is_floating_point() ? input.to(torch::kFloat32) : input);
    }).Save((*values)["output"].as<std::filesystem::path>(), Weights::StoredPrecision::F32);
    return ExitCode::OK;
  }
}
