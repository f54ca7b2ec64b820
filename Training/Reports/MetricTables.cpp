// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/MetricTables.h"

#include "Inference/Network/Axes.h"
#include "Training/Reports/MetricText.h"

#include <array>
#include <optional>
#include <string_view>

namespace H3K27M::Reports
{
  namespace
  {
    struct Column
    {
      const char* title;
      const char* field;
      bool isOfProtocol;  // else of the segmentation, which no protocol changes
    };

    constexpr const char* AUROC = "auroc";

    constexpr std::array COLUMNS{Column{"Accuracy", "accuracy", true},
                                 Column{"Sensitivity", "sensitivity", true},
                                 Column{"Specificity", "specificity", true},
                                 Column{"AUROC", AUROC, true},
                                 Column{"AUPRC", "auprc", true},
                                 Column{"Dice (patient)", "dice", false},
                                 Column{"Dice (authors')", "dice_authors", false}};

    const Json::Value& Find(const Json::Value& metrics, const Column& column, const std::string& protocol)
    {
      static const Json::Value none;
      if (!metrics.isObject())
      {
        return none;
      }
      const Json::Value& group = column.isOfProtocol && protocol == "oracle" ? metrics["oracle"] : metrics;
      if (!group.isObject())
      {
        return none;
      }
      return std::string_view(column.field) == AUROC ? GetAuroc(group) : group[column.field];
    }

    // All rows that share the highest value as it is printed.
    void MarkBest(Table& table, std::size_t column)
    {
      std::optional<std::string> best;
      for (const std::vector<std::string>& row : table.rows)
      {
        const std::string value = row[column].substr(0, row[column].find(' '));
        if (!value.empty() && value[0] >= '0' && value[0] <= '9' && (!best || value > *best))
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
    Table table{name, caption + "; AUROC: DeLong on the logit scale", {"Model", "Patients"}, {}, {}};
    for (const Column& column : COLUMNS)
    {
      table.columns.emplace_back(column.title);
    }
    for (const NamedMetrics& set : sets)
    {
      const bool isThere = set.metrics.isObject();
      std::vector<std::string> row{set.name, isThere ? set.metrics["tumour_cases"].asString() : "0"};
      for (const Column& column : COLUMNS)
      {
        const bool isDrawn = column.isOfProtocol || set.hasSegmentation;
        row.push_back(isDrawn ? FormatEstimate(Find(set.metrics, column, protocol)) : "draws no mask");
      }
      table.AddRow(std::move(row));
    }
    for (std::size_t column = 2; column < table.columns.size(); column++)
    {
      MarkBest(table, column);
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
      const bool isRight = outcome.probabilityAltered && (*outcome.probabilityAltered > threshold) == isAltered;
      if (outcome.hasTumour && !isRight)
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
