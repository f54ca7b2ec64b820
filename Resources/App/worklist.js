// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The worklist: what arrived, what the model says, what needs a person. Pages of the server, so that 10,000 cases are no
// more work than fifty; looks again every few seconds.

import { get, getIfThere, orthanc, orthancFind } from "./api.js";
import { badge, field, h, percent, replaceRows, select, time } from "./dom.js";
import { describePatient } from "./patient.js";
import { originBadges } from "./review.js";

const PAGE_SIZE = 50;
const INTERVAL_MS = 4000;
const TYPING_MS = 300;   // a search begins when nobody has typed for so long
const COLUMNS = [["Patient", null], ["State", "state"], ["Priority", "priority"], ["P(altered)", "probability"],
                 ["Volume, ml", "volume"], ["Model", null], ["Label", null], ["Known from", null], ["Updated", "updated"]];
const MAX_NAMES = 500;
const names = new Map();   // study -> patient, as Orthanc's index has it; while the page is open, and not without limit

async function nameOf(study) {
  if (!names.has(study)) {
    try {
      names.set(study, describePatient(await orthanc(`studies/${study}`)));
    } catch (error) {
      return error.status === 404 ? "(deleted)" : "(name not known)";   // asked for again with the next list
    }
    if (names.size > MAX_NAMES) names.delete(names.keys().next().value);
  }
  return names.get(study);
}

// Of patients whose name or ID holds the text. Orthanc's index knows them, the work store does not: no name stands there.
// A blank in a name stands for whatever parts it in DICOM, since names are shown so. Returns {cases, isCut}: whether there are
// more than are looked at.
async function findCases(text, view) {
  const wanted = { PatientName: `*${text.replace(/\s+/g, "*")}*`, PatientID: `*${text}*` };
  const found = await Promise.all(Object.entries(wanted).map(([tag, value]) => orthancFind(
    { Level: "Study", Query: { [tag]: value }, CaseSensitive: false, Limit: PAGE_SIZE + 1 })));
  const isCut = found.some((studies) => studies.length > PAGE_SIZE);
  const studies = new Set(found.flatMap((those) => those.slice(0, PAGE_SIZE)));
  const cases = await Promise.all([...studies].map((study) => getIfThere(`cases/${study}`)));   // null: never looked at
  const fitting = cases.filter((item) => item && (!view.state || item.state === view.state) &&
                                (!view.reviewed || Boolean(item.review) === (view.reviewed === "true")) &&
                                (!view.masked || Boolean(item.human_mask && !item.human_mask.synthetic) === (view.masked === "true")));
  return { cases: fitting.sort(byOrder(view)), total: fitting.length, isCut };
}

const PRIORITIES = ["backfill", "routine", "urgent"];
const valueOf = (item, order) => ({ state: item.state, priority: PRIORITIES.indexOf(item.priority), probability: item.probability_altered,
                                    volume: item.volume_mm3, updated: item.updated })[order] ?? null;

// What a search has found, as the server orders its pages: what has no figure comes last in either direction.
function byOrder({ order, descending }) {
  const compare = (a, b) => (a < b ? -1 : Number(a > b));
  return (one, other) => {
    const [a, b] = [valueOf(one, order), valueOf(other, order)];
    if ((a === null) !== (b === null)) return a === null ? 1 : -1;
    return (compare(a, b) || compare(one.updated, other.updated) || one.id - other.id) * (descending ? -1 : 1);
  };
}

// Zero is an answer too, unless the model draws no outlines.
function describeVolume(item, model) {
  if (model?.variant === "classification" || (item.volume_mm3 ?? null) === null) return "";
  return item.volume_mm3 ? (item.volume_mm3 / 1000).toFixed(1) : "none found";
}

