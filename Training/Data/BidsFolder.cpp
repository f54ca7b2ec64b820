// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/BidsFolder.h"

#include "Inference/Network/Axes.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Sha256.h"
#include "Training/Data/Faults.h"
#include "Training/Data/ImageSidecars.h"
#include "Training/Data/SyntheticSubject.h"
#include "Training/Data/TabSeparatedTable.h"
#include "Training/Data/VoxelHash.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <system_error>

namespace H3K27M::Data
{
  namespace
  {
    constexpr std::string_view TABLE = "participants.tsv";
    constexpr std::string_view STATUS = "h3k27m_status";
    constexpr std::string_view SPLIT = "split";

    bool IsNifti(const std::string& name, const std::string& suffix)
    {
      return name.ends_with(suffix + ".nii.gz") || name.ends_with(suffix + ".nii");
    }

    bool HasContrastAgent(const std::string& name)
    {
      return name.find("_ce-") != std::string::npos;
    }

    bool IsAbsent(const std::error_code& error)
    {
      return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
    }

    // After a walk, which ends at a folder that it cannot enter: what stands behind it would be missing unsaid.
    void RequireWhole(const std::filesystem::path& folder, const std::error_code& error)
    {
      if (error)
      {
        throw Error(ErrorCode::Unavailable,
                    "Cannot read all of the folder " + folder.string() + ": " + error.message());
      }
    }

    // Of one subject's `anat` folders, with and without sessions, in the order of their names. None where there is no
    // such subject.
    std::vector<std::filesystem::path> ListAnatomy(const std::filesystem::path& subject)
    {
      std::vector<std::filesystem::path> files;
      std::error_code error;
      std::filesystem::recursive_directory_iterator i(subject, error);
      if (IsAbsent(error))
      {
        return files;
      }
      for (const std::filesystem::recursive_directory_iterator end{}; !error && i != end; i.increment(error))
      {
        if (i->is_regular_file() && i->path().parent_path().filename() == "anat")
        {
          files.push_back(i->path());
        }
      }
      RequireWhole(subject, error);
      std::sort(files.begin(), files.end());
      return files;
    }

    std::vector<std::filesystem::path> ListMasks(const std::filesystem::path& folder, const std::string& subject,
                                                 Contrast contrast)
    {
      std::vector<std::filesystem::path> masks;
      const std::filesystem::path derivatives = folder / "derivatives";
      std::error_code error;
      std::filesystem::directory_iterator i(derivatives, error);
      if (IsAbsent(error))
      {
        return masks;
      }
      for (const std::filesystem::directory_iterator end{}; !error && i != end; i.increment(error))
      {
        for (const std::filesystem::path& file : ListAnatomy(i->path() / subject))
        {
          const std::string name = file.filename().string();
          if (IsNifti(name, "_dseg") && HasContrastAgent(name) == (contrast == Contrast::CeT1w))
          {
            masks.push_back(file);
          }
        }
      }
      RequireWhole(derivatives, error);
      std::sort(masks.begin(), masks.end());
      return masks;
    }

    bool IsImage(const std::string& name, Contrast contrast)
    {
      return contrast == Contrast::T2w ? IsNifti(name, "_T2w") : IsNifti(name, "_T1w") && HasContrastAgent(name);
    }

    // Empty: `n/a`. Throws Error(BadInput).
    std::optional<std::int64_t> ParseStatus(const std::string& text)
    {
      if (text == "altered")
      {
        return Network::GENOTYPE_ALTERED;
      }
      if (text == "wild-type")
      {
        return Network::GENOTYPE_WILD_TYPE;
      }
      if (text == "n/a")
      {
        return std::nullopt;
      }
      throw Error(ErrorCode::BadInput, "h3k27m_status is '" + text + "'; altered, wild-type or n/a are known");
    }
  }

  Contrast ParseContrast(const std::string& name)
  {
    if (const auto contrast = Protocol::FindContrast(name))
    {
      return *contrast;
    }
    throw Error(ErrorCode::BadInput, "The contrast must be T2w or ceT1w, not '" + name + "'");
  }

  bool BidsSubject::IsSynthetic() const
  {
    const auto get = [this](const char* column)
    {
      const auto found = columns.find(column);
      return found == columns.end() ? std::string() : found->second;
    };
    return IsSyntheticSubject(id, get("synthetic"), get("site"));
  }

  BidsFolder::BidsFolder(const std::filesystem::path& folder, Contrast contrast) :
    folder_(folder),
    contrast_(contrast)
  {
    std::vector<std::string> faults;
    ReadTable(faults);
    ImageSidecars sidecars(folder);
    for (BidsSubject& subject : subjects_)
    {
      FindFiles(subject, faults);
      sidecars.Complete(subject, faults);
    }
    ThrowFaults("The data set " + folder.string() + " cannot be used", faults);
    manifest_ = SnapshotManifest::Read(folder);
  }

