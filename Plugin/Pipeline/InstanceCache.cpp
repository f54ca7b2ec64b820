// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/InstanceCache.h"

#include "Plugin/Volume/DeflatedFile.h"

namespace H3K27M::Pipeline
{
  std::shared_ptr<const std::string> InstanceCache::Get(const std::string& instanceId)
  {
    const auto found = files_.find(instanceId);

    if (found != files_.end())
    {
      return found->second;
    }

    auto file =
      std::make_shared<const std::string>(Volume::InflateIfDeflated(archive_.ReadInstance(instanceId), maxFileBytes_));

    if (bytes_ + file->size() <= maxBytes_)
    {
      bytes_ += file->size();
      files_.emplace(instanceId, file);
    }

    return file;
  }

  void InstanceCache::Drop(const std::string& instanceId)
  {
    const auto found = files_.find(instanceId);

    if (found != files_.end())
    {
      bytes_ -= found->second->size();
      files_.erase(found);
    }
  }
}
