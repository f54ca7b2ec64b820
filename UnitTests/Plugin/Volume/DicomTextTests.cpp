// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Volume/AcceptedHeader.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/dcmdata/dctk.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

using H3K27M::Volume::DicomHeader;
using H3K27M::Volume::Tests::ReadHeader;

namespace
{
  std::string MakeText(const std::function<void(DcmDataset&)>& edit)
  {
    H3K27M::Support::DicomSeriesOptions options;
    options.edit = [&edit](DcmDataset& dataset, std::size_t) { edit(dataset); };
    return H3K27M::Support::DicomSeriesBuilder(options).MakeFiles().front();
  }

  // A series description of these bytes, as it is read.
  std::string ReadDescription(const char* characterSet, const char* bytes)
  {
    const std::string file = MakeText([=](DcmDataset& dataset)
    {
      dataset.putAndInsertString(DCM_SpecificCharacterSet, characterSet);
      dataset.putAndInsertString(DCM_SeriesDescription, bytes);
    });
    return ReadHeader(file).acquisition.seriesDescription;
  }
}

TEST(DicomText, TurnsDescriptionsIntoUtf8)
{
  // GB18030 for "头" is CD B7.
  EXPECT_EQ(ReadDescription("GB18030", "T2 \xCD\xB7"), "T2 头");
}

// DCMTK cannot over glibc's iconv. Half of the katakana BO is the byte of a backslash, which parts values elsewhere.
TEST(DicomText, TurnsJapaneseDescriptionsIntoUtf8)
{
  const std::string kanji = MakeText([](DcmDataset& dataset)
  {
    dataset.putAndInsertString(DCM_SpecificCharacterSet, "\\ISO 2022 IR 87");
    dataset.putAndInsertString(DCM_StudyDescription, "\x1B$BptDG\x1B(BMRI");
    dataset.putAndInsertString(DCM_SeriesDescription, "T2 \x1B$B%\\\x1B(B");
  });
  EXPECT_EQ(ReadHeader(kanji).acquisition.studyDescription, "頸椎MRI");
  EXPECT_EQ(ReadHeader(kanji).acquisition.seriesDescription, "T2 ボ");
  const std::string katakana = MakeText([](DcmDataset& dataset)
  {
    dataset.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 13");
    dataset.putAndInsertString(DCM_StudyDescription, "\xC4\xB3\xCC\xDE");
  });
  EXPECT_EQ(ReadHeader(katakana).acquisition.studyDescription, "ﾄｳﾌﾞ");
}

// The term for kanji must not hide that of the bytes beside it.
TEST(DicomText, TurnsLatinLettersBesideJapaneseSignsIntoUtf8)
{
  EXPECT_EQ(ReadDescription("ISO 2022 IR 100\\ISO 2022 IR 87", "T2 Sch\xE4"
                                                               "del"),
            "T2 Schädel");
  EXPECT_EQ(ReadDescription("ISO 2022 IR 100\\ISO 2022 IR 87", "\x1B$BptDG\x1B(B \x1B-A\xE9"), "頸椎 é");
}

TEST(DicomText, TakesNoHalfOfAChineseCharacterForABackslash)
{
  EXPECT_EQ(ReadDescription("GB18030", "T2 \x81\x5C"), "T2 乗");
}

TEST(DicomText, MasksBytesThatAreNotOfTheCharacterSet)
{
  EXPECT_EQ(ReadDescription("\\ISO 2022 IR 87", "T2 \x1B$B7"), "T2 ?$B7");  // ends within a character
}

// The character set is stated once, outside of the sequences.
TEST(DicomText, TurnsCodeMeaningsIntoUtf8)
{
  const std::string file = MakeText([](DcmDataset& dataset)
  {
    dataset.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 100");
    for (const auto& [sequence, meaning] : {std::pair(DCM_AnatomicRegionSequence, "Sch\xE4"
                                                                                  "del"),
                                            std::pair(DCM_ContrastBolusAgentSequence, "Gadot\xE9rate")})
    {
      DcmItem* item = nullptr;
      ASSERT_TRUE(dataset.findOrCreateSequenceItem(sequence, item, -2).good());
      item->putAndInsertString(DCM_CodeMeaning, meaning);
    }
  });
  const DicomHeader header = ReadHeader(file);
  EXPECT_EQ(header.acquisition.anatomicRegion, "Schädel");
  EXPECT_EQ(header.acquisition.contrastAgent, "Gadotérate");
}
