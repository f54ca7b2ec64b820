// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Engine/LineRelay.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Log.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>

namespace H3K27M::Engine
{
  namespace
  {
    constexpr std::size_t MAX_LINE = 2000;
    constexpr unsigned MAX_LINES_PER_SECOND = 100;

    Support::LogLevel GetLevel(const std::string& line)
    {
      return line.starts_with("error:")     ? Support::LogLevel::Error
             : line.starts_with("warning:") ? Support::LogLevel::Warning
                                            : Support::LogLevel::Info;
    }
  }

  LineRelay::LineRelay(Descriptor source) :
    source_(std::move(source)),
    stop_(eventfd(0, EFD_CLOEXEC))
  {
    if (stop_.Get() < 0 || fcntl(source_.Get(), F_SETFL, O_NONBLOCK) != 0)
    {
      throw Error(ErrorCode::Unavailable, "Cannot read the engine's log");
    }

    thread_ = std::thread([this]
    {
      try
      {
        Run();
      }
      catch (const std::exception& e)
      {
        Support::Log::Error(std::string("Engine: its log is relayed no more: ") + e.what());
      }
    });
  }

  LineRelay::~LineRelay()
  {
    Finish();
  }

  std::string LineRelay::Finish()
  {
    if (thread_.joinable())
    {
      const std::uint64_t one = 1;
      static_cast<void>(!write(stop_.Get(), &one, sizeof(one)));
      thread_.join();
    }

    return lastLine_;
  }

  void LineRelay::Run()
  {
    std::array<char, 4096> buffer = {};
    bool stopping = false;

    for (;;)
    {
      const ssize_t count = read(source_.Get(), buffer.data(), buffer.size());

      if (count > 0)
      {
        Accept(buffer.data(), static_cast<std::size_t>(count));
        continue;
      }

      if (count == 0 || (errno != EAGAIN && errno != EINTR) || stopping)
      {
        break;
      }

      std::array<pollfd, 2> sources = {{{source_.Get(), POLLIN, 0}, {stop_.Get(), POLLIN, 0}}};
      poll(sources.data(), sources.size(), -1);
      stopping = sources[1].revents != 0;
    }

    EmitLine();
  }

  void LineRelay::Accept(const char* data, std::size_t size)
  {
    for (std::size_t i = 0; i < size; i++)
    {
      if (data[i] == '\n')
      {
        EmitLine();
      }
      else if (line_.size() < MAX_LINE)
      {
        // Control characters would let a child forge lines or colours of the log.
        line_ += std::iscntrl(static_cast<unsigned char>(data[i])) ? ' ' : data[i];
      }
    }
  }

  void LineRelay::EmitLine()
  {
    const auto now = std::chrono::steady_clock::now();

    if (now - second_ > std::chrono::seconds(1))
    {
      if (leftOut_ > 0)
      {
        Support::Log::Warning("Engine: " + std::to_string(leftOut_) + " lines of its log were left out");
      }

      second_ = now;
      linesThisSecond_ = 0;
      leftOut_ = 0;
    }

    if (line_.find_first_not_of(' ') == std::string::npos)
    {
      line_.clear();
      return;
    }

    if (++linesThisSecond_ <= MAX_LINES_PER_SECOND)
    {
      Support::Log::Write(GetLevel(line_), "Engine: " + line_);
    }
    else
    {
      leftOut_++;
    }

    lastLine_ = std::move(line_);
    line_.clear();
  }
}
