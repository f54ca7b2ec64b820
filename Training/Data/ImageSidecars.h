// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Training/Data/BidsFolder.h"

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace H3K27M::Data
{
  // The JSON files of a BIDS folder that say how its images were acquired, for the columns that participants.tsv lacks.
  // By BIDS' inheritance principle one tells of an image when it has the image's suffix and no entity that the image
  // lacks, and lies beside the image or in a folder above it. For each field that file holds which is nearest to the
  // image, and in one folder that with the most entities. Not thread-safe.
  class ImageSidecars
  {
  public:
    static constexpr std::size_t MAX_BYTES = std::size_t{1} << 20;  // of one file

    // `folder`: of the data set.
    explicit ImageSidecars(const std::filesystem::path& folder);

    // Sets manufacturer, model, field_strength_t, repetition_time_ms, echo_time_ms and slice_thickness_mm where the
    // subject has no such column and a file knows it, and names in `subject.sidecars` the files that had something new.
    // A file that is too large, or no JSON object, is added to `faults`, once; a value of another type is not known.
    // Throws Error(Unavailable) when a folder cannot be read.
    void Complete(BidsSubject& subject, std::vector<std::string>& faults);

  private:
    using Columns = std::map<std::string, std::string>;

    const std::vector<std::filesystem::path>& List(const std::filesystem::path& level);
    std::vector<std::filesystem::path> FindAll(const std::filesystem::path& image);
    const Columns& Read(const std::filesystem::path& file, std::vector<std::string>& faults);

    std::filesystem::path folder_;
    // What was looked at: the files above the subjects are those of all of them.
    std::map<std::filesystem::path, std::vector<std::filesystem::path>> listed_;
    std::map<std::filesystem::path, Columns> read_;
  };
}
