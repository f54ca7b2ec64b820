// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Contrast.h"
#include "Training/Data/SnapshotManifest.h"

#include <json/value.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Data
{
  using Protocol::Contrast;  // T1-weighted: *_ce-*_T1w
  using Protocol::ToString;

  // Throws Error(BadInput) naming the two values.
  Contrast ParseContrast(const std::string& name);

  // One row of participants.tsv with the files that belong to it.
  struct BidsSubject
  {
    std::string id;                               // "sub-..."; the patient: the unit of splitting and of evaluation
    std::optional<std::int64_t> genotype;         // Network::GENOTYPE_*; empty: h3k27m_status is n/a
    std::string split;                            // development, external or excluded; development when not said
    std::filesystem::path image;                  // NIfTI; empty when excluded
    std::optional<std::filesystem::path> mask;    // NIfTI of labels on the image's grid, tumour > 0
    std::map<std::string, std::string> columns;   // of participants.tsv, verbatim, `n/a` left out, and of the sidecars
    std::vector<std::filesystem::path> sidecars;  // JSON files that a column is from (ImageSidecars.h)

    // See Training/Data/SyntheticSubject.h.
    bool IsSynthetic() const;
  };

  // A folder in the Brain Imaging Data Structure (BIDS 1.9), whoever wrote it: participants.tsv with the columns
  // participant_id and h3k27m_status (altered, wild-type, n/a) and optionally split and site,
  // sub-*/[ses-*/]anat/*_T2w.nii[.gz] or *_ce-*_T1w.nii[.gz],
  // derivatives/*/sub-*/[ses-*/]anat/*_dseg.nii[.gz] with `ce-` in the name when it belongs to that image; JSON files
  // beside the images or above them.
  class BidsFolder
  {
  public:
    // Reads the table and looks for the files; no image is opened. Throws Error(NotFound) when the folder or the table
    // is missing, Error(BadInput) listing ALL faults at once: a subject twice, an unknown status, and of each subject
    // that is not excluded, external ones too: no image or several, several masks, a status without a mask. Whoever
    // has no image is to be marked as excluded, and so counted, not passed over. Sidecars are read where the table says
    // less of the acquisition than the report has columns for; one that is no JSON is a fault, too.
    BidsFolder(const std::filesystem::path& folder, Contrast contrast);

    // In the order of their ids.
    const std::vector<BidsSubject>& GetSubjects() const noexcept
    {
      return subjects_;
    }

    const std::filesystem::path& GetPath() const noexcept
    {
      return folder_;
    }

    Contrast GetContrast() const noexcept
    {
      return contrast_;
    }

    const SnapshotManifest& GetManifest() const noexcept
    {
      return manifest_;
    }

    // Of the content.
    struct Hashes
    {
      std::string whole;                         // SHA-256 over participants.tsv and name and content of all images and
                                                 // masks, and of the sidecars that columns are from: two folders with
                                                 // the same hash train the same model
      std::map<std::string, std::string> image;  // SHA-256 of the image's file, by subject
    };

    // Reads every file that is used, once in the life of this object and its copies, whichever thread comes first.
    // Throws Error(BadInput) naming the subjects when two of them have the same voxels (VoxelHash.h): one patient on
    // both sides of a split would flatter the model.
    Hashes ComputeHashes() const;

  private:
    void ReadTable(std::vector<std::string>& faults);
    void FindFiles(BidsSubject& subject, std::vector<std::string>& faults) const;
    void RefuseSameVoxels() const;
    Hashes ReadHashes() const;

    struct KnownHashes
    {
      std::mutex mutex;
      std::optional<Hashes> hashes;
    };

    std::filesystem::path folder_;
    Contrast contrast_;
    std::vector<BidsSubject> subjects_;
    SnapshotManifest manifest_;
    std::shared_ptr<KnownHashes> known_ = std::make_shared<KnownHashes>();  // copies are of the same folder
  };
}
