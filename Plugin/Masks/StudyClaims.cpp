// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/StudyClaims.h"

#include "Inference/Protocol/Error.h"

namespace H3K27M::Masks
{
  StudyClaims::Claim::Claim(StudyClaims& claims, const std::string& study) :
    claims_(claims),
    study_(study)
  {
    const Support::MutexLock lock(claims_.mutex_);

    if (!claims_.studies_.insert(study_).second)
    {
      throw Error(ErrorCode::Busy, "Another request is changing a mask of this study");
    }
  }

  StudyClaims::Claim::~Claim()
  {
    const Support::MutexLock lock(claims_.mutex_);
    claims_.studies_.erase(study_);
  }
}
