// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace H3K27M::Testing
{
  // The core's side of the SDK, with prepared answers: what is not prepared is an unknown resource. One thread.
  class FakeCore
  {
  public:
    struct Answer
    {
      OrthancPluginErrorCode code = OrthancPluginErrorCode_Success;
      std::string body;
    };

    // A job that the plugin has submitted: its side of it.
    struct Job
    {
      void* job = nullptr;
      OrthancPluginJobFinalize finalize = nullptr;
      OrthancPluginJobGetProgress getProgress = nullptr;
      OrthancPluginJobStop stop = nullptr;
    };

    FakeCore();

    FakeCore(const FakeCore&) = delete;
    FakeCore& operator=(const FakeCore&) = delete;

    // The jobs end with the core.
    ~FakeCore();

    OrthancPluginContext* GetContext()
    {
      return &context_;
    }

    std::string configuration = "{}";
    std::vector<std::string> arguments;   // of the command line, without the program
    std::map<std::string, Answer> rest;   // by "GET /uri", "POST /uri"
    std::map<std::string, Answer> files;  // by instance
    std::vector<std::string> asked;       // REST calls, in their order
    std::deque<Job> jobs;

  private:
    static OrthancPluginErrorCode Invoke(OrthancPluginContext* context, _OrthancPluginService service,
                                         const void* parameters);

    template <typename Parameters>
    OrthancPluginErrorCode CreateJob(const Parameters& parameters);

    OrthancPluginErrorCode AnswerRest(const std::string& call, OrthancPluginMemoryBuffer* target);

    OrthancPluginContext context_ = {};
  };
}
