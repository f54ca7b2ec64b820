// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/Gnuplot.h"

#include "Inference/Protocol/Error.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr const char* PROGRAM = "gnuplot";

    class SpawnActions
    {
    public:
      explicit SpawnActions(const std::filesystem::path& folder)
      {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
        // Whatever it prints belongs into the log, not between our JSON lines.
        posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
      }

      SpawnActions(const SpawnActions&) = delete;
      SpawnActions& operator=(const SpawnActions&) = delete;

      ~SpawnActions()
      {
        posix_spawn_file_actions_destroy(&actions_);
      }

      const posix_spawn_file_actions_t* Get() const noexcept
      {
        return &actions_;
      }

    private:
      posix_spawn_file_actions_t actions_{};
    };
  }

  void RunGnuplot(const std::filesystem::path& folder, const std::string& script)
  {
    const SpawnActions actions(folder);
    std::string program = PROGRAM;
    std::string argument = script;
    char* const arguments[] = {program.data(), argument.data(), nullptr};
    pid_t child = 0;
    const int cause = posix_spawnp(&child, PROGRAM, actions.Get(), nullptr, arguments, environ);
    if (cause != 0)
    {
      throw Error(ErrorCode::Unavailable,
                  std::string("The figures need gnuplot (Debian: gnuplot-nox): ") + std::strerror(cause), false);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    {
      throw Error(ErrorCode::Internal, "gnuplot failed on " + (folder / script).string());
    }
  }
}
