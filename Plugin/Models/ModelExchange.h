// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Models/ModelCatalog.h"
#include "Plugin/Support/UnfinishedFolder.h"
#include "Plugin/WorkState/WorkStore.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace H3K27M::Models
{
  struct ModelExchangeOptions
  {
    std::filesystem::path folder;            // of uploaded models; made when the first one comes
    std::string owner;                       // this Orthanc, the same after a restart: whose left-overs are swept
    std::uint64_t maxBytes = 1'073'741'824;  // of a body, of all that it inflates to, and of a model that goes out

    // Has the engine load the model in a folder; throws Error with what is wrong.
    std::function<void(const std::filesystem::path&)> check;
  };

  // Models out of the registry and into it, as one ZIP each. Thread-safe; one model at a time, so that all requests
  // together take no more memory than: going out, `maxBytes` and what the ZIP format adds (beside answers that are
  // still being sent); coming in, the body and its largest file, each at most `maxBytes`.
  class ModelExchange
  {
  public:
    // Removes what an Orthanc that was killed left half unpacked. The references must outlive this object.
    ModelExchange(const ModelCatalog& catalog, WorkState::WorkStore& store, ModelExchangeOptions options);

    // The files of a model, in the order of ModelFiles.h; the same model gives the same bytes. Throws Error(NotFound);
    // Error(BadInput) for a card that cannot be read or a model beyond the limit; Error(Busy) while another is on its
    // way.
    std::string Pack(const std::string& name);

    // Checks everything (UploadedModel.h, then the engine, which an encoder alone is spared), enters it into the audit
    // and puts the model into the registry by one rename, under the name of its card. Returns that name. Throws
    // Error(BadInput) with all that is wrong, Error(Conflict) for a name that is taken, Error(Busy) as above,
    // Error(Unavailable) when disk or engine refuse; then nothing was changed.
    std::string Take(std::string_view archive);

  private:
    void CheckWithEngine(const std::filesystem::path& folder) const;

    const ModelCatalog& catalog_;
    WorkState::WorkStore& store_;
    const ModelExchangeOptions options_;
    const Support::UnfinishedFolder::Place place_;
    std::mutex mutex_;  // one model at a time
  };
}
