// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The four entry points of an Orthanc plugin, and the callbacks. Nothing may be thrown across this boundary.

#include "Inference/Protocol/Error.h"
#include "Plugin/Orthanc/HttpBinding.h"
#include "Plugin/Orthanc/LogSink.h"
#include "Plugin/Rest/EmbeddedExplorer.h"
#include "Plugin/Runtime.h"
#include "Plugin/Support/Log.h"

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>

namespace
{
  constexpr const char* NAME = "h3k27m";
  constexpr const char* DESCRIPTION =
    "Axial T2 brain MR: tumour segmentation and H3 K27M prediction as DICOM SEG and SR. Research use only.";

  // The SDK's callbacks carry no pointer of ours: the only global.
  struct Plugin
  {
    explicit Plugin(OrthancPluginContext* core) :
      context(core),
      log(core)
    {
    }

    OrthancPluginContext* context;
    H3K27M::OrthancBinding::LogSink log;

    // Made once the log is there: why it cannot be made must reach the administrator.
    std::optional<H3K27M::Runtime> runtime;
  };

  std::unique_ptr<Plugin> plugin;

  // Runs `body`; whatever it throws is logged and becomes an error code.
  template <typename Body>
  OrthancPluginErrorCode Guard(const Body& body) noexcept
  {
    try
    {
      body();
      return OrthancPluginErrorCode_Success;
    }
    catch (const std::bad_alloc&)
    {
      return OrthancPluginErrorCode_NotEnoughMemory;
    }
    catch (const std::exception& e)
    {
      H3K27M::Support::Log::Error(e.what());
      return OrthancPluginErrorCode_Plugin;
    }
    catch (...)
    {
      return OrthancPluginErrorCode_Plugin;
    }
  }

  OrthancPluginErrorCode OnChange(OrthancPluginChangeType changeType, OrthancPluginResourceType resourceType,
                                  const char* resourceId)
  {
    // One mutex of the core is held meanwhile, and an error would stop the delivery to later plugins: only hand on.
    Guard([changeType, resourceType, resourceId]
    {
      if (changeType == OrthancPluginChangeType_OrthancStarted)
      {
        plugin->runtime->Start();
      }
      else if (changeType == OrthancPluginChangeType_OrthancStopped)
      {
        plugin->runtime->Stop();
      }
      else if (changeType == OrthancPluginChangeType_StableStudy)
      {
        plugin->runtime->OnStableStudy(resourceId);
      }
      else if (changeType == OrthancPluginChangeType_Deleted && resourceType == OrthancPluginResourceType_Study)
      {
        plugin->runtime->OnDeletedStudy(resourceId);
      }
      else if (changeType == OrthancPluginChangeType_Deleted && resourceType == OrthancPluginResourceType_Series)
      {
        plugin->runtime->OnDeletedSeries(resourceId);
      }
    });

    return OrthancPluginErrorCode_Success;
  }

  OrthancPluginErrorCode OnRest(OrthancPluginRestOutput* output, const char* url,
                                const OrthancPluginHttpRequest* request)
  {
    return Guard([output, url, request]
    {
      const H3K27M::Rest::Answer answer = plugin->runtime->Handle(H3K27M::OrthancBinding::ToRequest(url, request),
                                                                  H3K27M::OrthancBinding::GetBody(request));
      H3K27M::OrthancBinding::Send(plugin->context, output, answer);
    });
  }

  // Called for each request to Orthanc, before its body is read. Whoever may not cancel a run must not do so as a job
  // of Orthanc's either, and no body of ours is read that no route would take from its sender.
  // NOLINTNEXTLINE(readability-function-size): the SDK's signature
  std::int32_t OnHttpRequest(OrthancPluginHttpMethod method, const char* uri, const char*, std::uint32_t headers,
                             const char* const* headerNames, const char* const* headerValues, std::uint32_t arguments,
                             const char* const* argumentNames, const char* const* argumentValues)
  {
    constexpr std::int32_t ALLOWED = 1;
    constexpr std::int32_t FORBIDDEN = 0;
    constexpr std::int32_t FAILED = -1;

    if (method == OrthancPluginHttpMethod_Get)
    {
      return ALLOWED;
    }

    std::int32_t verdict = FAILED;
    Guard([&]
    {
      const H3K27M::Rest::Request request = H3K27M::OrthancBinding::ToCoreRequest(
        method, uri, {headers, headerNames, headerValues}, {arguments, argumentNames, argumentValues});
      verdict = plugin->runtime->Admits(request) ? ALLOWED : FORBIDDEN;
    });
    return verdict;
  }

  // What Orthanc shows of the plugin. From 1.12.4 on a library may hold several plugins, so that each call names one.
  void Introduce(OrthancPluginContext* context, const std::string& dashboard)
  {
    const std::string explorer = H3K27M::Rest::GetEmbeddedExplorer();
#if ORTHANC_PLUGINS_VERSION_IS_ABOVE(1, 12, 4)
    OrthancPluginSetDescription2(context, NAME, DESCRIPTION);
    OrthancPluginSetRootUri2(context, NAME, dashboard.c_str());
    OrthancPluginExtendOrthancExplorer2(context, NAME, explorer.c_str());
#else
    OrthancPluginSetDescription(context, DESCRIPTION);
    OrthancPluginSetRootUri(context, dashboard.c_str());
    OrthancPluginExtendOrthancExplorer(context, explorer.c_str());
#endif
  }

  void Register(OrthancPluginContext* context)
  {
    const std::string pattern = std::string(H3K27M::OrthancBinding::REST_ROOT) + "(.*)";
    OrthancPluginRegisterRestCallbackNoLock(context, pattern.c_str(), OnRest);
    OrthancPluginRegisterIncomingHttpRequestFilter2(context, OnHttpRequest);
    OrthancPluginRegisterOnChangeCallback(context, OnChange);
    Introduce(context, std::string(H3K27M::OrthancBinding::REST_ROOT) + "app/");
  }
}

extern "C"
{
  ORTHANC_PLUGINS_API int32_t OrthancPluginInitialize(OrthancPluginContext* context)
  {
    if (OrthancPluginCheckVersion(context) == 0)
    {
      OrthancPluginLogError(context, "H3K27M: this Orthanc is older than the SDK that the plugin was built with");
      return -1;
    }

    const OrthancPluginErrorCode code = Guard([context]
    {
      plugin = std::make_unique<Plugin>(context);
      plugin->runtime.emplace(context, H3K27M::OrthancBinding::CoreConfiguration::Read(context));
      Register(context);
    });

    if (code != OrthancPluginErrorCode_Success)
    {
      plugin.reset();
      return -1;
    }

    return 0;
  }

  ORTHANC_PLUGINS_API void OrthancPluginFinalize()
  {
    plugin.reset();
  }

  ORTHANC_PLUGINS_API const char* OrthancPluginGetName()
  {
    return NAME;
  }

  ORTHANC_PLUGINS_API const char* OrthancPluginGetVersion()
  {
    return H3K27M_VERSION;
  }
}
