// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Predict/TorchBackend.h"

#include "Inference/Cpu/CpuKernels.h"
#include "Inference/Cuda/DeviceResampler.h"
#include "Inference/Network/Axes.h"
#include "Inference/Network/GradCam.h"
#include "Inference/Network/TensorCopy.h"
#include "Inference/Network/TranslateTorch.h"
#include "Inference/Predict/DeviceKernels.h"
#include "Inference/Predict/ProcessTuning.h"
#include "Inference/Predict/Stopwatch.h"
#include "Inference/Protocol/Error.h"

#include <torch/version.h>

#include <algorithm>
#include <cstring>

namespace H3K27M::Predict
{
  namespace
  {
    // Measured on 2 cores of an AMD EPYC with 256 x 256 slices.
    constexpr std::size_t BATCH_ON_CPU = 4;
    constexpr std::size_t BATCH_ON_GPU = 32;

    // Passes are recorded for multiples of so many images.
    constexpr std::int64_t IMAGES_PER_STEP = 8;

    // cuDNN may choose backward algorithms that add in any order.
    class DeterministicConvolutions
    {
    public:
      DeterministicConvolutions()
      {
        at::globalContext().setDeterministicCuDNN(true);
      }

      DeterministicConvolutions(const DeterministicConvolutions&) = delete;
      DeterministicConvolutions& operator=(const DeterministicConvolutions&) = delete;

      ~DeterministicConvolutions()
      {
        at::globalContext().setDeterministicCuDNN(before_);
      }

    private:
      bool before_ = at::globalContext().deterministicCuDNN();
    };

    // NaN compares as "no tumour" and "wild type": broken weights or an overflow in half precision must not look like
    // a finding.
    void RequireFinite(const torch::Tensor& logits, const char* name)
    {
      if (logits.defined() && !torch::isfinite(logits).all().item<bool>())
      {
        throw Error(ErrorCode::Internal, std::string("The network's ") + name +
                                           " are not finite: its weights are broken or the precision overflows");
      }
    }
  }

  TorchBackend::TorchBackend(Network::GenotypeNet network, const BackendOptions& options) :
    network_(std::move(network))
  {
    Network::TranslateTorch([&]
    {
      info_.threads = ProcessTuning::SettleThreads(options.threads);
      torch::set_num_threads(static_cast<int>(info_.threads));
      chosen_ = TorchDevice::Choose(options.device);
      info_.device = chosen_.name;
      info_.deviceKind = chosen_.device.is_cuda() ? "cuda" : "cpu";
      info_.note = chosen_.note;
      info_.libtorchVersion = TORCH_VERSION;
      info_.cudaVersion = chosen_.cudaVersion;
      info_.usesOwnKernels = chosen_.device.is_cuda() && Cuda::IsBuilt();
      ChoosePrecision(options.precision);
      const std::size_t automatic = chosen_.device.is_cuda() ? BATCH_ON_GPU : BATCH_ON_CPU;
      info_.batchSize = options.batchSize == 0 ? automatic : options.batchSize;
      info_.inputSize = static_cast<std::size_t>(network_->GetOptions().inputSize);
      info_.hasSegmentation = Network::HasSegmentation(network_->GetOptions().variant);
      network_->PrepareForInference();
      network_->MoveTo(chosen_.device, dtype_);
      UseChannelsLast(*network_);
      if (chosen_.device.is_cpu() && dtype_ == torch::kFloat32)
      {
        Network::UseKernels(*network_, Cpu::CpuKernels());
      }
      if (DeviceKernels::AreUsable(chosen_.device, dtype_))
      {
        Network::UseKernels(*network_, DeviceKernels());
        records_ = true;
      }
    });
  }

  void TorchBackend::ChoosePrecision(Precision precision)
  {
    precision = chosen_.Resolve(precision);
    if (precision == Precision::Float16 && chosen_.device.is_cpu())
    {
      throw Error(ErrorCode::BadInput, "The precision fp16 is for GPUs; the CPU computes in fp32 or bf16");
    }
    if (precision == Precision::BFloat16 && chosen_.device.is_cpu() && !chosen_.HasBFloat16Arithmetic())
    {
      throw Error(ErrorCode::BadInput,
                  "This processor has neither avx512_bf16 nor AMX: bf16 would be slower than fp32");
    }
    info_.precision = precision;
    dtype_ = precision == Precision::BFloat16  ? torch::kBFloat16
             : precision == Precision::Float16 ? torch::kFloat16
                                               : torch::kFloat32;
  }

