// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Datasets/BidsWriter.h"
#include "Plugin/Datasets/SamePatients.h"
#include "Plugin/Datasets/StudyExport.h"
#include "Plugin/Support/UnfinishedFolder.h"
#include "Plugin/WorkState/WorkStore.h"

#include <json/value.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace H3K27M::Datasets
{
  struct DatasetPlace
  {
    std::filesystem::path folder;  // where the data sets stand
    std::string owner;             // this Orthanc, the same after a restart: whose left-overs are swept
  };

  // Studies of the PACS, frozen as a BIDS folder that the engine, or anybody elsewhere, trains from. Grouped
  // by patient: of several studies the earliest one that can be used. Two snapshots of the same content are the same
  // folder, named by its hash. Thread-safe.
  class DatasetSnapshot
  {
  public:
    // Removes what an Orthanc that was killed left half made: images of patients. The references must outlive this
    // object.
    DatasetSnapshot(WorkState::WorkStore& store, const StudyExport& studies, DatasetPlace place);

    // Makes the data set, or finds it made already. `isStopped` is asked between studies; Error(Cancelled) then.
    // Returns {id, folder, hash, contents, contrast, counts, left_out: [{study, reason}], left_out_by_reason} with
    // Orthanc's identifiers in `left_out`, which stand in no file; the numbers by reason (DatasetAssembly::GetReport())
    // stand in the manifest. Of studies without a label only those are named whose images failed, the others counted:
    // {studies, labelled, refused, used}. Throws Error(BadInput) with all faults when labels contradict each other or
    // the same images stand under two patients, or when no case is left.
    Json::Value Make(const DatasetRequest& request, const std::function<bool()>& isStopped) const;

    // What is there: id and manifest without its list of files.
    Json::Value List() const;

    // Throws Error(NotFound).
    std::filesystem::path GetPath(const std::string& id) const;
    Routing::Contrast GetContrast(const std::string& id) const;

  private:
    std::string GetKey() const;
    Json::Value MakeLabelled(BidsWriter& writer, const DatasetRequest& request, const SamePatients& same,
                             const std::function<bool()>& isStopped) const;
    Json::Value MakeUnlabelled(BidsWriter& writer, const DatasetRequest& request, const SamePatients& same,
                               const std::function<bool()>& isStopped) const;

    WorkState::WorkStore& store_;
    const StudyExport& studies_;
    std::filesystem::path folder_;
    Support::UnfinishedFolder::Place unfinished_;
  };
}
