// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/PhantomStudies.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Results/LabelWriter.h"
#include "Plugin/Results/MaskVolume.h"
#include "Plugin/Results/PhantomSeriesWriter.h"
#include "Plugin/Results/SegWriter.h"

#include <chrono>

namespace H3K27M::Pipeline
{
  namespace
  {
    constexpr std::chrono::minutes ENGINE_LIMIT(5);

    std::string StoreMask(Archive::IArchive& archive, const Results::PhantomSeries& phantom,
                          const Engine::MaskSlices& masks, const Results::ContentDateTime& made)
    {
      Results::MaskVolume mask(phantom.source);

      for (const auto& [slice, values] : masks)
      {
        mask.SetSlice(slice, values);
      }

      const Results::DicomInstance segmentation =
        Results::SegWriter(phantom.reference).Write({phantom.source, phantom.identity, phantom.generator, made}, mask);
      return archive.Store(std::span(segmentation.bytes));
    }
  }

  Json::Value PhantomStudies::Make(const Json::Value& request) const
  {
    const Engine::PhantomResult made =
      engine_.MakePhantom(Protocol::WriteCompactJson(request), std::chrono::steady_clock::now() + ENGINE_LIMIT);
    const Results::PhantomDescription description = Results::ParsePhantomDescription(made.json);
    const Results::ContentDateTime now = Results::ContentDateTime::Now();
    const Results::PhantomSeries phantom = Results::WritePhantomSeries(description, made.slices, now);

    Json::Value json;
    json["seed"] = static_cast<Json::UInt64>(description.seed);
    json["status"] = description.status ? Json::Value(std::string(ToString(*description.status))) : Json::Value();
    json["tumour_volume_mm3"] = description.tumourVolumeMm3;
    json["label"] = Json::nullValue;

    // Label and mask first: when the images become stable the study is complete.
    if (phantom.label)
    {
      const Results::DicomInstance label = Results::WriteLabel(*phantom.source.header, *phantom.label, now);
      json["label"] = archive_.Store(std::span(label.bytes));
    }

    json["mask"] = made.masks.empty() ? Json::Value() : Json::Value(StoreMask(archive_, phantom, made.masks, now));

    for (const Results::DicomInstance& instance : phantom.instances)
    {
      archive_.Store(std::span(instance.bytes));
    }

    const std::optional<std::string> study = archive_.FindStudy(phantom.source.studyInstanceUid);
    const std::optional<std::string> series = archive_.FindSeries(phantom.source.seriesInstanceUid);

    if (!study || !series)
    {
      throw Error(ErrorCode::Unavailable, "The archive did not keep the synthetic study");
    }

    json["study"] = *study;
    json["series"] = *series;
    json["study_instance_uid"] = phantom.source.studyInstanceUid;
    return json;
  }
}
