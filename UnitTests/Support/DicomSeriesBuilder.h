// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

class DcmDataset;

namespace H3K27M::Support
{
  // Transfer syntaxes that the builder writes (compressed ones come from the fixtures).
  enum class BuilderSyntax
  {
    ExplicitLittle,
    ImplicitLittle,
    ExplicitBig
  };

  // What a made-up MR series looks like. The defaults are an axial T2 TSE of the brain that the router takes.
  struct DicomSeriesOptions
  {
    std::size_t slices = 6;
    std::uint16_t rows = 32;
    std::uint16_t columns = 24;
    std::array<std::string, 2> pixelSpacing = {"0.5", "0.5"};
    std::array<std::string, 6> orientation = {"1", "0", "0", "0", "1", "0"};
    std::array<double, 3> firstPosition = {-6.5, -8.25, -40};
    double sliceSpacingMm = 5;
    std::string sliceThickness = "4";
    std::string spacingBetweenSlices = "5";  // empty: the tag is left out
    std::string repetitionTime = "5000";
    std::string echoTime = "95";
    std::string seriesDescription = "T2 TSE TRA";
    std::string bodyPartExamined = "BRAIN";
    std::string studyInstanceUid = "2.25.1001";
    std::string seriesInstanceUid = "2.25.2001";
    std::string frameOfReferenceUid = "2.25.3001";
    std::string patientName = "Builder^Made";
    std::string specificCharacterSet = "ISO_IR 192";
    BuilderSyntax syntax = BuilderSyntax::ExplicitLittle;

    // Last word on each instance (classic) or on the one instance (enhanced, slice 0) before it is written.
    std::function<void(DcmDataset& dataset, std::size_t slice)> edit;
  };

  // Makes MR series in code, so that no test needs a stored file. Voxel (slice, row, column) has the stored value
  // StoredValue(): all different enough to notice a swapped axis. Slices are numbered along the normal, lowest first;
  // SOP instance UIDs are `seriesInstanceUid`.<slice + 1>. Throws std::runtime_error when DCMTK refuses.
  class DicomSeriesBuilder
  {
  public:
    explicit DicomSeriesBuilder(DicomSeriesOptions options);

    // The dataset of one classic MR image, pixels included.
    std::unique_ptr<DcmDataset> MakeSlice(std::size_t slice) const;

    // One Part 10 file per slice.
    std::vector<std::string> MakeFiles() const;

    // The same series as one Enhanced MR file with a frame per slice.
    std::string MakeEnhancedFile() const;

    static std::uint16_t StoredValue(std::size_t slice, std::size_t row, std::size_t column);

    // Any dataset as a Part 10 file.
    static std::string WriteFile(DcmDataset& dataset, BuilderSyntax syntax);

  private:
    void FillCommon(DcmDataset& dataset) const;
    std::string GetPosition(std::size_t slice) const;
    std::vector<std::uint16_t> MakePixels(std::size_t slice) const;

    DicomSeriesOptions options_;
  };
}
