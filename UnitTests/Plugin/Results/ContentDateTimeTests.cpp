// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/CommonModules.h"
#include "Plugin/Results/ContentDateTime.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Results/SrWriter.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <gtest/gtest.h>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;
  using Tests::GetText;

  // 2026-11-24 23:30:05 UTC
  constexpr std::time_t LATE_IN_THE_EVENING = 1795563005;

  Volume::SourceSeries MakeSource(const std::string& offset)
  {
    Volume::SourceSeries source = Tests::MakeSampleSource();
    auto header = std::make_shared<DcmDataset>(*source.header);
    ItemWriter(*header).Text(DCM_TimezoneOffsetFromUTC, offset);
    source.header = header;
    return source;
  }
}

TEST(ContentDateTime, CanBeSetAfterAnEarlierObject)
{
  const ContentDateTime made = {"20261231", "235959", "+0900"};
  EXPECT_EQ(made, made.After("20261231", "235958"));
  EXPECT_EQ((ContentDateTime{"20270101", "000000", "+0900"}), made.After("20261231", "235959"));
  EXPECT_EQ((ContentDateTime{"20280301", "000000", "+0900"}), made.After("20280229", "235959"));

  EXPECT_EQ(made, made.After("", ""));
  EXPECT_EQ(made, made.After("20279999", "000000"));
  EXPECT_EQ(made, made.After("20280101", "0000"));
}

TEST(ContentDateTime, IsInTheTimeZoneOfTheSource)
{
  EXPECT_EQ((ContentDateTime{"20261124", "233005", "+0000"}), ContentDateTime::At(LATE_IN_THE_EVENING, "+0000"));
  EXPECT_EQ((ContentDateTime{"20261125", "083005", "+0900"}), ContentDateTime::At(LATE_IN_THE_EVENING, "+0900"));
  EXPECT_EQ((ContentDateTime{"20261124", "200005", "-0330"}), ContentDateTime::At(LATE_IN_THE_EVENING, "-0330"));
}

TEST(ContentDateTime, IsInTheMachinesTimeZoneWhereTheSourceStatesNone)
{
  const ContentDateTime local = ContentDateTime::At(LATE_IN_THE_EVENING, "");
  ASSERT_TRUE(IsTimezoneOffset(local.offset)) << local.offset;
  EXPECT_EQ(ContentDateTime::At(LATE_IN_THE_EVENING, local.offset), local);
}

TEST(ContentDateTime, KnowsWhatAnOffsetIs)
{
  for (const char* const offset : {"+0000", "-1200", "+1400", "+0545", "-0330"})
  {
    EXPECT_TRUE(IsTimezoneOffset(offset)) << offset;
  }
  for (const char* const text : {"", "0900", "+900", "+09:00", "-0000", "+1401", "-1230", "+0960", "Z", "+ 900"})
  {
    EXPECT_FALSE(IsTimezoneOffset(text)) << text;
  }
}

// The attribute was copied from a scanner in Tokyo while the times were those of a server in London.
TEST(ContentDateTime, OfAResultAgreesWithTheOffsetThatTheResultStates)
{
  for (const std::string offset : {"+0900", "-1100"})
  {
    const Volume::SourceSeries source = MakeSource(offset);
    const MaskVolume mask(source);
    const ModelInfo model = Tests::MakeSampleModel();
    const ResultIdentity identity(source, model.hash, "configuration");
    const std::time_t before = std::time(nullptr);
    const ContentDateTime made = GetContentDateTime(source);
    const std::time_t after = std::time(nullptr);
    EXPECT_LE(ContentDateTime::At(before, offset).ToDateTime(), made.ToDateTime());
    EXPECT_GE(ContentDateTime::At(after, offset).ToDateTime(), made.ToDateTime());

    const DicomInstance report =
      SrWriter().Write({source, identity, model, made}, Tests::MakeSamplePrediction(mask, source), mask);
    const auto file = Tests::ReadDicom(report.bytes);
    DcmDataset& sr = *file->getDataset();
    EXPECT_EQ(offset, GetText(sr, DCM_TimezoneOffsetFromUTC));
    EXPECT_EQ(made.date, GetText(sr, DCM_ContentDate));
    EXPECT_EQ(made.time, GetText(sr, DCM_ContentTime));
    DcmItem* own = nullptr;
    ASSERT_TRUE(sr.findAndGetSequenceItem(DCM_ContributingEquipmentSequence, own, 1).good());
    EXPECT_EQ(made.date + made.time + offset, GetText(*own, DCM_ContributionDateTime));
  }
}

TEST(ContentDateTime, AnOffsetThatIsNoneIsNotCopied)
{
  DcmDataset target;
  SourceAttributes(*MakeSource("+9999").header).CopyPatientAndStudy(target);
  EXPECT_FALSE(target.tagExists(DCM_TimezoneOffsetFromUTC));
  SourceAttributes(*MakeSource("+0530").header).CopyPatientAndStudy(target);
  EXPECT_EQ("+0530", GetText(target, DCM_TimezoneOffsetFromUTC));
}
