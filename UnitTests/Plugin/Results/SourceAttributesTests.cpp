// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/SourceAttributes.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <gtest/gtest.h>

#include <utility>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;
  using Tests::GetText;

  struct Copied
  {
    std::string name;
    std::string characterSet;
    std::string ownText;
  };

  Copied Copy(const std::string& characterSet, const std::string& name)
  {
    Tests::SampleSourceOptions options;
    options.characterSet = characterSet;
    options.patientName = name;
    const SourceAttributes source(*Tests::MakeSampleSource(options).header);
    DcmDataset target;
    source.CopyPatientAndStudy(target);
    return {GetText(target, DCM_PatientName), GetText(target, DCM_SpecificCharacterSet), source.Encode("\xC3\xA9!")};
  }
}

// Names of PS3.5, annexes H to K.
TEST(SourceAttributes, ConvertsChineseAndKoreanNamesToUtf8)
{
  const Copied chinese = Copy("GB18030", "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB=");
  EXPECT_EQ("ISO_IR 192", chinese.characterSet);
  EXPECT_EQ("Wang^XiaoDong=\u738B^\u5C0F\u4E1C", chinese.name.substr(0, chinese.name.find_last_not_of('=') + 1));

  const Copied korean =
    Copy("\\ISO 2022 IR 149",
         "Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF");
  EXPECT_EQ("ISO_IR 192", korean.characterSet);
  EXPECT_EQ("Hong^Gildong=\u6D2A^\u5409\u6D1E=\uD64D^\uAE38\uB3D9", korean.name);
}

// Else a result would be made again each time that its study is looked at.
TEST(SourceAttributes, AgreeWithWhatTheyWroteUntilSomethingIsCorrected)
{
  for (const auto& [characterSet, name] :
       {std::pair("ISO_IR 100", "M\xFCller^Anna"), std::pair("GB18030", "Wang=\xCD\xF5^\xD0\xA1\xB6\xAB"),
        std::pair("ISO_IR 192", "\xFF^contradicts"), std::pair("", "Plain^Name")})
  {
    Tests::SampleSourceOptions options;
    options.characterSet = characterSet;
    options.patientName = name;
    const SourceAttributes source(*Tests::MakeSampleSource(options).header);
    DcmDataset result;
    source.CopyPatientAndStudy(result);
    EXPECT_TRUE(source.AgreesWith(result)) << characterSet;

    result.putAndInsertString(DCM_SeriesDescription, "ours");
    EXPECT_TRUE(source.AgreesWith(result)) << "of the series, not of patient or study";
    result.putAndInsertString(DCM_PatientName, "Other^Name");
    EXPECT_FALSE(source.AgreesWith(result)) << characterSet;
    source.CopyPatientAndStudy(result);
    result.putAndInsertString(DCM_PatientComments, "was withdrawn in the images");
    EXPECT_FALSE(source.AgreesWith(result)) << characterSet;
  }
}

TEST(SourceAttributes, HaveADigestThatChangesWithPatientAndStudyAlone)
{
  const auto digest = [](const std::string& name, const char* series, const char* birthDate)
  {
    Tests::SampleSourceOptions options;
    options.patientName = name;
    DcmDataset header(*Tests::MakeSampleSource(options).header);
    header.putAndInsertString(DCM_SeriesDescription, series);
    header.putAndInsertString(DCM_PatientBirthDate, birthDate);
    return SourceAttributes(header).Digest();
  };

  const std::string before = digest("Plain^Name", "T2", "20100203");
  EXPECT_EQ(8u, before.size());
  EXPECT_EQ(before, digest("Plain^Name", "T2", "20100203"));
  EXPECT_EQ(before, digest("Plain^Name", "another", "20100203")) << "of the series, not of patient or study";
  EXPECT_NE(before, digest("Other^Name", "T2", "20100203"));
  EXPECT_NE(before, digest("Plain^Name", "T2", "20100302"));
}

