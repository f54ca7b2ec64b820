// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { guard } from "./access.js";
import { get, send, upload, url } from "./api.js";
import { areaUnderCurve, badge, estimate, facts, field, h, percent, say, time } from "./dom.js";

const ORIGINS = { installed: "installed on the server", run: "made by a run of this server", uploaded: "uploaded" };

const describeVerdict = (gate) =>
  `${gate.passed ? "passed" : "not passed"}${gate.baseline ? `, against ${gate.baseline.name}` : ""}: ${gate.reason}`;

// `gate` is the verdict that counts. Whoever brings a model writes its card.
function describeGate({ gate, card }) {
  if (gate) return describeVerdict(gate);
  return card.gate ? `does not count, no run of this server made it (its card says ${describeVerdict(card.gate)})` : "never compared";
}

const VARIANTS = { classification: "genotype alone, no outline", parallel: "outline and genotype, side by side",
                   fusion: "outline and genotype, fused", mae: "an encoder, which answers nothing by itself" };

// How far its probabilities can be believed, as an evaluation measured it.
function describeCalibration(metrics) {
  const parts = [["Brier score", estimate(metrics?.brier)], ["expected calibration error", estimate(metrics?.ece)]].filter(([, value]) => value);
  return parts.length ? parts.map(([name, value]) => `${name} ${value}`).join(", ") : "not measured";
}

function describe(model) {
  const { card } = model;
  const answers = card.variant !== "mae";
  return facts([["Version", card.version], ["Kind", VARIANTS[card.variant] || card.variant], ["From", ORIGINS[model.origin]], ["Trained on", card.trained_on], ["Intended use", card.intended_use], ["Networks", card.members ? card.members.length : 1],
                ["Input", card.input_size ? `${card.input_size} pixels` : null], ["AUROC", areaUnderCurve(card.metrics)],
                ["Dice", estimate(card.metrics?.dice)], ["Measured on", card.metrics?.of],
                ["Calibration", answers ? describeCalibration(card.metrics) : null],
                ["Threshold", answers && typeof card.threshold === "number" ? `altered above P = ${card.threshold}` : null],
                ["Gate", describeGate(model)],
                ["SHA-256 of the weights", card.weights_sha256], ["SHA-256 of the data set", card.dataset_hash]]);
}

// Beside the model in force, on the same studies.
function describeShadow(shadow) {
  if (!shadow || (!shadow.active && !shadow.figures.studies)) return null;
  const { calls, tumours, against_labels: labels, ...figures } = shadow.figures;
  const right = (who) => ["altered", "wild_type"].map((genotype) =>
    `${labels[genotype][`${who}_right`]} of ${labels[genotype].cases} ${genotype.replace("_", " ")}`).join(", ");
  return h("div", {}, h("h3", {}, "In the shadow of ", shadow.against), facts([
    ["Reads along", shadow.active ? `since ${time(shadow.since)}` : "no longer"],
    ["Studies read by both", figures.studies - figures.faults], ["Not readable", figures.faults || null],
    ["Same call", calls.both_altered + calls.both_wild_type], ["Altered to it alone", calls.candidate_altered_alone],
    ["Altered to the other alone", calls.current_altered_alone], ["No call by one or both", calls.one_undetermined],
    ["P(altered) differs by", figures.mean_absolute_difference === null ? null : `${percent(figures.mean_absolute_difference)} on average`],
    ["Tumour", `${tumours.both} both, ${tumours.candidate_alone} it alone, ${tumours.current_alone} the other alone, ${tumours.none} none`],
    ["Right by label, it", right("candidate")], ["Right by label, the other", right("current")]]));
}

