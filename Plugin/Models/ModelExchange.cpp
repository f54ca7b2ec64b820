// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Models/ModelExchange.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"
#include "Plugin/Models/ModelFiles.h"
#include "Plugin/Models/UploadedModel.h"
#include "Plugin/Support/Log.h"
#include "Plugin/Zip/ZipWriter.h"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <system_error>
#include <utility>

namespace H3K27M::Models
{
  namespace
  {
    std::unique_lock<std::mutex> TakeTurn(std::mutex& mutex)
    {
      std::unique_lock lock(mutex, std::try_to_lock);

      if (!lock)
      {
        throw Error(ErrorCode::Busy, "Another model is on its way in or out; one goes at a time");
      }

      return lock;
    }

    // The size of a model's file, which must lie in the model's folder once links are followed: a download must not
    // become a way to any file of the server.
    std::uint64_t CountInside(const std::filesystem::path& folder, const std::string& file)
    {
      const std::filesystem::path root = std::filesystem::canonical(folder);
      const std::filesystem::path path = std::filesystem::canonical(root / file);

      if (std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first != root.end())
      {
        throw Error(ErrorCode::BadInput, "The model's file " + file + " is a link out of its folder");
      }

      return std::filesystem::file_size(path);
    }

    // Of the weights in `file`, one of ListModelFiles(): what the card says.
    const Json::Value& FindWeightsHash(const Json::Value& card, const std::string& file)
    {
      const std::filesystem::path folder = std::filesystem::path(file).parent_path();

      if (!folder.empty())
      {
        for (const Json::Value& member : card["members"])
        {
          if (std::filesystem::path(member["folder"].asString()).filename() == folder)
          {
            return member["weights_sha256"];
          }
        }
      }

      return card["weights_sha256"];
    }

    // Which file of the folder goes out as `file`. Where the engine was killed while it wrote the model again, with the
    // card in its place and the weights not, the card's are the next ones, and the engine serves them from there.
    std::string FindSource(const ModelEntry& model, const std::string& file)
    {
      const std::string next = (std::filesystem::path(file).parent_path() / NEXT_WEIGHTS_FILE).generic_string();
      std::error_code fault;
      return IsWeightsFile(file) && std::filesystem::exists(model.path / next, fault) &&
                 FindWeightsHash(model.card, file) == Protocol::Sha256::OfFile(model.path / next)
               ? next
               : file;
    }

    struct PackedFile
    {
      std::string name;
      std::string source;
      std::uint64_t bytes;
    };

    void ReadInto(const std::filesystem::path& path, std::span<char> target)
    {
      std::ifstream stream(path, std::ios::binary);

      if (!stream.read(target.data(), static_cast<std::streamsize>(target.size())))
      {
        throw Error(ErrorCode::Unavailable, "Cannot read the model's file " + path.filename().string());
      }
    }
  }

  ModelExchange::ModelExchange(const ModelCatalog& catalog, WorkState::WorkStore& store, ModelExchangeOptions options) :
    catalog_(catalog),
    store_(store),
    options_(std::move(options)),
    place_{options_.folder, "upload", options_.owner}
  {
    if (Support::UnfinishedFolder::Sweep(place_) > 0)
    {
      Support::Log::Info("removed a model that was being uploaded when Orthanc ended");
    }
  }

  std::string ModelExchange::Pack(const std::string& name)
  {
    const auto turn = TakeTurn(mutex_);
    const ModelEntry model = catalog_.Get(name);

    if (!model.fault.empty())
    {
      throw Error(ErrorCode::BadInput, "The model " + name + " cannot be read: " + model.fault);
    }

    std::vector<PackedFile> files;
    std::uint64_t bytes = 0;
    std::size_t nameBytes = 0;

    for (const std::string& file : ListModelFiles(model.card))
    {
      const std::string source = FindSource(model, file);
      files.push_back({file, source, CountInside(model.path, source)});
      bytes += files.back().bytes;
      nameBytes += file.size();
    }

    if (bytes > options_.maxBytes)
    {
      throw Error(ErrorCode::BadInput, "The model has " + std::to_string(bytes) + " bytes, MaxModelBytes is " +
                                         std::to_string(options_.maxBytes) + ": take it from the server's disk");
    }

    Zip::ZipWriter writer;
    writer.Reserve(Zip::ZipWriter::ComputeSize(bytes, files.size(), nameBytes));

    for (const PackedFile& file : files)
    {
      writer.AddFile(file.name, file.bytes,
                     [&](std::span<char> target) { ReadInto(model.path / file.source, target); });
    }

    return writer.Finish();
  }

  void ModelExchange::CheckWithEngine(const std::filesystem::path& folder) const
  {
    try
    {
      options_.check(folder);
    }
    catch (const Error& e)
    {
      // Where it lies on the server is nobody's business.
      std::string text = e.what();

      for (std::size_t at = text.find(folder.string()); at != std::string::npos; at = text.find(folder.string()))
      {
        text.replace(at, folder.string().size(), "the model");
      }

      throw Error(e.GetCode(), "The engine cannot use the model: " + text);
    }
  }

  std::string ModelExchange::Take(std::string_view archive)
  {
    const auto turn = TakeTurn(mutex_);

    if (archive.size() > options_.maxBytes)
    {
      throw Error(ErrorCode::BadInput, "The body has " + std::to_string(archive.size()) + " bytes, MaxModelBytes is " +
                                         std::to_string(options_.maxBytes));
    }

    Support::UnfinishedFolder place(place_);
    const Json::Value card = UnpackModel(archive, options_.maxBytes, place.GetPath());
    const std::string name = card["name"].asString();

    if (catalog_.IsTaken(name))
    {
      throw Error(ErrorCode::Conflict, "There is a model '" + name +
                                         "' already, or a run that may make one: give the "
                                         "card another name");
    }

    ModelEntry entry;
    entry.card = card;

    if (!entry.IsEncoder())
    {
      CheckWithEngine(place.GetPath());
    }

    store_.AppendAudit({0, 0, "rest", "model-uploaded", name, "weights " + card["weights_sha256"].asString()});
    place.RenameTo(options_.folder / name);
    return name;
  }
}
