// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Runs/PromotionGate.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Weights/ModelPackage.h"
#include "Training/Evaluation/ModelEvaluation.h"
#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Runs/LeakageCheck.h"
#include "Training/Runs/TrainedCard.h"
#include "Training/Statistics/NonInferiorityTest.h"

namespace H3K27M::Runs
{
  // DeLong's variance is an estimate of many: few patients who happen to stand apart make it too small.
  void RequireGatePatients(const std::vector<Evaluation::CaseOutcome>& outcomes, std::size_t minimum)
  {
    const auto patients = Evaluation::ScoreTumourCases(outcomes, &Evaluation::CaseOutcome::probabilityAltered);
    if (patients.GetPositives() < minimum || patients.GetNegatives() < minimum)
    {
      throw Error(ErrorCode::BadInput, "too few external patients: " + std::to_string(patients.GetPositives()) +
                                         " altered and " + std::to_string(patients.GetNegatives()) +
                                         " wild-type, at least " + std::to_string(minimum) + " of each are needed");
    }
  }

  Json::Value TestGate(const std::vector<Evaluation::CaseOutcome>& candidate,
                       const std::vector<Evaluation::CaseOutcome>& reference, double margin)
  {
    constexpr Evaluation::ProtocolField PROTOCOL = &Evaluation::CaseOutcome::probabilityAltered;
    return Statistics::NonInferiorityTest::Run(Evaluation::ScoreTumourCases(candidate, PROTOCOL),
                                               Evaluation::ScoreTumourCases(reference, PROTOCOL), margin)
      .ToJson();
  }

  Json::Value PromotionGate::Judge(const Data::ICaseSource* patients,
                                   const std::vector<Evaluation::CaseOutcome>& candidate) const
  {
    Json::Value gate;
    gate["passed"] = false;
    gate["margin"] = margin;
    gate["cases"] = Json::UInt64{candidate.size()};
    try
    {
      const auto card = Weights::ModelCard::Load(baseline / Weights::ModelPackage::CARD_FILE);
      gate["baseline"]["name"] = card.GetName();
      gate["baseline"]["weights_sha256"] = card.GetWeightsSha256();
      if (patients == nullptr)
      {
        throw Error(ErrorCode::BadInput, "there are no external patients to compare the models on");
      }
      const Json::Value described = patients->Describe();
      RefuseOtherContrast(card.GetJson(), Data::ParseContrast(described.get("contrast", "T2w").asString()));
      RefuseSeenCases(card.GetJson(), described);
      RequireGatePatients(candidate, minimumPatients);
      const Json::Value judged = TestGate(candidate, Evaluation::EvaluateModel(*patients, baseline, backend), margin);
      for (const std::string& field : judged.getMemberNames())
      {
        gate[field] = judged[field];
      }
    }
    catch (const Error& e)
    {
      gate["reason"] = std::string("not judged: ") + e.what();
    }
    return gate;
  }
}
