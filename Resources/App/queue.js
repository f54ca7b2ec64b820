// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { guard } from "./access.js";
import { get, send } from "./api.js";
import { badge, faultLine, field, h, replaceRows, say, select, time } from "./dom.js";
import { undeliveredPanel } from "./dead-deliveries.js";
import { forgetPatients, patientLink } from "./patient.js";

const INTERVAL_MS = 3000;
const PAGE_SIZE = 100;
const COLUMNS = ["Patient", "State", "Priority", "Attempts", "Reason", "Since", "Do"];

export async function showQueue(page) {
  const view = { state: "", offset: 0 };
  const body = h("tbody");
  const summary = h("p", { class: "quiet", "aria-live": "polite" });
  const fault = faultLine();
  let shown = "";
  let [asked, answered] = [0, 0];

  const act = (task, what) => async () => {
    try {
      await send("POST", `queue/${task.id}/${what}`);
      await load();
    } catch (error) { say(error.message, true); }
  };
  const row = (task) => h("tr", {},
    h("td", {}, patientLink(task.study)), h("td", {}, badge(task.state)), h("td", {}, task.priority),
    h("td", {}, task.attempts), h("td", {}, task.reason || ""), h("td", {}, time(task.updated)),
    h("td", {}, ["failed", "dead"].includes(task.state) ? guard("retryTask", h("button", { onclick: act(task, "retry") }, "Retry"))
      : guard("cancelTask", h("button", { onclick: act(task, "cancel") }, "Cancel"))));

  async function load() {
    const mine = ++asked;
    const query = new URLSearchParams({ offset: view.offset, limit: PAGE_SIZE });
    if (view.state) query.set("state", view.state);
    let list;
    try {
      list = await get(`queue?${query}`);
    } finally {
      if (mine === asked) answered = mine;
    }
    if (mine !== asked) return;   // another page or state was asked for meanwhile
    fault.clear();
    if (!list.tasks.length && view.offset) {   // the page's tasks are done
      view.offset = 0;
      return load();
    }
    const text = JSON.stringify(list);
    if (text === shown) return;
    shown = text;
    replaceRows(body, list.tasks.length ? list.tasks.map(row) : [h("tr", {}, h("td", { colspan: COLUMNS.length },
      view.state ? "Nothing is in this state." : "Nothing waits, runs or failed."))]);
    summary.textContent = `${list.total} tasks, ${view.offset + Math.min(1, list.total)} to ${view.offset + list.tasks.length}`;
    back.disabled = view.offset === 0;
    on.disabled = view.offset + list.tasks.length >= list.total;
  }

  const reload = () => load().catch(fault.fail);
  const turn = (step) => { view.offset = Math.max(0, view.offset + step * PAGE_SIZE); return reload(); };
  const back = h("button", { type: "button", onclick: () => turn(-1) }, "Previous page");
  const on = h("button", { type: "button", onclick: () => turn(1) }, "Next page");
  const states = select([["", "all"], ...["queued", "running", "failed", "dead"].map((state) => [state, state])], "",
                        (event) => { Object.assign(view, { state: event.target.value, offset: 0 }); reload(); });
  page.replaceChildren(h("h1", {}, "Queue"), h("form", { class: "filters", onsubmit: (event) => event.preventDefault() }, field("State", states), back, on),
    fault.line, summary, h("table", {}, h("thead", {}, h("tr", {}, COLUMNS.map((title) => h("th", { scope: "col" }, title)))), body));
  forgetPatients();
  await load();
  const timer = setInterval(() => { if (answered === asked) reload(); }, INTERVAL_MS);
  const undelivered = undeliveredPanel(() => fault.line.textContent !== "");
  page.append(undelivered.host);
  return () => { clearInterval(timer); undelivered.leave(); };
}
