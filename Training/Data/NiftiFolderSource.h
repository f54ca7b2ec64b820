// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/ICaseSource.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace H3K27M::Data
{
  // Every NIfTI volume below a folder, whoever wrote it and in whatever order, without labels: what an encoder is
  // pre-trained on. Files of labels (*_dseg, *_mask, *_seg) and folders named `derivatives` are passed over.
  class NiftiFolderSource : public ICaseSource
  {
  public:
    // Reads every file once for its hash, and once for that of its voxels. Throws Error(NotFound) when there is no such
    // folder, Error(BadInput) when no volume is in it, or when two hold the same voxels (VoxelHash.h),
    // Error(Unavailable) when a folder below it cannot be read.
    explicit NiftiFolderSource(const std::filesystem::path& folder);

    std::size_t GetCount() const override;

    // Throws Error with the file's name.
    TrainingCase Load(std::size_t index) const override;

    // {kind: "nifti-folder", count, synthetic, hash, images: {path below the folder: SHA-256}}; `synthetic`: how many
    // lie in the folder of a phantom, by its name (SyntheticSubject.h). Of a snapshot in which subjects have names in
    // other sets also {same_patient} (SnapshotManifest.h).
    Json::Value Describe() const override;

  private:
    std::filesystem::path folder_;
    std::vector<std::string> files_;             // below the folder, ascending
    std::map<std::string, std::string> hashes_;  // by file
  };
}
