// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/RunComparison.h"

#include "Inference/Network/NetworkOptions.h"
#include "Inference/Protocol/Error.h"
#include "Training/Reports/ConfigDifferences.h"
#include "Training/Reports/Remarks.h"
#include "Training/Reports/RunRecord.h"
#include "Training/Runs/AblationModels.h"
#include "Training/Runs/JsonFile.h"
#include "Training/Runs/ModelComparison.h"
#include "Training/Runs/RunFiles.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace H3K27M::Reports
{
  namespace
  {
    using Evaluation::CaseOutcome;

    constexpr const char* OUT_OF_FOLD = "out_of_fold";
    constexpr const char* EXTERNAL = "external";

    // A model that a run measured: of an ablation one of six.
    struct MeasuredModel
    {
      std::string name;
      RunRecord record;

      const std::vector<CaseOutcome>& GetOutcomes(const std::string& set) const
      {
        return set == EXTERNAL ? record.ensemble.outcomes : record.outOfFold.outcomes;
      }

      bool HasSegmentation() const
      {
        return Network::HasSegmentation(Network::ParseVariant(record.config["network"]["variant"].asString()));
      }

      // SHA-256 of each image by the patient's id.
      const Json::Value& GetImages(const std::string& set) const
      {
        const bool isOwn = set == OUT_OF_FOLD || record.IsEvaluation();
        return record.manifest[isOwn ? "data" : "external"]["images"];
      }

      // Device and precision of each part of a set, where they were written down.
      std::set<std::string> ListMakers(const std::string& set) const
      {
        std::set<std::string> makers;
        for (const Json::Value& maker : record.metrics["measured_with"])
        {
          for (const Json::Value& part : maker["of"])
          {
            const bool isExternal = part == "ensemble" || part == "external";
            if (isExternal == (set == EXTERNAL) && maker["device"].isString())
            {
              makers.insert(maker["device"].asString() + ", " + maker["precision"].asString());
            }
          }
        }
        return makers;
      }
    };

    struct ComparedRun
    {
      Json::Value config;
      Json::Value manifest;
      std::vector<MeasuredModel> models;  // none: a training alone

      bool IsAblation() const
      {
        return config["kind"] == "ablate";
      }
    };

    ComparedRun ReadRun(const std::filesystem::path& folder)
    {
      if (!std::filesystem::exists(folder / Runs::CONFIG_FILE))
      {
        throw Error(ErrorCode::NotFound, folder.string() + " holds no run");
      }
      ComparedRun run;
      run.config = Runs::ReadJsonFile(folder / Runs::CONFIG_FILE);
      run.manifest = Runs::ReadJsonFile(folder / Runs::MANIFEST_FILE);
      const std::string kind = run.config["kind"].asString();
      if (run.IsAblation())
      {
        for (const Runs::AblationModel& model : Runs::ABLATION_MODELS)
        {
          run.models.push_back({model.GetName(), RunRecord::Read(folder / model.GetName())});
        }
      }
      else if (kind == "cross-validate" || kind == "evaluate")
      {
        run.models.push_back({folder.filename().string(), RunRecord::Read(folder)});
      }
      return run;
    }

    Json::Value CompareData(const ComparedRun& a, const ComparedRun& b)
    {
      Json::Value json;
      for (const auto& [side, run] : {std::pair("a", &a), std::pair("b", &b)})
      {
        json[side]["hash"] = run->manifest["data"]["hash"];
        json[side]["count"] = run->manifest["data"]["count"];
      }
      const bool isKnown = json["a"]["hash"].isString() && json["b"]["hash"].isString();
      json["same"] = isKnown ? Json::Value(json["a"]["hash"] == json["b"]["hash"]) : Json::Value();
      return json;
    }

    std::set<std::string> ListPatients(const std::vector<CaseOutcome>& outcomes)
    {
      std::set<std::string> patients;
      for (const CaseOutcome& outcome : outcomes)
      {
        patients.insert(outcome.id);
      }
      return patients;
    }

    Json::Value PairFigures(const Json::Value& a, const Json::Value& b, const std::vector<std::string>& names)
    {
      Json::Value figures;
      for (const std::string& name : names)
      {
        figures[name]["a"] = a.isObject() ? a[name] : Json::Value();
        figures[name]["b"] = b.isObject() ? b[name] : Json::Value();
      }
      return figures;
    }

    Json::Value ListMetrics(const Json::Value& a, const Json::Value& b)
    {
      const std::vector<std::string> ofGenotype = {"auroc",       "auroc_logit", "auprc",
                                                   "sensitivity", "specificity", "accuracy"};
      std::vector<std::string> all = ofGenotype;
      all.insert(all.end(), {"brier", "dice"});
      Json::Value metrics = PairFigures(a, b, all);
      const Json::Value oracles = PairFigures(a, b, {"oracle"})["oracle"];
      metrics["oracle"] = PairFigures(oracles["a"], oracles["b"], ofGenotype);
      return metrics;
    }

    // One set of patients that both runs, or one of them, measured.
    class SetComparison
    {
    public:
      SetComparison(const MeasuredModel& a, const MeasuredModel& b, std::string set) :
        a_(a),
        b_(b),
        set_(std::move(set)),
        patientsOfA_(ListPatients(a.GetOutcomes(set_))),
        patientsOfB_(ListPatients(b.GetOutcomes(set_)))
      {
        std::set_intersection(patientsOfA_.begin(), patientsOfA_.end(), patientsOfB_.begin(), patientsOfB_.end(),
                              std::back_inserter(common_));
      }

      bool IsEmpty() const
      {
        return patientsOfA_.empty() && patientsOfB_.empty();
      }

      Json::Value ToJson() const
      {
        Json::Value json;
        json["set"] = set_;
        json["models"]["a"] = a_.name;
        json["models"]["b"] = b_.name;
        json["patients"]["a"] = Json::UInt64{patientsOfA_.size()};
        json["patients"]["b"] = Json::UInt64{patientsOfB_.size()};
        json["patients"]["common"] = Json::UInt64{common_.size()};
        json["metrics"] = ListMetrics(a_.record.metrics[set_], b_.record.metrics[set_]);
        json["difference"] = Json::Value();
        json["reason"] = Json::Value();
        try
        {
          RequireSamePatients();
          json["difference"] = Compare();
        }
        catch (const Error& e)
        {
          json["reason"] = e.what();
        }
        json["comparable"] = json["reason"].isNull();
        return json;
      }

      bool HasSameThreshold() const
      {
        return a_.record.config["threshold"] == b_.record.config["threshold"];
      }

      bool HasSameSlices() const
      {
        return a_.HasSegmentation() == b_.HasSegmentation();
      }

      bool HasOneMaker() const
      {
        std::set<std::string> makers = a_.ListMakers(set_);
        makers.merge(b_.ListMakers(set_));
        return makers.size() < 2;
      }

      // How many of the common patients have another image in the other run.
      std::size_t CountChangedImages() const
      {
        const Json::Value& first = a_.GetImages(set_);
        const Json::Value& second = b_.GetImages(set_);
        return static_cast<std::size_t>(std::count_if(common_.begin(), common_.end(), [&](const std::string& id)
        { return first[id].isString() && second[id].isString() && first[id] != second[id]; }));
      }

    private:
      void RequireSamePatients() const
      {
        if (patientsOfA_.empty() || patientsOfB_.empty())
        {
          throw Error(ErrorCode::BadInput,
                      std::string("only run ") + (patientsOfA_.empty() ? "b" : "a") + " was measured on such patients");
        }
        if (patientsOfA_ != patientsOfB_)
        {
          throw Error(ErrorCode::BadInput,
                      "the runs were measured on different patients: " + std::to_string(patientsOfA_.size()) + " and " +
                        std::to_string(patientsOfB_.size()) + ", of whom " + std::to_string(common_.size()) +
                        " are the same. A difference between them would be one of patients, too");
        }
      }

      Json::Value Compare() const
      {
        Json::Value difference = Runs::ComparePair({"a", a_.HasSegmentation(), a_.GetOutcomes(set_)},
                                                   {"b", b_.HasSegmentation(), b_.GetOutcomes(set_)},
                                                   a_.record.config["threshold"].asDouble());
        if (difference.isNull())
        {
          throw Error(ErrorCode::BadInput, "none of the patients has a tumour");
        }
        difference.removeMember("first");
        difference.removeMember("second");
        if (!HasSameThreshold())
        {
          // Right and wrong would be told at one of two thresholds.
          difference["mcnemar"] = Json::Value();
          difference["oracle"]["mcnemar"] = Json::Value();
        }
        return difference;
      }

      const MeasuredModel& a_;
      const MeasuredModel& b_;
      std::string set_;
      std::set<std::string> patientsOfA_;
      std::set<std::string> patientsOfB_;
      std::vector<std::string> common_;
    };

    using Pairs = std::vector<std::pair<const MeasuredModel*, const MeasuredModel*>>;

    Pairs PairModels(const ComparedRun& a, const ComparedRun& b)
    {
      Pairs pairs;
      if (a.models.empty() || b.models.empty())
      {
        return pairs;
      }
      if (!a.IsAblation() || !b.IsAblation())
      {
        return {{&a.models.back(), &b.models.back()}};
      }
      for (std::size_t i = 0; i < a.models.size(); i++)
      {
        pairs.emplace_back(&a.models[i], &b.models[i]);
      }
      return pairs;
    }

    // Two ablations are compared model by model: the p of a set of patients are a family. Returns whether there is one.
    bool AdjustFamilies(Json::Value& measured)
    {
      bool isAdjusted = false;
      for (const char* set : {OUT_OF_FOLD, EXTERNAL})
      {
        std::vector<Json::Value*> family;
        for (Json::Value& comparison : measured)
        {
          if (comparison["set"] == set && comparison["difference"].isObject())
          {
            family.push_back(&comparison["difference"]);
          }
        }
        if (family.size() > 1)
        {
          Runs::AdjustComparisons(family);
          isAdjusted = true;
        }
      }
      return isAdjusted;
    }

    void RemarkOnRuns(Remarks& remarks, const ComparedRun& a, const ComparedRun& b)
    {
      for (const auto& [side, run] : {std::pair("a", &a), std::pair("b", &b)})
      {
        remarks.Add(run->models.empty(), std::string("Run ") + side +
                                           " trained a model and measured no patient with it: only configurations and "
                                           "data can be compared.");
        remarks.Add(run->config["control"] == "permuted",
                    std::string("Run ") + side + " is a control with shuffled labels.");
        remarks.Add(run->config["control"] == "planted",
                    std::string("Run ") + side + " is a control with shuffled labels and a signal planted by them.");
      }
      remarks.Add(a.IsAblation() != b.IsAblation() && !a.models.empty() && !b.models.empty(),
                  "Of the ablation its last model is taken, the paper's own.");
    }

    void RemarkOnSet(Remarks& remarks, const SetComparison& comparison, const Json::Value& measured)
    {
      constexpr Json::UInt64 FEW_PATIENTS = 20;
      remarks.Add(!measured["difference"].isNull() && measured["patients"]["common"].asUInt64() < FEW_PATIENTS,
                  "Of fewer than 20 patients intervals and p, bootstrapped ones above all, promise more than they "
                  "hold.");
      remarks.Add(
        comparison.CountChangedImages() > 0,
        "Patients whom both runs measured have other images in the other run: differences are those of models "
        "and images together.");
      remarks.Add(!measured["difference"].isNull() && !comparison.HasSameSlices(),
                  "Of a model that draws no mask all slices that show the head speak: by protocol automatic its "
                  "difference from one that draws masks is one of slices and of architecture together; protocol oracle "
                  "compares the same slices.");
      remarks.Add(!measured["difference"].isNull() && !comparison.HasOneMaker(),
                  "Not all patients of a set were measured on the same device and in the same precision: a network's "
                  "probabilities differ a little between these.");
      remarks.Add(!measured["difference"].isNull() && !comparison.HasSameThreshold(),
                  "The thresholds differ: right and wrong calls are not compared.");
      remarks.Add(
        !measured["difference"].isNull() && measured["set"] == OUT_OF_FOLD,
        "Out of fold, each patient is answered by the network that has not seen the patient; the folds of the "
        "two runs need not be the same.");
    }
  }

  Json::Value CompareRuns(const std::filesystem::path& a, const std::filesystem::path& b)
  {
    const ComparedRun first = ReadRun(a);
    const ComparedRun second = ReadRun(b);
    Remarks remarks;
    RemarkOnRuns(remarks, first, second);
    Json::Value json;
    json["config"] = ListConfigDifferences(first.config, second.config);
    json["data"] = CompareData(first, second);
    json["measured"] = Json::Value(Json::arrayValue);
    for (const auto& [modelOfA, modelOfB] : PairModels(first, second))
    {
      for (const char* set : {OUT_OF_FOLD, EXTERNAL})
      {
        const SetComparison comparison(*modelOfA, *modelOfB, set);
        if (!comparison.IsEmpty())
        {
          json["measured"].append(comparison.ToJson());
          RemarkOnSet(remarks, comparison, json["measured"][json["measured"].size() - 1]);
        }
      }
    }
    remarks.Add(true,
                std::string("Intervals and p are those of the patients: another seed would train other networks. ") +
                  (AdjustFamilies(json["measured"])
                     ? "Beside each p stands the one adjusted by Holm for the models compared on the same set of "
                       "patients; each measure, set and slice protocol is a family of its own."
                     : "Of each measure, set and slice protocol there is one p: none is adjusted.") +
                  " Research use only.");
    json["remarks"] = remarks.ToJson();
    return json;
  }
}
