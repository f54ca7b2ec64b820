// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/LoadedEngine.h"

#include "Inference/Network/Axes.h"
#include "Inference/Network/TensorCopy.h"
#include "Inference/Network/TranslateTorch.h"
#include "Inference/Predict/EnsembleBackend.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Predict/TorchBackend.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelPackage.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace H3K27M::Predict
{
  namespace
  {
    // The published network as it is: three channels, batch norms, fp32, one slice at a time.
    NetworkOutput RunReference(Network::GenotypeNet network, const std::vector<float>& images)
    {
      const c10::InferenceMode guard;
      const std::int64_t size = network->GetOptions().inputSize;
      const auto plane = static_cast<std::size_t>(size * size);
      NetworkOutput answer;
      for (std::size_t first = 0; first < images.size(); first += plane)
      {
        torch::Tensor image = torch::empty({1, 1, size, size});
        std::copy_n(images.data() + first, plane, image.data_ptr<float>());
        const auto output = network->forward(image.repeat({1, Network::IMAGE_CHANNELS, 1, 1}));
        const std::vector<float> classes = Network::CopyToVector(output.cls_logits);
        answer.classLogits.insert(answer.classLogits.end(), classes.begin(), classes.end());
        if (output.seg_logits.defined())
        {
          const std::vector<float> pixels = Network::CopyToVector(output.seg_logits);
          answer.segmentationLogits.insert(answer.segmentationLogits.end(), pixels.begin(), pixels.end());
        }
      }
      return answer;
    }

    // card.json: "preprocessing": {"framing": "head" | "centre-square", ...}
    Preprocess::Framing ReadFraming(const Json::Value& card)
    {
      const Json::Value& preprocessing = card["preprocessing"];
      if (!preprocessing.isObject() || !preprocessing.isMember("framing"))
      {
        return Preprocess::Framing::Head;
      }
      const Json::Value& name = preprocessing["framing"];
      if (const auto framing = Preprocess::FindFraming(name.isString() ? name.asString() : std::string()))
      {
        return *framing;
      }
      throw Error(ErrorCode::BadInput, "The model's card asks for a framing that is neither head nor centre-square");
    }

    struct TestedBackend
    {
      std::unique_ptr<IBackend> backend;
      SelfTestReport selfTest;
      std::vector<std::optional<Weights::InputReference>> references;
    };

    // The tuned network on the device, compared with the published one in fp32 on the CPU.
    TestedBackend MakeBackend(const Weights::ModelPackage& package, const BackendOptions& options)
    {
      TestedBackend made;
      made.backend = std::make_unique<TorchBackend>(package.MakeNetwork(), options);
      made.references = {package.GetReference()};
      const BackendInfo& info = made.backend->GetInfo();
      const std::vector<float> images = MakeSelfTestImages(info.inputSize);
      const NetworkOutput reference =
        Network::TranslateTorch([&] { return RunReference(package.MakeNetwork(), images); });
      made.selfTest = CompareWithReference(reference, made.backend->RunNetwork(images, 2), info.precision);
      return made;
    }

    // All members on the one device; the self-test told is the worst of theirs.
    TestedBackend MakeEnsemble(const std::filesystem::path& model, const Weights::ModelCard& card,
                               const BackendOptions& options)
    {
      std::vector<std::unique_ptr<IBackend>> backends;
      std::vector<std::optional<Weights::InputReference>> references;
      SelfTestReport worst;
      for (const Weights::ModelCard::Member& member : card.GetMembers())
      {
        const auto package = Weights::ModelPackage::OpenMember(model, member);
        TestedBackend made = MakeBackend(package, options);
        if (backends.empty() || made.selfTest.GetShareOfTolerance() > worst.GetShareOfTolerance())
        {
          worst = made.selfTest;
        }
        backends.push_back(std::move(made.backend));
        references.push_back(package.GetReference());
      }
      return {std::make_unique<EnsembleBackend>(std::move(backends)), worst, std::move(references)};
    }
  }

  LoadedEngine LoadedEngine::Load(const std::filesystem::path& model, const BackendOptions& options)
  {
    ProcessTuning::LoadCudaLibraries();  // before LibTorch looks for a GPU
    const auto card = Weights::ModelCard::Load(model / Weights::ModelPackage::CARD_FILE);
    LoadedEngine engine;
    engine.framing = ReadFraming(card.GetJson());
    engine.rules.threshold = card.GetThreshold();
    engine.rules.minimumTumourAreaMm2 = card.GetMinimumTumourAreaMm2();
    TestedBackend made = card.GetMembers().empty() ? MakeBackend(Weights::ModelPackage::Open(model), options)
                                                   : MakeEnsemble(model, card, options);
    engine.backend = std::move(made.backend);
    engine.references = std::move(made.references);
    engine.description.backend = engine.backend->GetInfo();
    engine.description.modelCard = card.GetJson();
    engine.description.modelHash = card.GetWeightsSha256();
    engine.description.selfTest = made.selfTest;
    return engine;
  }
}
