// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Weights/ModelPackage.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace H3K27M::Weights
{
  namespace
  {
    // Where a Write() takes place meanwhile, the next look finds what it left.
    constexpr int MAX_LOOKS = 3;

    bool Exists(const std::filesystem::path& path)
    {
      std::error_code error;
      return std::filesystem::exists(path, error);
    }

    // Nothing where the file holds other weights, or is not there, perhaps any more.
    std::optional<Protocol::SafetensorsFile> FindWeights(const std::filesystem::path& path, const std::string& sha256)
    {
      try
      {
        return Protocol::SafetensorsFile::OpenHashed(path, sha256);
      }
      catch (const Error& e)
      {
        if (e.GetCode() != ErrorCode::NotFound)
        {
          throw;
        }
        return std::nullopt;
      }
    }

    // Saves the weights as `path` and sets their hash.
    void SaveWeights(const std::filesystem::path& path, const TensorMap& weights, StoredPrecision precision,
                     ModelCard& card)
    {
      weights.Save(path, precision, {{"format", "pt"}});
      card.Set("weights_sha256", Protocol::Sha256::OfFile(path));
    }

    std::size_t GetSignatureSize(const ModelCard& card)
    {
      return static_cast<std::size_t>(4 * card.GetNetwork().width);
    }
  }

  ModelPackage::ModelPackage(ModelCard card, const TensorMap& tensors) :
    card_(std::move(card)),
    reference_(InputReference::FromTensors(tensors, GetSignatureSize(card_)))
  {
    for (const auto& [name, tensor] : tensors.GetAll())
    {
      if (!name.starts_with(InputReference::PREFIX))
      {
        weights_.Set(name, tensor);
      }
    }
  }

  ModelPackage ModelPackage::Open(const std::filesystem::path& folder)
  {
    for (int look = 1;; look++)
    {
      ModelCard card = ModelCard::Load(folder / CARD_FILE);
      // The next ones where the model is written again at this moment, or was when the power went.
      for (const char* name : {WEIGHTS_FILE, NEXT_WEIGHTS_FILE})
      {
        if (const auto file = FindWeights(folder / name, card.GetWeightsSha256()))
        {
          return {std::move(card), TensorMap::FromFile(*file)};
        }
      }
      if (look == MAX_LOOKS)
      {
        const std::filesystem::path path = folder / WEIGHTS_FILE;
        throw Error(ErrorCode::Corrupt, "The weights " + path.string() + " are not those of the card: SHA-256 " +
                                          Protocol::Sha256::OfFile(path) + ", the card says " +
                                          card.GetWeightsSha256());
      }
    }
  }

  ModelPackage ModelPackage::OpenMember(const std::filesystem::path& folder, const ModelCard::Member& member)
  {
    ModelPackage package = Open(folder / member.folder);
    if (package.GetCard().GetWeightsSha256() != member.weightsSha256)
    {
      throw Error(ErrorCode::Corrupt, "The member " + member.folder + " is not the one that the model's card lists");
    }
    return package;
  }

  void ModelPackage::Settle(const std::filesystem::path& folder)
  {
    const std::filesystem::path next = folder / NEXT_WEIGHTS_FILE;
    if (Exists(next) && FindWeights(next, ModelCard::Load(folder / CARD_FILE).GetWeightsSha256()))
    {
      std::error_code ignored;
      std::filesystem::rename(next, folder / WEIGHTS_FILE, ignored);
    }
  }

  ModelCard ModelPackage::Write(const std::filesystem::path& folder, ModelCard card, const TensorMap& weights,
                                StoredPrecision precision)
  {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
    {
      throw Error(ErrorCode::Unavailable, "Cannot make the folder " + folder.string() + ": " + error.message());
    }
    // A training that was killed may have left some; one process alone writes a model.
    Protocol::RemoveUnfinished(folder, {WEIGHTS_FILE, NEXT_WEIGHTS_FILE, CARD_FILE}, std::chrono::seconds(0));
    if (!Exists(folder / CARD_FILE))
    {
      SaveWeights(folder / WEIGHTS_FILE, weights, precision, card);
      card.Save(folder / CARD_FILE);
      return card;
    }
    card.CheckSize();  // before a file is written that no card will speak of
    Settle(folder);
    const std::filesystem::path next = folder / NEXT_WEIGHTS_FILE;
    SaveWeights(next, weights, precision, card);
    card.Save(folder / CARD_FILE);
    std::filesystem::rename(next, folder / WEIGHTS_FILE, error);
    if (error)
    {
      throw Error(ErrorCode::Unavailable, "Cannot write " + (folder / WEIGHTS_FILE).string() + ": " + error.message());
    }
    Protocol::SyncFolder(folder);
    return card;
  }

  ModelCard ModelPackage::WriteWithReference(const std::filesystem::path& folder, const InputReference& reference) const
  {
    TensorMap tensors = weights_;
    reference.AddTo(tensors);
    const bool isHalf = std::any_of(weights_.GetAll().begin(), weights_.GetAll().end(),
                                    [](const auto& item) { return item.second.scalar_type() == torch::kFloat16; });
    return Write(folder, card_, tensors, isHalf ? StoredPrecision::F16 : StoredPrecision::F32);
  }

  Network::GenotypeNet ModelPackage::MakeNetwork() const
  {
    Network::GenotypeNet network(card_.GetNetwork());
    weights_.CopyInto(*network);
    network->eval();
    return network;
  }
}
