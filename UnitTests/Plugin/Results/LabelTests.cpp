// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/LabelReader.h"
#include "Plugin/Results/LabelWriter.h"
#include "Plugin/Results/SrWriter.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <gtest/gtest.h>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;

  GenotypeLabel MakeLabel()
  {
    GenotypeLabel label;
    label.status = GenotypeStatus::WildType;
    label.assay = "pyrosequencing \xC2\xB5";
    label.source = "report 17 \\ annex, \xE5\x8C\x97\xE4\xBA\xAC";
    label.recordedBy = "Li Wei \xE6\x9D\x8E";
    label.recordedAt = "20260102030405";
    return label;
  }

  DicomInstance Write(const GenotypeLabel& label)
  {
    return WriteLabel(*Tests::MakeSampleSource().header, label, Tests::MakeSampleTime());
  }
}

TEST(Label, ComesBackAsItWasWritten)
{
  GenotypeLabel label = MakeLabel();
  EXPECT_EQ(label, ReadLabel(Write(label).bytes));
  label.status = GenotypeStatus::Altered;
  label.synthetic = true;
  EXPECT_EQ(label, ReadLabel(Write(label).bytes));
}

// A PACS on the way may convert texts to its own character set.
TEST(Label, IsReadInAnotherCharacterSet)
{
  const auto file = Tests::ReadDicom(Write(MakeLabel()).bytes);
  ASSERT_TRUE(file->getDataset()->convertCharacterSet("ISO_IR 192", "GB18030", 0, OFTrue).good());
  EXPECT_EQ(MakeLabel(), ReadLabel(*file->getDataset()));
}

TEST(Label, BelongsToTheStudy)
{
  const auto file = Tests::ReadDicom(Write(MakeLabel()).bytes);
  DcmDataset& sr = *file->getDataset();
  EXPECT_EQ(Tests::MakeSampleSource().studyInstanceUid, Tests::GetText(sr, DCM_StudyInstanceUID));
  EXPECT_EQ("SAMPLE-1", Tests::GetText(sr, DCM_PatientID));
}

TEST(Label, IsOneObjectHoweverOftenItIsWritten)
{
  EXPECT_EQ(Write(MakeLabel()).bytes, Write(MakeLabel()).bytes);
  GenotypeLabel other = MakeLabel();
  other.recordedAt = "20260102030406";
  EXPECT_NE(Write(MakeLabel()).sopInstanceUid, Write(other).sopInstanceUid);
  other = MakeLabel();
  other.synthetic = true;
  EXPECT_NE(Write(MakeLabel()).sopInstanceUid, Write(other).sopInstanceUid);
}

TEST(Label, RefusesWhatIsNoLabel)
{
  const auto expectRefused = [](const auto& change)
  {
    GenotypeLabel label = MakeLabel();
    change(label);
    EXPECT_THROW(Write(label), Error);
  };
  expectRefused([](GenotypeLabel& label) { label.status = GenotypeStatus::NotDetermined; });
  expectRefused([](GenotypeLabel& label) { label.assay.clear(); });
  expectRefused([](GenotypeLabel& label) { label.source = std::string(5000, 'x'); });
  expectRefused([](GenotypeLabel& label) { label.source = "two\nlines"; });
  expectRefused([](GenotypeLabel& label) { label.recordedBy = "A=B"; });
  expectRefused([](GenotypeLabel& label) { label.recordedAt = "2026-01-02"; });
  expectRefused([](GenotypeLabel& label) { label.recordedAt = "20261302030405"; });
}

TEST(Label, IsNotReadFromOtherObjects)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  EXPECT_FALSE(ReadLabel(*source.header).has_value());

  const MaskVolume mask = Tests::MakeSampleMask(source, 1, 2);
  const ModelInfo model = Tests::MakeSampleModel();
  const ResultIdentity identity(source, model.hash, "c");
  const DicomInstance report = SrWriter().Write({source, identity, model, Tests::MakeSampleTime()},
                                                Tests::MakeSamplePrediction(mask, source), mask);
  EXPECT_FALSE(ReadLabel(report.bytes).has_value());  // a prediction is no truth
  EXPECT_THROW(ReadLabel(std::string("no DICOM at all")), Error);
}

TEST(Label, IsCorruptWithoutItsParts)
{
  const auto file = Tests::ReadDicom(Write(MakeLabel()).bytes);
  DcmDataset& sr = *file->getDataset();
  DcmItem* item = nullptr;
  while (sr.findAndGetSequenceItem(DCM_ContentSequence, item, 6).good() && item != nullptr)
  {
    sr.findAndDeleteSequenceItem(DCM_ContentSequence, 6);
    item = nullptr;
  }
  EXPECT_THROW(ReadLabel(sr), Error);
}
