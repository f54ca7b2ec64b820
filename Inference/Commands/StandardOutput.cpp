// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Commands/StandardOutput.h"

#include "Inference/Protocol/Error.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace H3K27M::Commands
{
  StandardOutput::StandardOutput(int descriptor) :
    descriptor_(::dup(descriptor))
  {
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
  }

  StandardOutput::~StandardOutput()
  {
    if (descriptor_ >= 0)
    {
      ::close(descriptor_);
    }
  }

  void StandardOutput::WriteLine(const std::string& text) const
  {
    const std::string line = text + "\n";
    std::size_t done = 0;
    while (done < line.size())
    {
      const ssize_t written = ::write(descriptor_, line.data() + done, line.size() - done);
      if (written < 0 && errno == EINTR)
      {
        continue;
      }
      if (written <= 0)
      {
        throw Error(ErrorCode::Unavailable, std::string("Standard output: ") + std::strerror(errno));
      }
      done += static_cast<std::size_t>(written);
    }
  }
}
