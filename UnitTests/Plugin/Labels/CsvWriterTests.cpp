// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Labels/CsvReader.h"
#include "Plugin/Labels/CsvWriter.h"

#include <gtest/gtest.h>

namespace H3K27M::Labels
{
  TEST(CsvWriter, QuotesOnlyWhatNeedsIt)
  {
    std::string csv;
    AppendCsvRecord(csv, {"plain", "a,b", "say \"no\"", "two\nlines", "", " blank"});
    EXPECT_EQ("plain,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",,\" blank\"\r\n", csv);
  }

  TEST(CsvWriter, GuardsWhatASpreadsheetWouldRun)
  {
    for (const std::string formula : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1",
                                      "\xEF\xBC\x9D"
                                      "1",
                                      "'=1", "''=1"})
    {
      EXPECT_EQ("'" + formula, GuardFormula(formula));
    }

    for (const std::string text : {"", "a=b", "'quoted'", "2026-01-02", "'"})
    {
      EXPECT_EQ(text, GuardFormula(text));
    }

    std::string csv;
    AppendCsvRecord(csv, {"=HYPERLINK(\"http://evil.example\",\"x\")"});
    EXPECT_EQ("\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\"\r\n", csv);
  }

  TEST(CsvWriter, GivesBackExactlyWhatWasWritten)
  {
    const std::vector<std::string> texts = {"=1",
                                            "'=1",
                                            "''=1",
                                            "'a",
                                            "a",
                                            "",
                                            "-",
                                            "'",
                                            "\xEF\xBC\x8D"
                                            "1",
                                            "\"q\", \r\n"};
    std::string csv;
    AppendCsvRecord(csv, texts);
    CsvReader reader(csv);
    std::vector<std::string> read = reader.Next()->fields;

    for (std::string& text : read)
    {
      text = RemoveFormulaGuard(text);
    }

    EXPECT_EQ(texts, read);
  }
}
