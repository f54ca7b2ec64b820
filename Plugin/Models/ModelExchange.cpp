// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Models/ModelExchange.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"
#include "Plugin/Models/ModelFiles.h"
#include "Plugin/Models/UploadedModel.h"
#include "Plugin/Support/Log.h"
#include "Plugin/Zip/ZipWriter.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
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

    void ReadInto(const std::filesystem::path& path, std::span<char> target)
    {
      std::ifstream stream(path, std::ios::binary);

      if (!stream.read(target.data(), static_cast<std::streamsize>(target.size())))
      {
        throw Error(ErrorCode::Unavailable, "Cannot read the model's file " + path.filename().string());
      }
    }
  }

  // A hidden folder beside the models, so that it can be renamed to one; removed unless it was.
  class ModelExchange::Workplace
  {
  public:
    Workplace(const std::filesystem::path& root, const std::string& prefix)
    {
      std::error_code fault;
      std::filesystem::create_directories(root, fault);
      std::string name = (root / (prefix + "XXXXXX")).string();

      if (fault || mkdtemp(name.data()) == nullptr)
      {
        throw Error(ErrorCode::Unavailable,
                    "Cannot make a folder for the model: " + (fault ? fault.message() : std::strerror(errno)));
      }

      path_ = name;
    }

    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;

    ~Workplace()
    {
      std::error_code ignored;
      std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& GetPath() const noexcept
    {
      return path_;
    }

    // Throws Error(Conflict) when something stands there already.
    void RenameTo(const std::filesystem::path& target)
    {
      // mkdtemp() makes folders that only the owner enters; models are as readable as other files.
      if (chmod(path_.c_str(), 0755) != 0 || rename(path_.c_str(), target.c_str()) != 0)
      {
        const int cause = errno;
        throw Error(cause == ENOTEMPTY || cause == EEXIST || cause == ENOTDIR ? ErrorCode::Conflict
                                                                              : ErrorCode::Unavailable,
                    "Cannot put the model in place: " + std::string(std::strerror(cause)));
      }

      Protocol::SyncFolder(target.parent_path());
      path_ = std::filesystem::path();
    }

  private:
    std::filesystem::path path_;
  };

  ModelExchange::ModelExchange(const ModelCatalog& catalog, WorkState::WorkStore& store, ModelExchangeOptions options) :
    catalog_(catalog),
    store_(store),
    options_(std::move(options))
  {
    Sweep();
  }

  // Several Orthancs may share the folder: each sweeps its own.
  std::string ModelExchange::GetPrefix() const
  {
    return ".upload-" + Protocol::Sha256::OfText(options_.owner).substr(0, 12) + "-";
  }

  void ModelExchange::Sweep() const
  {
    std::error_code fault;

    for (const auto& item : std::filesystem::directory_iterator(options_.folder, fault))
    {
      if (item.path().filename().string().starts_with(GetPrefix()))
      {
        std::filesystem::remove_all(item.path(), fault);
        Support::Log::Info("removed a model that was being uploaded when Orthanc ended");
      }
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

    std::vector<std::pair<std::string, std::uint64_t>> files;
    std::uint64_t bytes = 0;
    std::size_t nameBytes = 0;

    for (const std::string& file : ListModelFiles(model.card))
    {
      files.emplace_back(file, CountInside(model.path, file));
      bytes += files.back().second;
      nameBytes += file.size();
    }

    if (bytes > options_.maxBytes)
    {
      throw Error(ErrorCode::BadInput, "The model has " + std::to_string(bytes) + " bytes, MaxModelBytes is " +
                                         std::to_string(options_.maxBytes) + ": take it from the server's disk");
    }

    Zip::ZipWriter writer;
    writer.Reserve(Zip::ZipWriter::ComputeSize(bytes, files.size(), nameBytes));

    for (const auto& [file, size] : files)
    {
      writer.AddFile(file, size,
                     [&path = model.path, &file = file](std::span<char> target) { ReadInto(path / file, target); });
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

    Workplace place(options_.folder, GetPrefix());
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
