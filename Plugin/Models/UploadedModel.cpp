// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Models/UploadedModel.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/CardFaults.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/SafetensorsHeader.h"
#include "Inference/Protocol/Sha256.h"
#include "Plugin/Models/ModelFiles.h"
#include "Plugin/Support/FaultList.h"
#include "Plugin/Zip/ZipReader.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Models
{
  namespace
  {
    constexpr std::uint64_t MAX_ENTRIES =
      512;  // 100 members with two files and a folder each, and some that are refused

    // As it is shown in a message: it comes from outside.
    std::string Quote(const std::string& name)
    {
      std::string text = name.substr(0, 100);
      std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
      return "'" + text + "'";
    }

    bool LeadsOut(const std::string& name)
    {
      const std::filesystem::path path(name);
      return path.is_absolute() || name.find('\\') != std::string::npos || name.find(':') != std::string::npos ||
             std::find(path.begin(), path.end(), "..") != path.end();
    }

    // Of PyTorch's own files: a ZIP with pickled objects, or bare pickle (its protocols 2 to 5 begin so).
    bool IsPickled(std::string_view content)
    {
      return content.starts_with("PK\x03\x04") ||
             (content.size() > 1 && content[0] == '\x80' && content[1] >= 2 && content[1] <= 5);
    }

    bool IsPickleName(const std::string& name)
    {
      constexpr std::array ENDINGS{".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt"};
      return std::any_of(ENDINGS.begin(), ENDINGS.end(), [&name](const char* end) { return name.ends_with(end); });
    }

    class Unpacking
    {
    public:
      Unpacking(std::string_view archive, std::uint64_t maxBytes, const std::filesystem::path& folder) :
        archive_(archive),
        maxBytes_(maxBytes),
        folder_(folder)
      {
      }

      Json::Value Run()
      {
        ReadCard();
        JudgeNames();
        ReadFiles();
        faults_.ThrowIfAny("The model cannot be taken");
        return card_;
      }

    private:
      void ReadCard()
      {
        std::string text;
        Zip::ReadZip(archive_, {MAX_ENTRIES, MAX_CARD_BYTES, MAX_CARD_BYTES * MAX_ENTRIES},
                     [this](const std::string& name) { return ++names_[name] == 1 && name == CARD_FILE; },
                     [&text](const std::string&, std::string_view content) { text = content; });

        if (!names_.contains(CARD_FILE))
        {
          faults_.Add("card.json is missing at the top of the archive");
          return;
        }

        card_ = ParseCard(CARD_FILE, text);
        TakeWantedFiles();
      }

      Json::Value ParseCard(const std::string& name, std::string_view text)
      {
        Json::Value card;

        try
        {
          card = Protocol::ParseJson(text);
        }
        catch (const Error& e)
        {
          faults_.Add(std::string(name).append(": ").append(e.what()));
          return {};
        }

        for (const std::string& fault : Protocol::FindCardFaults(card))
        {
          // Whoever lists the files needs members that can be listed.
          hasMemberFaults_ = hasMemberFaults_ || fault.starts_with("'members'");
          faults_.Add(std::string(name).append(": ").append(fault));
        }

        return card.isObject() ? card : Json::Value();
      }

      void TakeWantedFiles()
      {
        if (!card_.isObject() || hasMemberFaults_)
        {
          return;
        }

        const std::vector<std::string> files = ListModelFiles(card_);
        wanted_.insert(files.begin(), files.end());
        hashes_[WEIGHTS_FILE] = card_["weights_sha256"];

        for (const Json::Value& member : card_["members"])
        {
          hashes_[member["folder"].asString() + "/" + WEIGHTS_FILE] = member["weights_sha256"];
        }
      }

      bool IsFolderOfModel(const std::string& name) const
      {
        return name.ends_with('/') && std::any_of(wanted_.begin(), wanted_.end(),
                                                  [&name](const std::string& file) { return file.starts_with(name); });
      }

      void JudgeNames()
      {
        for (const auto& [name, count] : names_)
        {
          if (LeadsOut(name))
          {
            faults_.Add(Quote(name) + " leads out of the model's folder");
          }
          else if (IsPickleName(name))
          {
            faults_.Add(Quote(name) + ": weights come as safetensors, pickled ones are never read");
          }
          else if (!wanted_.empty() && !wanted_.contains(name) && !IsFolderOfModel(name))
          {
            faults_.Add(Quote(name) + " is none of the model's files");
          }

          if (count > 1)
          {
            faults_.Add(Quote(name) + " stands there " + std::to_string(count) + " times");
          }
        }

        for (const std::string& file : wanted_)
        {
          if (!names_.contains(file))
          {
            faults_.Add(file + " is missing");
          }
        }
      }

      void ReadFiles()
      {
        std::set<std::string> seen;

        try
        {
          Zip::ReadZip(archive_, {MAX_ENTRIES, maxBytes_, maxBytes_}, [this, &seen](const std::string& name)
          { return wanted_.contains(name) && seen.insert(name).second; },
                       [this](const std::string& name, std::string_view content) { TakeFile(name, content); });
        }
        catch (const Error& e)
        {
          if (e.GetCode() != ErrorCode::BadInput)
          {
            throw;
          }

          faults_.Add(e.what());
        }
      }

      void TakeFile(const std::string& name, std::string_view content)
      {
        if (IsWeightsFile(name))
        {
          CheckWeights(name, content);
        }
        else if (name != CARD_FILE)
        {
          CheckMember(name, content);
        }

        if (faults_.IsEmpty())
        {
          const std::filesystem::path path = folder_ / name;
          std::error_code fault;
          std::filesystem::create_directories(path.parent_path(), fault);
          Protocol::WriteFileAtomically(path, std::as_bytes(std::span(content)));
        }
      }

      void CheckWeights(const std::string& name, std::string_view content)
      {
        const std::span<const std::byte> bytes = std::as_bytes(std::span(content));
        Protocol::Sha256 hash;
        hash.Update(bytes);
        const std::string digest = hash.Finish();

        if (Json::Value(digest) != hashes_[name])
        {
          faults_.Add(name + ": its SHA-256 is " + digest + ", which is not the card's");
        }

        if (IsPickled(content))
        {
          faults_.Add(name + " holds pickled objects, which are never read");
          return;
        }

        try
        {
          if (Protocol::ParseSafetensorsHeader(bytes).tensors.empty())
          {
            faults_.Add(name + " holds no tensor");
          }
        }
        catch (const Error& e)
        {
          faults_.Add(name + ": " + e.what());
        }
      }

      void CheckMember(const std::string& name, std::string_view content)
      {
        if (content.size() > MAX_CARD_BYTES)
        {
          faults_.Add(name + " is larger than 1 MiB");
          return;
        }

        const Json::Value card = ParseCard(name, content);
        const std::string weights = name.substr(0, name.size() - std::string(CARD_FILE).size()) + WEIGHTS_FILE;

        if (card["weights_sha256"] != hashes_[weights] || !card["members"].isNull())
        {
          faults_.Add(name + ": it is not the card of the member that card.json names");
        }
      }

      std::string_view archive_;
      std::uint64_t maxBytes_;
      const std::filesystem::path& folder_;
      Support::FaultList faults_;
      Json::Value card_;
      bool hasMemberFaults_ = false;
      std::map<std::string, std::size_t> names_;   // with how often each stands there
      std::set<std::string> wanted_;               // empty: the card does not say
      std::map<std::string, Json::Value> hashes_;  // of weights, by their name
    };
  }

  Json::Value UnpackModel(std::string_view archive, std::uint64_t maxBytes, const std::filesystem::path& folder)
  {
    return Unpacking(archive, maxBytes, folder).Run();
  }
}
