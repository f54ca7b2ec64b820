// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Masks/RleFile.h"

#include "UnitTests/Plugin/Results/DicomReading.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dctk.h>

#include <stdexcept>

namespace H3K27M::Tests
{
  RleCodecs::RleCodecs()
  {
    DcmRLEEncoderRegistration::registerCodecs();
    DcmRLEDecoderRegistration::registerCodecs();
  }

  RleCodecs::~RleCodecs()
  {
    DcmRLEDecoderRegistration::cleanup();
    DcmRLEEncoderRegistration::cleanup();
  }

  std::string CompressByRle(const std::string& bytes, const std::function<void(DcmDataset&)>& edit)
  {
    const std::unique_ptr<DcmFileFormat> file = ReadDicom(bytes);
    DcmDataset& dataset = *file->getDataset();
    if (dataset.chooseRepresentation(EXS_RLELossless, nullptr).bad() || !dataset.canWriteXfer(EXS_RLELossless))
    {
      throw std::runtime_error("DCMTK does not compress by RLE");
    }
    if (edit)
    {
      edit(dataset);
    }

    // Noise grows by RLE, and masks are none.
    std::string buffer(2 * bytes.size() + 4096, '\0');
    DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
    file->validateMetaInfo(EXS_RLELossless);
    file->transferInit();
    const OFCondition condition = file->write(stream, EXS_RLELossless, EET_ExplicitLength, nullptr);
    file->transferEnd();
    if (condition.bad())
    {
      throw std::runtime_error(condition.text());
    }
    void* written = nullptr;
    offile_off_t length = 0;
    stream.flushBuffer(written, length);
    buffer.resize(static_cast<std::size_t>(length));
    return buffer;
  }
}
