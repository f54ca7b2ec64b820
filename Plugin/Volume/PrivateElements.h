// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

class DcmItem;

namespace H3K27M::Volume
{
  // Removes the elements of odd groups, those within sequences too: vendors keep there what nobody else can read and no
  // de-identification has looked at.
  void RemovePrivateElements(DcmItem& item);
}
