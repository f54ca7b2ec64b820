// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Labels/LabelFields.h"
#include "Plugin/Labels/StudyLabels.h"
#include "Plugin/Results/LabelWriter.h"
#include "UnitTests/Plugin/Pipeline/PipelineFixture.h"

#include <dcmtk/dcmdata/dcdatset.h>

#include <string>

namespace H3K27M::Testing
{
  // A fake archive with one unlabelled study of MR images, and an empty work store.
  class LabelTestBase : public PipelineFixture
  {
  protected:
    LabelTestBase() :
      labels_(archive_, *store_, clock_, Volume::VolumeLimits())
    {
      StoreSeries();
    }

    static Results::GenotypeLabel MakeLabel(const std::string& annotator = "Annotator")
    {
      Results::GenotypeLabel label;
      label.status = Results::GenotypeStatus::Altered;
      label.assay = Results::Assay::Pyrosequencing;
      label.gene = Results::HistoneGene::H3F3A;
      label.site = "Bonn";
      label.preOperative = true;
      label.annotator = annotator;
      return label;
    }

    // A label that another site made of the study and sent here.
    void Receive(Results::GenotypeLabel label, std::int64_t recordedAtMs)
    {
      label.source = "elsewhere";
      label.recordedAtMs = recordedAtMs;
      const auto header = H3K27M::Support::DicomSeriesBuilder({}).MakeSlice(0);
      const Results::DicomInstance report = Results::WriteLabel(*header, label, Results::ContentDateTime::Now());
      archive_.Store(std::span(report.bytes));
    }

    std::size_t CountReports()
    {
      return archive_.ListSeries("SR").size();
    }

    void Refresh()
    {
      labels_.GetWatcher().OnStudy(archive_.GetStudy(STUDY).value());
    }

    std::vector<std::string> ListAudit()
    {
      std::vector<std::string> what;

      for (const WorkState::AuditEntry& entry : store_->ListAudit({STUDY, 0, 100}))
      {
        what.insert(what.begin(), entry.what);
      }

      return what;
    }

    Labels::StudyLabels labels_;
  };
}
