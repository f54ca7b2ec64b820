// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/CheckedCases.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/ParallelTasks.h"
#include "Training/Data/Faults.h"

#include <mutex>
#include <string>
#include <vector>

namespace H3K27M::Data
{
  namespace
  {
    bool IsFaultOfData(const Error& e)
    {
      return !e.CanRetry() && (e.GetCode() == ErrorCode::BadInput || e.GetCode() == ErrorCode::NotFound ||
                               e.GetCode() == ErrorCode::Corrupt);
    }

    // Of what the source throws the source has named the case.
    void UseNamed(const TrainingCase& loaded, std::size_t index, const CaseUser& use)
    {
      try
      {
        use(index, loaded);
      }
      catch (const Error& e)
      {
        throw Error(e.GetCode(), loaded.id + ": " + e.what(), e.CanRetry());
      }
    }

    // Empty: none.
    std::string FindFaultOfCase(const ICaseSource& source, std::size_t index, const CaseUser& use)
    {
      try
      {
        UseNamed(source.Load(index), index, use);
        return {};
      }
      catch (const Error& e)
      {
        if (!IsFaultOfData(e))
        {
          throw;
        }
        return e.what();
      }
    }
  }

  void UseAllCases(const ICaseSource& source, unsigned int threads, const CaseUser& use,
                   const std::function<void(std::size_t)>& onDone)
  {
    std::vector<std::string> faults(source.GetCount());  // by case, so that the order is that of the source
    std::mutex mutex;
    std::size_t done = 0;
    Protocol::RunInParallel(faults.size(), threads, [&](std::size_t i)
    {
      faults[i] = FindFaultOfCase(source, i, use);
      const std::lock_guard lock(mutex);
      onDone(++done);
    });
    std::erase(faults, std::string());
    ThrowFaults("The data set cannot be used", faults);
  }
}
