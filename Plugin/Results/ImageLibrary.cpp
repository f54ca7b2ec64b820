// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/ImageLibrary.h"

#include "Plugin/Results/Codes.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Volume/SourceSeries.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <optional>
#include <set>
#include <string>

namespace H3K27M::Results
{
  ContentItem MakeImageLibrary(const Volume::SourceSeries& series, const SourceAttributes& source)
  {
    using enum Relationship;
    ContentItem group = ContentItem::MakeContainer(Codes::IMAGE_LIBRARY_GROUP);
    group.Add(HasAcquisitionContext, ContentItem::MakeCode(Codes::MODALITY, Codes::MAGNETIC_RESONANCE));
    // De-identified studies bear dates like 00010101, which no reader of a DATE item takes.
    if (const std::string date = source.Get(DCM_StudyDate); date.size() == 8 && date >= "18000101")
    {
      group.Add(HasAcquisitionContext, ContentItem::MakeDate(Codes::STUDY_DATE, date));
    }
    const auto addNumber = [&](const Code& name, const std::string& value, const Code& unit)
    { group.Add(HasAcquisitionContext, ContentItem::MakeNumber(name, value, unit)); };
    if (!series.frameOfReferenceUid.empty())  // what the images say, not what our own objects had to make up
    {
      group.Add(HasAcquisitionContext, ContentItem::MakeUid(Codes::FRAME_OF_REFERENCE_UID, series.frameOfReferenceUid));
    }
    addNumber(Codes::PIXEL_DATA_ROWS, std::to_string(series.rows), Codes::PIXELS);
    addNumber(Codes::PIXEL_DATA_COLUMNS, std::to_string(series.columns), Codes::PIXELS);
    addNumber(Codes::HORIZONTAL_PIXEL_SPACING, ToDecimalString(series.pixelSpacingMm[1]), Codes::MILLIMETRE);
    addNumber(Codes::VERTICAL_PIXEL_SPACING, ToDecimalString(series.pixelSpacingMm[0]), Codes::MILLIMETRE);
    if (series.sliceSpacingMm > 0)
    {
      addNumber(Codes::SPACING_BETWEEN_SLICES, ToDecimalString(series.sliceSpacingMm), Codes::MILLIMETRE);
    }

    std::set<std::string> known;
    for (const Volume::SourceSlice& slice : series.slices)
    {
      if (known.insert(slice.sopInstanceUid).second)
      {
        group.Add(Contains, ContentItem::MakeImage(
                              Codes::SOURCE, {slice.sopClassUid, slice.sopInstanceUid, std::nullopt, std::nullopt}));
      }
    }
    ContentItem library = ContentItem::MakeContainer(Codes::IMAGE_LIBRARY);
    library.Add(Contains, std::move(group));
    return library;
  }
}
