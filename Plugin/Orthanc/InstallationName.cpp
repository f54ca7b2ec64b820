// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/InstallationName.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"
#include "Plugin/Support/KeyedHash.h"
#include "Plugin/Support/Log.h"

#include <cstddef>
#include <fstream>
#include <span>
#include <system_error>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    constexpr const char* KEY_FILE = "h3k27m-installation";
    constexpr std::size_t DIGITS = 12;

    // Empty when there is none.
    std::string ReadFirstLine(const std::filesystem::path& path)
    {
      std::ifstream file(path);
      std::string line;
      std::getline(file, line);
      return line;
    }

    // Of several that draw one at the same time the first one's holds, for all: the name must be the same at the next
    // start. Where the file system knows no hard links it is the last one's.
    void DrawKey(const std::filesystem::path& file)
    {
      const std::string text = Support::MakeKey() + "\n";
      const std::filesystem::path draft = file.string() + "." + Support::MakeKey().substr(0, DIGITS);
      Protocol::WriteFileAtomically(draft, std::as_bytes(std::span(text)));
      std::error_code fault;
      std::filesystem::create_hard_link(draft, file, fault);

      if (fault && ReadFirstLine(file).empty())
      {
        std::filesystem::rename(draft, file, fault);
      }

      std::error_code ignored;
      std::filesystem::remove(draft, ignored);
      Protocol::SyncFolder(file.parent_path());

      if (ReadFirstLine(file).empty())
      {
        throw Error(ErrorCode::Unavailable, "Cannot write " + file.string() + ": " + fault.message());
      }
    }

    std::string TakeKey(const std::filesystem::path& folder)
    {
      const std::filesystem::path file = folder / KEY_FILE;
      std::error_code ignored;

      if (!std::filesystem::is_directory(folder, ignored))
      {
        return "";
      }

      if (std::string key = ReadFirstLine(file); !key.empty())
      {
        return key;
      }

      try
      {
        DrawKey(file);
      }
      catch (const Error& e)
      {
        Support::Log::Info(std::string("this Orthanc is told from others without a key of its own: ") + e.what());
      }

      return ReadFirstLine(file);
    }
  }

  std::string NameInstallation(const Installation& installation)
  {
    const std::string facts = TakeKey(installation.folder) + "\n" + ReadFirstLine(installation.machineIdFile) + "\n" +
                              std::to_string(installation.httpPort) + "\n" + std::to_string(installation.dicomPort);
    return installation.host + ":" + installation.folder.string() + ":" +
           Protocol::Sha256::OfText(facts).substr(0, DIGITS);
  }
}
