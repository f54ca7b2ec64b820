// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace H3K27M::Data
{
  // The subject whom a file is of, by its path: the first part that is named as BIDS names subjects (sub-...), however
  // deep the data sets lie, else the first part. A subject's name alone is itself.
  std::string FindSubject(const std::string& path);

  // The seed that `h3k27m phantom` puts into a subject's name: 31 of "sub-phantom00000031". Empty for other names.
  std::optional<std::uint64_t> ReadPhantomSeed(const std::string& subject);

  // Whether a row of participants.tsv is of a phantom: by its name, or as the columns `synthetic` (yes) and `site`
  // (phantom) say; empty where there is no such column. One answer for cards and reports.
  bool IsSyntheticSubject(const std::string& id, const std::string& synthetic, const std::string& site);
}