function uploadForm(onDone) {
  const file = h("input", { type: "file", accept: ".zip,application/zip", required: true });
  const button = h("button", { type: "submit" }, "Upload");
  const progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "upload" });
  const faults = h("div", { class: "notice", role: "alert" });
  const show = async (event) => {
    event.preventDefault();
    faults.replaceChildren();
    progress.hidden = false;
    button.disabled = true;
    try {
      const model = await upload("models", file.files[0], "application/zip", (share) => { progress.value = share; });
      file.value = "";
      say(`The model ${model.name} is in the registry`);
      await onDone();
    } catch (error) {
      // "The model cannot be taken: one; another": each fault on a line of its own.
      const [what, ...list] = error.message.split(/: (.*)/s);
      faults.replaceChildren(h("p", {}, what), h("ul", { class: "reasons" }, (list[0] || "").split("; ").filter((line) => line).map((line) => h("li", {}, line))));
    }
    progress.hidden = true;
    button.disabled = false;
  };
  return h("form", { onsubmit: show },
           h("div", { class: "row" }, field("A model as ZIP: card.json, model.safetensors", file), button), progress, faults,
           h("p", { class: "quiet" }, "Everything is checked before the model is visible. It is put in force by an administrator's decision only."));
}

export async function showModels(page) {
  const list = h("div");
  async function load() {
    const { models, previous } = await get("models");
    const current = models.find((model) => model.active)?.name || "none";
    const whole = await Promise.all(models.map((model) => get(`models/${encodeURIComponent(model.name)}`)));
    const canRead = (model) => !model.active && model.variant !== "mae" && !model.fault;
    const shadows = await Promise.all(models.map((model) => (canRead(model) ? get(`models/${encodeURIComponent(model.name)}/shadow?limit=0`) : null)));
    list.replaceChildren(...models.map((model, i) => h("section", {},
      h("h2", {}, model.name, " ", model.active ? badge("in force") : null), model.fault ? h("p", { class: "notice" }, model.fault) : describe(whole[i]),
      describeShadow(shadows[i]),
      h("div", { class: "row" },
        model.fault ? null : guard("downloadModel", h("a", { href: url(`models/${encodeURIComponent(model.name)}/archive`), download: "" }, "Download")),
        model.active || model.variant === "mae" || model.fault ? null : guard("promoteModel", h("button", { onclick: () => change(model.name, current, Boolean(whole[i].gate?.passed)) }, "Put in force")),
        canRead(model) && model.origin === "run" ? guard("judgeGate", h("button", { onclick: () => judge(model.name) }, "Judge its gate once more")) : null,
        shadows[i]?.active ? guard("stopShadow", h("button", { onclick: () => shadow("DELETE", model.name) }, "End its shadow")) : null,
        shadows[i] && !shadows[i].active ? guard("startShadow", h("button", { onclick: () => shadow("PUT", model.name) }, "Try it in shadow")) : null,
        model.active && previous ? guard("rollBackModel", h("button", { onclick: () => back(model.name, previous) }, `Back to ${previous}`)) : null))));
  }
  // For all studies of the hospital: by one click alone neither way.
  async function change(name, current, passed) {
    const body = {};
    if (passed) {
      if (!confirm(`Put ${name} in force instead of ${current}? It reads every study from then on.`)) return;
    } else {
      const reason = prompt(`The gate of ${name} is not passed. To put it in force instead of ${current} all the same, say why; the reason goes on record.`);
      if (!reason) return;
      Object.assign(body, { override: true, reason });
    }
    try {
      const answer = await send("POST", `models/${encodeURIComponent(name)}/promote`, body);
      say(`In force: ${answer.current}, instead of ${answer.previous}`);
      await load();
    } catch (error) { say(error.message, true); }
  }
  // Against the model in force now, by the scores that runs of both have on record.
  async function judge(name) {
    try {
      const gate = await send("POST", `models/${encodeURIComponent(name)}/gate`, {});
      say(`The gate of ${name}: ${describeVerdict(gate)}`);
      await load();
    } catch (error) { say(error.message, true); }
  }
  async function shadow(method, name) {
    try {
      await send(method, `models/${encodeURIComponent(name)}/shadow`, {});
      say(method === "PUT" ? `${name} reads what is finished from now on; of what it says only figures are kept` : `${name} reads no longer`);
      await load();
    } catch (error) { say(error.message, true); }
  }
  async function back(name, previous) {
    if (!confirm(`Go back from ${name} to ${previous}? It reads every study from then on.`)) return;
    try {
      const answer = await send("POST", `models/${encodeURIComponent(name)}/rollback`, {});
      say(`In force: ${answer.current}`);
      await load();
    } catch (error) { say(error.message, true); }
  }
  page.replaceChildren(h("h1", {}, "Models"), guard("uploadModel", uploadForm(load)), list);
  await load();
}
