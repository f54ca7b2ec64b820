// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Labels/LabelFields.h"
#include "Plugin/Rest/Http.h"
#include "Plugin/Rest/MaskParameters.h"
#include "Plugin/Rest/RequestBody.h"
#include "Plugin/Review/ReviewFields.h"
#include "Plugin/Runs/RunSpec.h"
#include "UnitTests/Fuzz/FuzzInput.h"

// The bodies of requests: a label, a review, a run, a mask.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  Rest::Request request;
  request.body = Fuzz::ToText(data, size);
  Fuzz::Expect([&] { Labels::ParseLabelRequest(Rest::ParseBody(request)); });
  Fuzz::Expect([&] { Review::ParseReview(Rest::ParseBody(request)); });
  Fuzz::Expect([&] { Runs::RunSpec::Parse(Rest::ParseBody(request)); });
  request.headers["content-type"] = "application/json";
  return Fuzz::Expect([&] { Rest::ParseMaskUpload(request); });
}
