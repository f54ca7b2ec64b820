// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Weights/ModelCard.h"
#include "Training/Runs/RunConfig.h"

#include <json/value.h>

#include <string>

namespace H3K27M::Runs
{
  // What the card of a trained model is made of.
  struct TrainedCardFacts
  {
    std::string name;
    Network::NetworkOptions network;
    Json::Value data;    // ICaseSource::Describe()
    Json::Value origin;  // DescribeOrigin() of the model that the run started from; null: from scratch
    unsigned int threads = 1;
    std::string device = "cpu";  // Predict::TorchDevice's name of it
    double seconds = 0;
  };

  // Says what the model was made of and how, without metrics. A model of phantoms, generated or read from a folder, or
  // of some among patients, says that it is one.
  Weights::ModelCard MakeTrainedCard(const TrainedCardFacts& facts, const RunConfig& config);

  // Sets `trained_on` and `intended_use` by the card's training data and by all that it started from.
  void SetTrainedOn(Weights::ModelCard& card);

  // The lineage: what the card of a model has to say to those that start from it. An ensemble's tells what all its
  // networks have seen, and names the one that is taken, `member`: the first.
  Json::Value DescribeOrigin(const Weights::ModelCard& card);

  // Throws Error(BadInput) when the model was trained on another contrast; a card that names none is of T2w.
  void RefuseOtherContrast(const Json::Value& card, Data::Contrast contrast);
}
