// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { guard } from "./access.js";
import { get, send } from "./api.js";
import { badge, h, say, time } from "./dom.js";

const INTERVAL_MS = 3000;

export async function showQueue(page) {
  const body = h("tbody");
  async function load() {
    const list = await get("queue?limit=200");
    const act = (task, what) => async () => {
      try {
        await send("POST", `queue/${task.id}/${what}`);
        await load();
      } catch (error) { say(error.message, true); }
    };
    body.replaceChildren(...(list.tasks.length ? list.tasks.map((task) => h("tr", {},
      h("td", {}, h("a", { href: `#/case/${task.study}` }, task.study)), h("td", {}, badge(task.state)), h("td", {}, task.priority),
      h("td", {}, task.attempts), h("td", {}, task.reason || ""), h("td", {}, time(task.created)),
      h("td", {}, ["failed", "dead"].includes(task.state) ? guard("retryTask", h("button", { onclick: act(task, "retry") }, "Retry"))
        : guard("cancelTask", h("button", { onclick: act(task, "cancel") }, "Cancel"))))) : [h("tr", {}, h("td", { colspan: 7 }, "Nothing waits, runs or failed."))]));
  }
  page.replaceChildren(h("h1", {}, "Queue"), h("table", {}, h("thead", {}, h("tr", {},
    ["Study", "State", "Priority", "Attempts", "Reason", "Since", "Do"].map((t) => h("th", { scope: "col" }, t)))), body));
  await load();
  const timer = setInterval(() => load().catch((error) => say(error.message, true)), INTERVAL_MS);
  return () => clearInterval(timer);
}
