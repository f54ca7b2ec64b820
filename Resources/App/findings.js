// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the model says of a case, and what has to be kept in mind with it.

import { ORTHANC } from "./api.js";
import { facts, h, percent, time } from "./dom.js";

// Null where the networks were not asked for a status, or abstained.
function describeSpread({ probability_altered: probability, member_probabilities: members }) {
  if (!members || typeof probability !== "number") return null;
  if (members.length < 2) return "one network alone, so no spread is known";
  return `${members.length} networks, each by itself: ${percent(Math.min(...members))} to ${percent(Math.max(...members))} (no confidence interval)`;
}

function describeTypicality(typicality) {
  if (!typicality) return null;
  // The share counts the study itself.
  const others = Math.max(Math.round(typicality.share * (typicality.patients + 1)) - 1, 0);
  return `${others} of ${typicality.patients} patients look at least as unusual to the model`;
}

function describeVolume(model, volume) {
  if (model?.variant === "classification") return "this model draws no outline";
  return volume ? `${(volume / 1000).toFixed(1)} ml` : "no tumour found";
}

// Of the images and of what was read in them.
function listOwnCautions({ prediction, missing_slices: missing, warnings }) {
  return [
    prediction.agrees_with_mask === false ? "The class of the outline and the predicted status DISAGREE." : null,
    missing ? `Slices missing from the series: ${missing}. The volume leaves them out.` : null,
    ...(warnings || []),
  ].filter(Boolean);
}

// Each series that could be used has a result where "Candidates" is "all".
const listFurther = (result) => result.further_results || [];

function tellDifference(result) {
  const statuses = new Set([result, ...listFurther(result)].map(({ prediction }) => prediction.status));
  return statuses.size > 1 ? `The series of this study DIFFER in their status: ${[...statuses].join(", ")}.` : null;
}

function listCautions(result) {
  const { prediction, model } = result;
  return [
    tellDifference(result),
    ...listOwnCautions(result),
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

const nameOfRouted = (series) => series.criteria?.find((c) => c.name === "description")?.seen?.replace(/^"(.*)"( holds .*)?$/, "$1") || series.series || series.series_instance_uid || "series";

// What the images call themselves, of a result; their identifier where they do not.
export const nameOfSeries = (item, { series, series_instance_uid }) =>
  nameOfRouted((item.routing || []).find((routed) => routed.series === series) || { series, series_instance_uid });

// The objects of a result that stand in the study. `of`: what tells them from those of another result, for who hears the page.
export function linkObjects(result, of = "") {
  return [["SEG", result?.segmentation], ["Saliency", result?.saliency], ["SR", result?.report]].filter(([, id]) => id)
    .map(([name, id]) => [" ", h("a", { href: new URL(`instances/${id}/file`, ORTHANC).href, "aria-label": of ? `${name} of ${of}` : null }, name)]);
}

function describeFurther(item) {
  return listFurther(item.result).map((result) => {
    const name = nameOfSeries(item, result);
    const { prediction } = result;
    const cautions = listOwnCautions(result);
    const links = linkObjects(result, name);
    return h("div", {}, h("h3", {}, `Further series: ${name}`), facts([
      ["H3 K27M", prediction.status], ["P(altered)", percent(prediction.probability_altered)], ["Why not", prediction.reason],
      ["Volume", describeVolume(result.model, result.volume_mm3)], ["In the study", links.length ? h("span", {}, links) : null]]),
    cautions.length ? h("ul", { class: "reasons" }, cautions.map((words) => h("li", {}, words))) : null);
  });
}

export function describeResult(item) {
  const result = item.result;
  const prediction = result?.prediction;
  if (!prediction) return h("p", {}, item.reason || "No result yet.");
  return h("div", {}, describeState(item), facts([
    ["Series", nameOfSeries(item, result)],
    ["H3 K27M", prediction.status], ["P(altered)", percent(prediction.probability_altered)],
    ["Spread", describeSpread(prediction)], ["Threshold", percent(prediction.threshold)], ["Why not", prediction.reason],
    ["Typicality", describeTypicality(prediction.typicality)], ["Volume", describeVolume(result.model, item.volume_mm3)],
    ["Model", result.model ? `${result.model.name} (version ${result.model.version})` : null],
    ["Finished", time(item.finished)]]),
  describeFurther(item),
  h("h3", {}, "Caution"), h("ul", { class: "reasons" }, listCautions(result).map((words) => h("li", {}, words))),
  h("p", { class: "notice" }, "Research use only: no basis for a decision about a patient."));
}

// Whether the result is of a series; of several that could be read one is, unless "Candidates" is "all".
function describeUse(series, result) {
  if (!series.accepted) return "not taken: ";
  if (!result) return "could be read: ";
  const isRead = [result, ...listFurther(result)].some((one) => one.series === series.series);
  if (!isRead) return "could be read, another one was: ";
  return series.choice ? "read, chosen by hand: " : "read: ";
}

// What each criterion found; who chose it by hand and what failed stand in front, in the words of the verdict.
function describeCriteria({ choice, reasons, criteria }) {
  const passed = (criteria || []).filter((criterion) => criterion.passed);
  const told = [choice, ...(reasons || [])].filter(Boolean);
  return [h("ul", { class: "reasons" }, told.map((reason) => h("li", { class: "notice" }, reason)),
            passed.map(({ name, seen, wanted }) => h("li", {}, `${name.replaceAll("_", " ")}: ${seen || "nothing"} (wanted: ${wanted})`))),
          told.length ? null : h("p", { class: "quiet" }, `All ${passed.length} criteria passed.`)];
}

// Why another candidate was preferred: null of the first one, and of what was computed before that was kept.
function describePreference(item, { behind }) {
  if (!behind) return null;
  const preferred = item.routing.find((series) => series.series === behind.series);
  return h("p", {}, `Preferred was ${preferred ? nameOfRouted(preferred) : behind.series}: ${behind.reason}.`);
}

// `offer(series, name)`: what may be done with a series, below its reasons; null where nothing may.
export function describeRouting(item, offer) {
  return (item.routing || []).map((series) => h("details", {},
    h("summary", {}, describeUse(series, item.result), nameOfRouted(series)), describePreference(item, series), describeCriteria(series),
    offer(series, nameOfRouted(series))));
}
