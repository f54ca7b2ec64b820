// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/InstanceCache.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Volume/DeflatedFile.h"

namespace H3K27M::Pipeline
{
  FileOutcome InstanceCache::Get(const std::string& instanceId)
  {
    const auto found = files_.find(instanceId);

    if (found != files_.end())
    {
      return found->second;
    }

    if (last_ && instanceId == lastId_)
    {
      return last_;
    }

    last_.reset();  // two of a gigabyte need not be there at once
    const std::uint64_t size = archive_.GetInstanceSize(instanceId);

    if (size > maxFileBytes_)
    {
      return Volume::Refusal{Volume::RefusalCode::LimitExceeded,
                             "the file of instance " + instanceId + " has " + std::to_string(size) +
                               " bytes, which is over the limit of " + std::to_string(maxFileBytes_)};
    }

    try
    {
      return Keep(instanceId, archive_.ReadInstance(instanceId));
    }
    catch (const Error& e)
    {
      if (e.GetCode() != ErrorCode::Corrupt)
      {
        throw;
      }

      lostFiles_++;
      return Volume::Refusal{Volume::RefusalCode::NotDicom, e.what()};
    }
  }

  std::shared_ptr<const std::string> InstanceCache::Keep(const std::string& instanceId, std::string file)
  {
    auto inflated = std::make_shared<const std::string>(Volume::InflateIfDeflated(std::move(file), maxFileBytes_));

    if (bytes_ + inflated->size() <= maxBytes_)
    {
      bytes_ += inflated->size();
      files_.emplace(instanceId, inflated);
    }
    else
    {
      lastId_ = instanceId;
      last_ = inflated;
    }

    return inflated;
  }

  void InstanceCache::Drop(const std::string& instanceId)
  {
    const auto found = files_.find(instanceId);

    if (found != files_.end())
    {
      bytes_ -= found->second->size();
      files_.erase(found);
    }
    else if (instanceId == lastId_)
    {
      last_.reset();
    }
  }
}