// Images that came once more, with an empty attribute that they had not: nothing is corrected, nothing is sent again.
TEST(SourceAttributes, HaveTheSameDigestWhereSomethingIsAbsentAndWhereItIsEmpty)
{
  DcmDataset header(*Tests::MakeSampleSource().header);
  DcmDataset result;
  SourceAttributes(header).CopyPatientAndStudy(result);
  ASSERT_FALSE(header.tagExists(DCM_PatientComments));
  ASSERT_FALSE(header.tagExists(DCM_ClinicalTrialSiteID));
  const std::string before = SourceAttributes(header).Digest();

  header.insertEmptyElement(DCM_PatientComments);
  header.insertEmptyElement(DCM_ClinicalTrialSiteID);
  const SourceAttributes emptied(header);
  EXPECT_TRUE(emptied.AgreesWith(result));
  EXPECT_EQ(before, emptied.Digest());

  header.putAndInsertString(DCM_PatientComments, "corrected");
  const SourceAttributes corrected(header);
  EXPECT_FALSE(corrected.AgreesWith(result));
  EXPECT_NE(before, corrected.Digest());
}

// DCMTK cannot (glibc's iconv has no such character set by itself), and dcmjs refuses two character sets in one object.
TEST(SourceAttributes, ConvertsJapaneseNamesToUtf8)
{
  const Copied kanji = Copy("\\ISO 2022 IR 87", "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B="
                                                "\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B");
  EXPECT_EQ("ISO_IR 192", kanji.characterSet);
  EXPECT_EQ("Yamada^Tarou=\u5C71\u7530^\u592A\u90CE=\u3084\u307E\u3060^\u305F\u308D\u3046", kanji.name);

  // Half-width katakana in the first component group, JIS Roman after the kanji (PS3.5 H.3.2).
  const Copied katakana =
    Copy("ISO 2022 IR 13\\ISO 2022 IR 87", "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J");
  EXPECT_EQ("ISO_IR 192", katakana.characterSet);
  EXPECT_EQ("\uFF94\uFF8F\uFF80\uFF9E^\uFF80\uFF9B\uFF73=\u5C71\u7530^\u592A\u90CE", katakana.name);
}

TEST(SourceAttributes, KeepsJapaneseBytesThatItCannotConvert)
{
  const std::string name = "Yamada=\x1B$B;3E";  // ends within a character
  const Copied japanese = Copy("\\ISO 2022 IR 87", name);
  EXPECT_EQ("\\ISO 2022 IR 87", japanese.characterSet);
  EXPECT_EQ(name, japanese.name);
  EXPECT_EQ("<U+00E9>!", japanese.ownText);  // the character set may lack it
}

TEST(SourceAttributes, ConvertsLatinAndKeepsUtf8)
{
  EXPECT_EQ("Buc^J\xC3\xA9r\xC3\xB4me", Copy("ISO_IR 100", "Buc^J\xE9r\xF4me").name);
  const Copied unicode = Copy("ISO_IR 192", "\xE7\x8E\x8B^\xE5\xB0\x8F");
  EXPECT_EQ("\xE7\x8E\x8B^\xE5\xB0\x8F", unicode.name);
  EXPECT_EQ("\xC3\xA9!", unicode.ownText);
}

TEST(SourceAttributes, KeepsBytesThatContradictTheCharacterSet)
{
  const Copied broken = Copy("ISO_IR 192", "BROKEN^\xFF\xFE");
  EXPECT_EQ("BROKEN^\xFF\xFE", broken.name);
  EXPECT_EQ("ISO_IR 192", broken.characterSet);
  const Copied unnamed = Copy("", "M\xFCller^X");
  EXPECT_EQ("M\xFCller^X", unnamed.name);
}

