// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Labels/CsvReader.h"

#include <gmock/gmock.h>

namespace H3K27M::Labels
{
  using testing::ElementsAre;
  using testing::HasSubstr;

  namespace
  {
    using Table = std::vector<std::vector<std::string>>;

    Table Read(std::string_view text)
    {
      CsvReader reader(text);
      Table table;

      while (std::optional<CsvRecord> record = reader.Next())
      {
        table.push_back(std::move(record->fields));
      }

      return table;
    }

    // What the refusal says; fails the test when there is none.
    std::string GetCsvFault(std::string_view text, const CsvLimits& limits = {})
    {
      try
      {
        CsvReader reader(text, limits);

        while (reader.Next())
        {
        }
      }
      catch (const Error& e)
      {
        EXPECT_EQ(ErrorCode::BadInput, e.GetCode());
        return e.what();
      }

      ADD_FAILURE() << "it was taken";
      return {};
    }
  }

  TEST(CsvReader, ReadsBothLineEndingsWithAndWithoutTheLastOne)
  {
    const Table wanted = {{"a", "b"}, {"1", "2"}};
    EXPECT_EQ(wanted, Read("a,b\r\n1,2\r\n"));
    EXPECT_EQ(wanted, Read("a,b\n1,2\n"));
    EXPECT_EQ(wanted, Read("a,b\r\n1,2"));
    EXPECT_EQ(wanted, Read("a,b\n1,2"));
  }

  TEST(CsvReader, ReadsQuotesAsTheStandardHasThem)
  {
    EXPECT_EQ((Table{{"a,b", "say \"no\"", "two\r\nlines", ""}}),
              Read("\"a,b\",\"say \"\"no\"\"\",\"two\r\nlines\",\"\""));
  }

  TEST(CsvReader, KeepsEmptyFieldsAndBlanks)
  {
    EXPECT_EQ((Table{{"", "", ""}, {" a ", "b", ""}}), Read(",,\n a ,b,\n"));
  }

  TEST(CsvReader, SkipsEmptyLines)
  {
    EXPECT_EQ((Table{{"a"}, {"b"}}), Read("\n\na\n\r\nb\n\n"));
    EXPECT_EQ(Table(), Read(""));
    EXPECT_EQ(Table(), Read("\r\n"));
  }

  TEST(CsvReader, DropsTheByteOrderMarkOfASpreadsheet)
  {
    EXPECT_EQ((Table{{"study", "\xE5\x8C\x97"}}), Read("\xEF\xBB\xBFstudy,\xE5\x8C\x97\r\n"));
  }

  TEST(CsvReader, CountsLinesAsAnEditorDoes)
  {
    CsvReader reader("h\n\n\"two\nlines\"\nlast");
    EXPECT_EQ(1u, reader.Next()->line);
    EXPECT_EQ(3u, reader.Next()->line);
    EXPECT_EQ(5u, reader.Next()->line);
    EXPECT_FALSE(reader.Next());
  }

  TEST(CsvReader, NamesTheLineOfAFault)
  {
    EXPECT_THAT(GetCsvFault("a\nb,\"open\nand open"), AllOf(HasSubstr("line 2"), HasSubstr("never closed")));
    EXPECT_THAT(GetCsvFault("a\nb\"c"), AllOf(HasSubstr("line 2"), HasSubstr("quote")));
    EXPECT_THAT(GetCsvFault("a\n\"b\"c"), AllOf(HasSubstr("line 2"), HasSubstr("ends before a comma")));
    EXPECT_THAT(GetCsvFault("a\rb"), AllOf(HasSubstr("line 1"), HasSubstr("carriage return")));
    EXPECT_THAT(GetCsvFault(std::string_view("a\n\0", 3)), AllOf(HasSubstr("line 2"), HasSubstr("NUL")));
  }

  TEST(CsvReader, RefusesOtherEncodings)
  {
    EXPECT_THAT(GetCsvFault("M\xFCnster"), HasSubstr("UTF-8"));
    EXPECT_THAT(GetCsvFault(std::string_view("\xFF\xFEs\0", 4)), HasSubstr("UTF-8"));
  }

  TEST(CsvReader, RefusesWhatIsTooLargeBeforeItReads)
  {
    CsvLimits limits;
    limits.maxBytes = 8;
    EXPECT_THAT(GetCsvFault("a,b,c,d,e", limits), HasSubstr("bytes"));

    limits = {};
    limits.maxLines = 2;
    CsvReader reader("a\nb\n", limits);
    EXPECT_THROW(CsvReader("a\nb\nc", limits), Error);

    limits = {};
    limits.maxColumns = 3;
    EXPECT_THAT(GetCsvFault("a,b,c,d", limits), HasSubstr("columns"));

    limits = {};
    limits.maxFieldBytes = 4;
    EXPECT_THAT(GetCsvFault("abcde", limits), HasSubstr("4 bytes"));
    EXPECT_THAT(GetCsvFault("\"abcde\"", limits), HasSubstr("4 bytes"));
  }
}
