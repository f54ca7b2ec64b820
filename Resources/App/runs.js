// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Trainings and experiments: start, watch, stop, go on, read the report.

import { guard } from "./access.js";
import { get, getTextFrom, send, url } from "./api.js";
import { areaUnderCurve, badge, estimate, facts, faultLine, field, h, replaceRows, say, select, time, whileDisabled } from "./dom.js";
import { LossChart, LossCurve } from "./curve.js";

const INTERVAL_MS = 2000;
const LISTED = 100;
const KINDS = [["cross-validate", "cross-validation: folds, ensemble, report"], ["ablate", "ablation: the paper's six models"],
               ["fine-tune", "one model"], ["pretrain", "an encoder: pre-training without labels"], ["evaluate", "a model on the external patients"], ["snapshot", "data set only"]];

const isAtEnd = (run) => !["queued", "running"].includes(run.state);

const isGroup = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// The fields of the form and the further keys: of a group that is in both each key counts, and what was typed as JSON wins.
function merge(fields, further) {
  const merged = { ...fields };
  for (const [key, value] of Object.entries(further)) {
    merged[key] = isGroup(value) && isGroup(merged[key]) ? merge(merged[key], value) : value;
  }
  return merged;
}

// [[key, value]] of a configuration, a group's keys behind its name.
const listKeys = (group, before = "") => Object.entries(group).flatMap(([key, value]) =>
  (isGroup(value) ? listKeys(value, `${before}${key}.`) : [[before + key, String(value)]]));

const describeLength = ({ epochs, steps }) => (epochs ? `${epochs} epochs` : `${steps} batches`);

function startForm(models) {
  let presets = {};   // name -> every key, as the engine says it; empty until it has, and where it cannot be asked
  const kind = select(KINDS, "cross-validate", () => showDefaults());
  const preset = select([["recommended", "recommended"], ["paper", "paper"]], "recommended", () => showDefaults());
  const contrast = select([["T2w", "T2"], ["ceT1w", "T1 after a contrast agent"]], "T2w");
  const folds = h("input", { type: "number", min: 2, max: 100, value: 5 });
  const steps = h("input", { type: "number", min: 1, placeholder: "the preset's" });   // until that is known
  const size = h("input", { type: "number", min: 32, max: 1024, step: 16, value: 256 });
  const from = select([["", "none: from random weights"], ...models.map((model) => [model.name, model.name])], "");
  const more = h("textarea", { rows: 2, cols: 40, placeholder: '{"seed": 2}' });
  const button = h("button", { class: "main", type: "submit" }, "Start");
  const lengths = h("p", { class: "quiet" });
  const keys = h("div");
  const typed = new Set();   // what was typed is not overwritten
  function showDefaults() {
    const config = presets[preset.value];
    if (!config) return;
    steps.placeholder = describeLength(config[kind.value === "pretrain" ? "pretraining" : "training"]);
    if (!typed.has(folds)) folds.value = config.folds;
    if (!typed.has(size)) size.value = config.network.input_size;
    lengths.textContent = `Where no number is given, the preset ${preset.value} trains for ${describeLength(config.training)}, ` +
      `and pre-trains for ${describeLength(config.pretraining)}.`;
    keys.replaceChildren(h("details", {}, h("summary", {}, `Every key of the preset ${preset.value}`), facts(listKeys(config))));
  }
  get("runs/presets").then((known) => { presets = known; showDefaults(); }, () => { /* the form names no figure */ });
  const start = async () => {
    try {
      const config = ["snapshot", "evaluate"].includes(kind.value) ? {} : merge({
        preset: preset.value, folds: Number(folds.value), network: { input_size: Number(size.value) },
        ...(steps.value ? { [kind.value === "pretrain" ? "pretraining" : "training"]: { steps: Number(steps.value) } } : {}),
      }, more.value.trim() ? JSON.parse(more.value) : {});
      const run = await send("POST", "runs", { kind: kind.value, contrast: contrast.value, config, ...(from.value ? { from: from.value } : {}) });
      location.hash = `#/run/${run.id}`;
    } catch (error) {
      say(error.message, true);
    }
  };
  // The server checks the configuration first: a second click meanwhile would start a second run.
  return h("form", { oninput: (event) => typed.add(event.target), onsubmit: (event) => { event.preventDefault(); whileDisabled(button, start); } },
           h("div", { class: "row" }, field("What", kind), field("Images", contrast), field("Preset", preset), field("Folds", folds), field("Batches of each training", steps),
             field("Image size, pixels", size), field("Model to start from, or to evaluate", from), field("Further keys, JSON", more), button),
           h("p", { class: "quiet" }, "On a new snapshot of the labelled studies; pre-training on one of all patients without a label. Triage goes first; one training runs at a time."),
           lengths, keys);
}

// Two finished runs, chosen in the table, which is drawn anew every few seconds.
function makeChoice() {
  const chosen = new Set();
  const button = h("button", { disabled: true, onclick: () => { location.hash = `#/runs/compare/${[...chosen].join("/")}`; } }, "Compare two runs");
  const box = (run) => h("input", { type: "checkbox", checked: chosen.has(run.id), "aria-label": `compare ${run.id}`, onchange: (event) => {
    if (event.target.checked) chosen.add(run.id); else chosen.delete(run.id);
    button.disabled = chosen.size !== 2;
  } });
  return { button, box: (run) => (run.state === "done" && run.kind !== "snapshot" ? box(run) : null) };
}