TEST(SourceAttributes, KeepsWhatATrialLeftEmptyAndWritesWhatItLacks)
{
  DcmDataset header;
  header.putAndInsertString(DCM_ClinicalTrialSponsorName, "SPONSOR");
  header.putAndInsertString(DCM_ClinicalTrialProtocolID, "P-1");
  header.putAndInsertString(DCM_ClinicalTrialSiteName, "SITE");
  header.insertEmptyElement(DCM_ClinicalTrialProtocolName);
  header.insertEmptyElement(DCM_ClinicalTrialSubjectID);  // type 1C: an empty one says nothing
  header.insertEmptyElement(DCM_PatientComments);
  DcmDataset target;
  SourceAttributes(header).CopyPatientAndStudy(target);
  EXPECT_EQ("SITE", GetText(target, DCM_ClinicalTrialSiteName));
  for (const DcmTagKey& tag : {DCM_ClinicalTrialProtocolName, DCM_ClinicalTrialSiteID, DCM_PatientComments})
  {
    EXPECT_TRUE(target.tagExists(tag) && !target.tagExistsWithValue(tag)) << tag.toString();
  }
  EXPECT_FALSE(target.tagExists(DCM_ClinicalTrialSubjectID));

  DcmDataset withoutTrial;
  SourceAttributes{DcmDataset()}.CopyPatientAndStudy(withoutTrial);
  EXPECT_FALSE(withoutTrial.tagExists(DCM_ClinicalTrialSiteName));
}

TEST(SourceAttributes, CopiesNoPrivateElementsWithinSequences)
{
  DcmDataset header;
  DcmItem* item = nullptr;
  ASSERT_TRUE(header.findOrCreateSequenceItem(DCM_OtherPatientIDsSequence, item, -2).good());
  item->putAndInsertString(DCM_PatientID, "OTHER");
  item->putAndInsertString(DcmTag(0x0029, 0x0010, EVR_LO), "VENDOR");
  DcmDataset target;
  SourceAttributes(header).CopyPatientAndStudy(target);
  ASSERT_TRUE(target.findAndGetSequenceItem(DCM_OtherPatientIDsSequence, item, 0).good());
  EXPECT_EQ("OTHER", GetText(*item, DCM_PatientID));
  EXPECT_FALSE(item->tagExists(DcmTagKey(0x0029, 0x0010)));
}

// Names of 64 bytes at most, of which each character becomes eight in a character set that may lack it.
TEST(SourceAttributes, CutsNamesBetweenWholeEscapes)
{
  Tests::SampleSourceOptions options;
  options.characterSet = "ISO_IR 192";
  const std::string name = "Dr. \u738B\u5C0F\u4E1C\u738B\u5C0F\u4E1C\u738B\u5C0F\u4E1C";
  EXPECT_EQ(name, SourceAttributes(*Tests::MakeSampleSource(options).header).EncodeName(name));
  options.patientName = "BROKEN^\xFF\xFE";
  const SourceAttributes broken(*Tests::MakeSampleSource(options).header);
  EXPECT_EQ("Dr. <U+738B><U+5C0F><U+4E1C><U+738B><U+5C0F><U+4E1C><U+738B>", broken.EncodeName(name));
  EXPECT_EQ(4u + 9 * 8, broken.Encode(name).size());
}

TEST(SourceAttributes, WritesEmptyWhatTheSourceLacks)
{
  const SourceAttributes source{DcmDataset()};
  DcmDataset target;
  source.CopyPatientAndStudy(target);
  for (const DcmTagKey& tag : {DCM_PatientName, DCM_PatientID, DCM_PatientBirthDate, DCM_PatientSex, DCM_StudyDate,
                               DCM_StudyTime, DCM_StudyID, DCM_ReferringPhysicianName, DCM_AccessionNumber})
  {
    EXPECT_TRUE(target.tagExists(tag)) << tag.toString();
    EXPECT_FALSE(target.tagExistsWithValue(tag)) << tag.toString();
  }
}
