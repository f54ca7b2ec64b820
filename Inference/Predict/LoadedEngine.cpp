// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/LoadedEngine.h"

#include "Inference/Network/Axes.h"
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
    std::vector<float> ToVector(const torch::Tensor& tensor)
    {
      const torch::Tensor dense = tensor.contiguous();
      const float* data = dense.const_data_ptr<float>();
      return {data, data + dense.numel()};
    }

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
        const std::vector<float> classes = ToVector(output.cls_logits);
        answer.classLogits.insert(answer.classLogits.end(), classes.begin(), classes.end());
        if (output.seg_logits.defined())
        {
          const std::vector<float> pixels = ToVector(output.seg_logits);
          answer.segmentationLogits.insert(answer.segmentationLogits.end(), pixels.begin(), pixels.end());
        }
      }
      return answer;
    }

    // card.json: "preprocessing": {"framing": "head" | "centre-square", ...}
    Preprocess::Framing ReadFraming(const Json::Value& card)
    {
      const Json::Value& preprocessing = card["preprocessing"];
      if (!preprocessing.isObject() || !preprocessing.isMember("framing") || preprocessing["framing"] == "head")
      {
        return Preprocess::Framing::Head;
      }
      if (preprocessing["framing"] == "centre-square")
      {
        return Preprocess::Framing::CentreSquare;
      }
      throw Error(ErrorCode::BadInput, "The model's card asks for a framing that is neither head nor centre-square");
    }
  }

  LoadedEngine LoadedEngine::Load(const std::filesystem::path& model, const BackendOptions& options)
  {
    ProcessTuning::LoadCudaLibraries();  // before LibTorch looks for a GPU
    const auto package = Weights::ModelPackage::Open(model);
    LoadedEngine engine;
    engine.framing = ReadFraming(package.GetCard().GetJson());
    engine.rules.threshold = package.GetCard().GetThreshold();
    engine.rules.minimumTumourAreaMm2 = package.GetCard().GetMinimumTumourAreaMm2();

    engine.backend = std::make_unique<TorchBackend>(package.MakeNetwork(), options);
    const BackendInfo& info = engine.backend->GetInfo();
    const std::vector<float> images = MakeSelfTestImages(info.inputSize);
    NetworkOutput reference;
    try
    {
      reference = RunReference(package.MakeNetwork(), images);
    }
    catch (const c10::Error& error)
    {
      throw Error(ErrorCode::Internal, std::string("LibTorch, self-test: ") + error.what_without_backtrace());
    }
    engine.description.backend = info;
    engine.description.modelCard = package.GetCard().GetJson();
    engine.description.modelHash = package.GetCard().GetWeightsSha256();
    engine.description.selfTest =
      CompareWithReference(reference, engine.backend->RunNetwork(images, 2), info.precision);
    return engine;
  }
}