  void BidsFolder::ReadTable(std::vector<std::string>& faults)
  {
    const TabSeparatedTable table = TabSeparatedTable::Load(folder_ / TABLE);
    for (const std::string_view column : {std::string_view("participant_id"), STATUS})
    {
      if (!table.HasColumn(column))
      {
        throw Error(ErrorCode::BadInput, std::string(TABLE) + " has no column " + std::string(column));
      }
    }
    for (std::size_t row = 0; row < table.GetRowCount(); row++)
    {
      BidsSubject subject;
      subject.id = table.Get(row, "participant_id");
      const std::string where = std::string(TABLE) + ", line " + std::to_string(row + 2) + ": ";
      try
      {
        subject.genotype = ParseStatus(table.Get(row, STATUS));
      }
      catch (const Error& e)
      {
        faults.push_back(where + e.what());
      }
      subject.columns = table.GetRow(row);
      subject.split = table.HasColumn(SPLIT) ? table.Get(row, SPLIT) : "development";
      if (subject.split == "n/a")
      {
        subject.split = "development";
      }
      if (subject.split != "development" && subject.split != "external" && subject.split != "excluded")
      {
        faults.push_back(where + "split is '" + subject.split + "'; development, external or excluded are known");
      }
      // Becomes part of paths.
      if (!subject.id.starts_with("sub-") || subject.id.find_first_of("/\\.") != std::string::npos)
      {
        faults.push_back(where + "'" + subject.id + "' is no participant_id (sub-...)");
        continue;
      }
      subjects_.push_back(std::move(subject));
    }
    std::sort(subjects_.begin(), subjects_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    for (std::size_t i = 1; i < subjects_.size(); i++)
    {
      if (subjects_[i].id == subjects_[i - 1].id)
      {
        faults.push_back(subjects_[i].id + " stands twice in " + std::string(TABLE));
      }
    }
  }

  void BidsFolder::FindFiles(BidsSubject& subject, std::vector<std::string>& faults) const
  {
    if (subject.split == "excluded")
    {
      return;
    }
    std::vector<std::filesystem::path> images = ListAnatomy(folder_ / subject.id);
    std::erase_if(images, [this](const auto& file) { return !IsImage(file.filename().string(), contrast_); });
    const std::vector<std::filesystem::path> masks = ListMasks(folder_, subject.id, contrast_);
    if (images.size() != 1)
    {
      faults.push_back(subject.id + " has " + (images.empty() ? "no" : std::to_string(images.size())) + " " +
                       ToString(contrast_) + " images; one is needed");
      return;
    }
    subject.image = images.front();
    if (masks.size() > 1)
    {
      faults.push_back(subject.id + " has " + std::to_string(masks.size()) + " masks for " + ToString(contrast_) +
                       "; which one is meant is not ours to guess");
    }
    else if (masks.size() == 1)
    {
      subject.mask = masks.front();
    }
    else if (subject.genotype)
    {
      faults.push_back(subject.id + " has a status and no mask");
    }
  }

  BidsFolder::Hashes BidsFolder::ComputeHashes() const
  {
    const std::lock_guard lock(known_->mutex);
    if (!known_->hashes)
    {
      RefuseSameVoxels();
      known_->hashes = ReadHashes();
    }
    return *known_->hashes;
  }

  void BidsFolder::RefuseSameVoxels() const
  {
    std::map<std::string, std::string> subjectByVoxels;
    std::vector<std::string> faults;
    for (const BidsSubject& subject : subjects_)
    {
      if (subject.image.empty())
      {
        continue;
      }
      const auto [other, isNew] = subjectByVoxels.emplace(HashVoxels(subject.image), subject.id);
      if (!isNew)
      {
        faults.push_back(other->second + " and " + subject.id + " have the same image");
      }
    }
    ThrowFaults("The data set " + folder_.string() + " cannot be used", faults);
  }

  BidsFolder::Hashes BidsFolder::ReadHashes() const
  {
    Hashes hashes;
    std::set<std::filesystem::path> sidecars;  // one may be of many subjects
    std::string list = std::string(TABLE) + " " + Protocol::Sha256::OfFile(folder_ / TABLE) + "\n";
    const auto Add = [&list, this](const std::filesystem::path& file)
    {
      const std::string hash = Protocol::Sha256::OfFile(file);
      list += file.lexically_relative(folder_).generic_string() + " " + hash + "\n";
      return hash;
    };
    for (const BidsSubject& subject : subjects_)
    {
      if (!subject.image.empty())
      {
        hashes.image.emplace(subject.id, Add(subject.image));
      }
      if (subject.mask)
      {
        Add(*subject.mask);
      }
      sidecars.insert(subject.sidecars.begin(), subject.sidecars.end());
    }
    for (const std::filesystem::path& sidecar : sidecars)
    {
      Add(sidecar);
    }
    hashes.whole = Protocol::Sha256::OfText(list);
    return hashes;
  }
}
