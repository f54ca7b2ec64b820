// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/LabelFields.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/LabelTerms.h"

#include <algorithm>
#include <set>
#include <utility>

namespace H3K27M::Labels
{
  using namespace Results;

  namespace
  {
    constexpr const char* FLAGS = "true or false";

    std::string Trim(const std::string& text)
    {
      const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
      const std::size_t end = text.find_last_not_of(' ') + 1;
      return text.substr(begin, std::max(begin, end) - begin);
    }

    bool IsField(const std::string& key)
    {
      return std::any_of(FIELDS.begin(), FIELDS.end(), [&key](const char* field) { return key == field; });
    }

    // Collects faults while fields are read, and throws them together.
    class FieldReader
    {
    public:
      void Refuse(const std::string& key, const std::string& wanted)
      {
        faults_ += (faulty_.empty() ? "'" : "; '") + key + "' must be " + wanted;
        faulty_.insert(key);
      }

      void RefuseUnknown(const std::string& key)
      {
        constexpr std::size_t SHOWN = 64;
        faults_ += (faulty_.empty() ? "'" : "; '") + key.substr(0, SHOWN) + "' is no field of a label";
        faulty_.insert(key);
      }

      bool HasRefused(const std::string& key) const
      {
        return faulty_.contains(key);
      }

      GenotypeLabel Read(const FieldTexts& texts)
      {
        GenotypeLabel label;
        label.status = ReadTerm<GenotypeStatus>(texts, "genotype", true).value_or(GenotypeStatus::NotDetermined);
        label.assay = ReadTerm<Assay>(texts, "assay", true).value_or(Assay::Other);
        label.gene = ReadTerm<HistoneGene>(texts, "gene", false);
        label.site = GetText(texts, "site");
        label.preOperative = ReadFlag(texts, "pre_operative");
        label.split = ReadTerm<DatasetSplit>(texts, "split", true).value_or(DatasetSplit::Development);
        label.exclusion = ReadTerm<ExclusionReason>(texts, "reason", false);
        label.annotator = GetText(texts, "annotator");
        label.reviser = GetText(texts, "reviser");
        AddFaultsOf(label);
        return label;
      }

      void ThrowFaults() const
      {
        if (!faulty_.empty())
        {
          throw Error(ErrorCode::BadInput, (faulty_.size() == 1 ? std::string("The label is refused: ")
                                                                : std::to_string(faulty_.size()) + " faults: ") +
                                             faults_);
        }
      }

    private:
      static std::string GetText(const FieldTexts& texts, const std::string& key)
      {
        const auto found = texts.find(key);
        return found == texts.end() ? std::string() : Trim(found->second);
      }

      template <typename T>
      std::optional<T> ReadTerm(const FieldTexts& texts, const std::string& key, bool isRequired)
      {
        const std::string text = GetText(texts, key);
        const std::optional<T> value = FindByName<T>(text);

        if (!value && (isRequired || !text.empty()) && !HasRefused(key))
        {
          Refuse(key, ListNames<T>());
        }

        return value;
      }

      // In capitals too: that is how a spreadsheet program writes them.
      bool ReadFlag(const FieldTexts& texts, const std::string& key)
      {
        const std::string text = GetText(texts, key);

        if (text != "true" && text != "TRUE" && text != "false" && text != "FALSE" && !HasRefused(key))
        {
          Refuse(key, FLAGS);
        }

        return text == "true" || text == "TRUE";
      }

      // What only the whole label shows. A gene cannot be wrong for an assay that is none, nor a reason for a split.
      void AddFaultsOf(const GenotypeLabel& label)
      {
        for (const LabelFault& fault : FindFaults(label))
        {
          const bool isIdle =
            (fault.key == "gene" && HasRefused("assay")) || (fault.key == "reason" && HasRefused("split"));

          if (IsField(fault.key) && !HasRefused(fault.key) && !isIdle)
          {
            Refuse(fault.key, fault.wanted);
          }
        }
      }

      std::set<std::string> faulty_;
      std::string faults_;
    };

    void TakeMember(FieldReader& reader, FieldTexts& texts, const std::string& key, const Json::Value& value)
    {
      const bool isFlag = key == "pre_operative";

      if (!IsField(key))
      {
        reader.RefuseUnknown(key);
      }
      else if (value.isNull())
      {
        // as if it were absent
      }
      else if (isFlag ? value.isBool() : value.isString())
      {
        texts[key] = isFlag ? (value.asBool() ? "true" : "false") : value.asString();
      }
      else
      {
        reader.Refuse(key, isFlag ? FLAGS : "a text");
      }
    }
  }

  GenotypeLabel ParseLabel(const Json::Value& body)
  {
    FieldReader reader;
    FieldTexts texts;

    for (const std::string& key : body.getMemberNames())
    {
      TakeMember(reader, texts, key, body[key]);
    }

    GenotypeLabel label = reader.Read(texts);
    reader.ThrowFaults();
    return label;
  }

  GenotypeLabel ParseLabel(const FieldTexts& texts)
  {
    FieldReader reader;
    GenotypeLabel label = reader.Read(texts);
    reader.ThrowFaults();
    return label;
  }

  WorkState::StudyLabel ToStudyLabel(const GenotypeLabel& label)
  {
    WorkState::StudyLabel row;
    row.genotype = GetTerm(label.status).name;
    row.assay = GetTerm(label.assay).name;
    row.gene = label.gene ? GetTerm(*label.gene).name : std::string();
    row.site = label.site;
    row.preOperative = label.preOperative;
    row.split = GetTerm(label.split).name;
    row.reason = label.exclusion ? GetTerm(*label.exclusion).name : std::string();
    row.annotator = label.annotator;
    row.reviser = label.reviser;
    row.source = label.source;
    row.synthetic = label.synthetic;
    row.recordedAt = label.recordedAtMs;
    return row;
  }

  std::vector<std::string> ListFields(const WorkState::StudyLabel& label)
  {
    return {label.genotype, label.assay,  label.gene,      label.site,   label.preOperative ? "true" : "false",
            label.split,    label.reason, label.annotator, label.reviser};
  }

  bool HaveEqualFields(const WorkState::StudyLabel& a, const WorkState::StudyLabel& b)
  {
    return ListFields(a) == ListFields(b);
  }
}
