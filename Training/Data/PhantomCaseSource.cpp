// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/PhantomCaseSource.h"

#include "Inference/Network/Axes.h"

namespace H3K27M::Data
{
  PhantomCaseSource::PhantomCaseSource(const Phantom::PhantomDatasetOptions& options) :
    options_(options)
  {
    options.Check();
  }

  std::size_t PhantomCaseSource::GetCount() const
  {
    return options_.count;
  }

  TrainingCase PhantomCaseSource::Load(std::size_t index) const
  {
    const auto parameters = Phantom::GetSeriesMember(options_, static_cast<unsigned int>(index));
    const Phantom::PhantomVolume volume = generator_.Generate(parameters);
    TrainingCase loaded;
    loaded.id = "phantom-" + std::to_string(parameters.seed);
    loaded.voxels.assign(volume.voxels.begin(), volume.voxels.end());
    loaded.mask = volume.mask;
    loaded.hasTumour = volume.parameters.hasTumour;
    loaded.genotype = volume.parameters.status == Phantom::GenotypeStatus::Altered ? Network::GENOTYPE_ALTERED
                                                                                   : Network::GENOTYPE_WILD_TYPE;
    loaded.slices = volume.parameters.slices;
    loaded.rows = volume.parameters.rows;
    loaded.columns = volume.parameters.columns;
    loaded.pixelSpacingMm = {volume.parameters.pixelSpacingMm, volume.parameters.pixelSpacingMm};
    loaded.sliceSpacingMm = volume.parameters.sliceSpacingMm;
    return loaded;
  }

  Json::Value PhantomCaseSource::Describe() const
  {
    Json::Value description;
    description["kind"] = "phantoms";
    description["count"] = options_.count;
    description["first_seed"] = Json::UInt64{options_.firstSeed};
    description["tumour_free_share"] = options_.tumourFreeShare;
    description["signal_strength"] = options_.signalStrength;
    description["maximum_matrix"] = options_.maximumMatrix;
    return description;
  }
}
