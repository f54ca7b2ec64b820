// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/LabelImport.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Labels/CsvColumns.h"
#include "Plugin/Labels/CsvWriter.h"
#include "Plugin/Labels/LabelFields.h"

#include <algorithm>
#include <map>
#include <set>

namespace H3K27M::Labels
{
  namespace
  {
    constexpr const char* SOURCE = "CSV import";

    bool IsKnownColumn(const std::string& name)
    {
      const auto isName = [&name](const char* known) { return name == known; };
      return std::any_of(FIELDS.begin(), FIELDS.end(), isName) || isName(Columns::STUDY) ||
             isName(Columns::STUDY_INSTANCE_UID) || isName(Columns::RECORDED) || isName(Columns::SYNTHETIC);
    }

    void CheckHeader(const std::vector<std::string>& header)
    {
      const std::set<std::string> names(header.begin(), header.end());
      std::string faults;
      const auto add = [&faults](const std::string& fault) { faults += (faults.empty() ? "" : "; ") + fault; };

      for (const std::string& name : names)
      {
        if (!IsKnownColumn(name))
        {
          constexpr std::size_t SHOWN = 64;
          add("there is no column '" + name.substr(0, SHOWN) + "'");
        }

        if (std::count(header.begin(), header.end(), name) > 1)
        {
          add("'" + name + "' stands there twice");
        }
      }

      for (const char* required : REQUIRED_FIELDS)
      {
        if (!names.contains(required))
        {
          add(std::string("'") + required + "' is missing");
        }
      }

      if (!names.contains(Columns::STUDY) && !names.contains(Columns::STUDY_INSTANCE_UID))
      {
        add("'study' or 'StudyInstanceUID' is missing");
      }

      if (!faults.empty())
      {
        throw Error(ErrorCode::BadInput, "The header of the CSV is refused: " + faults +
                                           (header.size() == 1 ? " (columns are separated by commas)" : ""));
      }
    }

    std::vector<std::string> ReadHeader(CsvReader& reader)
    {
      std::optional<CsvRecord> record = reader.Next();

      if (!record)
      {
        throw Error(ErrorCode::BadInput, "The CSV is empty: its first line names the columns");
      }

      CheckHeader(record->fields);
      return std::move(record->fields);
    }

    Reports::FieldTexts ToTexts(const CsvRecord& record, const std::vector<std::string>& header)
    {
      if (record.fields.size() != header.size())
      {
        throw Error(ErrorCode::BadInput, "The line has " + std::to_string(record.fields.size()) +
                                           " fields, the header " + std::to_string(header.size()));
      }

      Reports::FieldTexts texts;

      for (std::size_t i = 0; i < header.size(); i++)
      {
        texts[header[i]] = RemoveFormulaGuard(record.fields[i]);
      }

      return texts;
    }

    // Identifiers become part of a path of Orthanc's REST interface.
    void RequireIdentifier(const std::string& text, const char* column)
    {
      constexpr std::size_t LONGEST = 64;  // of a UID; Orthanc's identifiers have 44 characters
      const auto isForeign = [](char c)
      { return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-'); };

      if (text.size() > LONGEST || std::any_of(text.begin(), text.end(), isForeign))
      {
        throw Error(ErrorCode::BadInput, std::string("'") + column + "' is no identifier");
      }
    }
  }

  std::string LabelImport::FindStudy(const std::string& studyId, const std::string& studyInstanceUid) const
  {
    RequireIdentifier(studyId, Columns::STUDY);
    RequireIdentifier(studyInstanceUid, Columns::STUDY_INSTANCE_UID);

    if (studyId.empty() && studyInstanceUid.empty())
    {
      throw Error(ErrorCode::BadInput, "The line names no study");
    }

    if (studyInstanceUid.empty())
    {
      return studyId;
    }

    const std::optional<std::string> found = archive_.FindStudy(studyInstanceUid);

    if (!found)
    {
      throw Error(ErrorCode::NotFound, "There is no study with this StudyInstanceUID");
    }

    if (!studyId.empty() && studyId != *found)
    {
      throw Error(ErrorCode::BadInput, "'study' and 'StudyInstanceUID' name two studies");
    }

    return *found;
  }

  ImportedLine LabelImport::Take(const CsvRecord& record, const std::vector<std::string>& header, bool dryRun,
                                 const WorkState::AuditActor& actor, std::map<std::string, std::size_t>& lines) const
  {
    ImportedLine line;
    line.line = record.line;

    try
    {
      const Reports::FieldTexts texts = ToTexts(record, header);
      const auto get = [&texts](const char* column)
      {
        const auto found = texts.find(column);
        return found == texts.end() ? std::string() : found->second;
      };
      const std::string uid = get(Columns::STUDY_INSTANCE_UID);
      line.study = get(Columns::STUDY).empty() ? uid : get(Columns::STUDY);
      line.study = FindStudy(get(Columns::STUDY), uid);

      if (const auto [first, isNew] = lines.emplace(line.study, line.line); !isNew)
      {
        throw Error(ErrorCode::BadInput, "Line " + std::to_string(first->second) + " names this study already");
      }

      const Results::GenotypeLabel label = ParseLabel(texts);
      line.changed = dryRun ? labels_.WouldChange(line.study, label)
                            : labels_.Set(line.study, label, SOURCE, std::nullopt, actor).changed;
    }
    catch (const Error& e)
    {
      line.refusal = e.what();
    }

    return line;
  }

  ImportReport LabelImport::Run(std::string_view csv, bool dryRun, const WorkState::AuditActor& actor) const
  {
    // To the end, so that a file that breaks off changes nothing.
    CsvReader rehearsal(csv);
    const std::vector<std::string> header = ReadHeader(rehearsal);

    while (rehearsal.Next())
    {
    }

    CsvReader reader(csv);
    reader.Next();
    ImportReport report;
    std::map<std::string, std::size_t> lines;  // by study

    while (const std::optional<CsvRecord> record = reader.Next())
    {
      if (interrupted_)
      {
        throw Error(ErrorCode::Unavailable, "Orthanc is stopping; the lines before " + std::to_string(record->line) +
                                              " are done. Sent again, the file changes nothing of them");
      }

      ImportedLine line = Take(*record, header, dryRun, actor, lines);
      report.refused += line.refusal.empty() ? 0 : 1;
      report.changed += line.changed ? 1 : 0;
      report.lines.push_back(std::move(line));
    }

    return report;
  }
}
