// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Volume/Vectors.h"
#include "Plugin/Volume/VolumeLimits.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace H3K27M::Volume
{
  class DatasetReader;
  class IExternalDecoder;
  struct FileLayout;
}

namespace H3K27M::Masks
{
  struct SegmentDescription
  {
    unsigned number = 0;        // (0062,0004)
    std::string label;          // (0062,0005)
    std::string algorithmType;  // (0062,0008)
    std::string algorithmName;  // (0062,0009); empty for MANUAL
  };

  struct SegmentationSource
  {
    std::string sopInstanceUid;
    unsigned frame = 0;  // 0: not named
  };

  struct SegmentationFrame
  {
    unsigned segment = 0;
    Volume::Vector position{};  // (0020,0032)
    std::array<Volume::Vector, 2> directions{};
    std::array<double, 2> pixelSpacingMm{};
    std::vector<SegmentationSource> sources;
  };

  // A DICOM Segmentation (PS3.3 A.51), BINARY and not compressed or FRACTIONAL, whoever made it. Immutable; shares the
  // file's bytes, from which frames are read when they are asked for.
  class SegmentationFile
  {
  public:
    std::string sopInstanceUid;
    std::string seriesInstanceUid;
    std::string frameOfReferenceUid;
    std::set<std::string> referencedSeries;
    std::string creator;                // (0070,0084)
    std::string contentDate;            // (0008,0023)
    std::string contentTime;            // (0008,0033)
    std::string equipment;              // (0008,1090)
    double spacingBetweenSlicesMm = 0;  // (0018,0088); 0 when absent
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::vector<SegmentDescription> segments;
    std::vector<SegmentationFrame> frames;

    // Throws Error(BadInput) when the file is no such segmentation, or its parts contradict each other. `decoder` is
    // asked for compressed frames, and must outlive the object; without it these are not read.
    static SegmentationFile Parse(std::shared_ptr<const std::string> file, const Volume::VolumeLimits& limits,
                                  Volume::IExternalDecoder* decoder = nullptr);

    // [row, column] of 0 and 1. A fractional voxel counts from half of the maximum on. Throws Error(BadInput) when a
    // compressed one cannot be decoded.
    std::vector<std::uint8_t> ReadFrame(std::size_t frame) const;

  private:
    void ReadIdentity(Volume::DatasetReader& reader);
    void ReadPixelFormat(Volume::DatasetReader& reader, const Volume::FileLayout& layout,
                         const Volume::VolumeLimits& limits);
    std::vector<std::uint8_t> DecodeFrame(std::size_t frame) const;

    // Shared, because the archive's cache may keep or drop the file.
    std::shared_ptr<const std::string> file_;
    Volume::IExternalDecoder* decoder_ = nullptr;
    std::uint64_t pixelOffset_ = 0;
    bool isEncapsulated_ = false;
    bool isBinary_ = false;
    std::uint8_t threshold_ = 1;  // of fractional voxels
  };
}
