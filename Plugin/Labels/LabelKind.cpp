// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/LabelKind.h"

#include "Plugin/Labels/LabelFields.h"
#include "Plugin/Labels/LabelJson.h"
#include "Plugin/Results/LabelReader.h"

namespace H3K27M::Labels
{
  std::optional<WorkState::StudyLabel> LabelKind::Read(const DcmDataset& dataset)
  {
    const std::optional<Results::GenotypeLabel> label = Results::ReadLabel(dataset);
    return label ? std::optional(ToStudyLabel(*label)) : std::nullopt;
  }

  Json::Value LabelKind::ToJson(const WorkState::StudyLabel& label)
  {
    return Labels::ToJson(label);
  }
}
