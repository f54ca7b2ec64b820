// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/DescribePatients.h"

#include "Inference/Network/Axes.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/RunFiles.h"

namespace H3K27M::Runs
{
  Json::Value DescribePatients(const Data::BidsFolder& folder)
  {
    Json::Value patients(Json::objectValue);
    for (const Data::BidsSubject& subject : folder.GetSubjects())
    {
      Json::Value& patient = patients[subject.id];
      for (const auto& [column, value] : subject.columns)
      {
        patient[column] = value;
      }
      patient["split"] = subject.split;
      patient["has_mask"] = subject.mask.has_value();
      patient["genotype"] = Json::Value();
      if (const auto genotype = subject.genotype)
      {
        patient["genotype"] = *genotype == Network::GENOTYPE_ALTERED ? "altered" : "wild-type";
      }
    }
    return patients;
  }

  void WritePatients(const std::filesystem::path& run, const Data::BidsFolder& folder)
  {
    WriteJsonFile(run / PATIENTS_FILE, DescribePatients(folder));
    if (const Json::Value& leftOut = folder.GetManifest().leftOut; leftOut.isObject())
    {
      WriteJsonFile(run / LEFT_OUT_FILE, leftOut);
    }
  }
}
