// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who wanted to change or take away what, and what became of it; for administrators.

import { get, url } from "./api.js";
import { badge, field, h, say, time } from "./dom.js";

const PAGE_SIZE = 50;
const COLUMNS = ["When", "User", "Role", "Action", "Subject", "Outcome", "Details"];

function row(entry) {
  const recorded = h("span", { class: "quiet" }, "recorded by the plugin");
  return h("tr", {}, h("td", {}, time(entry.at)), h("td", {}, entry.user || (entry.outcome ? "(no user)" : recorded)), h("td", {}, entry.role || ""),
           h("td", {}, entry.action), h("td", { class: "long" }, entry.subject || ""), h("td", {}, entry.outcome ? badge(entry.outcome) : ""),
           h("td", { class: "long quiet" }, (entry.details || "").slice(0, 200)));
}

export async function showAudit(page) {
  const body = h("tbody");
  const [user, action, since] = ["text", "text", "date"].map((type) => h("input", { type }));
  const more = h("button", { type: "button", onclick: () => load(false) }, "Earlier entries");
  const csv = h("a", { download: "audit.csv" }, "As CSV");
  let next = null;

  let filters = {};   // of what is shown, whatever is typed meanwhile
  let asked = 0;

  const query = (wanted) => new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));

  async function load(isFirst) {
    const mine = ++asked;
    const wanted = isFirst ? { user: user.value.trim(), action: action.value.trim(), since: since.value } : filters;
    const hadFocus = document.activeElement === more;   // which goes with being enabled
    more.disabled = true;
    try {
      const list = await get(`audit?${query({ ...wanted, limit: PAGE_SIZE, before: isFirst ? null : next })}`);
      if (mine !== asked) return;
      filters = wanted;
      if (isFirst) body.replaceChildren();
      body.append(...list.entries.map(row));
      if (!body.children.length) body.append(h("tr", {}, h("td", { colspan: COLUMNS.length }, "No entry.")));
      next = list.next_before;
      more.hidden = !next;
      csv.href = url(`audit?${query({ ...filters, format: "csv", limit: 10000 })}`);
    } catch (error) { say(error.message, true); }
    if (mine !== asked) return;
    more.disabled = false;
    if (hadFocus) more.focus();
  }

  page.replaceChildren(h("h1", {}, "Audit"),
    h("form", { class: "filters", onsubmit: (event) => { event.preventDefault(); load(true); } },
      field("User", user), field("Action", action), field("Since", since), h("button", { type: "submit" }, "Show"), csv),
    h("table", {}, h("thead", {}, h("tr", {}, COLUMNS.map((title) => h("th", { scope: "col" }, title)))), body), more);
  await load(true);
}
