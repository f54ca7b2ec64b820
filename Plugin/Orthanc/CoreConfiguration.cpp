// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/CoreConfiguration.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/StoredNames.h"
#include "Plugin/Orthanc/DeliveryTargets.h"
#include "Plugin/Settings/SettingsReader.h"
#include "Plugin/Support/Log.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <optional>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    constexpr const char* SECTION = "H3K27M";
    constexpr const char* DEFAULT_MODEL = "phantom-demonstration";

    Json::Value ReadJson(OrthancPluginContext* context)
    {
      char* const text = OrthancPluginGetConfiguration(context);

      if (text == nullptr)
      {
        throw Error(ErrorCode::Unavailable, "Orthanc does not give its configuration");
      }

      const std::string copy(text);
      OrthancPluginFreeString(context, text);
      return Protocol::ParseJson(copy);
    }

    // Folder of the plugin's own shared object, whatever the core was told.
    std::filesystem::path GetPluginFolder()
    {
      Dl_info info = {};
      static const char anchor = 0;

      if (dladdr(&anchor, &info) == 0 || info.dli_fname == nullptr)
      {
        return std::filesystem::current_path();
      }

      return std::filesystem::absolute(info.dli_fname).parent_path();
    }

    // The first of the usual places that exists: a build folder has the engine beside the plugin, an installed tree
    // (lib/orthanc/plugins, bin, share) and Debian's (lib/<triplet>/orthanc) below the prefix.
    std::filesystem::path FindInstalled(const std::filesystem::path& beside, const std::filesystem::path& belowPrefix)
    {
      const std::filesystem::path folder = GetPluginFolder();

      if (std::filesystem::exists(folder / beside))
      {
        return folder / beside;
      }

      for (std::filesystem::path prefix = folder; prefix != prefix.parent_path(); prefix = prefix.parent_path())
      {
        if (std::filesystem::exists(prefix / belowPrefix))
        {
          return prefix / belowPrefix;
        }
      }

      return folder / beside;
    }

    std::filesystem::path Require(const std::filesystem::path& path, const char* key, const char* what)
    {
      if (!std::filesystem::exists(path))
      {
        throw Error(ErrorCode::BadInput, std::string("H3K27M.") + key + ": " + what + " is not at " + path.string());
      }

      return std::filesystem::absolute(path).lexically_normal();
    }

    std::optional<std::string> GetArgument(OrthancPluginContext* context, std::uint32_t index)
    {
      char* const text = OrthancPluginGetCommandLineArgument(context, index);

      if (text == nullptr)
      {
        return std::nullopt;
      }

      std::string argument(text);
      OrthancPluginFreeString(context, text);
      return argument;
    }

    // What the core takes relative paths from: the folder of the configuration file, or the folder that was given in
    // its place; without either the working directory. Read from the command line, because for a folder without a
    // slash at its end OrthancPluginGetConfigurationPath() names the parent (tried on 1.10.1).
    std::filesystem::path GetConfigurationFolder(OrthancPluginContext* context)
    {
      const std::uint32_t count = OrthancPluginGetCommandLineArgumentsCount(context);

      for (std::uint32_t i = 0; i < count; i++)
      {
        const std::optional<std::string> argument = GetArgument(context, i);

        if (argument && !argument->empty() && !argument->starts_with('-'))
        {
          const std::filesystem::path path = std::filesystem::absolute(*argument);
          return std::filesystem::is_directory(path) ? path : path.parent_path();
        }
      }

      return std::filesystem::current_path();
    }

    std::filesystem::path GetIndexFolder(OrthancPluginContext* context, const Json::Value& configuration)
    {
      const std::string storage = configuration.get("StorageDirectory", "OrthancStorage").asString();
      const std::string index = configuration.get("IndexDirectory", storage).asString();
      return (GetConfigurationFolder(context) / (index.empty() ? storage : index)).lexically_normal();
    }

    bool Contains(const std::filesystem::path& outer, const std::filesystem::path& inner)
    {
      const std::filesystem::path relative = inner.lexically_normal().lexically_relative(outer.lexically_normal());
      return !relative.empty() && *relative.begin() != "..";
    }

    // What lies in the folder of runs counts as made by a run: no upload may come to lie there.
    void RequireApart(const std::filesystem::path& uploads, const std::filesystem::path& runs)
    {
      if (Contains(runs, uploads) || Contains(uploads, runs))
      {
        throw Error(ErrorCode::BadInput, "H3K27M.ModelsFolder: it must lie neither inside of the folder of runs (" +
                                           runs.string() + ") nor around it");
      }
    }

    // As the core itself reads them (1.5.8 and later): who allows remote access without a word about authentication
    // gets it.
    Rest::AccessPolicy::Core ReadAccess(const Json::Value& json)
    {
      Rest::AccessPolicy::Core access;
      access.isReachedFromOutside = json.get("RemoteAccessAllowed", false).asBool();
      access.authenticates = json.get("AuthenticationEnabled", access.isReachedFromOutside).asBool();
      return access;
    }

    // Not an error: another plugin may know users that the core does not.
    void WarnOfUnknownUsers(const Json::Value& json, const CoreConfiguration& configuration)
    {
      const Settings::AccessSettings& access = configuration.settings.access;

      if (!configuration.access.authenticates || !access.userHeader.empty())
      {
        return;
      }

      for (const auto& [user, role] : access.roles)
      {
        if (!json["RegisteredUsers"].isObject() || !json["RegisteredUsers"].isMember(user))
        {
          Support::Log::Warning("H3K27M.Access.Roles makes '" + user + "' " + ToString(role) +
                                ", but Orthanc's RegisteredUsers has no user of that name");
        }
      }
    }

    std::string GetDicomWebRoot(const Json::Value& configuration)
    {
      const Json::Value& section = configuration["DicomWeb"];
      std::string root = section.isObject() ? section.get("Root", "/dicom-web/").asString() : "/dicom-web/";
      root = root.starts_with('/') ? root : "/" + root;
      return root.ends_with('/') ? root : root + "/";
    }

    // The core takes a relative path from the same folder.
    HttpClientOptions ReadHttp(const Json::Value& json, const std::filesystem::path& folder)
    {
      HttpClientOptions options;
      options.verifiesPeers = json.get("HttpsVerifyPeers", true).asBool();

      if (const std::string file = json.get("HttpsCACertificates", "").asString(); !file.empty())
      {
        options.certificates = (folder / file).string();
      }

      options.proxy = json.get("HttpProxy", "").asString();
      return options;
    }

    std::string GetHostName()
    {
      std::array<char, 256> name = {};
      return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("localhost");
    }
  }

  CoreConfiguration CoreConfiguration::Read(OrthancPluginContext* context)
  {
    const Json::Value json = ReadJson(context);
    const std::filesystem::path indexFolder = GetIndexFolder(context, json);

    CoreConfiguration configuration;
    configuration.settings = Settings::ReadSettings(json[SECTION]);
    const Settings::Settings& settings = configuration.settings;

    configuration.enginePath = Require(settings.enginePath.empty() ? FindInstalled("h3k27m", "bin/h3k27m")
                                                                   : std::filesystem::path(settings.enginePath),
                                       "Engine", "the engine");
    configuration.modelFolder = Require(
      settings.modelFolder.empty() ? FindInstalled(std::filesystem::path("models") / DEFAULT_MODEL,
                                                   std::filesystem::path("share/orthanc-h3k27m/models") / DEFAULT_MODEL)
                                   : std::filesystem::path(settings.modelFolder),
      "Model", "the model's folder");
    Require(configuration.modelFolder / Protocol::StoredNames::CARD_FILE, "Model", "the model's card");

    configuration.workStore =
      settings.workStore.empty() ? "sqlite://" + (indexFolder / "h3k27m-work.db").string() : settings.workStore;
    configuration.runsFolder =
      settings.runsFolder.empty() ? indexFolder / "h3k27m-runs" : std::filesystem::absolute(settings.runsFolder);
    configuration.uploadsFolder =
      settings.modelsFolder.empty() ? indexFolder / "h3k27m-models" : std::filesystem::absolute(settings.modelsFolder);
    RequireApart(configuration.uploadsFolder, configuration.runsFolder);
    configuration.coreStableAge = std::chrono::seconds(json.get("StableAge", 60).asUInt());
    configuration.stableAge =
      settings.stableAgeSeconds ? std::chrono::seconds(*settings.stableAgeSeconds) : configuration.coreStableAge;
    configuration.access = ReadAccess(json);
    WarnOfUnknownUsers(json, configuration);
    RequireDeliveryTargets(json, settings.delivery);
    configuration.commitmentReports = json.get("StorageCommitmentReportsSize", 100).asUInt();
    configuration.dicomWebRoot = GetDicomWebRoot(json);
    configuration.http = ReadHttp(json, GetConfigurationFolder(context));
    configuration.installation.host = GetHostName();
    configuration.installation.folder = indexFolder;
    configuration.installation.httpPort = json.get("HttpPort", 8042).asUInt();
    configuration.installation.dicomPort = json.get("DicomPort", 4242).asUInt();
    return configuration;
  }
}
