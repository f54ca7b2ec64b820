// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/CommonModules.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/Codes.h"
#include "Plugin/Results/ItemWriter.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Routing/OwnResults.h"
#include "Plugin/Volume/SourceSeries.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcmetinf.h>
#include <dcmtk/dcmdata/dcostrmb.h>

#include <limits>

namespace H3K27M::Results
{
  namespace
  {
    std::string GetText(DcmDataset& dataset, const DcmTagKey& tag)
    {
      OFString value;
      if (dataset.findAndGetOFString(tag, value).bad())
      {
        throw Error(ErrorCode::Internal, "A result lacks " + std::string(tag.toString().c_str()));
      }
      return std::string(value.c_str());
    }

    std::string WriteToMemory(DcmFileFormat& file)
    {
      constexpr E_TransferSyntax SYNTAX = EXS_LittleEndianExplicit;
      if (file.validateMetaInfo(SYNTAX).bad())
      {
        throw Error(ErrorCode::Internal, "Cannot make the file meta information of a result");
      }

      // calcElementLength() counts neither preamble nor prefix; group lengths may add a little.
      constexpr std::size_t RESERVE = 1024;
      const std::size_t size = file.calcElementLength(SYNTAX, EET_ExplicitLength) + RESERVE;
      if (size > std::numeric_limits<std::uint32_t>::max())
      {
        throw Error(ErrorCode::BadInput, "The result is too large for one DICOM file");
      }
      std::string buffer(size, '\0');
      DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
      file.transferInit();
      const OFCondition condition =
        file.write(stream, SYNTAX, EET_ExplicitLength, nullptr, EGL_recalcGL, EPD_withoutPadding);
      file.transferEnd();
      if (condition.bad())
      {
        throw Error(ErrorCode::Internal, std::string("Cannot write a result as DICOM: ") + condition.text());
      }
      void* written = nullptr;
      offile_off_t length = 0;
      stream.flushBuffer(written, length);
      buffer.resize(static_cast<std::size_t>(length));
      return buffer;
    }
  }

  OwnEquipment GetEquipment(const ModelInfo& model)
  {
    return {model.name, model.hash, model.softwareVersion};
  }

  std::string GetDeviceUid(const ModelInfo& model)
  {
    return MakeNameBasedUid("device\nmodel " + model.hash + "\nsoftware " + model.softwareVersion + "\n");
  }

  void SetSeries(DcmDataset& dataset, const SeriesDescription& series, const ContentDateTime& made)
  {
    ItemWriter(dataset)
      .Text(DCM_Modality, series.modality)
      .Text(DCM_SeriesInstanceUID, series.seriesInstanceUid)
      .Text(DCM_SeriesNumber, std::to_string(static_cast<unsigned>(series.number)))
      .Text(DCM_SeriesDescription, series.description)
      .Text(DCM_SeriesDate, made.date)
      .Text(DCM_SeriesTime, made.time);
  }

  void SetEquipment(DcmDataset& dataset, const OwnEquipment& equipment)
  {
    ItemWriter(dataset)
      .Text(DCM_Manufacturer, std::string(Routing::OWN_MANUFACTURER))
      .Text(DCM_ManufacturerModelName, equipment.modelName)
      .Text(DCM_DeviceSerialNumber, equipment.serialNumber)
      .Text(DCM_SoftwareVersions, equipment.softwareVersions);
  }

  void SetContributingEquipment(DcmDataset& dataset, const SourceAttributes& source, const OwnEquipment& equipment,
                                const ContentDateTime& made)
  {
    ItemWriter writer(dataset);
    if (!source.Get(DCM_Manufacturer).empty())
    {
      ItemWriter scanner = writer.AddItem(DCM_ContributingEquipmentSequence);
      scanner.AddCode(DCM_PurposeOfReferenceCodeSequence, Codes::ACQUISITION_EQUIPMENT);
      for (const DcmTagKey& tag : {DCM_Manufacturer, DCM_InstitutionName, DCM_ManufacturerModelName,
                                   DCM_DeviceSerialNumber, DCM_SoftwareVersions})
      {
        source.Copy(tag, scanner.GetItem());
      }
    }

    ItemWriter own = writer.AddItem(DCM_ContributingEquipmentSequence);
    own.AddCode(DCM_PurposeOfReferenceCodeSequence, Codes::PROCESSING_EQUIPMENT);
    own.Text(DCM_Manufacturer, std::string(Routing::OWN_MANUFACTURER))
      .Text(DCM_ManufacturerModelName, equipment.modelName)
      .Text(DCM_DeviceSerialNumber, equipment.serialNumber)
      .Text(DCM_SoftwareVersions, equipment.softwareVersions)
      .Text(DCM_ContributionDateTime, made.ToDateTime())
      .Text(DCM_ContributionDescription, "Made by software, for research use only");
  }

