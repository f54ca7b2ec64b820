// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/ParsedFile.h"

#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>

namespace H3K27M::Volume
{
  namespace
  {
    E_TransferSyntax GetHeaderSyntax(const FileLayout& layout)
    {
      if (!layout.isExplicitVr)
      {
        return EXS_LittleEndianImplicit;
      }
      return layout.isBigEndian ? EXS_BigEndianExplicit : EXS_LittleEndianExplicit;
    }

    // The part of the file before PixelData. Compressed syntaxes are explicit VR little endian up to there (PS3.5 A.4).
    OFCondition Parse(DcmDataset& dataset, std::string_view file, const FileLayout& layout)
    {
      DcmInputBufferStream stream;
      const std::string_view part = file.substr(layout.datasetOffset, layout.datasetEnd - layout.datasetOffset);
      stream.setBuffer(part.data(), static_cast<offile_off_t>(part.size()));
      stream.setEos();
      dataset.transferInit();
      const OFCondition condition = dataset.read(stream, GetHeaderSyntax(layout), EGL_noChange, DCM_MaxReadLength);
      dataset.transferEnd();
      return condition;
    }
  }

  ParseOutcome ParseFile(std::string_view file, const VolumeLimits& limits)
  {
    if (file.size() > limits.maxBytes)
    {
      return Refusal{RefusalCode::LimitExceeded, "the file has " + std::to_string(file.size()) +
                                                   " bytes, the limit is " + std::to_string(limits.maxBytes)};
    }
    LayoutOutcome located = LocateParts(file, limits.maxSequenceDepth);
    if (auto* refusal = std::get_if<Refusal>(&located))
    {
      return *refusal;
    }
    ParsedFile parsed{std::get<FileLayout>(std::move(located)), std::make_shared<DcmDataset>()};
    if (const OFCondition condition = Parse(*parsed.dataset, file, parsed.layout); condition.bad())
    {
      return Refusal{RefusalCode::NotDicom, std::string("the dataset cannot be parsed: ") + condition.text()};
    }
    return parsed;
  }
}
