// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Archive/IArchive.h"
#include "Plugin/Datasets/DatasetSubject.h"
#include "Plugin/Masks/MaskStore.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Volume/FrameDecoder.h"
#include "Plugin/WorkState/WorkStore.h"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace H3K27M::Datasets
{
  // Why a labelled study does not become a case.
  struct LeftOut
  {
    std::string reason;
    std::string kind{};  // the reason without what is of this study alone, for counts; empty: as it is

    // For counts. Names no study.
    const std::string& GetKind() const noexcept
    {
      return kind.empty() ? reason : kind;
    }
  };

  // Kinds of reasons.
  inline constexpr const char* CANNOT_BE_READ = "its label, its mask or its images cannot be read";
  inline constexpr const char* SERIES_NOT_TAKEN = "the masked series is not taken";

  // Who a study is of, as the label's report in it says.
  struct PatientIdentity
  {
    std::string id;      // PatientID and its issuer, one text; empty PatientID: the study stands for itself
    std::string bareId;  // the same as if no issuer stood there: older studies often lack it
    std::string date;    // StudyDate, DICOM DA; may be empty
  };

  // Throws Error(Cancelled) once `isStopped` says so.
  void ThrowIfStopped(const std::function<bool()>& isStopped);

  // A study that nobody labelled, with the series of it that would be taken.
  struct UnlabelledStudy
  {
    PatientIdentity patient;
    std::string studyId;
    std::string studyInstanceUid;
    std::string seriesInstanceUid;
  };

  // A study of the archive as a case of a data set of one contrast. A labelled one: the series that the mask in force
  // was drawn on, when the router takes it for that contrast, and that mask; one without a label: the images alone.
  // Stateless but for its references; thread-safe.
  class StudyExport
  {
  public:
    // All must outlive this object.
    StudyExport(Archive::IArchive& archive, const Pipeline::StudyTriage& triage, Volume::IExternalDecoder& decoder);

    // Throws Error when the archive fails, Error(NotFound) when the label's report is gone.
    PatientIdentity ReadIdentity(const WorkState::StudyLabel& label) const;

    // The same of any study: by its label where it has one, else by its images. Nothing where it is not stored. Throws
    // Error(Corrupt) when what it has cannot be read.
    std::optional<PatientIdentity> FindIdentity(WorkState::WorkStore& store, const std::string& studyId) const;

    // The label of a study as the archive has it now; nothing when it was withdrawn, or the study is gone. Throws
    // Error(Corrupt) when none can be read.
    std::optional<WorkState::StudyLabel> FindLabel(WorkState::WorkStore& store, const std::string& studyId) const;

    // Image, mask and the columns that the images tell of. LeftOut also where a file of it cannot be used, or went
    // meanwhile. Throws Error when the archive fails.
    std::variant<DatasetSubject, LeftOut> Export(const WorkState::StudyLabel& label, Routing::Contrast contrast) const;

    std::vector<std::string> ListStudies() const;

    // Reads headers. LeftOut when the study is gone or broken, or no series of it is taken. Throws Error when the
    // archive fails.
    std::variant<UnlabelledStudy, LeftOut> FindUnlabelled(const std::string& studyId, Routing::Contrast contrast) const;

    // Image and the columns that the images tell of. Throws Error when the archive fails.
    std::variant<DatasetSubject, LeftOut> ExportImages(const UnlabelledStudy& study, Routing::Contrast contrast) const;

  private:
    // `what`: of a fault's text.
    PatientIdentity ReadIdentityOf(const std::string& instanceId, const std::string& studyInstanceUid,
                                   const std::string& what) const;

    std::variant<DatasetSubject, LeftOut> ExportStored(const Archive::StudySnapshot& study,
                                                       Routing::Contrast contrast) const;
    std::variant<DatasetSubject, LeftOut> ExportMasked(const Masks::StoredMask& mask,
                                                       const Archive::StudySnapshot& study,
                                                       Routing::Contrast contrast) const;
    DatasetSubject ReadImages(const Pipeline::SeriesReading& reading) const;

    Archive::IArchive& archive_;
    const Pipeline::StudyTriage& triage_;
    Masks::MaskStore masks_;
    Volume::FrameDecoder decoder_;
  };
}
