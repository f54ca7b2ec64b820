// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Weights/TensorMap.h"
#include "Training/Reports/MetricTables.h"
#include "Training/Reports/SliceGrids.h"
#include "Training/Reports/SliceSections.h"
#include "Training/Runs/RunFiles.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace H3K27M::Reports
{
  namespace
  {
    using testing::AllOf;
    using testing::HasSubstr;
    using testing::Not;

    constexpr std::size_t SLICE_SIDE = 8;

    // What the first fold of a run keeps of two slices. Reference and prediction are squares of three pixels along a
    // side, of which all but the middle one are the outline; one is shifted by one. `patients`: "" as of an earlier
    // release.
    std::filesystem::path KeepSlices(const std::filesystem::path& fold, const std::string& patients,
                                     const char* name = Runs::SALIENCY_FILE)
    {
      const torch::Tensor reference = torch::zeros({2, 8, 8});
      reference.slice(1, 1, 4).slice(2, 1, 4).fill_(1);
      const torch::Tensor predicted = torch::zeros({2, 8, 8});
      predicted.slice(1, 2, 5).slice(2, 2, 5).fill_(1);
      Weights::TensorMap tensors;
      tensors.Set("image", torch::zeros({2, 8, 8}));
      tensors.Set("mask", reference);
      tensors.Set(Runs::SALIENCY_PREDICTED, predicted);
      const std::filesystem::path file = fold / name;
      const std::map<std::string, std::string> metadata = {{Runs::SALIENCY_PATIENTS, patients}};
      tensors.Save(file, Weights::StoredPrecision::F32,
                   patients.empty() ? std::map<std::string, std::string>() : metadata);
      return file;
    }

    // Red, green and blue of a place of a picture of the first row.
    std::vector<int> ReadPixel(const std::filesystem::path& pixels, std::size_t picture, std::size_t row,
                               std::size_t column)
    {
      std::ifstream stream(pixels, std::ios::binary);
      stream.seekg(static_cast<std::streamoff>(((picture * SLICE_SIDE + row) * SLICE_SIDE + column) * 3));
      std::vector<int> colour;
      for (int channel = 0; channel < 3; channel++)
      {
        colour.push_back(stream.get());
      }
      return colour;
    }

    TEST(MaskGrid, HasTheReferenceInGreenAndThePredictionInMagenta)
    {
      const Testing::TemporaryFolder folder;
      const auto grid = MakeMaskGrid("masks", KeepSlices(folder.GetPath(), ""));
      ASSERT_TRUE(grid);
      grid->Draw(folder.GetPath());
      const std::filesystem::path pixels = folder.GetPath() / "masks.rgb";
      const std::vector<int> black = {0, 0, 0};
      const std::vector<int> green = {0, 255, 0};
      EXPECT_EQ(ReadPixel(pixels, 0, 1, 1), black) << "the image alone";
      EXPECT_EQ(ReadPixel(pixels, 1, 1, 1), green);
      EXPECT_EQ(ReadPixel(pixels, 1, 4, 4), black);
      EXPECT_EQ(ReadPixel(pixels, 2, 1, 1), green);
      EXPECT_EQ(ReadPixel(pixels, 2, 4, 4), (std::vector<int>{255, 0, 255}));
      EXPECT_EQ(ReadPixel(pixels, 2, 2, 3), (std::vector<int>{255, 255, 0})) << "where both meet";
      EXPECT_EQ(ReadPixel(pixels, 2, 7, 7), black);
    }

    // An altered case that was called wild type.
    Evaluation::CaseOutcome MakeWrong(const std::string& id)
    {
      Evaluation::CaseOutcome outcome;
      outcome.id = id;
      outcome.genotype = Network::GENOTYPE_ALTERED;
      outcome.probabilityAltered = 0.1;
      return outcome;
    }

    // The page that shows the slices of two wrong cases, sub-2 and sub-9.
    std::string ShowErrors(const std::filesystem::path& folder, const std::filesystem::path& fold)
    {
      ReportFolder report(folder / "report", "Title");
      AddErrorSlices(report, MakeErrorTable("errors", {MakeWrong("sub-2"), MakeWrong("sub-9")}, 0.5), fold);
      std::ifstream stream(report.Finish(), std::ios::binary);
      return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }

    TEST(ErrorSlices, ThoseOfTheWrongCasesAreShownThatTheRunKeeps)
    {
      const Testing::TemporaryFolder folder;
      KeepSlices(folder.GetPath(), "sub-1\nsub-2\n");
      EXPECT_THAT(ShowErrors(folder.GetPath(), folder.GetPath()),
                  AllOf(HasSubstr("Of these cases, from above, sub-2, each by its slice"), Not(HasSubstr("sub-1"))));
      EXPECT_EQ(std::filesystem::file_size(folder.GetPath() / "report" / "figures" / "errors.rgb"),
                3 * SLICE_SIDE * SLICE_SIDE * 3)
        << "three pictures of one case";
    }

    TEST(ErrorSlices, ThoseOfExternalCasesAreShownThatTheFirstFoldCalledWronglyToo)
    {
      const Testing::TemporaryFolder folder;
      KeepSlices(folder.GetPath(), "sub-1\nsub-3\n");
      KeepSlices(folder.GetPath(), "sub-8\nsub-9\n", Runs::ERROR_SLICES_FILE);
      EXPECT_THAT(ShowErrors(folder.GetPath(), folder.GetPath()),
                  AllOf(HasSubstr("Of these cases, from above, sub-9, each by its slice"), Not(HasSubstr("sub-8"))));
    }

    TEST(ErrorSlices, WithoutASliceThereIsNoFigure)
    {
      const Testing::TemporaryFolder folder;
      EXPECT_THAT(ShowErrors(folder.GetPath(), {}), Not(HasSubstr("<figure>"))) << "an evaluation has no folds";
      EXPECT_THAT(ShowErrors(folder.GetPath(), folder.GetPath()), Not(HasSubstr("<figure>"))) << "no file";
      KeepSlices(folder.GetPath(), "sub-1\nsub-3\n");
      EXPECT_THAT(ShowErrors(folder.GetPath(), folder.GetPath()), Not(HasSubstr("<figure>"))) << "of others";
      KeepSlices(folder.GetPath(), "");
      EXPECT_THAT(ShowErrors(folder.GetPath(), folder.GetPath()), Not(HasSubstr("<figure>")))
        << "of an earlier release";
    }
  }
}
