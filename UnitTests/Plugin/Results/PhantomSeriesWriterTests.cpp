// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/LabelReader.h"
#include "Plugin/Results/LabelWriter.h"
#include "Plugin/Results/PhantomSeriesWriter.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <gtest/gtest.h>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;
  using Slices = std::vector<std::vector<std::uint16_t>>;
  using Tests::GetText;

  PhantomDescription MakeDescription()
  {
    PhantomDescription description;
    description.seed = 7;
    description.status = GenotypeStatus::Altered;
    description.signalStrength = 0.5;
    description.rows = 3;
    description.columns = 5;
    description.slices = 2;
    description.pixelSpacingMm = {0.9, 0.8};
    description.sliceSpacingMm = 6;
    description.sliceThicknessMm = 5;
    description.firstSlicePositionMm = {-10, -20.5, -30.1};
    description.tumourVolumeMm3 = 100;
    description.tumourSite = "pons";
    description.echoTimeMs = 100;
    description.repetitionTimeMs = 4500;
    return description;
  }

  Slices MakeSlices()
  {
    Slices slices(2);
    for (std::uint16_t i = 0; i < 30; i++)
    {
      slices[i / 15].push_back(static_cast<std::uint16_t>(i * 100 + 7));
    }
    return slices;
  }
}

TEST(PhantomSeriesWriter, KeepsVoxelsAndGeometry)
{
  const PhantomSeries phantom = WritePhantomSeries(MakeDescription(), MakeSlices(), Tests::MakeSampleTime());
  ASSERT_EQ(2u, phantom.instances.size());
  for (std::size_t i = 0; i < 2; i++)
  {
    const auto file = Tests::ReadDicom(phantom.instances[i].bytes);
    DcmDataset& image = *file->getDataset();
    const Uint16* pixels = nullptr;
    unsigned long count = 0;
    ASSERT_TRUE(image.findAndGetUint16Array(DCM_PixelData, pixels, &count).good());
    EXPECT_EQ(MakeSlices()[i], std::vector<std::uint16_t>(pixels, pixels + count).size() == 16
                                 ? std::vector<std::uint16_t>(pixels, pixels + 15)
                                 : std::vector<std::uint16_t>(pixels, pixels + count));
    EXPECT_EQ(i == 0 ? "-10\\-20.5\\-30.1" : "-10\\-20.5\\-24.1", GetText(image, DCM_ImagePositionPatient));
    EXPECT_EQ("0.9\\0.8", GetText(image, DCM_PixelSpacing));
    EXPECT_EQ(phantom.source.slices[i].sopInstanceUid, GetText(image, DCM_SOPInstanceUID));
  }
}

TEST(PhantomSeriesWriter, SaysThatItIsSynthetic)
{
  const PhantomSeries phantom = WritePhantomSeries(MakeDescription(), MakeSlices(), Tests::MakeSampleTime());
  const auto file = Tests::ReadDicom(phantom.instances[0].bytes);
  DcmDataset& image = *file->getDataset();
  EXPECT_EQ("PHANTOM^SYNTHETIC", GetText(image, DCM_PatientName));
  EXPECT_EQ("H3K27M-PHANTOM-7", GetText(image, DCM_PatientID));
  EXPECT_EQ("YES", GetText(image, DCM_QualityControlImage));
  EXPECT_EQ("YES", GetText(image, DCM_QualityControlSubject));
  EXPECT_EQ("YES", GetText(image, DcmTagKey(0x0008, 0x001c)));
  EXPECT_NE(std::string::npos, GetText(image, DCM_SeriesDescription).find("SYNTHETIC"));
}

TEST(PhantomSeriesWriter, MakesTheSameObjectsFromTheSameVolumeAlone)
{
  const PhantomSeries first = WritePhantomSeries(MakeDescription(), MakeSlices(), Tests::MakeSampleTime());
  const PhantomSeries again = WritePhantomSeries(MakeDescription(), MakeSlices(), Tests::MakeSampleTime());
  EXPECT_EQ(first.instances[1].bytes, again.instances[1].bytes);

  Slices other = MakeSlices();
  other[1][14]++;
  EXPECT_NE(first.source.studyInstanceUid,
            WritePhantomSeries(MakeDescription(), other, Tests::MakeSampleTime()).source.studyInstanceUid);
  PhantomDescription description = MakeDescription();
  description.status = GenotypeStatus::WildType;
  EXPECT_NE(first.source.studyInstanceUid,
            WritePhantomSeries(description, MakeSlices(), Tests::MakeSampleTime()).source.studyInstanceUid);
}

TEST(PhantomSeriesWriter, CarriesItsTruthAsLabel)
{
  const PhantomSeries phantom = WritePhantomSeries(MakeDescription(), MakeSlices(), Tests::MakeSampleTime());
  ASSERT_TRUE(phantom.label.has_value());
  const DicomInstance label = WriteLabel(*phantom.source.header, *phantom.label, Tests::MakeSampleTime());
  const std::optional<GenotypeLabel> read = ReadLabel(label.bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(GenotypeStatus::Altered, read->status);
  EXPECT_TRUE(read->synthetic);
  EXPECT_EQ("synthetic phantom", read->site);
  EXPECT_EQ(DatasetSplit::Development, read->split);
  EXPECT_EQ(946'684'800'000, read->recordedAtMs);

  PhantomDescription healthy = MakeDescription();
  healthy.status = std::nullopt;
  healthy.tumourVolumeMm3 = 0;
  EXPECT_FALSE(WritePhantomSeries(healthy, MakeSlices(), Tests::MakeSampleTime()).label.has_value());
}

TEST(PhantomSeriesWriter, RefusesSlicesThatAreNotAsDescribed)
{
  PhantomDescription description = MakeDescription();
  description.slices = 3;
  EXPECT_THROW(WritePhantomSeries(description, MakeSlices(), Tests::MakeSampleTime()), Error);
  Slices ragged = MakeSlices();
  ragged[1].pop_back();
  EXPECT_THROW(WritePhantomSeries(MakeDescription(), ragged, Tests::MakeSampleTime()), Error);
  EXPECT_THROW(WritePhantomSeries(MakeDescription(), {}, Tests::MakeSampleTime()), Error);
}
