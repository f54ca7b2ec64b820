// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/ChangeLogSweep.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Log.h"

#include <json/value.h>

#include <utility>

namespace H3K27M::Pipeline
{
  namespace
  {
    constexpr unsigned CHANGES_PER_PAGE = 1000;
  }

  ChangeLogSweep::ChangeLogSweep(Archive::IArchive& archive, ChangeLogCursor& cursor, Examine examine,
                                 Interlude interlude) :
    archive_(archive),
    cursor_(cursor),
    examine_(std::move(examine)),
    interlude_(std::move(interlude))
  {
  }

  void ChangeLogSweep::Run(std::int64_t since, const std::stop_token& stop)
  {
    Archive::ChangePage page;
    page.last = since;

    // No further than the log goes now: while it grows as fast as it is read, other work would never have its turn.
    const std::int64_t end = archive_.GetLastChange();

    do
    {
      page = archive_.ReadChanges(page.last, CHANGES_PER_PAGE);
      ReadPage(page, stop);

      if (stop.stop_requested())
      {
        return;
      }

      cursor_.Advance(page.last, std::chrono::steady_clock::now());
    } while (!page.done && page.last < end);
  }

  // The log has a line for each instance. Studies go first: with one all its instances are known, and to ask for the
  // study of each would be a question a slice.
  void ChangeLogSweep::ReadPage(const Archive::ChangePage& page, const std::stop_token& stop)
  {
    std::set<std::string> known;  // Orthanc's identifiers of what was shown

    for (const bool wantsStudies : {true, false})
    {
      for (const Archive::Change& change : page.changes)
      {
        if (change.kind != Archive::ChangeKind::StudyTouched || (change.resourceType == "Study") != wantsStudies ||
            known.contains(change.resourceId))
        {
          continue;
        }

        if (stop.stop_requested())
        {
          return;
        }

        interlude_(stop);
        TryShow(change, known);
      }
    }
  }

  // What is wrong with one study does not hold up the others, nor the log.
  void ChangeLogSweep::TryShow(const Archive::Change& change, std::set<std::string>& known)
  {
    try
    {
      Show(change, known);
    }
    catch (const Error& e)
    {
      if (e.CanRetry())
      {
        throw;
      }

      Support::Log::Warning("intake: " + change.resourceType + " " + change.resourceId + ": " + e.what());
    }
    catch (const Json::Exception& e)
    {
      Support::Log::Warning("intake: " + change.resourceType + " " + change.resourceId + ": " + e.what());
    }
  }

  void ChangeLogSweep::Show(const Archive::Change& change, std::set<std::string>& known)
  {
    const std::optional<std::string> id = archive_.GetParentStudy(change.resourceType, change.resourceId);

    if (!id || !known.insert(*id).second)
    {
      return;
    }

    if (const std::optional<Archive::StudySnapshot> study = examine_(*id))
    {
      for (const Archive::SeriesSnapshot& series : study->series)
      {
        known.insert(series.id);
        known.insert(series.instances.begin(), series.instances.end());
      }
    }
  }
}
