// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/ContentItem.h"
#include "Plugin/Results/Term.h"

#include <string>

namespace H3K27M::Results
{
  class SourceAttributes;

  // What the reports that people make have in common. Texts are UTF-8 and are written in the document's character set.

  template <typename T>
  void AddTerm(ContentItem& parent, const Code& name, T value)
  {
    parent.Add(Relationship::Contains, ContentItem::MakeCode(name, GetTerm(value).code));
  }

  void AddText(ContentItem& parent, const SourceAttributes& source, const Code& name, const std::string& text);

  // TID 1003: the person who observes.
  void AddPersonObserver(ContentItem& root, const SourceAttributes& source, const std::string& person);

  // StudyInstanceUID of the study that is reported on. Throws BadInput when the header names none.
  std::string RequireStudy(const SourceAttributes& source);
}
