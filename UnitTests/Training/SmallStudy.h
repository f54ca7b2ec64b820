// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Runs/CrossValidation.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace H3K27M::Testing
{
  // Eight phantoms as a BIDS folder, the last two external, and networks that are too small to learn anything: what is
  // tested is who is trained and measured on whom, and what is written.
  class SmallStudy : public testing::Test
  {
  protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();

    // Three folds, three steps, images of 32 x 32 pixels.
    static Runs::RunConfig MakeConfig();

    // One thread of the CPU, where results are equal to the bit.
    static Predict::BackendOptions OnCpu();

    static std::filesystem::path GetDataset();
    static std::filesystem::path GetPath(const std::string& name);

    static Runs::CrossValidationRequest MakeRequest(const std::string& name, bool resumes);

    // A whole cross-validation; what it tells of its units goes to `units` when that is not null.
    static Json::Value Run(const std::string& name, bool resumes, std::vector<std::string>* units = nullptr);

  private:
    static std::unique_ptr<TemporaryFolder> folder_;
  };
}
