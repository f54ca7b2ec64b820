// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Orthanc/FakeCore.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace H3K27M::Testing
{
  namespace
  {
    OrthancPluginErrorCode Give(const std::map<std::string, FakeCore::Answer>& answers, const std::string& key,
                                OrthancPluginMemoryBuffer* target)
    {
      const auto found = answers.find(key);

      if (found == answers.end())
      {
        return OrthancPluginErrorCode_UnknownResource;
      }

      if (found->second.code == OrthancPluginErrorCode_Success)
      {
        const std::string& body = found->second.body;
        target->data = std::malloc(body.size() + 1);
        target->size = static_cast<std::uint32_t>(body.size());
        std::memcpy(target->data, body.data(), body.size());
      }

      return found->second.code;
    }
  }

  FakeCore::FakeCore()
  {
    context_.pluginsManager = this;
    context_.orthancVersion = "1.10.1";
    context_.Free = std::free;
    context_.InvokeService = Invoke;
  }

  FakeCore::~FakeCore()
  {
    for (const Job& job : jobs)
    {
      job.finalize(job.job);
    }
  }

  template <typename Parameters>
  OrthancPluginErrorCode FakeCore::CreateJob(const Parameters& parameters)
  {
    jobs.push_back({parameters.job, parameters.finalize, parameters.getProgress, parameters.stop});
    *parameters.target = reinterpret_cast<OrthancPluginJob*>(&jobs.back());  // opaque to the plugin
    return OrthancPluginErrorCode_Success;
  }

  OrthancPluginErrorCode FakeCore::AnswerRest(const std::string& call, OrthancPluginMemoryBuffer* target)
  {
    asked.push_back(call);
    return Give(rest, call, target);
  }

  OrthancPluginErrorCode FakeCore::Invoke(OrthancPluginContext* context, _OrthancPluginService service,
                                          const void* parameters)
  {
    FakeCore& core = *static_cast<FakeCore*>(context->pluginsManager);

    switch (service)
    {
      case _OrthancPluginService_GetConfiguration:
        *static_cast<const _OrthancPluginRetrieveDynamicString*>(parameters)->result =
          strdup(core.configuration.c_str());
        return OrthancPluginErrorCode_Success;

      case _OrthancPluginService_GetCommandLineArgumentsCount:
        *static_cast<const _OrthancPluginReturnSingleValue*>(parameters)->resultUint32 =
          static_cast<std::uint32_t>(core.arguments.size());
        return OrthancPluginErrorCode_Success;

      case _OrthancPluginService_GetCommandLineArgument:
      {
        const auto& property = *static_cast<const _OrthancPluginGlobalProperty*>(parameters);
        *property.result = strdup(core.arguments.at(static_cast<std::size_t>(property.property)).c_str());
        return OrthancPluginErrorCode_Success;
      }

      case _OrthancPluginService_RestApiGet:
      {
        const auto& call = *static_cast<const _OrthancPluginRestApiGet*>(parameters);
        return core.AnswerRest(std::string("GET ") + call.uri, call.target);
      }

      case _OrthancPluginService_RestApiPost:
      {
        const auto& call = *static_cast<const _OrthancPluginRestApiPostPut*>(parameters);
        return core.AnswerRest(std::string("POST ") + call.uri, call.target);
      }

      case _OrthancPluginService_GetDicomForInstance:
      {
        const auto& call = *static_cast<const _OrthancPluginGetDicomForInstance*>(parameters);
        return Give(core.files, call.instanceId, call.target);
      }

#if ORTHANC_PLUGINS_VERSION_IS_ABOVE(1, 11, 3)
      case _OrthancPluginService_CreateJob2:
        return core.CreateJob(*static_cast<const _OrthancPluginCreateJob2*>(parameters));
#else
      case _OrthancPluginService_CreateJob:
        return core.CreateJob(*static_cast<const _OrthancPluginCreateJob*>(parameters));
#endif

      case _OrthancPluginService_SubmitJob:
        *static_cast<const _OrthancPluginSubmitJob*>(parameters)->resultId =
          strdup(std::to_string(core.jobs.size()).c_str());
        return OrthancPluginErrorCode_Success;

      default:
        return OrthancPluginErrorCode_UnknownPluginService;
    }
  }
}
