// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The worklist: what arrived, what the model says, what needs a person. Pages of the server, so that 10,000 cases are no
// more work than fifty; looks again every few seconds.

import { get, orthanc, orthancFind } from "./api.js";
import { badge, field, h, percent, select, time } from "./dom.js";
import { originBadges } from "./review.js";

const PAGE_SIZE = 50;
const INTERVAL_MS = 4000;
const TYPING_MS = 300;   // a search begins when nobody has typed for so long
const COLUMNS = [["Patient", null], ["State", "state"], ["Priority", "priority"], ["P(altered)", "probability"],
                 ["Volume, ml", "volume"], ["Model", null], ["Label", null], ["Known from", null], ["Updated", "updated"]];
const names = new Map();   // study -> patient, as Orthanc's index has it; kept for the session

async function nameOf(study) {
  if (!names.has(study)) {
    try {
      const tags = await orthanc(`studies/${study}`);
      const patient = tags.PatientMainDicomTags;
      names.set(study, `${patient.PatientName || "(no name)"} ${tags.MainDicomTags.StudyDate || ""}`.replaceAll("^", " "));
    } catch {
      return "(deleted)";
    }
  }
  return names.get(study);
}

// Of patients whose name or ID holds the text. Orthanc's index knows them, the work store does not: no name stands there.
async function findCases(text, view) {
  const found = await Promise.all(["PatientName", "PatientID"].map((tag) => orthancFind(
    { Level: "Study", Query: { [tag]: `*${text}*` }, CaseSensitive: false, Limit: PAGE_SIZE })));
  const cases = await Promise.all([...new Set(found.flat())].map((study) => get(`cases/${study}`).catch((error) => {
    if (error.status !== 404) throw error;
    return null;   // never looked at
  })));
  return cases.filter((item) => item && (!view.state || item.state === view.state) &&
                                (!view.reviewed || Boolean(item.review) === (view.reviewed === "true")) &&
                                (!view.masked || Boolean(item.human_mask && !item.human_mask.synthetic) === (view.masked === "true")));
}

// Between what the networks of an ensemble spread; a search answers with whole cases, which have the list instead.
function rangeOf(members) {
  return members?.length ? { low: Math.min(...members), high: Math.max(...members) } : null;
}

function row(item) {
  const patient = h("a", { href: `#/case/${item.study}` }, names.get(item.study) || "...");
  nameOf(item.study).then((name) => { patient.textContent = name; });
  const label = item.label ? `${item.label.genotype}${item.label.synthetic ? " (synthetic)" : ""}` : "";
  const range = item.member_range ?? rangeOf(item.result?.prediction?.member_probabilities);
  const model = item.model ?? item.result?.model;
  return h("tr", {},
           h("td", {}, patient), h("td", {}, badge(item.state), item.reason ? h("div", { class: "quiet" }, item.reason.slice(0, 120)) : null),
           h("td", {}, item.priority),
           h("td", {}, percent(item.probability_altered), range ? h("div", { class: "quiet" }, `${percent(range.low)} to ${percent(range.high)}`) : null),
           h("td", {}, item.volume_mm3 ? (item.volume_mm3 / 1000).toFixed(1) : ""),
           h("td", {}, model ? [model.name, h("div", { class: "quiet" }, `version ${model.version}`)] : ""), h("td", {}, label),
           h("td", {}, originBadges(item)), h("td", {}, time(item.updated)));
}

export async function showWorklist(page) {
  const view = { order: "updated", descending: true, state: "", reviewed: "", masked: "", search: "", offset: 0 };
  const body = h("tbody");
  const summary = h("p", { class: "quiet", "aria-live": "polite" });
  let shown = "";

  async function ask() {
    if (view.search) {
      const cases = await findCases(view.search, view);
      return { cases, total: cases.length };
    }
    const query = new URLSearchParams({ order: view.order, descending: view.descending, offset: view.offset, limit: PAGE_SIZE });
    if (view.state) query.set("state", view.state);
    if (view.reviewed) query.set("reviewed", view.reviewed);
    if (view.masked) query.set("masked", view.masked);
    return get(`cases?${query}`);
  }

  async function load() {
    const asked = view.search;
    const list = await ask();
    if (asked !== view.search) return;   // the answer to what was typed before
    const text = JSON.stringify(list);
    if (text === shown) return;
    shown = text;
    body.replaceChildren(...(list.cases.length ? list.cases.map(row) : [h("tr", {}, h("td", { colspan: COLUMNS.length },
      view.search ? "No case of such a patient." : "No case yet: a study shows here once it is stable."))]));
    summary.textContent = `${list.total} cases, ${view.offset + Math.min(1, list.total)} to ${view.offset + list.cases.length}`;
    back.disabled = view.offset === 0;
    on.disabled = view.offset + list.cases.length >= list.total;
  }

  // What is shown counts no more: the same list again must take the message away.
  const fail = (error) => { shown = ""; summary.textContent = error.message; };
  const reload = () => { shown = ""; return load().catch(fail); };
  const turn = (step) => { view.offset = Math.max(0, view.offset + step * PAGE_SIZE); return reload(); };
  const back = h("button", { onclick: () => turn(-1) }, "Earlier");
  const on = h("button", { onclick: () => turn(1) }, "Later");
  let typing = 0;
  const search = h("input", { type: "search", placeholder: "name or ID", oninput: () => {
    clearTimeout(typing);
    typing = setTimeout(() => { view.search = search.value.trim(); view.offset = 0; reload(); }, TYPING_MS);
  } });
  const heads = COLUMNS.map(([title, order]) => h("th", { scope: "col" }, order ? h("button", { onclick: () => {
    view.descending = view.order === order ? !view.descending : true;
    view.order = order;
    view.offset = 0;
    showOrder();
    reload();
  } }, title) : title));
  const showOrder = () => COLUMNS.forEach(([, order], i) => {
    if (order) heads[i].setAttribute("aria-sort", view.order !== order ? "none" : view.descending ? "descending" : "ascending");
  });
  showOrder();

  page.replaceChildren(
    h("h1", {}, "Cases"),
    h("form", { class: "filters", onsubmit: (event) => event.preventDefault() },
      field("Patient", search),
      field("State", select([["", "all"], ...["queued", "running", "done", "refused", "failed", "dead", "cancelled"].map((s) => [s, s])], "",
                            (event) => { view.state = event.target.value; view.offset = 0; reload(); })),
      field("Reviewed", select([["", "all"], ["true", "reviewed"], ["false", "not reviewed"]], "",
                               (event) => { view.reviewed = event.target.value; view.offset = 0; reload(); })),
      field("Mask", select([["", "all"], ["true", "by a person"], ["false", "none by a person"]], "",
                           (event) => { view.masked = event.target.value; view.offset = 0; reload(); })),
      back, on),
    summary, h("table", {}, h("thead", {}, h("tr", {}, heads)), body));
  await load();
  const timer = setInterval(() => load().catch(fail), INTERVAL_MS);
  return () => clearInterval(timer);
}
