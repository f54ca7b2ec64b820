// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/LabelReader.h"
#include "Plugin/Results/LabelTerms.h"
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
    label.assay = Assay::Pyrosequencing;
    label.gene = HistoneGene::HIST1H3B;
    label.site = "\xE5\x8C\x97\xE4\xBA\xAC \\ ward 3";
    label.preOperative = true;
    label.split = DatasetSplit::External;
    label.annotator = "Li Wei \xE6\x9D\x8E";
    label.reviser = "M\xC3\xBCller";
    label.source = "report 17 \\ annex";
    label.recordedAtMs = 1'767'323'045'006;  // 2026-01-02 03:04:05.006 UTC
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
  label.assay = Assay::Immunohistochemistry;
  label.gene.reset();
  label.preOperative = false;
  label.reviser.clear();
  label.synthetic = true;
  EXPECT_EQ(label, ReadLabel(Write(label).bytes));
}

TEST(Label, CarriesEachReasonOfAnExclusion)
{
  for (const Term<ExclusionReason>& term : GetTerms<ExclusionReason>())
  {
    GenotypeLabel label = MakeLabel();
    label.split = DatasetSplit::Excluded;
    label.exclusion = term.value;
    EXPECT_EQ(label, ReadLabel(Write(label).bytes)) << term.name;
  }
}

// Bytes of the patient's name that contradict the study's character set are kept, and the label is read nevertheless.
TEST(Label, ComesBackFromAStudyWhoseCharacterSetLies)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  DcmDataset header(*source.header);
  header.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 192");
  header.putAndInsertString(DCM_PatientName, "\xFF\xFE^X");
  EXPECT_EQ(MakeLabel(), ReadLabel(WriteLabel(header, MakeLabel(), Tests::MakeSampleTime()).bytes));
}

TEST(Label, NamesItsAnnotatorAsAuthorAndSoftwareAsADevice)
{
  const auto getObserver = [](const GenotypeLabel& label)
  {
    const auto file = Tests::ReadDicom(Write(label).bytes);
    DcmItem* author = nullptr;
    EXPECT_TRUE(file->getDataset()->findAndGetSequenceItem(DCM_AuthorObserverSequence, author, 0).good());
    return Tests::GetText(*author, DCM_ObserverType);
  };
  GenotypeLabel label = MakeLabel();
  label.synthetic = true;  // a person may label a phantom
  EXPECT_EQ("PSN", getObserver(label));
  label.annotator = "Orthanc-H3K27M";
  EXPECT_EQ("DEV", getObserver(label));
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
  other.recordedAtMs++;
  EXPECT_NE(Write(MakeLabel()).sopInstanceUid, Write(other).sopInstanceUid);
  other = MakeLabel();
  other.reviser.clear();
  EXPECT_NE(Write(MakeLabel()).sopInstanceUid, Write(other).sopInstanceUid);
}

TEST(Label, RefusesWhatIsNoLabel)
{
  const auto expectRefused = [](const std::string& key, const auto& change)
  {
    GenotypeLabel label = MakeLabel();
    change(label);
    const std::vector<FieldFault> faults = FindFaults(label);
    ASSERT_EQ(1u, faults.size()) << key;
    EXPECT_EQ(key, faults.front().key);
    EXPECT_THROW(Write(label), Error);
  };
  expectRefused("genotype", [](GenotypeLabel& label) { label.status = GenotypeStatus::NotDetermined; });
  expectRefused("gene", [](GenotypeLabel& label) { label.gene.reset(); });
  expectRefused("gene", [](GenotypeLabel& label) { label.assay = Assay::Other; });
  expectRefused("site", [](GenotypeLabel& label) { label.site.clear(); });
  expectRefused("site", [](GenotypeLabel& label) { label.site = std::string(257, 'x'); });
  expectRefused("site", [](GenotypeLabel& label) { label.site = "two\nlines"; });
  expectRefused("site", [](GenotypeLabel& label) { label.site = "blank "; });
  expectRefused("site", [](GenotypeLabel& label) { label.site = "Latin-1 \xFC"; });
  expectRefused("reason", [](GenotypeLabel& label) { label.split = DatasetSplit::Excluded; });
  expectRefused("reason", [](GenotypeLabel& label) { label.exclusion = ExclusionReason::Artefact; });
  expectRefused("annotator", [](GenotypeLabel& label) { label.annotator = "A=B"; });
  expectRefused("annotator", [](GenotypeLabel& label) { label.annotator.clear(); });
  expectRefused("reviser", [](GenotypeLabel& label) { label.reviser = "A\\B"; });
  expectRefused("source", [](GenotypeLabel& label) { label.source.clear(); });
  expectRefused("recorded", [](GenotypeLabel& label) { label.recordedAtMs = -1; });
}

TEST(Label, NamesEveryFaultAtOnce)
{
  EXPECT_EQ(4u, FindFaults(GenotypeLabel()).size());  // genotype, site, annotator, source
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
