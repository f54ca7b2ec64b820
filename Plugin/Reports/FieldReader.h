// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/FieldFault.h"
#include "Plugin/Results/Term.h"

#include <json/value.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace H3K27M::Reports
{
  // Texts by field; what is absent or empty was not given. Flags are "true" or "false".
  using FieldTexts = std::map<std::string, std::string>;

  // Reads the fields of a report that a person sets, and collects what is wrong with them, so that all faults are told
  // in one answer. Blanks at the ends of texts are dropped. One thread.
  class FieldReader
  {
  public:
    // `what`: "label", for messages. `flags` are those of the fields that are true or false.
    FieldReader(std::string what, std::set<std::string> fields, std::set<std::string> flags = {});

    // From the body of a request. Unknown keys and wrong types are faults; null is as if it were absent.
    void Take(const Json::Value& body);

    // From a line of CSV.
    void Take(const FieldTexts& texts)
    {
      texts_ = texts;
    }

    // Whether there is a text, which may be empty: for the field where that says another thing than none.
    bool Has(const std::string& key) const
    {
      return texts_.contains(key);
    }

    std::string GetText(const std::string& key) const;

    // In capitals too: that is how a spreadsheet program writes them.
    bool ReadFlag(const std::string& key);

    template <typename T>
    std::optional<T> ReadTerm(const std::string& key, bool isRequired)
    {
      const std::string text = GetText(key);
      const std::optional<T> value = Results::FindByName<T>(text);

      if (!value && (isRequired || !text.empty()))
      {
        Refuse(key, Results::ListNames<T>());
      }

      return value;
    }

    // The first fault of a field is the one that is told.
    void Refuse(const std::string& key, const std::string& wanted);

    // What only the whole report shows; faults of what a person does not set are left to the caller.
    void Refuse(const std::vector<Results::FieldFault>& faults);

    bool HasRefused(const std::string& key) const
    {
      return faulty_.contains(key);
    }

    // Throws Error(BadInput) with every fault at once; returns when there is none.
    void ThrowFaults() const;

  private:
    void AddFault(const std::string& key, const std::string& text);

    std::string what_;
    std::set<std::string> fields_;
    std::set<std::string> flags_;
    FieldTexts texts_;
    std::set<std::string> faulty_;
    std::string faults_;
  };
}
