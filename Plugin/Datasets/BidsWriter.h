// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/DatasetSubject.h"

#include <json/value.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace H3K27M::Datasets
{
  // Writes a folder in the Brain Imaging Data Structure (BIDS 1.9), subject by subject, so that one study is in memory
  // at a time:
  //   dataset_description.json, README, participants.tsv, participants.json
  //   sub-*/anat/sub-*_T2w.nii.gz and .json; of ceT1w: sub-*_ce-gadolinium_T1w
  //   derivatives/masks/dataset_description.json, derivatives/masks/sub-*/anat/sub-*_dseg.nii.gz: where there are masks
  //   (of ceT1w: sub-*_ce-gadolinium_dseg)
  //   manifest.json: SHA-256 of every file, and of the whole
  // Equal subjects give equal bytes: no time, no place, no name of a machine is written.
  class BidsWriter
  {
  public:
    // Facts of the manifest: {subject: [name, ...]}, other names of one person (SamePatients.h); the numbers of studies
    // that were left out.
    static constexpr const char* SAME_PATIENT = "same_patient";
    static constexpr const char* LEFT_OUT = "left_out";

    // `folder` is made. Throws Error(Unavailable).
    BidsWriter(const std::filesystem::path& folder, const DatasetRequest& request);

    // Throws Error(Conflict) when two subjects have the same images, naming both, and does not take the second;
    // Error(Unavailable).
    void Add(const DatasetSubject& subject);

    // Whether the table has a row of it.
    bool Holds(const std::string& subject) const
    {
      return rows_.contains(subject);
    }

    // Writes tables and manifest. `facts` go into the manifest as they are; what the files do not show of them
    // (SAME_PATIENT, LEFT_OUT) is part of the hash where it is there. Returns the manifest:
    // {format, version, hash, files: {path: SHA-256}, ...facts}.
    Json::Value Finish(const Json::Value& facts);

  private:
    void WriteText(const std::string& path, const std::string& text);
    void WriteImage(const std::string& path, const NiftiImage& image);
    void WriteTable();

    std::filesystem::path folder_;
    Routing::Contrast contrast_;
    std::map<std::string, std::map<std::string, std::string>> rows_;  // by subject
    std::map<std::string, std::string> files_;                        // SHA-256 by path
    std::map<std::string, std::string> pixels_;                       // subject by SHA-256 of its voxels
  };
}
