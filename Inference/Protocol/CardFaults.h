// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <json/value.h>

#include <string>
#include <vector>

namespace H3K27M::Protocol
{
  // Letters, digits, '.', '_' and '-', at most 64, the first one no '.': of a model, and of a member's folder. Never a
  // path.
  bool IsModelName(const std::string& text);

  // One line of printable ASCII without backslash, at most 64: results carry it as a DICOM attribute (LO), and pictures
  // draw it.
  bool IsModelVersion(const std::string& text);

  // weights_sha256 of an ensemble: over the hashes of its members, a list of {folder, weights_sha256}.
  std::string HashMembers(const Json::Value& members);

  // Everything that is wrong with a model's card, whoever reads it (Resources/Notes/ModelCard.md): fields that are
  // missing, of the wrong type or out of range, each as "'threshold' must be a number from 0 to 1". What only the
  // network knows (which variants there are, which sizes it takes) is not looked at. Never throws on bad content.
  std::vector<std::string> FindCardFaults(const Json::Value& card);
}