  void SetInstance(DcmDataset& dataset, const std::string& sopClassUid, const std::string& sopInstanceUid,
                   const ContentDateTime& made)
  {
    ItemWriter(dataset)
      .Text(DCM_SOPClassUID, sopClassUid)
      .Text(DCM_SOPInstanceUID, sopInstanceUid)
      .Text(DCM_InstanceCreationDate, made.date)
      .Text(DCM_InstanceCreationTime, made.time)
      .Text(DCM_ContentDate, made.date)
      .Text(DCM_ContentTime, made.time)
      .Text(DCM_InstanceNumber, "1");
  }

  void SetStudyAndFrameOfReference(DcmDataset& dataset, const ResultContext& context, const SourceAttributes& source)
  {
    ItemWriter(dataset)
      .Text(DCM_StudyInstanceUID, context.source.studyInstanceUid)
      .Text(DCM_FrameOfReferenceUID, GetFrameOfReferenceUid(context))
      .Text(DCM_PositionReferenceIndicator, source.Get(DCM_PositionReferenceIndicator));
  }

  void SetLossyCompression(DcmDataset& dataset, const Volume::SourceSeries& source)
  {
    if (source.lossy.isUnknown && !source.lossy.isLossy)
    {
      return;  // "never lossy" would be made up
    }
    ItemWriter writer(dataset);
    writer.Text(DCM_LossyImageCompression, source.lossy.isLossy ? "01" : "00");
    if (source.lossy.isLossy && !source.lossy.ratios.empty())
    {
      writer.Texts(DCM_LossyImageCompressionRatio, source.lossy.ratios);
    }
    if (source.lossy.isLossy && !source.lossy.methods.empty())
    {
      writer.Texts(DCM_LossyImageCompressionMethod, source.lossy.methods);
    }
  }

  std::string GetFrameOfReferenceUid(const ResultContext& context)
  {
    // Of the series alone: whatever is drawn on the same images lies in the same frame.
    return context.source.frameOfReferenceUid.empty()
             ? MakeNameBasedUid("frame of reference of " + context.source.seriesInstanceUid)
             : context.source.frameOfReferenceUid;
  }

  ContentDateTime GetContentDateTime(const Volume::SourceSeries& source)
  {
    return ContentDateTime::Now(SourceAttributes(RequireHeader(source)).Get(DCM_TimezoneOffsetFromUTC));
  }

  const DcmDataset& RequireHeader(const Volume::SourceSeries& source)
  {
    if (source.header == nullptr || source.studyInstanceUid.empty() || source.slices.empty())
    {
      throw Error(ErrorCode::BadInput, "The source series lacks its header, study or slices: no result can be written");
    }
    return *source.header;
  }

  std::string GetTrackingIdentifier(bool isReference)
  {
    return isReference ? "H3K27M reference outline" : "H3K27M tumour 1";
  }

  std::string DescribeParameters(const ModelInfo& model)
  {
    return "variant " + model.variant + "; slice protocol " + model.sliceProtocol + "; threshold " +
           ToDecimalString(model.threshold) + "; least tumour area per slice " +
           ToDecimalString(model.minimumTumourAreaMm2) + " mm2; device " + model.deviceKind + ", " + model.precision +
           "; weights SHA-256 " + model.hash;
  }

  void DeclarePrivateScheme(DcmDataset& dataset)
  {
    ItemWriter scheme = ItemWriter(dataset).AddItem(DCM_CodingSchemeIdentificationSequence);
    scheme.Text(DCM_CodingSchemeDesignator, Codes::PRIVATE_SCHEME)
      .Text(DCM_CodingSchemeUID, MakeNameBasedUid(std::string("coding scheme ") + Codes::PRIVATE_SCHEME))
      .Text(DCM_CodingSchemeName, Codes::PRIVATE_SCHEME_NAME)
      .Text(DCM_CodingSchemeVersion, Codes::PRIVATE_SCHEME_VERSION)
      .Text(DCM_CodingSchemeResponsibleOrganization, std::string(Routing::OWN_MANUFACTURER));
  }

  DicomInstance MakeInstance(std::unique_ptr<DcmDataset> dataset)
  {
    DicomInstance instance;
    instance.sopClassUid = GetText(*dataset, DCM_SOPClassUID);
    instance.sopInstanceUid = GetText(*dataset, DCM_SOPInstanceUID);
    instance.seriesInstanceUid = GetText(*dataset, DCM_SeriesInstanceUID);

    DcmFileFormat file(dataset.release(), OFFalse);  // takes the dataset over
    instance.bytes = WriteToMemory(file);
    return instance;
  }
}
