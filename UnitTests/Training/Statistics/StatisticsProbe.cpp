// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// h3k27m_statistics_probe: reads JSON from standard input, [{question, ...}, ...], and writes the list of answers on
// one line, so that a test in another language can compare. Patients are {scores: [...], truth: [...]}; models that
// are compared are `first` and `second`.

#include "Inference/Protocol/JsonText.h"
#include "Training/Statistics/BrierScore.h"
#include "Training/Statistics/ChiSquaredTest.h"
#include "Training/Statistics/ConfusionMatrix.h"
#include "Training/Statistics/DecisionCurve.h"
#include "Training/Statistics/DeLong.h"
#include "Training/Statistics/FisherTest.h"
#include "Training/Statistics/HolmCorrection.h"
#include "Training/Statistics/McNemarTest.h"
#include "Training/Statistics/PatientBootstrap.h"
#include "Training/Statistics/PrecisionRecallCurve.h"
#include "Training/Statistics/Proportion.h"
#include "Training/Statistics/ReliabilityCurve.h"
#include "Training/Statistics/RocCurve.h"
#include "Training/Statistics/TemperatureScaling.h"
#include "Training/Statistics/WelchTest.h"

#include <functional>
#include <iostream>
#include <iterator>
#include <map>

namespace
{
  using namespace H3K27M::Statistics;

  std::vector<double> ReadNumbers(const Json::Value& list)
  {
    std::vector<double> numbers;
    for (const Json::Value& item : list)
    {
      numbers.push_back(item.asDouble());
    }
    return numbers;
  }

  ScoredPatients ReadPatients(const Json::Value& patients)
  {
    std::vector<bool> truth;
    for (const Json::Value& item : patients["truth"])
    {
      truth.push_back(item.asBool());
    }
    return {ReadNumbers(patients["scores"]), std::move(truth)};
  }

  std::size_t ReadCount(const Json::Value& number)
  {
    return number.asUInt64();
  }

  Json::Value ToJson(const std::optional<Estimate>& estimate)
  {
    return estimate ? estimate->ToJson() : Json::Value();
  }

  Json::Value AnswerCalls(const Json::Value& question)
  {
    const auto matrix = ConfusionMatrix::Count(ReadPatients(question), question["threshold"].asDouble());
    Json::Value json;
    json["sensitivity"] = ToJson(matrix.GetSensitivity());
    json["specificity"] = ToJson(matrix.GetSpecificity());
    json["ppv"] = ToJson(matrix.GetPositivePredictiveValue());
    json["npv"] = ToJson(matrix.GetNegativePredictiveValue());
    json["accuracy"] = ToJson(matrix.GetAccuracy());
    json["f1"] = ToJson(matrix.GetF1());
    return json;
  }

  Json::Value AnswerFisher(const Json::Value& question)
  {
    const Json::Value& table = question["table"];
    return FisherTest::Run(
             {{{ReadCount(table[0][0]), ReadCount(table[0][1])}, {ReadCount(table[1][0]), ReadCount(table[1][1])}}})
      .ToJson();
  }

  Json::Value AnswerChiSquared(const Json::Value& question)
  {
    std::vector<std::vector<std::size_t>> table;
    for (const Json::Value& row : question["table"])
    {
      table.emplace_back();
      for (const Json::Value& cell : row)
      {
        table.back().push_back(ReadCount(cell));
      }
    }
    return ChiSquaredTest::Run(table).ToJson();
  }

  Json::Value AnswerHolm(const Json::Value& question)
  {
    Json::Value json;
    for (const double p : AdjustByHolm(ReadNumbers(question["p"])))
    {
      json.append(p);
    }
    return json;
  }

  using Answer = std::function<Json::Value(const Json::Value&)>;

  const std::map<std::string, Answer> ANSWERS = {
    {"auroc", [](const Json::Value& q) { return EstimateAuroc(ReadPatients(q)).ToJson(); }},
    {"auroc-logit", [](const Json::Value& q) { return EstimateAurocByLogit(ReadPatients(q)).ToJson(); }},
    {"compare-auroc",
     [](const Json::Value& q) { return CompareAuroc(ReadPatients(q["first"]), ReadPatients(q["second"])).ToJson(); }},
    {"roc", [](const Json::Value& q) { return RocCurve(ReadPatients(q)).ToJson(); }},
    {"precision-recall", [](const Json::Value& q) { return PrecisionRecallCurve(ReadPatients(q)).ToJson(); }},
    {"auprc", [](const Json::Value& q) { return EstimateAuprc(ReadPatients(q), 1).ToJson(); }},
    {"calls", AnswerCalls},
    {"proportion",
     [](const Json::Value& q) { return EstimateProportion(ReadCount(q["hits"]), ReadCount(q["trials"])).ToJson(); }},
    {"mean", [](const Json::Value& q) { return EstimateMean(ReadNumbers(q["values"]), 1).ToJson(); }},
    {"compare-means",
     [](const Json::Value& q) { return CompareMeans(ReadNumbers(q["first"]), ReadNumbers(q["second"]), 1).ToJson(); }},
    {"mcnemar", [](const Json::Value& q)
  { return McNemarTest::FromCounts(ReadCount(q["first"]), ReadCount(q["second"])).ToJson(); }},
    {"holm", AnswerHolm},
    {"welch",
     [](const Json::Value& q) { return WelchTest::Run(ReadNumbers(q["first"]), ReadNumbers(q["second"])).ToJson(); }},
    {"fisher", AnswerFisher},
    {"chi-squared", AnswerChiSquared},
    {"brier", [](const Json::Value& q) { return EstimateBrierScore(ReadPatients(q), 1).ToJson(); }},
    {"reliability",
     [](const Json::Value& q)
  {
    const auto binning = q["binning"].asString() == "equal mass" ? Binning::EqualMass : Binning::EqualWidth;
    return ReliabilityCurve(ReadPatients(q), binning, ReadCount(q["bins"])).ToJson();
  }},
    {"decision", [](const Json::Value& q)
  { return DecisionCurve(ReadPatients(q), DecisionCurve::GetDefaultThresholds()).ToJson(); }},
    {"temperature", [](const Json::Value& q) { return TemperatureScaling::Fit(ReadPatients(q)).ToJson(); }},
  };
}

int main()
{
  try
  {
    const std::string text((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
    Json::Value answers(Json::arrayValue);
    for (const Json::Value& question : H3K27M::Protocol::ParseJson(text))
    {
      answers.append(ANSWERS.at(question["question"].asString())(question));
    }
    std::cout << H3K27M::Protocol::WriteCompactJson(answers) << "\n";
    return 0;
  }
  catch (const std::exception& error)
  {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
