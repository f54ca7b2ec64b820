// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the model says of a case, and what has to be kept in mind with it.

import { facts, h, percent, time } from "./dom.js";

function describeSpread(members) {
  if (!members?.length) return null;
  return `${members.length} networks, each by itself: ${percent(Math.min(...members))} to ${percent(Math.max(...members))}`;
}

function describeTypicality(typicality) {
  if (!typicality) return null;
  // The share counts the study itself.
  const others = Math.max(Math.round(typicality.share * (typicality.patients + 1)) - 1, 0);
  return `${others} of ${typicality.patients} patients look at least as unusual to the model`;
}

function describeVolume(item) {
  if (item.result.model?.variant === "classification") return "this model draws no outline";
  return item.volume_mm3 ? `${(item.volume_mm3 / 1000).toFixed(1)} ml` : "no tumour found";
}

function listCautions(result) {
  const { prediction, model } = result;
  return [
    prediction.agrees_with_mask === false ? "The class of the outline and the predicted status DISAGREE." : null,
    result.missing_slices ? `Slices missing from the series: ${result.missing_slices}. The volume leaves them out.` : null,
    ...(result.warnings || []),
    model?.trained_on ? `The model was trained on: ${model.trained_on}` : null,
    typeof prediction.probability_altered === "number" ? "The probability is the model's own estimate; it is not calibrated." : null,
  ].filter(Boolean);
}

// An earlier result stays to be read, but never as if it were the present one.
function describeState(item) {
  if (item.state === "done") return null;
  return h("div", { class: "notice" }, h("p", {}, `This result is of an earlier computation. The last one: ${item.state}.`),
           item.reason ? h("p", {}, item.reason) : null);
}

export function describeResult(item) {
  const result = item.result;
  const prediction = result?.prediction;
  if (!prediction) return h("p", {}, item.reason || "No result yet.");
  return h("div", {}, describeState(item), facts([
    ["H3 K27M", prediction.status], ["P(altered)", percent(prediction.probability_altered)],
    ["Spread", describeSpread(prediction.member_probabilities)], ["Threshold", percent(prediction.threshold)], ["Why not", prediction.reason],
    ["Typicality", describeTypicality(prediction.typicality)], ["Volume", describeVolume(item)],
    ["Model", result.model ? `${result.model.name} (version ${result.model.version})` : null],
    ["Finished", time(item.finished)]]),
  h("h3", {}, "Caution"), h("ul", { class: "reasons" }, listCautions(result).map((words) => h("li", {}, words))),
  h("p", { class: "notice" }, "Research use only: no basis for a decision about a patient."));
}

export function describeRouting(item) {
  return (item.routing || []).map((series) => h("details", {},
    h("summary", {}, series.accepted ? "taken: " : "not taken: ",
      series.criteria?.find((c) => c.name === "description")?.seen || series.series || series.series_instance_uid || "series"),
    h("ul", { class: "reasons" }, (series.reasons?.length ? series.reasons : ["all criteria passed"]).map((reason) => h("li", {}, reason)))));
}
