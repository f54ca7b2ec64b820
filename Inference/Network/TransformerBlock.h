// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Network/InferenceKernels.h"

#include <torch/torch.h>

namespace H3K27M::Network
{
  struct TransformerOptions
  {
    std::int64_t tokens;    // rows * columns of the feature map
    std::int64_t features;  // channels of the feature map; a multiple of HEADS
    double dropout = 0;
  };

  constexpr std::int64_t TRANSFORMER_LAYERS = 2;
  constexpr std::int64_t TRANSFORMER_HEADS = 8;
  constexpr std::int64_t TRANSFORMER_FFN_RATIO = 2;
  constexpr double LAYER_NORM_EPSILON = 1e-6;  // not PyTorch's 1e-5

  // Multi-head self-attention, [slice, token, feature] -> the same. The attention matrix is never materialised
  // (scaled_dot_product_attention): at an eighth of 256x256 it would take 32 MB per slice.
  class SelfAttentionImpl : public torch::nn::Module
  {
  public:
    explicit SelfAttentionImpl(const TransformerOptions& options);

    torch::Tensor forward(const torch::Tensor& tokens);

    // See InferenceKernels.h.
    void UseKernels(const IInferenceKernels& kernels);

  private:
    torch::Tensor Attend(const torch::Tensor& queries, const torch::Tensor& keys, const torch::Tensor& values) const;
    torch::Tensor Mix(const torch::Tensor& tokens) const;

    torch::nn::Linear query_;
    torch::nn::Linear key_;
    torch::nn::Linear value_;
    torch::nn::Linear output_;
    double dropout_;
    torch::Tensor mergedWeight_;  // [3 * feature, feature] of queries, keys and values; undefined: each by itself
    torch::Tensor mergedBias_;    // [3 * feature]
    FusedAttention fused_;
  };
  TORCH_MODULE(SelfAttention);

  // Linear, exact (erf) GELU, linear.
  class FeedForwardImpl : public torch::nn::Module
  {
  public:
    explicit FeedForwardImpl(const TransformerOptions& options);

    torch::Tensor forward(const torch::Tensor& tokens);

  private:
    torch::nn::Linear first_;
    torch::nn::Linear second_;
    double dropout_;
  };
  TORCH_MODULE(FeedForward);

  // What a layer made: tokens + addend. The next norm adds them.
  struct TokenSum
  {
    torch::Tensor tokens;
    torch::Tensor addend;  // undefined: nothing
  };

  // Pre-norm layer: x + attention(norm(x)), then x + ffn(norm(x)).
  class TransformerLayerImpl : public torch::nn::Module
  {
  public:
    explicit TransformerLayerImpl(const TransformerOptions& options);

    TokenSum forward(const TokenSum& tokens);

    // See InferenceKernels.h.
    void UseKernels(const IInferenceKernels& kernels);

  private:
    torch::nn::LayerNorm attentionNorm_;
    SelfAttention attention_;
    torch::nn::LayerNorm feedForwardNorm_;
    FeedForward feedForward_;
    FusedNorm fusedAttentionNorm_;
    FusedNorm fusedFeedForwardNorm_;
  };
  TORCH_MODULE(TransformerLayer);

  // Learned positions, added to the tokens: parameter `position_embeddings` [1, token, feature].
  class PositionEmbeddingImpl : public torch::nn::Module
  {
  public:
    explicit PositionEmbeddingImpl(const TransformerOptions& options);

    torch::Tensor forward(const torch::Tensor& tokens);

  private:
    torch::Tensor embeddings_;
    double dropout_;
  };
  TORCH_MODULE(PositionEmbedding);

  // Transformer over the positions of a feature map (paper, figure 1; upstream `transformer_layers_8|16`):
  // positions, two pre-norm layers, a last norm.
  // [slice, features, row, column] float -> the same shape; rows * columns must equal `tokens`.
  class TransformerBlockImpl : public torch::nn::Module
  {
  public:
    explicit TransformerBlockImpl(const TransformerOptions& options);

    torch::Tensor forward(const torch::Tensor& map);

    // The last norm: see InferenceKernels.h.
    void UseKernels(const IInferenceKernels& kernels);

  private:
    PositionEmbedding positions_;
    torch::nn::ModuleList layers_;
    torch::nn::LayerNorm norm_;
    FusedNorm fusedNorm_;
  };
  TORCH_MODULE(TransformerBlock);
}