function row(item) {
  const patient = h("a", { href: `#/case/${item.study}` }, names.get(item.study) || "...");
  if (!names.has(item.study)) nameOf(item.study).then((name) => { patient.textContent = name; });
  const label = item.label ? `${item.label.genotype}${item.label.synthetic ? " (synthetic)" : ""}` : "";
  const { member_range: range, status, model } = item;
  const probability = percent(item.probability_altered);
  const volume = describeVolume(item, model);
  // Of a computation before the one that the state is of: never as if it were the present one.
  const markEarlier = (isThere) => (isThere && item.state !== "done" ? h("div", { class: "quiet" }, "earlier result") : null);
  return h("tr", {},
           h("td", {}, patient), h("td", {}, badge(item.state), item.reason ? h("div", { class: "quiet" }, item.reason.slice(0, 120)) : null),
           h("td", {}, item.priority),
           h("td", {}, probability, status ? h("div", {}, status) : null, range ? h("div", { class: "quiet" }, `networks: ${percent(range.low)} to ${percent(range.high)}`) : null,
             markEarlier(probability || status)),
           h("td", {}, volume, markEarlier(volume)),
           h("td", {}, model ? [model.name, h("div", { class: "quiet" }, `version ${model.version}`)] : ""), h("td", {}, label),
           h("td", {}, originBadges(item)), h("td", {}, time(item.updated)));
}

export async function showWorklist(page) {
  const view = { order: "updated", descending: true, state: "", reviewed: "", masked: "", search: "", offset: 0 };
  const body = h("tbody");
  const summary = h("p", { class: "quiet", "aria-live": "polite" });
  let shown = "";
  let [asked, answered] = [0, 0];
  let hasLoaded = false;   // before that a fault is the page's

  async function ask() {
    const asked = { ...view };
    if (asked.search) return findCases(asked.search, asked);
    const query = new URLSearchParams({ order: asked.order, descending: asked.descending, offset: asked.offset, limit: PAGE_SIZE });
    for (const name of ["state", "reviewed", "masked"]) if (asked[name]) query.set(name, asked[name]);
    return get(`cases?${query}`);
  }

  function describeList(list) {
    if (list.isCut) return `${list.cases.length} cases among the first ${PAGE_SIZE} patients that fit: there are more, narrow the search`;
    return `${list.total} cases, ${view.offset + Math.min(1, list.total)} to ${view.offset + list.cases.length}`;
  }

  function show(list) {
    const text = JSON.stringify(list);
    if (text === shown) return;
    shown = text;
    replaceRows(body, list.cases.length ? list.cases.map(row) : [h("tr", {}, h("td", { colspan: COLUMNS.length },
      view.search ? "No case of such a patient." : view.state || view.reviewed || view.masked ? "No case fits the filters."
        : "No case yet: a study shows here once it is stable."))]);
    summary.textContent = describeList(list);
    back.disabled = view.offset === 0;
    on.disabled = view.offset + list.cases.length >= list.total;
  }

  // An answer that comes after a later question counts no more, whichever of the two was about what.
  async function load() {
    const mine = ++asked;
    try {
      const list = await ask();
      if (mine !== asked) return;
      if (!list.cases.length && view.offset) {   // the page's cases are of another page or another kind by now
        view.offset = 0;
        await load();
        return;
      }
      show(list);
    } catch (error) {
      if (mine !== asked) return;
      if (!hasLoaded) throw error;
      fail(error);
    } finally {
      if (mine === asked) answered = mine;
    }
  }

  // What is shown counts no more: the same list again must take the message away.
  const fail = (error) => { shown = ""; summary.textContent = error.message; };
  const reload = () => { shown = ""; return load(); };
  const turn = (step) => { view.offset = Math.max(0, view.offset + step * PAGE_SIZE); return reload(); };
  const back = h("button", { onclick: () => turn(-1) }, "Previous page");
  const on = h("button", { onclick: () => turn(1) }, "Next page");
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
  names.clear();
  await load();
  hasLoaded = true;
  const timer = setInterval(() => { if (answered === asked) load(); }, INTERVAL_MS);
  return () => clearInterval(timer);
}
