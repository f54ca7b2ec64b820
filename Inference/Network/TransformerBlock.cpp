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

  // [slice, token, feature] -> [slice, head, token, feature of the head], a view.
  torch::Tensor SelfAttentionImpl::SplitHeads(const torch::Tensor& tokens) const
  {
    return tokens.unflatten(-1, {TRANSFORMER_HEADS, -1}).transpose(1, 2);
  }

  torch::Tensor SelfAttentionImpl::forward(const torch::Tensor& tokens)
  {
    const torch::Tensor mixed =
      torch::scaled_dot_product_attention(SplitHeads(query_(tokens)), SplitHeads(key_(tokens)),
                                          SplitHeads(value_(tokens)), {}, is_training() ? dropout_ : 0.0);
    return Drop(output_(mixed.transpose(1, 2).flatten(2)), dropout_, is_training());
  }

  FeedForwardImpl::FeedForwardImpl(const TransformerOptions& options) :
    first_(register_module("fc1", torch::nn::Linear(options.features, options.features * TRANSFORMER_FFN_RATIO))),
    second_(register_module("fc2", torch::nn::Linear(options.features * TRANSFORMER_FFN_RATIO, options.features))),
    dropout_(options.dropout)
  {
  }

  torch::Tensor FeedForwardImpl::forward(const torch::Tensor& tokens)
  {
    const torch::Tensor hidden = Drop(torch::gelu(first_(tokens)), dropout_, is_training());
    return Drop(second_(hidden), dropout_, is_training());
  }

  TransformerLayerImpl::TransformerLayerImpl(const TransformerOptions& options) :
    attentionNorm_(register_module("multi_head_att_norm", MakeLayerNorm(options.features))),
    attention_(register_module("multi_head_att", SelfAttention(options))),
    feedForwardNorm_(register_module("ffn_norm", MakeLayerNorm(options.features))),
    feedForward_(register_module("ffn", FeedForward(options)))
  {
  }

  torch::Tensor TransformerLayerImpl::forward(const torch::Tensor& tokens)
  {
    const torch::Tensor attended = tokens + attention_(attentionNorm_(tokens));
    return attended + feedForward_(feedForwardNorm_(attended));
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
    torch::Tensor tokens = positions_(map.permute({0, 2, 3, 1}).flatten(1, 2));
    for (const auto& layer : *layers_)
    {
      tokens = layer->as<TransformerLayer>()->forward(tokens);
    }
    return norm_(tokens).unflatten(1, {rows, columns}).permute({0, 3, 1, 2});
  }
}
