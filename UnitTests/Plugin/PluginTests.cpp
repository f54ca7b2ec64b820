// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <dlfcn.h>
#include <orthanc/OrthancCPlugin.h>

#include <gmock/gmock.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace H3K27M::Testing
{
  namespace
  {
    // As much of a core as a plugin sees while it is initialised.
    struct FakeCore
    {
      std::string configuration;
      std::vector<std::string> errors;  // what went to Orthanc's log as an error
    };

    OrthancPluginErrorCode InvokeService(OrthancPluginContext* context, _OrthancPluginService service,
                                         const void* parameters)
    {
      FakeCore& core = *static_cast<FakeCore*>(context->pluginsManager);

      if (service == _OrthancPluginService_LogError)
      {
        core.errors.emplace_back(static_cast<const char*>(parameters));
      }
      else if (service == _OrthancPluginService_GetConfiguration)
      {
        const auto& query = *static_cast<const _OrthancPluginRetrieveDynamicString*>(parameters);
        *query.result = strdup(core.configuration.c_str());
      }

      return OrthancPluginErrorCode_Success;
    }

    class PluginTest : public testing::Test
    {
    protected:
      PluginTest() :
        library_(dlopen(H3K27M_PLUGIN, RTLD_NOW | RTLD_LOCAL))
      {
        context_.pluginsManager = &core_;
        context_.orthancVersion = "mainline";
        context_.Free = std::free;
        context_.InvokeService = InvokeService;
      }

      int Initialize(const std::string& configuration)
      {
        core_.configuration = configuration;
        const auto initialize =
          reinterpret_cast<int32_t (*)(OrthancPluginContext*)>(dlsym(library_, "OrthancPluginInitialize"));
        return initialize(&context_);
      }

      void* const library_;  // never closed: threads of a plugin may outlive its last call
      FakeCore core_;
      OrthancPluginContext context_ = {};
    };
  }

  TEST_F(PluginTest, AWrongKeyStopsTheStartAndIsNamedInOrthancsLog)
  {
    ASSERT_NE(nullptr, library_) << dlerror();
    EXPECT_EQ(-1, Initialize(R"({"H3K27M": {"Triaje": "on"}})"));
    EXPECT_THAT(core_.errors, testing::ElementsAre(testing::HasSubstr("Triaje")));
  }
}
