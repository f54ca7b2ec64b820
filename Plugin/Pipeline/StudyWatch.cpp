// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/StudyWatch.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Support/Log.h"

#include <utility>

namespace H3K27M::Pipeline
{
  namespace
  {
    constexpr const char* ALL_SHOWN = "all_studies_shown";
  }

  StudyWatch::StudyWatch(Archive::IArchive& archive, WorkState::WorkStore& store, std::vector<IStudyWatcher*> watchers,
                         ServeLive serveLive) :
    archive_(archive),
    store_(store),
    watchers_(std::move(watchers)),
    serveLive_(std::move(serveLive))
  {
  }

  void StudyWatch::Show(IStudyWatcher& watcher, const Archive::StudySnapshot& study)
  {
    try
    {
      watcher.OnStudy(study);
    }
    catch (const Error& e)
    {
      if (e.CanRetry())
      {
        throw;
      }

      Support::Log::Warning("intake: study " + study.id + ": " + e.what());
    }
  }

  void StudyWatch::Show(const Archive::StudySnapshot& study)
  {
    for (IStudyWatcher* const watcher : watchers_)
    {
      Show(*watcher, study);
    }
  }

  void StudyWatch::ShowDeletedSeries(const std::string& seriesId)
  {
    for (IStudyWatcher* const watcher : watchers_)
    {
      watcher->OnSeriesDeleted(seriesId);
    }
  }

  void StudyWatch::ShowKnown(const std::stop_token& stop)
  {
    for (IStudyWatcher* const watcher : watchers_)
    {
      ShowKnown(*watcher, stop);
    }
  }

  void StudyWatch::ShowKnown(IStudyWatcher& watcher, const std::stop_token& stop)
  {
    std::vector<std::string> page = watcher.ListStudies({});

    while (!page.empty())
    {
      for (const std::string& id : page)
      {
        if (stop.stop_requested())
        {
          return;
        }

        serveLive_(stop);

        if (const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(id))
        {
          Show(watcher, *study);
        }
        else
        {
          store_.Forget(id);
        }
      }

      page = watcher.ListStudies(page.back());
    }
  }

  void StudyWatch::ShowAllOnce(const std::stop_token& stop)
  {
    const std::string mark = std::to_string(watchers_.size());

    if (!IsOn() || store_.GetValue(ALL_SHOWN) == mark)
    {
      return;
    }

    for (const std::string& id : archive_.ListStudies({}))
    {
      if (stop.stop_requested())
      {
        return;
      }

      serveLive_(stop);

      if (const std::optional<Archive::StudySnapshot> study = archive_.GetStudy(id))
      {
        Show(*study);
      }
    }

    store_.SetValue(ALL_SHOWN, mark);
  }
}
