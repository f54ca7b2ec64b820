// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/NiftiFolderSource.h"

#include "Inference/Preprocess/NiftiVolume.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"
#include "Training/Data/Faults.h"
#include "Training/Data/SnapshotManifest.h"
#include "Training/Data/SyntheticSubject.h"
#include "Training/Data/VoxelHash.h"

#include <algorithm>

namespace H3K27M::Data
{
  namespace
  {
    bool IsVolume(const std::string& name)
    {
      std::string stem = name;
      if (stem.ends_with(".gz"))
      {
        stem.resize(stem.size() - 3);
      }
      if (!stem.ends_with(".nii"))
      {
        return false;
      }
      stem.resize(stem.size() - 4);
      return !stem.ends_with("_dseg") && !stem.ends_with("_mask") && !stem.ends_with("_seg");
    }

    std::vector<std::string> ListVolumes(const std::filesystem::path& folder)
    {
      std::vector<std::string> files;
      std::error_code error;
      auto walk = std::filesystem::recursive_directory_iterator(folder, error);
      if (error)
      {
        throw Error(ErrorCode::NotFound, "Cannot read the folder " + folder.string() + ": " + error.message());
      }
      for (const auto end = std::filesystem::end(walk); walk != end; walk.increment(error))
      {
        if (walk->is_directory() && walk->path().filename() == "derivatives")
        {
          walk.disable_recursion_pending();
        }
        else if (walk->is_regular_file() && IsVolume(walk->path().filename().string()))
        {
          files.push_back(std::filesystem::relative(walk->path(), folder).generic_string());
        }
      }
      // The walk ends at a folder that it cannot enter: what stands behind it would be missing unsaid.
      if (error)
      {
        throw Error(ErrorCode::Unavailable,
                    "Cannot read all of the folder " + folder.string() + ": " + error.message());
      }
      std::sort(files.begin(), files.end());
      return files;
    }
  }

  NiftiFolderSource::NiftiFolderSource(const std::filesystem::path& folder) :
    folder_(folder),
    files_(ListVolumes(folder))
  {
    if (files_.empty())
    {
      throw Error(ErrorCode::BadInput, "There is no NIfTI volume (.nii, .nii.gz) in " + folder.string());
    }
    std::map<std::string, std::string> first;
    std::vector<std::string> faults;
    for (const std::string& file : files_)
    {
      hashes_[file] = Protocol::Sha256::OfFile(folder_ / file);
      if (const auto [known, isNew] = first.emplace(HashVoxels(folder_ / file), file); !isNew)
      {
        faults.push_back(file + " holds the same voxels as " + known->second);
      }
    }
    ThrowFaults("The folder of volumes cannot be used", faults);
  }

  std::size_t NiftiFolderSource::GetCount() const
  {
    return files_.size();
  }

  TrainingCase NiftiFolderSource::Load(std::size_t index) const
  {
    const auto volume = Preprocess::NiftiVolume::Read(folder_ / files_.at(index));
    TrainingCase loaded = TrainingCase::FromView(files_[index], volume.GetView());
    loaded.mask.assign(loaded.voxels.size(), 0);
    loaded.hasTumour = false;
    return loaded;
  }

  Json::Value NiftiFolderSource::Describe() const
  {
    Json::Value description;
    description["kind"] = "nifti-folder";
    description["count"] = Json::UInt64{files_.size()};
    description["synthetic"] = Json::Int64{std::count_if(files_.begin(), files_.end(), [](const auto& file)
    { return ReadPhantomSeed(FindSubject(file)).has_value(); })};
    std::string list;
    description["images"] = Json::Value(Json::objectValue);
    for (const auto& [file, hash] : hashes_)
    {
      list += hash + "\n";
      description["images"][file] = hash;
    }
    description["hash"] = Protocol::Sha256::OfText(list);
    if (const Json::Value others = SnapshotManifest::Read(folder_).samePatient; others.isObject())
    {
      description["same_patient"] = others;
    }
    return description;
  }
}
