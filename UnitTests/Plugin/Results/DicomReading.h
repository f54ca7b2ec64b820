// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <dcmtk/dcmdata/dcfilefo.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace H3K27M::Tests
{
  // Parses the bytes of a DICOM file; fails the test by an exception when DCMTK cannot.
  std::unique_ptr<DcmFileFormat> ReadDicom(const std::string& bytes);

  // Value as text, all values with backslashes; empty when absent.
  std::string GetText(DcmItem& item, const DcmTagKey& tag);

  // The voxels of a SEG as 0 and 1: [frame, row, column]; bits are unpacked here, not by dcmseg.
  std::vector<std::uint8_t> ReadSegVoxels(DcmDataset& seg);

  // "path=value" of every element but pixels: to compare two objects attribute by attribute.
  std::set<std::string> ListAttributes(DcmItem& item, const std::string& path = std::string());

  // All TEXT and CODE values of an SR under the concept name (code value), anywhere in the tree.
  std::vector<std::string> FindContent(DcmItem& item, const std::string& conceptCode);
}