  Network::GenotypeOutput TorchBackend::Forward(const torch::Tensor& images)
  {
    Network::GenotypeOutput output = network_->forward(images.to(dtype_));
    output.cls_logits = output.cls_logits.to(torch::kFloat32);
    if (output.seg_logits.defined())
    {
      output.seg_logits = output.seg_logits.to(torch::kFloat32).contiguous();
    }
    return output;
  }

  TorchBackend::RecordedPass* TorchBackend::GetRecorded(std::int64_t count)
  {
    // A few sizes serve all: a graph keeps the memory of its pass.
    const std::int64_t padded = std::min((count + IMAGES_PER_STEP - 1) / IMAGES_PER_STEP * IMAGES_PER_STEP,
                                         static_cast<std::int64_t>(info_.batchSize));
    if (!records_ || count > padded)
    {
      return nullptr;
    }
    const auto [found, isNew] = recorded_.try_emplace(padded);
    RecordedPass& pass = found->second;
    if (isNew)
    {
      try
      {
        const auto size = static_cast<std::int64_t>(info_.inputSize);
        pass.images = torch::zeros({padded, 1, size, size}, torch::TensorOptions().device(chosen_.device));
        Synchronise();
        pass.graph = DeviceGraph::TryRecord(chosen_.device, [&] { pass.output = Forward(pass.images); });
      }
      catch (const std::exception& error)
      {
        // The plain pass gives the same answers, later.
        info_.note += std::string(info_.note.empty() ? "" : "; ") + "no CUDA graph: " + error.what();
        records_ = false;
        recorded_.clear();  // the memory of passes that nobody asks for any more
        return nullptr;
      }
    }
    return pass.graph ? &pass : nullptr;
  }

  Network::GenotypeOutput TorchBackend::Infer(const torch::Tensor& images)
  {
    const std::int64_t count = images.size(0);
    RecordedPass* const pass = GetRecorded(count);
    if (pass == nullptr)
    {
      return Forward(images);
    }
    pass->images.narrow(0, 0, count).copy_(images);
    Synchronise();  // the graph has a stream of its own
    pass->graph->Replay();
    const auto First = [count](const torch::Tensor& all) { return all.defined() ? all.narrow(0, 0, count) : all; };
    const Network::GenotypeOutput& all = pass->output;
    return {First(all.cls_logits), First(all.seg_logits), First(all.feature), First(all.signature)};
  }

  void TorchBackend::Synchronise() const
  {
    if (chosen_.device.is_cuda())
    {
      torch::cuda::synchronize(chosen_.device.index());
    }
  }

  torch::Tensor TorchBackend::TakeImages(std::span<const float> images, std::size_t count) const
  {
    const std::size_t plane = info_.inputSize * info_.inputSize;
    if (count == 0 || images.size() != count * plane)
    {
      throw Error(ErrorCode::BadInput, "The images are not [N, 1, S, S] with the size of the network's grid");
    }
    const auto size = static_cast<std::int64_t>(info_.inputSize);
    torch::Tensor host = torch::empty({static_cast<std::int64_t>(count), 1, size, size});
    std::memcpy(host.data_ptr<float>(), images.data(), images.size_bytes());
    return host.to(chosen_.device);
  }

  NetworkOutput TorchBackend::RunNetwork(std::span<const float> images, std::size_t count)
  {
    return Network::TranslateTorch([&]
    {
      const c10::InferenceMode guard;
      const Network::GenotypeOutput output = Infer(TakeImages(images, count));
      NetworkOutput answer;
      answer.classLogits = Network::CopyToVector(output.cls_logits);
      answer.signatures = {Network::CopyToVector(output.signature)};
      if (output.seg_logits.defined())
      {
        answer.segmentationLogits = Network::CopyToVector(output.seg_logits);
      }
      return answer;
    });
  }

