// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Stands in for `h3k27m serve` in tests: FakeEngine MODE [FILE] --fd N
// A study's mask is 1 wherever the value is above 100; a phantom is a ramp. The modes are those of main() below.

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/FrameChannel.h"
#include "Inference/Protocol/Message.h"

#include <dirent.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

extern char** environ;

namespace H3K27M::Testing
{
  using namespace Protocol;

  class FakeEngine
  {
  public:
    FakeEngine(std::string mode, std::string file, int fd) :
      mode_(std::move(mode)),
      file_(std::move(file)),
      channel_(fd)
    {
    }

    int Serve()
    {
      SayHello();
      std::jthread heart([this](const std::stop_token& stop)
      {
        while (!stop.stop_requested())
        {
          Beat();
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
      });

      try
      {
        while (auto frame = channel_.Read())
        {
          Answer(ReceivedMessage(std::move(*frame)));
        }
      }
      catch (const Error&)
      {
        // The plugin has closed its end.
      }

      if (mode_ == "stubborn")
      {
        std::this_thread::sleep_for(std::chrono::hours(1));
      }

      return 0;
    }

  private:
    struct Study
    {
      std::uint32_t rows = 0;
      std::uint32_t columns = 0;
      std::map<std::size_t, std::vector<std::uint8_t>> masks;
    };

    void Send(const Message& message)
    {
      const std::lock_guard lock(mutex_);
      channel_.Write(message.Serialize());
    }

    void Beat()
    {
      if (mode_ == "silent")
      {
        return;
      }

      try
      {
        Message message(Verb::HEARTBEAT, "");
        message.Set("busy", std::string(isStuck_ ? "1" : ""));

        if (mode_ != "half-heartbeat")
        {
          message.Set("progress", std::uint64_t{progress_});
        }

        message.Set("rss_bytes", std::uint64_t{1000});
        message.Set("peak_rss_bytes", std::uint64_t{2000});
        Send(message);
      }
      catch (const Error&)
      {
        // The plugin has closed its end.
      }
    }

    static Json::UInt64 GetLimit(decltype(RLIMIT_CORE) resource)
    {
      rlimit limit = {};
      getrlimit(resource, &limit);
      return limit.rlim_max;
    }

    // What the child sees of the world.
    static Json::Value DescribeSelf()
    {
      Json::Value json(Json::objectValue);
      json["environment"] = Json::arrayValue;
      json["descriptors"] = Json::arrayValue;

      for (char** variable = environ; *variable != nullptr; variable++)
      {
        json["environment"].append(*variable);
      }

      DIR* const folder = opendir("/proc/self/fd");

      while (const dirent* entry = readdir(folder))
      {
        const int fd = std::atoi(entry->d_name);

        if (entry->d_name[0] != '.' && fd != dirfd(folder))
        {
          json["descriptors"].append(fd);
        }
      }

      closedir(folder);

      int oom = 0;
      std::ifstream("/proc/self/oom_score_adj") >> oom;
      json["oom_score_adj"] = oom;
      json["core_bytes"] = GetLimit(RLIMIT_CORE);
      json["open_files"] = GetLimit(RLIMIT_NOFILE);
      json["temporary_is_there"] = std::filesystem::is_directory(std::filesystem::temp_directory_path());
      json["cannot_gain_rights"] = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
      json["nice"] = getpriority(PRIO_PROCESS, 0);
      json["is_idle"] = sched_getscheduler(0) == SCHED_IDLE;
      json["leads_group"] = getpgrp() == getpid();

      int deathSignal = 0;
      prctl(PR_GET_PDEATHSIG, &deathSignal);
      json["death_signal"] = deathSignal;

      sigset_t blocked;
      sigprocmask(SIG_SETMASK, nullptr, &blocked);
      struct sigaction pipe = {};
      sigaction(SIGPIPE, nullptr, &pipe);
      json["blocks_term"] = sigismember(&blocked, SIGTERM) == 1;
      json["ignores_pipe"] = pipe.sa_handler == SIG_IGN;
      return json;
    }

    void SayHello()
    {
      Json::Value info(Json::objectValue);
      info["engine_version"] = "fake";
      info["libtorch_version"] = "2.6.0";
      info["cuda_version"] = "";
      info["protocol"] = 1;
      info["device"] = "cpu";
      info["device_kind"] = "cpu";
      info["precision"] = "fp32";
      info["threads"] = 2;
      info["model"] = DescribeSelf();
      info["model_hash"] = std::string(64, '0');
      info["self_test"]["max_abs_difference"] = 0.0;
      info["self_test"]["passed"] = mode_ != "wrong-results";

      if (mode_ == "half-hello")
      {
        info.removeMember("device");
      }

      Message hello(Verb::HELLO, "");
      hello.SetJson("info", info);

      if (mode_ == "other-protocol")
      {
        hello.Set("protocol", std::string("99"));
      }

      Send(hello);
    }

    void Answer(const ReceivedMessage& message)
    {
      const std::string& verb = message.GetVerb();
      const std::string& id = message.GetId();

      if (verb == Verb::STUDY_BEGIN)
      {
        const Json::Value request = message.GetJson("request");
        studies_[id].rows = request["rows"].asUInt();
        studies_[id].columns = request["columns"].asUInt();
        FailAtBegin(id);
      }
      else if (verb == Verb::SLICE)
      {
        TakeBand(studies_[id], message);
      }
      else if (verb == Verb::STUDY_END)
      {
        FailAtEnd(id);

        if (mode_ != "late" && mode_ != "never" && mode_ != "dies-at-second-end" && mode_ != "device-fails")
        {
          SendResult(id);
        }
      }
      else if (verb == Verb::CANCEL)
      {
        // The answer crosses the cancellation.
        if (mode_ == "late")
        {
          SendResult(id);
          mode_ = "good";
        }
      }
      else if (verb == Verb::PHANTOM)
      {
        SendPhantom(message);
      }
    }

    void FailAtBegin(const std::string& id)
    {
      begun_++;

      if (mode_ == "crashes" || (mode_ == "crashes-once" && !std::ifstream(file_)) ||
          (mode_ == "crashes-at-second" && begun_ == 2))
      {
        std::ofstream(file_) << "crashed";
        raise(SIGKILL);
      }
      else if (mode_ == "stuck")
      {
        isStuck_ = true;
      }
      else if (mode_ == "refuses")
      {
        Send(Message::FromError(id, Error(ErrorCode::BadInput, "all voxels are NaN")));
      }
    }

    void FailAtEnd(const std::string& id)
    {
      if (mode_ == "babbles")
      {
        const std::lock_guard lock(mutex_);
        channel_.Write(std::vector<std::byte>(1000, std::byte{0x5a}));
      }
      else if (mode_ == "wrong-id")
      {
        Send(Message(Verb::RESULT_END, std::to_string(std::stoi(id) + 7)));
      }
      else if (mode_ == "leaves")
      {
        exit(0);
      }
      else if (mode_ == "dies-at-second-end" && ++ended_ == 2)
      {
        raise(SIGKILL);
      }
      else if (mode_ == "device-fails")
      {
        FailWithDevice(id);
      }
    }

    // In the first whole study, when the second waits: as ServeLoop does.
    void FailWithDevice(const std::string& id)
    {
      if (++ended_ == 1)
      {
        computed_ = id;
        return;
      }

      Send(Message::FromError(computed_, Error(ErrorCode::Unavailable, "The GPU failed: CUDA error")));
      Send(Message::FromError("", Error(ErrorCode::Busy, "it leaves, for a new process has a device again")));
      exit(5);
    }

    static void TakeBand(Study& study, const ReceivedMessage& message)
    {
      const TensorView& band = message.GetTensor("voxels");
      std::vector<std::int16_t> values(band.GetElementCount());
      std::memcpy(values.data(), band.data.data(), band.data.size());

      std::vector<std::uint8_t>& mask = study.masks[message.GetCount("slice")];
      mask.resize(std::size_t{study.rows} * study.columns);
      std::size_t position = message.GetCount("row") * study.columns;

      for (const std::int16_t value : values)
      {
        const double scaled = value * message.GetNumber("slope") + message.GetNumber("intercept");
        mask.at(position++) = scaled > 100 ? 1 : 0;
      }
    }

    void SendBands(const char* verb, const std::string& id, const char* name, std::size_t slice, TensorView whole)
    {
      const auto rows = whole.shape[0];
      const std::size_t rowBytes = whole.data.size() / static_cast<std::size_t>(rows);

      // At least two bands, so that the order counts.
      const std::int64_t band = std::min((rows + 1) / 2, static_cast<std::int64_t>(MAX_PAYLOAD_BYTES / rowBytes));

      for (std::int64_t row = 0; row < rows; row += band)
      {
        const std::int64_t count = std::min(band, rows - row);
        Message message(verb, id);
        message.Set("slice", std::uint64_t{slice});
        message.Set("row", static_cast<std::uint64_t>(row));
        message.AddTensor(name, TensorView{whole.dtype,
                                           {count, whole.shape[1]},
                                           whole.data.subspan(static_cast<std::size_t>(row) * rowBytes,
                                                              static_cast<std::size_t>(count) * rowBytes)});
        Send(message);
      }
    }

    void SendResult(const std::string& id)
    {
      Study& study = studies_[id];
      Json::Value tumour(Json::objectValue);
      tumour["slices"] = Json::arrayValue;
      std::uint64_t voxels = mode_ == "wrong-count" ? 1 : 0;

      for (const auto& [index, mask] : study.masks)
      {
        const auto count = static_cast<std::uint64_t>(std::count(mask.begin(), mask.end(), std::uint8_t{1}));
        voxels += count;

        if (count > 0)
        {
          tumour["slices"].append(static_cast<Json::UInt64>(index));
        }
      }

      tumour["found"] = voxels > 0;
      tumour["voxels"] = static_cast<Json::UInt64>(voxels);
      Json::Value result(Json::objectValue);
      result["tumour"] = tumour;
      result["saliency"]["slices"] = Json::arrayValue;

      Message begin(Verb::RESULT_BEGIN, id);
      begin.SetJson("result", result);
      Send(begin);

      for (const Json::Value& slice : tumour["slices"])
      {
        const auto& mask = study.masks[slice.asUInt64()];
        SendBands(Verb::MASK, id, "mask", slice.asUInt64(),
                  TensorView{DType::U8, {study.rows, study.columns}, std::as_bytes(std::span(mask))});
      }

      Send(Message(Verb::RESULT_END, id));
      studies_.erase(id);
      progress_++;
    }

    void SendPhantom(const ReceivedMessage& message)
    {
      constexpr std::int64_t ROWS = 6;
      constexpr std::int64_t COLUMNS = 5;
      constexpr std::size_t SLICES = 3;
      const std::string& id = message.GetId();

      Json::Value json(Json::objectValue);
      json["rows"] = Json::Int64{ROWS};
      json["columns"] = Json::Int64{COLUMNS};
      json["slices"] = Json::UInt64{mode_ == "huge-phantom" ? 60000 : SLICES};
      json["seed"] = message.GetJson("request")["seed"];

      if (mode_ == "huge-phantom")
      {
        json["rows"] = 65535;
      }

      Message begin(Verb::PHANTOM_BEGIN, id);
      begin.SetJson("phantom", json);
      Send(begin);

      for (std::size_t slice = 0; slice < SLICES; slice++)
      {
        std::vector<std::uint16_t> values(static_cast<std::size_t>(ROWS * COLUMNS));

        for (std::size_t i = 0; i < values.size(); i++)
        {
          values[i] = static_cast<std::uint16_t>(1000 * slice + i);
        }

        SendBands(Verb::SLICE, id, "voxels", slice,
                  TensorView{DType::U16, {ROWS, COLUMNS}, std::as_bytes(std::span(values))});
      }

      const std::vector<std::uint8_t> mask(static_cast<std::size_t>(ROWS * COLUMNS), 1);
      SendBands(Verb::MASK, id, "mask", 1, TensorView{DType::U8, {ROWS, COLUMNS}, std::as_bytes(std::span(mask))});
      Send(Message(Verb::PHANTOM_END, id));
    }

    std::string mode_;
    std::string file_;
    FrameChannel channel_;
    std::mutex mutex_;
    std::atomic<bool> isStuck_ = false;
    std::atomic<std::uint64_t> progress_ = 0;
    std::map<std::string, Study> studies_;
    unsigned begun_ = 0;
    unsigned ended_ = 0;
    std::string computed_;
  };
}

int main(int argc, char** argv)
{
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string mode = arguments.at(0);
  const int fd = std::stoi(arguments.back());

  if (mode == "exits")
  {
    std::cerr << "reading the model\nthe model is damaged\n";
    return 3;
  }

  if (mode == "speaks")
  {
    std::cout << "on standard output" << std::endl;
    std::cerr << "warning: on standard error\nerror: bad\x1b[31m\nwithout an end";
    return 0;
  }

  if (mode == "floods")
  {
    for (int i = 0; i < 5000; i++)
    {
      std::cerr << "line " << i << "\n";
    }

    return 0;
  }

  if (mode == "takes-much")
  {
    try
    {
      const std::vector<char> much(std::size_t{512} << 20, 'x');
      std::cerr << "had all of it: " << much.back() << "\n";
    }
    catch (const std::bad_alloc&)
    {
      std::cerr << "refused\n";
    }

    return 0;
  }

  if (mode == "leaves-a-file")
  {
    const std::filesystem::path folder = std::filesystem::temp_directory_path();
    std::ofstream(folder / "half a plot") << "x";
    std::ofstream(std::filesystem::path(arguments.at(1))) << folder.string();
    return 0;
  }

  if (mode == "stubborn")
  {
    signal(SIGTERM, SIG_IGN);
  }

  if (mode == "sleeps" || mode == "says-nothing")
  {
    // Until the plugin closes the socket (or, sleeping, not even then).
    char byte = 0;
    while (read(fd, &byte, 1) > 0)
    {
    }

    if (mode == "sleeps")
    {
      std::this_thread::sleep_for(std::chrono::hours(1));
    }

    return 0;
  }

  try
  {
    return H3K27M::Testing::FakeEngine(mode, arguments.at(1), fd).Serve();
  }
  catch (const std::exception& e)
  {
    std::cerr << "error: " << e.what() << std::endl;
    return 1;
  }
}
