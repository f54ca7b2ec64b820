// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/MetricTables.h"

#include "Inference/Network/Axes.h"
#include "Training/Evaluation/OutcomeScores.h"
#include "Training/Reports/MetricText.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>

namespace H3K27M::Reports
{
  namespace
  {
    enum class Kind
    {
      Genotype,     // by either protocol
      Calibration,  // of the answers by protocol automatic: the oracle's have none
      Masks         // which no protocol changes
    };

    enum class Best
    {
      Highest,
      Lowest,
      None
    };

    struct Column
    {
      const char* title;
      const char* field;
      Kind kind;
      Best best;
    };

    constexpr const char* AUROC = "auroc";
    constexpr const char* CALIBRATION_ERROR = "ece";

    // The calibration error is biased by the number of patients in its bins: none is called the best.
    constexpr std::array COLUMNS{Column{"Accuracy", "accuracy", Kind::Genotype, Best::Highest},
                                 Column{"Sensitivity", "sensitivity", Kind::Genotype, Best::Highest},
                                 Column{"Specificity", "specificity", Kind::Genotype, Best::Highest},
                                 Column{"AUROC", AUROC, Kind::Genotype, Best::Highest},
                                 Column{"AUPRC", "auprc", Kind::Genotype, Best::Highest},
                                 Column{"Brier score", "brier", Kind::Calibration, Best::Lowest},
                                 Column{"ECE (10 bins)", CALIBRATION_ERROR, Kind::Calibration, Best::None},
                                 Column{"Dice (patient)", "dice", Kind::Masks, Best::Highest},
                                 Column{"Dice (authors')", "dice_authors", Kind::Masks, Best::Highest}};

    std::vector<Column> ChooseColumns(const std::string& protocol)
    {
      std::vector<Column> columns;
      std::copy_if(COLUMNS.begin(), COLUMNS.end(), std::back_inserter(columns), [&protocol](const Column& column)
      { return column.kind != Kind::Calibration || protocol != "oracle"; });
      return columns;
    }

    const Json::Value& Find(const Json::Value& metrics, const Column& column, const std::string& protocol)
    {
      static const Json::Value none;
      if (!metrics.isObject())
      {
        return none;
      }
      const bool isOracle = column.kind == Kind::Genotype && protocol == "oracle";
      const Json::Value& group = isOracle ? metrics["oracle"] : metrics;
      if (!group.isObject())
      {
        return none;
      }
      return std::string_view(column.field) == AUROC ? GetAuroc(group) : group[column.field];
    }

    std::string FormatCell(const Json::Value& metrics, const Column& column, const std::string& protocol)
    {
      const Json::Value& estimate = Find(metrics, column, protocol);
      if (estimate.isNull() && metrics.isObject() && std::string_view(column.field) == CALIBRATION_ERROR)
      {
        // An earlier release gave it without an interval, beside its curve.
        const Json::Value& calibration = metrics["calibration"];
        return calibration.isObject() && calibration["ece"].isNumeric()
                 ? FormatNumber(calibration["ece"]) + " (no interval)"
                 : FormatEstimate(estimate);
      }
      return FormatEstimate(estimate);
    }

    // All rows that share the best value as it is printed.
    void MarkBest(Table& table, std::size_t column, bool isLowest)
    {
      std::optional<std::string> best;
      for (const std::vector<std::string>& row : table.rows)
      {
        const std::string value = row[column].substr(0, row[column].find(' '));
        if (!value.empty() && value[0] >= '0' && value[0] <= '9' &&
            (!best || (isLowest ? value < *best : value > *best)))
        {
          best = value;
        }
      }
      for (std::size_t row = 0; best && table.rows.size() > 1 && row < table.rows.size(); row++)
      {
        if (table.rows[row][column].substr(0, table.rows[row][column].find(' ')) == *best)
        {
          table.bold.emplace(row, column);
        }
      }
    }

    // A score of answers alone says which model is best only where all models answered for all their patients: who is
    // silent on the hard ones has better answers.
    bool HasBest(const Column& column, const std::vector<NamedMetrics>& sets)
    {
      const auto isSilent = [](const NamedMetrics& set)
      { return set.metrics.isObject() && set.metrics["not_determined"].asUInt64() > 0; };
      return column.best != Best::None &&
             (column.kind != Kind::Calibration || std::none_of(sets.begin(), sets.end(), isSilent));
    }

    std::string FormatOr(const std::optional<double>& number, const char* otherwise)
    {
      return number ? FormatNumber(*number) : otherwise;
    }

    std::string DescribeMask(const Evaluation::CaseOutcome& outcome)
    {
      return !outcome.agreesWithMask ? "none" : *outcome.agreesWithMask ? "the same" : "the other";
    }

