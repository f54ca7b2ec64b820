// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/RtStructFile.h"
#include "Plugin/Masks/SegmentationFile.h"
#include "Plugin/Volume/DicomHeader.h"
#include "Plugin/Volume/DicomReader.h"
#include "UnitTests/Fuzz/FuzzInput.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/oflog/oflog.h>

#include <memory>

// A DICOM file: an image's header, an RT Structure Set, a segmentation with its frames.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  // DCMTK has something to say about each.
  static const bool IS_QUIET = [] { return OFLog::configure(OFLogger::OFF_LOG_LEVEL), true; }();
  static_cast<void>(IS_QUIET);
  Volume::VolumeLimits limits;
  limits.maxBytes = 16 << 20;
  const std::string_view file = Fuzz::ToText(data, size);
  Fuzz::Expect([&] { Volume::DicomReader(limits).Read(file); });
  Fuzz::Expect([&] { Masks::RtStructFile::Parse(file, limits); });
  return Fuzz::Expect([&]
  {
    const auto parsed = Masks::SegmentationFile::Parse(std::make_shared<const std::string>(file), limits);
    for (std::size_t i = 0; i < parsed.frames.size() && i < 4; i++)
    {
      Fuzz::Expect([&] { parsed.ReadFrame(i); });
    }
  });
}
