// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/TransformerBlock.h"

#include "Inference/Network/Axes.h"

namespace H3K27M::Network
{
  namespace
  {
    constexpr double POSITION_DEVIATION = 0.02;

    torch::nn::LayerNorm MakeLayerNorm(std::int64_t features)
    {
      return torch::nn::LayerNorm(torch::nn::LayerNormOptions({features}).eps(LAYER_NORM_EPSILON));
    }

    NormalisedSum AddAndNormalise(const FusedNorm& fused, torch::nn::LayerNorm& norm, const TokenSum& tokens)
    {
      if (fused)
      {
        return fused(tokens.tokens, tokens.addend);
      }
      const torch::Tensor sum = tokens.addend.defined() ? tokens.tokens + tokens.addend : tokens.tokens;
      return {sum, norm(sum)};
    }

    // As layer(tokens), whose C++ form adds the bias to a batch of tokens in a pass of its own (9 of 66 us a slice on
    // an H200).
    torch::Tensor Project(const torch::nn::Linear& layer, const torch::Tensor& tokens)
    {
      return torch::linear(tokens, layer->weight, layer->bias);
    }

    torch::Tensor Drop(const torch::Tensor& x, double probability, bool isTraining)
    {
      return probability > 0 && isTraining ? torch::dropout(x, probability, true) : x;
    }
  }

  SelfAttentionImpl::SelfAttentionImpl(const TransformerOptions& options) :
    query_(register_module("q_mlp", torch::nn::Linear(options.features, options.features))),
    key_(register_module("k_mlp", torch::nn::Linear(options.features, options.features))),
    value_(register_module("v_mlp", torch::nn::Linear(options.features, options.features))),
    output_(register_module("mlp", torch::nn::Linear(options.features, options.features))),
    dropout_(options.dropout)
  {
  }

  torch::Tensor SelfAttentionImpl::Attend(const torch::Tensor& queries, const torch::Tensor& keys,
                                          const torch::Tensor& values) const
  {
    return fused_ ? fused_(queries, keys, values)
                  : AttendByLibTorch(queries, keys, values, TRANSFORMER_HEADS, is_training() ? dropout_ : 0.0);
  }

  torch::Tensor SelfAttentionImpl::Mix(const torch::Tensor& tokens) const
  {
    if (mergedWeight_.defined())
    {
      const auto parts = torch::linear(tokens, mergedWeight_, mergedBias_).chunk(3, -1);
      return Attend(parts[0], parts[1], parts[2]);
    }
    return Attend(Project(query_, tokens), Project(key_, tokens), Project(value_, tokens));
  }

  torch::Tensor SelfAttentionImpl::forward(const torch::Tensor& tokens)
  {
    return Drop(Project(output_, Mix(tokens)), dropout_, is_training());
  }

  void SelfAttentionImpl::UseKernels(const IInferenceKernels& kernels)
  {
    fused_ = kernels.MakeAttention(TRANSFORMER_HEADS);
    if (kernels.MergesProjections())
    {
      const torch::NoGradGuard noGrad;
      mergedWeight_ = torch::cat({query_->weight, key_->weight, value_->weight});
      mergedBias_ = torch::cat({query_->bias, key_->bias, value_->bias});
    }
  }

  FeedForwardImpl::FeedForwardImpl(const TransformerOptions& options) :
    first_(register_module("fc1", torch::nn::Linear(options.features, options.features * TRANSFORMER_FFN_RATIO))),
    second_(register_module("fc2", torch::nn::Linear(options.features * TRANSFORMER_FFN_RATIO, options.features))),
    dropout_(options.dropout)
  {
  }

  torch::Tensor FeedForwardImpl::forward(const torch::Tensor& tokens)
  {
    const torch::Tensor hidden = Drop(torch::gelu(Project(first_, tokens)), dropout_, is_training());
    return Drop(Project(second_, hidden), dropout_, is_training());
  }

  TransformerLayerImpl::TransformerLayerImpl(const TransformerOptions& options) :
    attentionNorm_(register_module("multi_head_att_norm", MakeLayerNorm(options.features))),
    attention_(register_module("multi_head_att", SelfAttention(options))),
    feedForwardNorm_(register_module("ffn_norm", MakeLayerNorm(options.features))),
    feedForward_(register_module("ffn", FeedForward(options)))
  {
  }

  TokenSum TransformerLayerImpl::forward(const TokenSum& tokens)
  {
    const NormalisedSum entered = AddAndNormalise(fusedAttentionNorm_, attentionNorm_, tokens);
    const NormalisedSum attended =
      AddAndNormalise(fusedFeedForwardNorm_, feedForwardNorm_, {entered.sum, attention_(entered.normalised)});
    return {attended.sum, feedForward_(attended.normalised)};
  }

  void TransformerLayerImpl::UseKernels(const IInferenceKernels& kernels)
  {
    fusedAttentionNorm_ = kernels.MakeNorm(attentionNorm_);
    fusedFeedForwardNorm_ = kernels.MakeNorm(feedForwardNorm_);
  }

  PositionEmbeddingImpl::PositionEmbeddingImpl(const TransformerOptions& options) :
    embeddings_(register_parameter("position_embeddings",
                                   torch::randn({1, options.tokens, options.features}) * POSITION_DEVIATION)),
    dropout_(options.dropout)
  {
  }

  torch::Tensor PositionEmbeddingImpl::forward(const torch::Tensor& tokens)
  {
    return Drop(tokens + embeddings_, dropout_, is_training());
  }

  TransformerBlockImpl::TransformerBlockImpl(const TransformerOptions& options) :
    positions_(register_module("position_embedding", PositionEmbedding(options))),
    layers_(register_module("transformer_layers", torch::nn::ModuleList())),
    norm_(register_module("norm", MakeLayerNorm(options.features)))
  {
    for (std::int64_t layer = 0; layer < TRANSFORMER_LAYERS; layer++)
    {
      layers_->push_back(TransformerLayer(options));
    }
  }

  torch::Tensor TransformerBlockImpl::forward(const torch::Tensor& map)
  {
    const std::int64_t rows = map.size(AXIS_ROW);
    const std::int64_t columns = map.size(AXIS_COLUMN);
    // For a channels-last map both rearrangements are views.
    TokenSum tokens{positions_(map.permute({0, 2, 3, 1}).flatten(1, 2)), {}};
    for (const auto& layer : *layers_)
    {
      tokens = layer->as<TransformerLayer>()->forward(tokens);
    }
    return AddAndNormalise(fusedNorm_, norm_, tokens).normalised.unflatten(1, {rows, columns}).permute({0, 3, 1, 2});
  }

  void TransformerBlockImpl::UseKernels(const IInferenceKernels& kernels)
  {
    fusedNorm_ = kernels.MakeNorm(norm_);
  }
}
