// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/SliceSections.h"

#include "Inference/Protocol/Safetensors.h"
#include "Training/Reports/SaliencyTable.h"
#include "Training/Reports/SliceGrids.h"
#include "Training/Runs/RunFiles.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <vector>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr const char* OUTLINES =
      "Green: the hand contour; magenta: the outline of what the first fold's network takes for tumour of either "
      "genotype, on its own grid and whatever the area; yellow: where the two meet. No magenta: it found none.";

    // Earlier releases did not say it: theirs are slices that the encoder was trained on.
    bool IsOfHeldOutSlices(const std::filesystem::path& reconstructions)
    {
      const auto file = Protocol::SafetensorsFile::Open(reconstructions);
      const auto slices = file.GetMetadata().find(Runs::RECONSTRUCTED_SLICES);
      return slices != file.GetMetadata().end() && slices->second == Runs::SLICES_HELD_OUT;
    }

    // Earlier releases did not say it: theirs are the cases with the largest tumours.
    std::string DescribeSaliencyCases(const std::filesystem::path& saliency)
    {
      const auto file = Protocol::SafetensorsFile::Open(saliency);
      const auto cases = file.GetMetadata().find(Runs::SALIENCY_CASES);
      return cases != file.GetMetadata().end() && cases->second == Runs::CASES_EVENLY
               ? "taken evenly from the list of patients whatever the size of their tumours"
               : "those with the largest tumours";
    }

    // In the order of its slices; none of an earlier release.
    std::vector<std::string> ReadPatients(const std::filesystem::path& saliency)
    {
      const auto file = Protocol::SafetensorsFile::Open(saliency);
      std::vector<std::string> patients;
      if (const auto found = file.GetMetadata().find(Runs::SALIENCY_PATIENTS); found != file.GetMetadata().end())
      {
        std::istringstream lines(found->second);
        for (std::string line; std::getline(lines, line);)
        {
          patients.push_back(line);
        }
      }
      return patients;
    }

    // Whether the file holds slices of them.
    bool AddErrorsFrom(const std::filesystem::path& file, const Table& errors, ReportFolder& report)
    {
      const std::vector<std::string> kept = ReadPatients(file);
      std::vector<std::size_t> wrong;
      std::string names;
      for (std::size_t i = 0; i < kept.size(); i++)
      {
        if (std::any_of(errors.rows.begin(), errors.rows.end(),
                        [&](const std::vector<std::string>& row) { return row.front() == kept[i]; }))
        {
          wrong.push_back(i);
          names += (names.empty() ? "" : ", ") + kept[i];
        }
      }
      const auto grid = wrong.empty() ? std::nullopt : MakeMaskGrid("errors", file, wrong);
      if (grid)
      {
        report.Add(*grid, "Of these cases, from above, " + names +
                            ", each by its slice with the largest tumour by hand contour; of the others the run keeps "
                            "no slice. " +
                            OUTLINES);
      }
      return grid.has_value();
    }
  }

  void AddSaliency(ReportFolder& report, const std::filesystem::path& fold)
  {
    if (const std::filesystem::path file = fold / Runs::SALIENCY_FILE; std::filesystem::exists(file))
    {
      report.GetPage().AddHeading("Saliency");
      report.Add(
        MakeSaliencyGrid("saliency", file),
        "Grad-CAM of the first fold's network on patients that it has not seen, up to two altered above up to two "
        "wild-type, " +
          DescribeSaliencyCases(file) +
          ", each by its slice with the largest tumour: red speaks most for altered, in the rows of the wild-type "
          "patients too, blue little. Each slice is scaled by its own maximum, so rows cannot be compared in strength. "
          "It shows where the network looked, not why, and nothing about the tissue.");
      report.Add(MakeSaliencyTable("saliency-shares", file));
    }
  }

  void AddMasks(ReportFolder& report, const std::filesystem::path& fold)
  {
    const std::filesystem::path file = fold / Runs::SALIENCY_FILE;
    const auto grid = std::filesystem::exists(file) ? MakeMaskGrid("masks", file) : std::nullopt;
    if (grid)
    {
      report.GetPage().AddHeading("Masks");
      report.Add(
        *grid, "Masks of the first fold's network on patients that it has not seen, up to two altered above up to two "
               "wild-type, " +
                 DescribeSaliencyCases(file) + ", each by its slice with the largest tumour by hand contour. " +
                 OUTLINES);
    }
  }

  void AddErrorSlices(ReportFolder& report, const Table& errors, const std::filesystem::path& fold)
  {
    // External patients are in the first alone, those of development in the second.
    for (const char* name : {Runs::ERROR_SLICES_FILE, Runs::SALIENCY_FILE})
    {
      if (!fold.empty() && std::filesystem::exists(fold / name) && AddErrorsFrom(fold / name, errors, report))
      {
        return;
      }
    }
  }

  void AddReconstructions(ReportFolder& report, const std::filesystem::path& encoder)
  {
    if (const std::filesystem::path file = encoder / Runs::RECONSTRUCTIONS_FILE; std::filesystem::exists(file))
    {
      report.GetPage().AddHeading("Pre-training");
      report.Add(MakeReconstructionGrid("reconstructions", file),
                 (IsOfHeldOutSlices(file) ? "Slices of patients whom the first fold holds out, so that its encoder has "
                                            "not seen them,"
                                          : "Slices that the first fold's encoder was trained on,") +
                   std::string(" with 0.40 and with 0.60 of their patches masked, as it restores them."));
    }
  }
}
