// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/Attestation.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Support/Log.h"

#include <memory>
#include <optional>
#include <variant>

namespace H3K27M::Pipeline
{
  namespace
  {
    constexpr std::uint64_t MAX_REPORT_BYTES = 64ull << 20;  // ours are far smaller

    std::shared_ptr<const std::string> TellUnreadable(const std::string& instanceId, const std::string& reason)
    {
      Support::Log::Warning("The report " + instanceId +
                            " cannot be read, so that nothing that it may name is removed: " + reason);
      return nullptr;
    }

    // Null: it cannot be read, and may name anything.
    std::shared_ptr<const std::string> ReadReport(Archive::IArchive& archive, const std::string& instanceId)
    {
      try
      {
        InstanceCache files(archive, 0, MAX_REPORT_BYTES);
        const FileOutcome outcome = files.Get(instanceId);
        const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome);
        return refusal == nullptr ? std::get<std::shared_ptr<const std::string>>(outcome)
                                  : TellUnreadable(instanceId, refusal->text);
      }
      catch (const Error& e)
      {
        if (e.GetCode() == ErrorCode::NotFound)
        {
          return std::make_shared<const std::string>();  // it went meanwhile, and names nothing any more
        }

        if (e.GetCode() != ErrorCode::BadInput && e.GetCode() != ErrorCode::Corrupt)
        {
          throw;
        }

        return TellUnreadable(instanceId, e.what());
      }
    }

    // UIDs stand in the file as they are; one that merely begins with another keeps an object too many, which does no
    // harm.
    void AddNamed(const std::shared_ptr<const std::string>& report, const std::set<std::string>& uids,
                  std::set<std::string>& named)
    {
      for (const std::string& uid : uids)
      {
        if (!report || report->find(uid) != std::string::npos)
        {
          named.insert(uid);
        }
      }
    }

    std::set<std::string> ListReviews(Archive::IArchive& archive, const std::string& studyId)
    {
      std::set<std::string> reviews;

      if (const std::optional<Archive::StudySnapshot> study = archive.GetStudy(studyId))
      {
        for (const Archive::SeriesSnapshot& series : GetOwnSeries(*study, Results::OwnSeriesNumber::Review))
        {
          reviews.insert(series.instances.begin(), series.instances.end());
        }
      }

      return reviews;
    }
  }

  std::set<std::string> FindAttested(Archive::IArchive& archive, const std::string& studyId,
                                     const std::set<std::string>& uids)
  {
    std::set<std::string> attested;
    std::set<std::string> seen;
    bool isComplete = uids.empty();

    while (!isComplete)
    {
      isComplete = true;

      for (const std::string& review : ListReviews(archive, studyId))
      {
        if (seen.insert(review).second)
        {
          AddNamed(ReadReport(archive, review), uids, attested);
          isComplete = false;
        }
      }
    }

    return attested;
  }

  std::set<std::string> FindAttestedResults(Archive::IArchive& archive, const std::string& studyId,
                                            std::span<const Archive::SeriesSnapshot> results)
  {
    std::set<std::string> uids;

    for (const Archive::SeriesSnapshot& series : results)
    {
      uids.insert(series.seriesInstanceUid);
    }

    std::set<std::string> attested = FindAttested(archive, studyId, uids);

    for (const Archive::SeriesSnapshot& series : results)
    {
      const bool isReport = series.seriesNumber == static_cast<int>(Results::OwnSeriesNumber::Report);

      if (isReport && attested.contains(series.seriesInstanceUid))
      {
        for (const std::string& instance : series.instances)
        {
          AddNamed(ReadReport(archive, instance), uids, attested);
        }
      }
    }

    return attested;
  }
}
