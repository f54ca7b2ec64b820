// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

class DcmDataset;
class DcmItem;
class DcmSequenceOfItems;
class DcmTagKey;

namespace H3K27M::Volume
{
  class DatasetReader;

  // Lets `reader` also search those functional groups of `groups` (an item of the shared or per-frame sequence, or
  // null) that describe acquisition and geometry. Others hold equal tags of another meaning: referenced images, private
  // groups with copies of classic attributes (Philips' (2005,140F)).
  void AppendGroups(DatasetReader& reader, DcmItem* groups);

  // The sequence, or null.
  DcmSequenceOfItems* GetSequence(DcmDataset& dataset, const DcmTagKey& tag);
}