    void Flatten(const Json::Value& node, const std::string& path, Table& table)
    {
      if (node.isObject() && node["value"].isNumeric() && node.isMember("low"))
      {
        table.AddRow(
          {path, node["value"].asString(), node["low"].asString(), node["high"].asString(), node["method"].asString()});
      }
      else if (node.isObject())
      {
        for (const std::string& member : node.getMemberNames())
        {
          Flatten(node[member], path.empty() ? member : std::string(path).append(".").append(member), table);
        }
      }
      else if (node.isArray())
      {
        for (Json::ArrayIndex i = 0; i < node.size(); i++)
        {
          Flatten(node[i], std::string(path).append(".").append(std::to_string(i + 1)), table);
        }
      }
      else if (node.isNumeric() || node.isBool())
      {
        table.AddRow({path, node.asString(), "", "", ""});
      }
    }
  }

  Table MakeMetricTable(const std::string& name, const std::string& caption, const std::vector<NamedMetrics>& sets,
                        const std::string& protocol)
  {
    const std::vector<Column> columns = ChooseColumns(protocol);
    const char* const calibration =
      protocol == "oracle" ? "" : "; ECE lies too high where patients are few, and its interval more so";
    Table table{name, caption + "; AUROC: DeLong on the logit scale" + calibration, {"Model", "Patients"}, {}, {}};
    for (const Column& column : columns)
    {
      table.columns.emplace_back(column.title);
    }
    for (const NamedMetrics& set : sets)
    {
      const bool isThere = set.metrics.isObject();
      std::vector<std::string> row{set.name, isThere ? set.metrics["tumour_cases"].asString() : "0"};
      for (const Column& column : columns)
      {
        const bool isDrawn = column.kind != Kind::Masks || set.hasSegmentation;
        row.push_back(isDrawn ? FormatCell(set.metrics, column, protocol) : "draws no mask");
      }
      table.AddRow(std::move(row));
    }
    for (std::size_t i = 0; i < columns.size(); i++)
    {
      if (HasBest(columns[i], sets))
      {
        MarkBest(table, i + 2, columns[i].best == Best::Lowest);
      }
    }
    return table;
  }

  Table MakeWithinFoldsTable(const std::string& name, const std::vector<NamedMetrics>& sets)
  {
    Table table{
      name,
      "Development, AUROC within folds: only pairs of patients of the same fold are compared, each pair ranked "
      "by one network, and the pairs of all folds are counted together; bootstrap of patients within each "
      "fold and genotype",
      {"Model", "Protocol automatic", "Protocol oracle"},
      {},
      {}};
    for (const NamedMetrics& set : sets)
    {
      table.AddRow({set.name, FormatEstimate(set.metrics["auroc_within_folds"]),
                    FormatEstimate(set.metrics["oracle"]["auroc_within_folds"])});
    }
    return table;
  }

  Table MakeSliceTable(const std::string& name, const std::string& caption, const std::vector<NamedMetrics>& sets)
  {
    Table table{name,
                caption +
                  "; each slice with reference tumour called by itself (protocol oracle), bootstrap of patients "
                  "with all their slices",
                {"Model", "Patients", "Slices", "Accuracy", "Sensitivity", "Specificity", "AUROC"},
                {},
                {}};
    for (const NamedMetrics& set : sets)
    {
      static const Json::Value none;
      const Json::Value& oracle = set.metrics.isObject() ? set.metrics["oracle"] : none;
      const Json::Value& slices = oracle.isObject() ? oracle["slices"] : none;
      if (!slices.isObject())
      {
        table.AddRow({set.name, "none", "none", "", "", "", ""});
        continue;
      }
      table.AddRow({set.name, slices["patients"].asString(), slices["slices"].asString(),
                    FormatEstimate(slices["accuracy"]), FormatEstimate(slices["sensitivity"]),
                    FormatEstimate(slices["specificity"]), FormatEstimate(slices["auroc"])});
    }
    return table;
  }

  Table MakeErrorTable(const std::string& name, const std::vector<Evaluation::CaseOutcome>& outcomes, double threshold)
  {
    Table table{
      name,
      "Cases called wrongly, or not at all; protocol automatic",
      {"Patient", "Truth", "Called", "Probability", "Probability (oracle)", "Mask's class", "Dice", "Typicality"},
      {},
      {}};
    for (const Evaluation::CaseOutcome& outcome : outcomes)
    {
      const bool isAltered = outcome.genotype == Network::GENOTYPE_ALTERED;
      if (outcome.hasTumour &&
          !Evaluation::IsCalledRightly(outcome, threshold, &Evaluation::CaseOutcome::probabilityAltered))
      {
        const char* const called = !outcome.probabilityAltered               ? "not determined"
                                   : *outcome.probabilityAltered > threshold ? "altered"
                                                                             : "wild type";
        table.AddRow({outcome.id, isAltered ? "altered" : "wild type", called,
                      FormatOr(outcome.probabilityAltered, "none"), FormatOr(outcome.oracleProbability, "none"),
                      DescribeMask(outcome), FormatOr(outcome.dice, "draws no mask"),
                      FormatOr(outcome.typicality, "unknown")});
      }
    }
    return table;
  }

  Table FlattenMetrics(const Json::Value& metrics)
  {
    Table table{"metrics", "Every figure", {"figure", "value", "low", "high", "method"}, {}, {}};
    Flatten(metrics, "", table);
    return table;
  }
}
