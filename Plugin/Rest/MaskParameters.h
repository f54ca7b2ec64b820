// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Masks/MaskUpload.h"
#include "Plugin/Rest/Http.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace H3K27M::Rest
{
  // Parameters of a request about masks, by their names in openapi.json: from the query, from headers of the form
  // "H3K27M-Algorithm-Type" (their values percent-encoded UTF-8, as in a URL), or both. Headers, because Orthanc hands
  // the query on to plugins with GET only (1.10.1; so it drops ?series= of a PUT without a word). Throws
  // Error(BadInput) that names an unknown parameter, or one that is given twice and differently.
  using MaskParameters = std::map<std::string, std::string>;

  MaskParameters ParseMaskParameters(const Request& request);

  // `series`, or an empty text.
  std::string GetSeries(const MaskParameters& parameters);

  // SOPInstanceUID of the mask that was seen; empty: there was none. Nothing where it is not said.
  std::optional<std::string> GetReplaced(const MaskParameters& parameters);

  // Body and parameters, by Content-Type: see openapi.json. The request must outlive the upload. Throws
  // Error(BadInput).
  Masks::MaskUpload ParseMaskUpload(const Request& request);

  // What a mask may come as; application/octet-stream is told apart by its first bytes.
  std::vector<std::string> ListMaskContentTypes();
}
