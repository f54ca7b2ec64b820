// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/NiftiVolume.h"
#include "Inference/Weights/ModelPackage.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Training/SmallStudy.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace H3K27M
{
  namespace
  {
    using testing::AllOf;
    using testing::HasSubstr;
    using testing::Not;

    class FoldedDataTest : public Testing::SmallStudy
    {
    protected:
      static std::filesystem::path CopyDataset(const std::string& name)
      {
        std::filesystem::copy(GetDataset(), GetPath(name), std::filesystem::copy_options::recursive);
        return GetPath(name);
      }

      static std::filesystem::path GetMask(const std::filesystem::path& dataset, const std::string& subject)
      {
        return dataset / "derivatives" / "phantom" / subject / "anat" / (subject + "_dseg.nii.gz");
      }

      // As if nobody had drawn anything.
      static void EmptyMask(const std::filesystem::path& dataset, const std::string& subject)
      {
        const auto image = Preprocess::NiftiVolume::Read(dataset / subject / "anat" / (subject + "_T2w.nii.gz"));
        const std::vector<std::uint8_t> labels(image.GetView().voxels.size(), 0);
        image.WriteLabels(GetMask(dataset, subject), labels);
      }

      // As if it had been drawn on another series.
      static void MoveMask(const std::filesystem::path& dataset, const std::string& subject)
      {
        Preprocess::NiftiVolume::NewFile file;
        file.geometry.slices = 2;
        file.geometry.rows = 8;
        file.geometry.columns = 8;
        file.geometry.pixelSpacingMm = {1, 1};
        file.geometry.sliceSpacingMm = 5;
        const std::vector<std::uint8_t> labels(std::size_t{2} * 8 * 8, 1);
        Preprocess::NiftiVolume::Write(GetMask(dataset, subject), file, std::span<const std::uint8_t>(labels));
      }

      // Of the first fold.
      static std::string GetRefusal(const std::filesystem::path& dataset, const std::string& run)
      {
        Runs::FoldedData data(dataset, MakeConfig(), 1);
        Runs::CrossValidation validation(data, MakeRequest(run, false), [](const Json::Value&) {});
        return Tests::GetRefusal([&validation] { validation.RunUnit(0); });
      }
    };

    TEST_F(FoldedDataTest, NothingIsTrainedWhereAnExternalPatientCannotBeMeasured)
    {
      const std::filesystem::path dataset = CopyDataset("bad-external");
      EmptyMask(dataset, "sub-phantom00000007");
      MoveMask(dataset, "sub-phantom00000008");
      const std::string refusal = GetRefusal(dataset, "of-bad-external");
      EXPECT_THAT(refusal,
                  AllOf(HasSubstr("\n  sub-phantom00000007: h3k27m_status is given and the mask shows no tumour"),
                        HasSubstr("\n  sub-phantom00000008: ")))
        << "all at once";
      EXPECT_FALSE(std::filesystem::exists(GetPath("of-bad-external") / "fold-1" / Weights::ModelPackage::CARD_FILE));
    }

    TEST_F(FoldedDataTest, AllPatientsWhoCannotBeTrainedOnAreNamedAtOnce)
    {
      const std::filesystem::path dataset = CopyDataset("bad-development");
      MoveMask(dataset, "sub-phantom00000002");
      EmptyMask(dataset, "sub-phantom00000005");
      const std::string refusal = GetRefusal(dataset, "of-bad-development");
      EXPECT_THAT(refusal,
                  AllOf(HasSubstr("\n  sub-phantom00000002: "),
                        HasSubstr("\n  sub-phantom00000005: h3k27m_status is given and the mask shows no tumour"),
                        Not(HasSubstr("sub-phantom00000001"))));
    }

    // A run asks often: an ablation once for each model of each unit.
    TEST_F(FoldedDataTest, TheFilesAreHashedOnceWhoeverAsks)
    {
      const std::filesystem::path dataset = CopyDataset("hashed");
      const Runs::FoldedData data(dataset, MakeConfig(), 1);
      const Json::Value first = data.MakeManifest();
      EXPECT_EQ(first["external"]["count"].asInt(), 2);
      std::filesystem::remove_all(dataset / "sub-phantom00000007");
      EXPECT_EQ(data.MakeManifest(), first);
    }

    TEST_F(FoldedDataTest, TheNamesOfTheUnitsNeedNoImage)
    {
      const std::filesystem::path dataset = CopyDataset("unread");
      EmptyMask(dataset, "sub-phantom00000007");
      Runs::FoldedData data(dataset, MakeConfig(), 1);
      const Runs::CrossValidation validation(data, MakeRequest("of-unread", false), [](const Json::Value&) {});
      EXPECT_EQ(validation.CountUnits(), 3U);
      EXPECT_EQ(validation.GetUnitName(2), "fold-3");
    }
  }
}