  std::vector<float> TorchBackend::ComputeSaliency(std::span<const float> images, std::size_t count,
                                                   std::int64_t genotype)
  {
    return Network::TranslateTorch([&]
    {
      const DeterministicConvolutions deterministic;
      const torch::Tensor maps = Network::ComputeGradCam(network_, TakeImages(images, count).to(dtype_), genotype);
      RequireFinite(maps, "saliency maps");
      return Network::CopyToVector(maps);
    });
  }

  void TorchBackend::Check(const SliceBatch& batch) const
  {
    if (batch.study == nullptr || batch.slices.empty() || batch.slices.size() > info_.batchSize ||
        batch.masks.size() != batch.slices.size() * batch.study->GetVolume().GetSliceSize() ||
        batch.study->GetTargetSize() != info_.inputSize * info_.inputSize)
    {
      throw Error(ErrorCode::Internal, "The batch does not fit the backend: " + std::to_string(batch.slices.size()) +
                                         " slices, at most " + std::to_string(info_.batchSize));
    }
  }

  torch::Tensor TorchBackend::MakeImages(const SliceBatch& batch) const
  {
    const auto count = static_cast<std::int64_t>(batch.slices.size());
    const auto size = static_cast<std::int64_t>(info_.inputSize);
    const bool isOnDevice = Cuda::IsOnDevice(*batch.study);
    torch::Tensor images =
      torch::empty({count, 1, size, size}, torch::TensorOptions().device(isOnDevice ? chosen_.device : torch::kCPU));
    if (isOnDevice)
    {
      Cuda::WriteSlices(*batch.study, batch.slices, images.data_ptr<float>());
      return images;
    }
    const std::size_t plane = info_.inputSize * info_.inputSize;
    for (std::size_t i = 0; i < batch.slices.size(); ++i)
    {
      batch.study->WriteSlice(batch.slices[i], std::span(images.data_ptr<float>() + i * plane, plane));
    }
    return images.to(chosen_.device);
  }

  std::shared_ptr<const Preprocess::IVolumeStatistics> TorchBackend::TakeVolume(
    const Preprocess::VolumeView& volume) const
  {
    return info_.usesOwnKernels ? Cuda::TakeVolume(volume) : nullptr;
  }

  std::vector<std::size_t> TorchBackend::RestoreMasks(const torch::Tensor& logits, const SliceBatch& batch) const
  {
    const std::size_t native = batch.study->GetVolume().GetSliceSize();
    std::vector<std::size_t> pixels(batch.slices.size(), 0);
    if (!logits.defined())
    {
      return pixels;
    }
    if (info_.usesOwnKernels)
    {
      return Cuda::RestoreMasks(*batch.study, batch.slices.size(), logits.const_data_ptr<float>(), batch.masks);
    }
    const torch::Tensor host = logits.to(torch::kCPU).contiguous();
    const std::size_t plane = info_.inputSize * info_.inputSize * Network::SEGMENTATION_CLASSES;
    for (std::size_t i = 0; i < batch.slices.size(); ++i)
    {
      pixels[i] = batch.study->RestoreMask(std::span(host.const_data_ptr<float>() + i * plane, plane),
                                           batch.masks.subspan(i * native, native));
    }
    return pixels;
  }

  BatchResult TorchBackend::RunBatch(const SliceBatch& batch)
  {
    Check(batch);
    return Network::TranslateTorch([&]
    {
      const c10::InferenceMode guard;
      BatchResult result;
      Stopwatch stopwatch;
      const torch::Tensor images = MakeImages(batch);
      Synchronise();
      result.preprocessMs = stopwatch.TakeMilliseconds();
      const Network::GenotypeOutput output = Infer(images);
      RequireFinite(output.cls_logits, "class logits");
      RequireFinite(output.seg_logits, "segmentation logits");
      const torch::Tensor altered =
        torch::softmax(output.cls_logits, 1).select(1, Network::GENOTYPE_ALTERED).to(torch::kCPU, torch::kFloat64);
      Synchronise();
      result.networkMs = stopwatch.TakeMilliseconds();
      result.tumourPixels = RestoreMasks(output.seg_logits, batch);
      result.postprocessMs = stopwatch.TakeMilliseconds();
      const torch::Tensor dense = altered.contiguous();
      const double* data = dense.const_data_ptr<double>();
      result.probabilityAltered.assign(data, data + dense.numel());
      result.signatures = {Network::CopyToVector(output.signature)};
      return result;
    });
  }
}
