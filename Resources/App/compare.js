// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Two finished runs side by side, and what may be said about their difference.

import { get } from "./api.js";
import { estimate, facts, h } from "./dom.js";

const METRICS = [["auroc", "AUROC"], ["auprc", "AUPRC"], ["sensitivity", "Sensitivity"], ["specificity", "Specificity"],
                 ["accuracy", "Accuracy"], ["brier", "Brier score"], ["dice", "Dice"]];
const SETS = { out_of_fold: "Development patients, out of fold", external: "External patients" };
const NONE = "\u2013";

const show = (value) => (value === null || value === undefined ? NONE : typeof value === "string" ? value : JSON.stringify(value));

function head(...titles) {
  return h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title))));
}

// Whether the interval of a paired difference leaves out zero: only then is it marked.
const isClear = (difference) => Boolean(difference) && (difference.low > 0 || difference.high < 0);

// How the interval was made, or why there is none, on hovering.
const metricCell = (value) => h("td", { title: value?.method }, estimate(value) || NONE);

// With the p adjusted for the models compared on the same patients, where there are several.
const pWords = (paired) => `p ${paired.p_text ?? "not defined"}${paired.p_holm_text ? ` (Holm ${paired.p_holm_text})` : ""}`;

const differenceWords = (paired) => (paired?.difference ? `${estimate(paired.difference)}, ${pWords(paired)}` : null);

function differenceCell(paired) {
  return h("td", { class: isClear(paired?.difference) ? "differs" : null, title: paired?.difference?.method }, differenceWords(paired) || NONE);
}

function describeCalls(mcnemar) {
  return mcnemar ? `Right in run A alone: ${mcnemar.only_first_is_right} patients, in run B alone: ${mcnemar.only_second_is_right} (McNemar, ${pWords(mcnemar)}).` : null;
}

// The other slice protocol, of which the answer holds the differences alone.
function describeOracle(oracle) {
  const area = differenceWords(oracle?.auroc);
  const words = [area ? `AUROC, A minus B: ${area}.` : null, describeCalls(oracle?.mcnemar)].filter(Boolean);
  return words.length ? `By the slices that hold tumour by hand contour (protocol oracle): ${words.join(" ")}` : null;
}

// Of an ablation "model-6", of another run the run itself, which is named above.
function nameModels(models) {
  const [a, b] = [models.a, models.b].map((name) => (name.startsWith("model-") ? name : "the run itself"));
  if (a === b) return a === "the run itself" ? "" : `: ${a}`;
  return `: ${a} and ${b}`;
}

function measuredSection(measured) {
  const { models, patients, metrics, difference } = measured;
  const rows = METRICS.filter(([key]) => estimate(metrics[key].a) || estimate(metrics[key].b))
    .map(([key, name]) => h("tr", {}, h("th", { scope: "row" }, name), metricCell(metrics[key].a), metricCell(metrics[key].b), differenceCell(difference?.[key])));
  return h("section", {},
           h("h2", {}, SETS[measured.set], nameModels(models)),
           h("p", { class: "quiet" }, `Patients: ${patients.a} in run A, ${patients.b} in run B, ${patients.common} in both. 95 % intervals; slice protocol automatic.`),
           measured.comparable ? null : h("p", { class: "notice" }, `These cannot be compared: ${measured.reason}.`),
           h("table", {}, head("", "Run A", "Run B", "A minus B, paired"), h("tbody", {}, rows)),
           [describeCalls(difference?.mcnemar), describeOracle(difference?.oracle)].filter(Boolean).map((words) => h("p", {}, words)));
}

function configSection(config) {
  if (!config.length) return h("section", {}, h("h2", {}, "Configuration"), h("p", {}, "The same in every key."));
  return h("section", {}, h("h2", {}, "Configuration: keys that differ"),
           h("table", {}, head("Key", "Run A", "Run B"), h("tbody", {}, config.map((difference) => h("tr", {},
             h("th", { scope: "row" }, difference.key), h("td", { class: "differs" }, show(difference.a)), h("td", { class: "differs" }, show(difference.b)))))));
}

function dataWords(data) {
  if (data.same === null) return "not known of both runs";
  return data.same ? "the same in both runs" : "not the same";
}

export async function showComparison(page, a, b) {
  const comparison = await get(`runs/compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`);
  const link = (run) => h("span", {}, h("a", { href: `#/run/${run.id}` }, run.id), ` (${run.kind})`);
  page.replaceChildren(
    h("h1", {}, "Two runs compared"),
    facts([["Run A", link(comparison.a)], ["Run B", link(comparison.b)], ["Data set", dataWords(comparison.data)]]),
    ...comparison.measured.map(measuredSection), configSection(comparison.config),
    h("section", {}, h("h2", {}, "To be kept in mind"), h("ul", { class: "reasons" }, comparison.remarks.map((remark) => h("li", {}, remark)))));
}
