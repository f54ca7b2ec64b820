// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Term.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

class DcmDataset;
class DcmItem;

namespace H3K27M::Results
{
  // What one of our own reports holds right below its root, found by concept name; texts in UTF-8. Own copy of the
  // dataset: the one it was opened from is not touched. Not thread-safe (DCMTK's getters change their object). What is
  // there and cannot be understood is Error(Corrupt), as is what must be there and is not.
  class SrContent
  {
  public:
    // Nothing when the dataset is another object (other modality, other title). `what`: "label report", for messages.
    static std::optional<SrContent> Open(const DcmDataset& dataset, const Code& title, const std::string& what);

    SrContent(const SrContent&) = delete;
    SrContent& operator=(const SrContent&) = delete;

    SrContent(SrContent&& other) noexcept;
    SrContent& operator=(SrContent&&) = delete;

    ~SrContent();

    // Of a TEXT item; empty when it is not there.
    std::string FindText(const Code& name) const;

    // Of a DATETIME item, in milliseconds since 1970 UTC; -1 when it is not there or is no time.
    std::int64_t FindTime(const Code& name) const;

    // SOP class and SOPInstanceUID that a COMPOSITE or IMAGE item refers to; empty when it is not there.
    std::pair<std::string, std::string> FindReference(const Code& name) const;

    // SeriesInstanceUID of a SOPInstanceUID by the document's list of evidence; empty when it is not in there.
    std::string FindEvidenceSeries(const std::string& sopInstanceUid) const;

    // Which of two codes the item holds: true for the first.
    bool ChooseCode(const Code& name, const Code& first, const Code& second) const;

    template <typename T>
    std::optional<T> FindTerm(const Code& name) const
    {
      if (FindItem(name) == nullptr)
      {
        return std::nullopt;
      }

      for (const Term<T>& term : GetTerms<T>())
      {
        if (HoldsCode(name, term.code))
        {
          return term.value;
        }
      }

      RefuseCode(name);
    }

    template <typename T>
    T RequireTerm(const Code& name) const
    {
      const std::optional<T> value = FindTerm<T>(name);

      if (!value)
      {
        RefuseLackOf(name);
      }

      return *value;
    }

  private:
    SrContent(std::unique_ptr<DcmDataset> dataset, const std::string& what);

    DcmItem* FindItem(const Code& name) const;
    bool HoldsCode(const Code& name, const Code& value) const;
    [[noreturn]] void RefuseLackOf(const Code& name) const;
    [[noreturn]] void RefuseCode(const Code& name) const;

    std::unique_ptr<DcmDataset> dataset_;
    std::string what_;
  };
}
