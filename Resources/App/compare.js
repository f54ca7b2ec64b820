// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Two finished runs side by side, and what may be said about their difference.

import { get } from "./api.js";
import { estimate, facts, h } from "./dom.js";

const METRICS = [["auroc", "AUROC"], ["auprc", "AUPRC"], ["sensitivity", "Sensitivity"], ["specificity", "Specificity"],
                 ["accuracy", "Accuracy"], ["brier", "Brier score"], ["dice", "Dice"]];
const ORACLE_METRICS = METRICS.filter(([key]) => key !== "brier" && key !== "dice");
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

// The area with its interval on the logit scale, as reports and the other pages print it.
const figureOf = (metrics, key, run) => (key === "auroc" && metrics.auroc_logit?.[run]) || metrics[key]?.[run];

// What one slice protocol gives, and right and wrong calls below; nothing where no run has a figure.
function metricTable(metrics, difference, names) {
  const rows = names.map(([key, name]) => [key, name, figureOf(metrics, key, "a"), figureOf(metrics, key, "b")])
    .filter(([, , a, b]) => estimate(a) || estimate(b))
    .map(([key, name, a, b]) => h("tr", {}, h("th", { scope: "row" }, name), metricCell(a), metricCell(b), differenceCell(difference?.[key])));
  const calls = describeCalls(difference?.mcnemar);
  return [rows.length ? h("table", {}, head("", "Run A", "Run B", "A minus B, paired"), h("tbody", {}, rows)) : null,
          calls ? h("p", {}, calls) : null].filter(Boolean);
}

// The other slice protocol.
function oraclePart(metrics, difference) {
  const parts = metricTable(metrics, difference, ORACLE_METRICS);
  return parts.length ? [h("p", { class: "quiet" }, "By the slices that hold tumour by hand contour (protocol oracle):"), ...parts] : [];
}

// Of an ablation "model-6", of another run the run itself, which is named above.
function nameModels(models) {
  const [a, b] = [models.a, models.b].map((name) => (name.startsWith("model-") ? name : "the run itself"));
  if (a === b) return a === "the run itself" ? "" : `: ${a}`;
  return `: ${a} and ${b}`;
}

function measuredSection(measured) {
  const { models, patients, metrics, difference } = measured;
  return h("section", {},
           h("h2", {}, SETS[measured.set], nameModels(models)),
           h("p", { class: "quiet" }, `Patients: ${patients.a} in run A, ${patients.b} in run B, ${patients.common} in both. 95 % intervals; slice protocol automatic.`),
           measured.comparable ? null : h("p", { class: "notice" }, `These cannot be compared: ${measured.reason}.`),
           metricTable(metrics, difference, METRICS), oraclePart(metrics.oracle, difference?.oracle));
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
