// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/PersonReport.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/SourceAttributes.h"

#include <dcmtk/dcmdata/dcdeftag.h>

namespace H3K27M::Results
{
  void AddText(ContentItem& parent, const SourceAttributes& source, const Code& name, const std::string& text)
  {
    parent.Add(Relationship::Contains, ContentItem::MakeText(name, source.Encode(text)));
  }

  void AddPersonObserver(ContentItem& root, const SourceAttributes& source, const std::string& person)
  {
    root.Add(Relationship::HasObservationContext, ContentItem::MakeCode(Codes::OBSERVER_TYPE, Codes::PERSON));
    root.Add(Relationship::HasObservationContext,
             ContentItem::MakePersonName(Codes::PERSON_OBSERVER_NAME, source.EncodeName(person)));
  }

  std::string RequireStudy(const SourceAttributes& source)
  {
    const std::string study = source.Get(DCM_StudyInstanceUID);

    if (study.empty())
    {
      throw Error(ErrorCode::BadInput, "The image that is reported on names no study");
    }

    return study;
  }
}
