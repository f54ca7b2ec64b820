// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Support/StudyClaims.h"

namespace H3K27M::Support
{
  StudyClaims::Claim::Claim(StudyClaims& claims, const std::string& study, ErrorCode refusal) :
    claims_(claims),
    study_(study)
  {
    const MutexLock lock(claims_.mutex_);

    if (!claims_.studies_.insert(study_).second)
    {
      throw Error(refusal, "Another request is changing this study");
    }
  }

  StudyClaims::Claim::~Claim()
  {
    const MutexLock lock(claims_.mutex_);
    claims_.studies_.erase(study_);
  }
}
