// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { get, send } from "./api.js";
import { badge, facts, h, say } from "./dom.js";

const estimate = (e) => (e?.value !== undefined ? `${e.value.toFixed(3)} (${e.low.toFixed(3)} to ${e.high.toFixed(3)})` : null);

function describe(card) {
  return facts([["Trained on", card.trained_on], ["Intended use", card.intended_use], ["Networks", card.members ? card.members.length : 1],
                ["Input", card.input_size ? `${card.input_size} pixels` : null], ["AUROC", estimate(card.metrics?.auroc)],
                ["Dice", estimate(card.metrics?.dice)], ["Measured on", card.metrics?.of],
                ["Gate", card.gate ? `${card.gate.passed ? "passed" : "not passed"}: ${card.gate.reason}` : "never compared"],
                ["SHA-256", card.weights_sha256]]);
}

export async function showModels(page) {
  const list = h("div");
  async function load() {
    const { models } = await get("models");
    const cards = await Promise.all(models.map(async (model) => (await get(`models/${encodeURIComponent(model.name)}`)).card));
    list.replaceChildren(...models.map((model, i) => h("section", {},
      h("h2", {}, model.name, " ", model.active ? badge("in force") : null), model.fault ? h("p", { class: "notice" }, model.fault) : describe(cards[i]),
      h("div", { class: "row" },
        model.active || model.variant === "mae" || model.fault ? null : h("button", { onclick: () => change(model.name, cards[i]) }, "Put in force"),
        model.active ? h("button", { onclick: () => back(model.name) }, "Back to the model before") : null))));
  }
  async function change(name, card) {
    const body = {};
    if (!card.gate?.passed) {
      const reason = prompt(`The gate of ${name} is not passed. To put it in force all the same, say why; the reason goes on record.`);
      if (!reason) return;
      Object.assign(body, { override: true, reason });
    }
    try {
      const answer = await send("POST", `models/${encodeURIComponent(name)}/promote`, body);
      say(`In force: ${answer.current}, instead of ${answer.previous}`);
      await load();
    } catch (error) { say(error.message, true); }
  }
  async function back(name) {
    try {
      const answer = await send("POST", `models/${encodeURIComponent(name)}/rollback`, {});
      say(`In force: ${answer.current}`);
      await load();
    } catch (error) { say(error.message, true); }
  }
  page.replaceChildren(h("h1", {}, "Models"), list);
  await load();
}
