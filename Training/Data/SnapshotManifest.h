// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <filesystem>

namespace H3K27M::Data
{
  // What a snapshot of a PACS says of itself beyond BIDS, in manifest.json beside its table. Of a folder that anybody
  // else wrote, nothing.
  struct SnapshotManifest
  {
    // {subject: [name, ...]}: who has other names in other snapshots, as one person with two PatientIDs; null: nobody.
    Json::Value samePatient;

    // {reason: {split: {genotype: number}}}: labelled studies that it left out; null: none, or nobody counted.
    Json::Value leftOut;

    // A file that is not there, is larger than 64 MiB or is none of a snapshot's says nothing. Throws
    // Error(Unavailable) when it cannot be read.
    static SnapshotManifest Read(const std::filesystem::path& folder);
  };
}
