// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/VoxelHash.h"

#include "Inference/Preprocess/NiftiVolume.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"

#include <span>

namespace H3K27M::Data
{
  std::string HashVoxels(const std::filesystem::path& image)
  {
    try
    {
      const auto volume = Preprocess::NiftiVolume::Read(image);
      const Preprocess::VolumeView view = volume.GetView();
      const std::string sizes =
        std::to_string(view.columns) + " " + std::to_string(view.rows) + " " + std::to_string(view.slices) + "\n";
      Protocol::Sha256 hash;
      hash.Update(std::as_bytes(std::span(sizes)));
      hash.Update(std::as_bytes(std::span(view.voxels)));
      return hash.Finish();
    }
    catch (const Error&)
    {
      return Protocol::Sha256::OfFile(image);
    }
  }
}