export async function showRuns(page) {
  const body = h("tbody");
  const summary = h("p", { class: "quiet", "aria-live": "polite" });
  const choice = makeChoice();
  const fault = faultLine();
  let shown = "";
  let isLoading = false;
  const load = async () => {
    if (isLoading) return;
    isLoading = true;
    let list;
    try {
      list = await get(`runs?limit=${LISTED}`);
    } finally {
      isLoading = false;
    }
    fault.clear();
    const text = JSON.stringify(list);
    if (text === shown) return;
    shown = text;
    replaceRows(body, list.runs.length ? list.runs.map((run) => h("tr", {},
      h("td", {}, choice.box(run)), h("td", {}, h("a", { href: `#/run/${run.id}` }, run.id)), h("td", {}, badge(run.state)),
      h("td", {}, run.state === "running" && run.progress ? h("progress", { max: 1, value: run.progress.fraction, "aria-label": "progress" }) : time(run.finished_at)),
      h("td", {}, areaUnderCurve(run.result?.external) || areaUnderCurve(run.result?.out_of_fold) || ""),
      h("td", { class: "quiet" }, run.reason || ""))) : [h("tr", {}, h("td", { colspan: 6 }, "No run yet."))]);
    summary.textContent = list.total > list.runs.length ? `The ${list.runs.length} newest of ${list.total} runs` : "";
  };
  const { models } = await get("models");
  page.replaceChildren(h("h1", {}, "Runs"), guard("startRun", startForm(models)), h("div", { class: "row" }, choice.button), fault.line, summary,
                       h("table", {}, h("thead", {}, h("tr", {}, ["Compare", "Run", "State", "Progress or end", "AUROC (95 %)", "Reason"].map((t) => h("th", { scope: "col" }, t)))), body));
  await load();
  const timer = setInterval(() => load().catch(fault.fail), INTERVAL_MS);
  return () => clearInterval(timer);
}

function describeRun(run) {
  const progress = run.progress || {};
  return [
    h("p", {}, badge(run.state), " ", run.reason || ""),
    run.state === "running" ? h("progress", { max: 1, value: progress.fraction || 0, "aria-label": "progress" }) : "",
    facts([["Unit", progress.unit], ["Step", progress.step ? `${progress.step} of ${progress.of}` : null],
           ["Time left", run.state === "running" && progress.seconds_left ? `${Math.ceil(progress.seconds_left / 60)} min` : null],
           ["Data set", run.dataset], ["AUROC, out of fold", areaUnderCurve(run.result?.out_of_fold)],
           ["AUROC, external", areaUnderCurve(run.result?.external)], ["Dice, external", estimate(run.result?.external?.dice)],
           ["Gate", run.result?.gate ? `${run.result.gate.passed ? "passed" : "not passed"}: ${run.result.gate.reason}` : null],
           ["Begun", time(run.started_at)], ["Ended", time(run.finished_at)]])];
}

// The losses that the run tells, asked for from where the last answer ended.
function makeCurve(id) {
  const place = h("div");
  const curve = new LossCurve();
  const chart = new LossChart(curve);
  let offset = 0;
  async function follow() {
    let has = false;
    for (;;) {
      const { text, next } = await getTextFrom(`runs/${id}/events`, offset);
      if (next <= offset) break;
      offset = next;
      curve.add(text);
      has = true;
    }
    if (!has || !curve.curves.size) return;
    if (!place.firstChild) place.append(chart.place);
    await chart.draw();
  }
  return { place, follow, close: () => chart.close() };
}

// The report of a run that has one; of a run that failed and went on it comes later.
function makeReport(id) {
  const place = h("div");
  async function look() {
    if (place.firstChild) return;
    const files = (await get(`runs/${id}/artifacts`)).artifacts.map((file) => file.path);
    if (!files.includes("report/index.html")) return;
    const address = url(`runs/${id}/artifacts/report/index.html`);
    place.replaceChildren(h("h2", {}, "Report"), h("p", {}, h("a", { href: address }, "Open it alone")),
                          h("iframe", { class: "report", src: address, title: "Report of the run", sandbox: "" }));
  }
  return { place, look };
}

export async function showRun(page, id) {
  const state = h("div");
  const actions = h("div", { class: "row" });
  const curve = makeCurve(id);
  const report = makeReport(id);
  const fault = faultLine();
  let shown = { text: "", state: "" };
  let isOver = false;      // all is fetched, and nothing more comes
  let isLoading = false;
  let changes = 0;         // made from here

  const act = (what) => async () => {
    try {
      await send("POST", `runs/${id}/${what}`);
      changes += 1;
      isOver = false;
      await load();
    } catch (error) { say(error.message, true); }
  };

  function show(run) {
    const text = JSON.stringify(run);
    if (text !== shown.text) state.replaceChildren(...describeRun(run));
    if (run.state !== shown.state) {
      actions.replaceChildren(...[
        isAtEnd(run) ? null : guard("cancelRun", h("button", { onclick: act("cancel") }, "Cancel")),
        ["failed", "cancelled"].includes(run.state) ? guard("resumeRun", h("button", { onclick: act("resume") }, "Go on")) : null].filter(Boolean));
    }
    shown = { text, state: run.state };
  }

  async function load() {
    if (isOver || isLoading) return;
    const before = changes;
    isLoading = true;
    try {
      const run = await get(`runs/${id}`);
      show(run);
      await curve.follow();
      if (isAtEnd(run)) {
        await report.look();
        isOver = before === changes;
      }
      fault.clear();
    } finally {
      isLoading = false;
    }
  }

  page.replaceChildren(h("h1", {}, id), fault.line, state, actions, curve.place, report.place);
  try {
    await load();
  } catch (error) {
    curve.close();   // nobody else does, of a page that is not shown
    throw error;
  }
  const timer = setInterval(() => load().catch(fault.fail), INTERVAL_MS);
  return () => {
    clearInterval(timer);
    curve.close();
  };
}
