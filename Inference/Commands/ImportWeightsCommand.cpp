// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/ImportWeightsCommand.h"

#include "Inference/Commands/Command.h"
#include "Inference/Commands/CommandLine.h"
#include "Inference/Commands/StandardOutput.h"
#include "Inference/Commands/VariantChoice.h"
#include "Inference/Preprocess/PreprocessOptions.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Weights/ModelPackage.h"
#include "Inference/Weights/WeightsImport.h"

#include <filesystem>
#include <string>

namespace H3K27M::Commands
{
  namespace
  {
    namespace po = boost::program_options;

    CommandLine MakeImportWeightsCommandLine()
    {
      CommandLine line;
      line.usage = "import-weights --weights FILE [--weights FILE ...] --output DIR --name NAME [OPTIONS]";
      line.description =
        "Makes a model folder (model.safetensors, card.json) of weights under the published names: one safetensors "
        "file\n"
        "or several that are merged. Models trained from scratch, which have no prefix `model.` and say `cls.` for\n"
        "`classifier.`, are understood. Missing, unknown and misshapen tensors are refused by name. Input size and "
        "width\n"
        "are taken from the shapes. A .pt file is converted first: Resources/convert-checkpoint.py. Research use only.";
      line.options.add_options()("weights", po::value<std::vector<std::filesystem::path>>()->required()->composing(),
                                 "safetensors file")("output", po::value<std::filesystem::path>()->required(),
                                                     "model folder to write")(
        "name", po::value<std::string>()->required(), "of the model: letters, digits, '.', '_', '-'")(
        "version", po::value<std::string>()->default_value("1"),
        "of the model: one line of ASCII without backslash, at most 64")(
        "variant", po::value<std::string>(),
        "classification, parallel, fusion or mae; what the weights are when absent")(
        "trained-on", po::value<std::string>()->default_value("unknown"),
        "for the card")("threshold", po::value<double>()->default_value(0.5, "0.5"), "for the card")(
        "minimum-area", po::value<double>()->default_value(100, "100"), "mm2 of tumour in a slice, for the card")(
        "framing", po::value<std::string>()->default_value(Preprocess::ToString(Preprocess::Framing::CentreSquare)),
        "of the images that the weights were trained on: centre-square, as in the paper, or head")(
        "fp16", "store half precision instead of single");
      return line;
    }

    // A network that reads images cut otherwise than those that it learned from answers wrongly, and nobody sees why.
    std::string ReadFraming(const po::variables_map& values)
    {
      std::string framing = values["framing"].as<std::string>();
      if (!Preprocess::FindFraming(framing))
      {
        throw UsageError("--framing must be head or centre-square, not '" + framing + "'");
      }
      return framing;
    }

    Weights::ModelCard MakeCard(const po::variables_map& values, const Network::NetworkOptions& options)
    {
      Weights::ModelCard card(values["name"].as<std::string>(), options);
      card.Set("version", values["version"].as<std::string>());
      card.Set("trained_on", values["trained-on"].as<std::string>());
      card.Set("dataset_hash", "");
      card.Set("run", "imported");
      card.Set("metrics", Json::Value(Json::objectValue));
      card.Set("threshold", values["threshold"].as<double>());
      card.Set("minimum_tumour_area_mm2", values["minimum-area"].as<double>());
      card.Set("intended_use", "Research use only, never for diagnosis.");
      Json::Value preprocessing;
      preprocessing["framing"] = ReadFraming(values);
      card.Set("preprocessing", preprocessing);
      return card;
    }
  }

  int RunImportWeights(const std::vector<std::string>& arguments)
  {
    const auto values = MakeImportWeightsCommandLine().Parse(arguments);
    if (!values)
    {
      return ExitCode::OK;
    }
    const StandardOutput output;
    const Weights::WeightsImport import((*values)["weights"].as<std::vector<std::filesystem::path>>());
    const Network::NetworkOptions options = import.DetectOptions(ChooseVariant(*values, import));
    const auto card = Weights::ModelPackage::Write(
      (*values)["output"].as<std::filesystem::path>(), MakeCard(*values, options), import.Select(options),
      values->count("fp16") != 0 ? Weights::StoredPrecision::F16 : Weights::StoredPrecision::F32);
    output.WriteLine(Protocol::WriteCompactJson(card.GetJson()));
    return ExitCode::OK;
  }
}
