// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/RtStructFile.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Masks/MaskUpload.h"
#include "Plugin/Volume/DatasetReader.h"
#include "Plugin/Volume/DeflatedFile.h"
#include "Plugin/Volume/ParsedFile.h"

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <variant>

namespace H3K27M::Masks
{
  namespace
  {
    using Volume::DatasetReader;
    using Volume::GetItems;

    [[noreturn]] void RefuseStructureSet(const std::string& reason)
    {
      throw Error(ErrorCode::BadInput, "The RT Structure Set cannot be taken: " + reason);
    }

    [[noreturn]] void RefuseSize()
    {
      RefuseStructureSet("all structures together have more than " + std::to_string(RtStructFile::MAX_CONTOURS) +
                         " contours or " + std::to_string(RtStructFile::MAX_POINTS) +
                         " points; export only the one that is the mask");
    }

    std::set<std::string> ListSeriesOfStructureSet(DcmDataset& dataset)
    {
      std::set<std::string> uids;
      for (DcmItem* const frame : GetItems(dataset, DCM_ReferencedFrameOfReferenceSequence))
      {
        for (DcmItem* const study : GetItems(*frame, DCM_RTReferencedStudySequence))
        {
          for (DcmItem* const series : GetItems(*study, DCM_RTReferencedSeriesSequence))
          {
            uids.insert(DatasetReader(*series).GetText(DCM_SeriesInstanceUID));
          }
        }
      }
      return uids;
    }

    // All numbers of ContourData; empty when one of them is none. More than `most` are refused before they take
    // memory. Read as it stands: DCMTK finds the n-th value of a text by counting from the first, and removes spaces
    // one by one, each time moving all that follows.
    std::vector<double> ParseNumbers(DcmItem& contour, std::size_t most)
    {
      const char* at = nullptr;
      Uint32 length = 0;
      std::vector<double> numbers;
      if (contour.findAndGetString(DCM_ContourData, at, length).bad() || at == nullptr)
      {
        return numbers;
      }
      const char* const end = at + length;
      const auto separators = static_cast<std::size_t>(std::count(at, end, '\\'));
      if (separators >= most)
      {
        RefuseSize();
      }
      numbers.reserve(separators + 1);
      while (at < end)
      {
        while (at < end && (*at == ' ' || *at == '+'))
        {
          at++;
        }
        double value = 0;
        const auto [next, fault] = std::from_chars(at, end, value);
        if (fault != std::errc() || !std::isfinite(value))
        {
          return {};
        }
        at = next;
        while (at < end && *at == ' ')
        {
          at++;
        }
        if (at < end && *at != '\\')
        {
          return {};
        }
        at += at < end ? 1 : 0;
        numbers.push_back(value);
      }
      return numbers;
    }

    RtContour ParseContour(DcmItem& item, std::size_t mostPoints)
    {
      RtContour contour;
      DatasetReader reader(item);
      contour.geometricType = reader.GetText(DCM_ContourGeometricType);
      const std::vector<double> numbers = ParseNumbers(item, 3 * mostPoints);
      contour.points.reserve(numbers.size() / 3);
      for (std::size_t i = 0; i + 2 < numbers.size(); i += 3)
      {
        contour.points.push_back({numbers[i], numbers[i + 1], numbers[i + 2]});
      }
      const std::optional<long long> promised = reader.GetInteger(DCM_NumberOfContourPoints);
      if (numbers.empty() || numbers.size() % 3 != 0 || promised != static_cast<long long>(contour.points.size()))
      {
        contour.fault =
          "ContourData (3006,0050) is not as many triples of numbers as NumberOfContourPoints (3006,0046) "
          "says";
      }
      if (DcmItem* const image = Volume::GetFirstItem(item, DCM_ContourImageSequence))
      {
        DatasetReader reference(*image);
        contour.referencedInstance = reference.GetText(DCM_ReferencedSOPInstanceUID);
        contour.referencedFrame = static_cast<unsigned>(reference.GetInteger(DCM_ReferencedFrameNumber).value_or(0));
      }
      return contour;
    }

    std::vector<RtStructure> ListStructures(DcmDataset& dataset)
    {
      std::vector<RtStructure> structures;
      std::map<long long, std::size_t> byNumber;
      std::size_t contours = 0;
      std::size_t points = 0;
      for (DcmItem* const item : GetItems(dataset, DCM_StructureSetROISequence))
      {
        DatasetReader reader(dataset);  // it knows the character set of the names
        reader.Append(item);
        byNumber.emplace(reader.GetInteger(DCM_ROINumber).value_or(-1), structures.size());
        structures.push_back({reader.GetText(DCM_ROIName), reader.GetText(DCM_ReferencedFrameOfReferenceUID), {}});
      }
      for (DcmItem* const item : GetItems(dataset, DCM_ROIContourSequence))
      {
        const auto found = byNumber.find(DatasetReader(*item).GetInteger(DCM_ReferencedROINumber).value_or(-1));
        if (found == byNumber.end())
        {
          RefuseStructureSet("ROI Contour Sequence (3006,0039) names an ROI number that the structures do not have");
        }
        RtStructure& structure = structures[found->second];
        for (DcmItem* const contour : GetItems(*item, DCM_ContourSequence))
        {
          if (++contours > RtStructFile::MAX_CONTOURS)
          {
            RefuseSize();
          }
          structure.contours.push_back(ParseContour(*contour, RtStructFile::MAX_POINTS - points));
          points += structure.contours.back().points.size();
        }
      }
      return structures;
    }
  }

  RtStructFile RtStructFile::Parse(std::string_view file, const Volume::VolumeLimits& limits)
  {
    const std::string inflated =
      Volume::InflateIfDeflated(std::string(file), std::min<std::uint64_t>(limits.maxBytes, MAX_UPLOAD_BYTES));
    const Volume::ParseOutcome outcome = Volume::ParseFile(inflated, limits);
    if (const auto* const refusal = std::get_if<Volume::Refusal>(&outcome))
    {
      RefuseStructureSet(refusal->text);
    }
    DcmDataset& dataset = *std::get<Volume::ParsedFile>(outcome).dataset;
    const std::string sopClass = DatasetReader(dataset).GetText(DCM_SOPClassUID);
    if (sopClass != UID_RTStructureSetStorage)
    {
      RefuseStructureSet(
        sopClass == UID_SegmentationStorage
          ? "it is a DICOM Segmentation; store it in the study, then name it: {\"segmentation\": \"...\"}"
          : "its SOP class is another");
    }

    RtStructFile parsed;
    parsed.referencedSeries = ListSeriesOfStructureSet(dataset);
    parsed.structures = ListStructures(dataset);
    return parsed;
  }
}
