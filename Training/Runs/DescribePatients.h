// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/BidsFolder.h"

#include <json/value.h>

#include <filesystem>

namespace H3K27M::Runs
{
  // All subjects of the folder, also those that were left out: {id: {split, genotype, has_mask, and the other columns
  // of participants.tsv, or of the images' sidecars}}. For tables; no part of a run's identity.
  Json::Value DescribePatients(const Data::BidsFolder& folder);

  // Writes PATIENTS_FILE, and LEFT_OUT_FILE where the folder is a snapshot that left studies out. Throws what
  // WriteJsonFile() throws.
  void WritePatients(const std::filesystem::path& run, const Data::BidsFolder& folder);
}
