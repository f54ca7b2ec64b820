// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/StudyExport.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Datasets/PatientAge.h"
#include "Plugin/Datasets/VolumeImage.h"
#include "Plugin/Labels/LabelKind.h"
#include "Plugin/Masks/SegmentationMask.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/SeriesChoice.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Reports/StudyReports.h"
#include "Plugin/Results/SourceAttributes.h"
#include "Plugin/Routing/OwnResults.h"
#include "Plugin/Support/NumberText.h"
#include "Plugin/Volume/ParsedFile.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace H3K27M::Datasets
{
  namespace
  {
    void SetColumn(std::map<std::string, std::string>& columns, const char* name, const std::string& value)
    {
      if (!value.empty())
      {
        columns[name] = value;
      }
    }

    std::map<std::string, std::string> DescribeImages(const Pipeline::SeriesReading& reading)
    {
      const Volume::SourceSeries& series = reading.GetVolume().series;
      const Results::SourceAttributes source(*series.header);
      const Volume::AcquisitionTags& tags = reading.headers.begin()->second.acquisition;
      std::map<std::string, std::string> columns;
      SetColumn(columns, "sex", source.Get(DCM_PatientSex));
      SetColumn(columns, "manufacturer", source.Get(DCM_Manufacturer));
      SetColumn(columns, "model", source.Get(DCM_ManufacturerModelName));
      SetColumn(columns, "field_strength_t", source.Get(DCM_MagneticFieldStrength));

      const AgeAttributes stated{source.Get(DCM_PatientAge), source.Get(DCM_PatientBirthDate),
                                 source.Get(DCM_StudyDate)};

      if (const std::optional<double> age = FindAgeYears(stated))
      {
        columns["age"] = Support::PrintNumber(*age);
      }

      if (tags.repetitionTimeMs)
      {
        columns["repetition_time_ms"] = Support::PrintNumber(*tags.repetitionTimeMs);
      }

      if (tags.echoTimeMs)
      {
        columns["echo_time_ms"] = Support::PrintNumber(*tags.echoTimeMs);
      }

      if (series.sliceThicknessMm > 0)
      {
        columns["slice_thickness_mm"] = Support::PrintNumber(series.sliceThicknessMm);
      }

      return columns;
    }

    PatientIdentity DescribePatient(const Results::SourceAttributes& source, const std::string& studyInstanceUid)
    {
      const std::string patient = source.Get(DCM_PatientID);
      PatientIdentity identity;
      identity.bareId = patient.empty() ? "study " + studyInstanceUid : "patient " + patient + " of ";
      identity.id = identity.bareId + (patient.empty() ? "" : source.Get(DCM_IssuerOfPatientID));
      identity.date = source.Get(DCM_StudyDate);
      return identity;
    }

    // What `read` makes of a study; LeftOut where its files cannot be used, or go while they are read: one study of
    // thousands is no reason to make no data set.
    template <typename Use, typename Read>
    std::variant<Use, LeftOut> UseStudy(const Read& read)
    {
      try
      {
        return read();
      }
      catch (const Error& e)
      {
        if (e.GetCode() != ErrorCode::BadInput && e.GetCode() != ErrorCode::Corrupt &&
            e.GetCode() != ErrorCode::NotFound)
        {
          throw;
        }

        return LeftOut{e.what(), CANNOT_BE_READ};
      }
    }

    std::optional<Archive::SeriesSnapshot> FindSeries(const Archive::StudySnapshot& study, const std::string& uid)
    {
      const auto found = std::find_if(study.series.begin(), study.series.end(),
                                      [&uid](const Archive::SeriesSnapshot& s) { return s.seriesInstanceUid == uid; });
      return found == study.series.end() ? std::nullopt : std::optional(*found);
    }
  }

  void ThrowIfStopped(const std::function<bool()>& isStopped)
  {
    if (isStopped())
    {
      throw Error(ErrorCode::Cancelled, "The data set was not made: it was cancelled");
    }
  }

  StudyExport::StudyExport(Archive::IArchive& archive, const Pipeline::StudyTriage& triage,
                           Volume::IExternalDecoder& decoder) :
    archive_(archive),
    triage_(triage),
    masks_(archive, triage.GetOptions().limits, &decoder),
    decoder_(&decoder)
  {
  }

  PatientIdentity StudyExport::ReadIdentityOf(const std::string& instanceId, const std::string& studyInstanceUid,
                                              const std::string& what) const
  {
    const std::string file = archive_.ReadInstance(instanceId);
    const Volume::ParseOutcome outcome = Volume::ParseFile(file, triage_.GetOptions().limits);

    if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome))
    {
      throw Error(ErrorCode::Corrupt, what + " cannot be read: " + refusal->text);
    }

    return DescribePatient(Results::SourceAttributes(*std::get<Volume::ParsedFile>(outcome).dataset), studyInstanceUid);
  }

  PatientIdentity StudyExport::ReadIdentity(const WorkState::StudyLabel& label) const
  {
    return ReadIdentityOf(label.instanceId, label.studyInstanceUid, "The label of study " + label.studyId);
  }

  std::optional<PatientIdentity> StudyExport::FindIdentity(WorkState::WorkStore& store,
                                                           const std::string& studyId) const
  {
    if (const std::optional<WorkState::StudyLabel> label = FindLabel(store, studyId))
    {
      return ReadIdentity(*label);
    }

    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);

    if (!study)
    {
      return std::nullopt;
    }

    for (const Archive::SeriesSnapshot& series : study->series)
    {
      if (!series.instances.empty())
      {
        return ReadIdentityOf(series.instances.front(), study->studyInstanceUid, "An instance of study " + studyId);
      }
    }

    return std::nullopt;
  }

  std::optional<WorkState::StudyLabel> StudyExport::FindLabel(WorkState::WorkStore& store,
                                                              const std::string& studyId) const
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);

    if (!study)
    {
      return std::nullopt;
    }

    return Reports::StudyReports<Labels::LabelKind>(archive_, store, triage_.GetOptions().limits).Find(*study);
  }

  std::variant<DatasetSubject, LeftOut> StudyExport::Export(const WorkState::StudyLabel& label,
                                                            Routing::Contrast contrast) const
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(label.studyId);

    if (!study)
    {
      return LeftOut{"the study is no longer stored"};
    }

    return UseStudy<DatasetSubject>([&] { return ExportStored(*study, contrast); });
  }

  std::variant<DatasetSubject, LeftOut> StudyExport::ExportStored(const Archive::StudySnapshot& study,
                                                                  Routing::Contrast contrast) const
  {
    std::optional<LeftOut> first;

    for (const Masks::StoredMask& mask : Masks::MaskStore::KeepInForce(masks_.ListAll(study)))
    {
      auto exported = mask.fault.empty() ? UseStudy<DatasetSubject>([&] { return ExportMasked(mask, study, contrast); })
                                         : LeftOut{mask.fault, CANNOT_BE_READ};

      if (std::holds_alternative<DatasetSubject>(exported))
      {
        return exported;
      }

      if (!first)
      {
        first = std::get<LeftOut>(exported);
      }
    }

    return first.value_or(LeftOut{"no mask was drawn"});
  }

  std::variant<DatasetSubject, LeftOut> StudyExport::ExportMasked(const Masks::StoredMask& mask,
                                                                  const Archive::StudySnapshot& study,
                                                                  Routing::Contrast contrast) const
  {
    const std::optional<Archive::SeriesSnapshot> series = FindSeries(study, mask.GetSourceUid());

    if (!series)
    {
      return LeftOut{"the series that the mask was drawn on is not stored"};
    }

    const Pipeline::SeriesReading reading = triage_.ReadSeries(*series, study.id, contrast);

    if (!reading.decision.accepted)
    {
      return LeftOut{std::string(SERIES_NOT_TAKEN) + ": " + reading.decision.reasons.front(), SERIES_NOT_TAKEN};
    }

    DatasetSubject subject = ReadImages(reading);
    const Volume::SourceSeries& source = reading.GetVolume().series;
    subject.mask =
      MakeMaskImage(Masks::ReadSegmentationMask(mask.file, Masks::ChooseSegment(mask.file, 0), source), subject.image);
    return subject;
  }

  DatasetSubject StudyExport::ReadImages(const Pipeline::SeriesReading& reading) const
  {
    const Pipeline::TriageOptions& options = triage_.GetOptions();
    Pipeline::InstanceCache files(archive_, options.maxCachedBytes, options.limits.maxBytes);
    DatasetSubject subject;
    subject.image = ReadVolumeImage(reading, decoder_, files);
    subject.columns = DescribeImages(reading);
    return subject;
  }

  std::vector<std::string> StudyExport::ListStudies() const
  {
    return archive_.ListStudies({});
  }

  std::variant<UnlabelledStudy, LeftOut> StudyExport::FindUnlabelled(const std::string& studyId,
                                                                     Routing::Contrast contrast) const
  {
    const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(studyId);

    if (!study)
    {
      return LeftOut{"the study is no longer stored"};
    }

    return UseStudy<UnlabelledStudy>([&]() -> std::variant<UnlabelledStudy, LeftOut>
    {
      std::vector<Pipeline::SeriesReading> readings = Pipeline::ReadSourceSeries(triage_, *study, contrast);
      const std::vector<Pipeline::SeriesReading*> candidates = Pipeline::SortCandidates(readings);

      if (candidates.empty())
      {
        return LeftOut{"no series of it is taken"};
      }

      const Results::SourceAttributes source(*candidates.front()->GetVolume().series.header);
      return UnlabelledStudy{DescribePatient(source, study->studyInstanceUid), studyId, study->studyInstanceUid,
                             candidates.front()->seriesInstanceUid};
    });
  }

  std::variant<DatasetSubject, LeftOut> StudyExport::ExportImages(const UnlabelledStudy& study,
                                                                  Routing::Contrast contrast) const
  {
    const std::optional<Archive::StudySnapshot> stored = archive_.GetStudy(study.studyId);

    if (!stored)
    {
      return LeftOut{"the study is no longer stored"};
    }

    const std::optional<Archive::SeriesSnapshot> series = FindSeries(*stored, study.seriesInstanceUid);

    if (!series)
    {
      return LeftOut{"its series is no longer stored"};
    }

    return UseStudy<DatasetSubject>([&]() -> std::variant<DatasetSubject, LeftOut>
    {
      const Pipeline::SeriesReading reading = triage_.ReadSeries(*series, study.studyId, contrast);

      if (!reading.decision.accepted)
      {
        return LeftOut{"its series is no longer taken: " + reading.decision.reasons.front()};
      }

      DatasetSubject subject = ReadImages(reading);
      subject.columns["synthetic"] = series->manufacturer == Routing::OWN_MANUFACTURER ? "yes" : "";
      return subject;
    });
  }
}
