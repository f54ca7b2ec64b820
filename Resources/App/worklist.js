// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The worklist: what arrived, what the model says, what needs a person. Pages of the server, so that 10,000 cases are no
// more work than fifty; looks again every few seconds.

import { signedIn } from "./access.js";
import { get, getIfThere, orthancFind } from "./api.js";
import { badge, field, h, percent, replaceRows, select, time } from "./dom.js";
import { forgetPatients, patientLink } from "./patient.js";
import { originBadges } from "./review.js";

const PAGE_SIZE = 50;
const INTERVAL_MS = 4000;
const TYPING_MS = 300;   // a search begins when nobody has typed for so long
const COLUMNS = [["Patient", null], ["State", "state"], ["Priority", "priority"], ["P(altered)", "probability"],
                 ["Volume, ml", "volume"], ["Model", null], ["Label", null], ["Known from", null], ["Updated", "updated"]];
const FILTERS = ["reviewed", "masked", "label"];   // of what people said, named as in the server's query
const NOT_LOOKED_AT = "not looked at";   // of the archive, and without a task: nothing was computed, a person may label it all the same
const NEEDS_PERSON = "needs a person";   // done and not reviewed, or given up
const STATES = ["queued", "running", "done", "refused", "failed", "dead", "cancelled", NOT_LOOKED_AT];

// What the server means by these filters, for what a search has found.
const needsPerson = ({ state, review, report_instance_uid: report }) =>
  state === "dead" || (state === "done" && !(review && (!review.of || review.of === report)));
const fitsLabel = (label, wanted) => (wanted === "none" ? !label : wanted === "any" ? Boolean(label) : label?.genotype === wanted);

function fits(item, view) {
  return (!view.state || (view.state === NEEDS_PERSON ? needsPerson(item) : item.state === view.state)) &&
         (!view.reviewed || Boolean(item.review) === (view.reviewed === "true")) &&
         (!view.masked || Boolean(item.human_mask && !item.human_mask.synthetic) === (view.masked === "true")) &&
         (!view.label || fitsLabel(item.label, view.label));
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
  const known = await Promise.all([...studies].map((study) => getIfThere(`cases/${study}`)));
  const others = [...studies].filter((_, i) => !known[i]);
  const unseen = others.length ? (await listNotLookedAt({ offset: 0 }, others)).cases : [];
  const fitting = [...known, ...unseen].filter((item) => item && fits(item, view));
  return { cases: fitting.sort(byOrder(view)), total: fitting.length, isCut };
}

// From the place `offset` of the archive on: {cases, next}, next being where to go on, null at the end. How many there are nobody
// knows without going through the whole archive.
async function listNotLookedAt(view, studies = []) {
  const query = new URLSearchParams({ since: view.offset, limit: PAGE_SIZE });
  if (studies.length) query.set("study", studies.join(","));
  for (const name of FILTERS) if (view[name]) query.set(name, view[name]);
  const page = await get(`cases/not-looked-at?${query}`);
  return { cases: page.studies.map((study) => ({ ...study, state: NOT_LOOKED_AT })), next: page.next };
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
    return (compare(a, b) || compare(one.updated, other.updated) || compare(one.id, other.id)) * (descending ? -1 : 1);
  };
}

// Zero is an answer too, unless the model draws no outlines.
function describeVolume(item, model) {
  if (model?.variant === "classification" || (item.volume_mm3 ?? null) === null) return "";
  return item.volume_mm3 ? (item.volume_mm3 / 1000).toFixed(1) : "none found";
}

function row(item) {
  const label = item.label ? `${item.label.genotype}${item.label.synthetic ? " (synthetic)" : ""}` : "";
  const { member_range: range, status, model } = item;
  const probability = percent(item.probability_altered);
  const volume = describeVolume(item, model);
  // Of a computation before the one that the state is of: never as if it were the present one.
  const markEarlier = (isThere) => (isThere && item.state !== "done" ? h("div", { class: "quiet" }, "earlier result") : null);
  const state = item.state === NOT_LOOKED_AT ? h("span", { class: "badge" }, NOT_LOOKED_AT) : badge(item.state);
  return h("tr", {},
           h("td", {}, patientLink(item.study)), h("td", {}, state, item.reason ? h("div", { class: "quiet" }, item.reason.slice(0, 120)) : null),
           h("td", {}, item.priority),
           h("td", {}, probability, status ? h("div", {}, status) : null, range ? h("div", { class: "quiet" }, `networks: ${percent(range.low)} to ${percent(range.high)}`) : null,
             markEarlier(probability || status)),
           h("td", {}, volume, markEarlier(volume)),
           h("td", {}, model ? [model.name, h("div", { class: "quiet" }, `version ${model.version}`)] : ""), h("td", {}, label),
           h("td", {}, originBadges(item)), h("td", {}, time(item.updated)));
}

// A page of the worklist: {cases, next, total, isCut}. `next`: where the page after it begins, null where there is none. Without a
// total: studies that were not looked at.
export async function listCases(view) {
  if (view.search) return { ...await findCases(view.search, view), next: null };
  if (view.state === NOT_LOOKED_AT) return listNotLookedAt(view);
  const query = new URLSearchParams({ order: view.order, descending: view.descending, offset: view.offset, limit: PAGE_SIZE });
  if (view.state === NEEDS_PERSON) query.set("needs-person", true);
  else if (view.state) query.set("state", view.state);
  for (const name of FILTERS) if (view[name]) query.set(name, view[name]);
  const { cases, total } = await get(`cases?${query}`);
  // Where nothing was ever looked at, what the archive holds is shown all the same: for whoever labels without a model.
  const isUnused = async () => !FILTERS.some((name) => view[name]) || !(await get("cases?offset=0&limit=1")).total;
  if (!total && !view.state && await isUnused()) return listNotLookedAt(view);
  return { cases, total, next: view.offset + cases.length < total ? view.offset + PAGE_SIZE : null };
}

// `offset`: where the page begins; `earlier`: where the pages before it do.
const START = { order: "updated", descending: true, state: "", reviewed: "", masked: "", label: "", search: "", offset: 0, earlier: [] };
const placeOf = (what) => `h3k27m-${what}-${signedIn() || ""}`;

// What was filtered, sorted and searched for stays as long as the tab: who comes back from a case goes on there.
function readView() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(placeOf("worklist"))) || {};
    return Object.fromEntries(Object.entries(START).map(([name, value]) => [name, typeof kept[name] === typeof value ? kept[name] : value]));
  } catch {
    return { ...START };
  }
}

export const keepView = (view) => sessionStorage.setItem(placeOf("worklist"), JSON.stringify(view));

// The studies of the page that was shown last, in its order, and what it is a page of: who reads one case goes on to the next.
// `others`: the same of pages of this list that a reader went through.
export const keepOrder = (view, studies, others = []) => sessionStorage.setItem(placeOf("order"), JSON.stringify({ view, studies, others }));

export function readOrder() {
  const none = { studies: [], others: [] };
  try {
    return { ...none, ...JSON.parse(sessionStorage.getItem(placeOf("order"))) };
  } catch {
    return none;
  }
}

export async function showWorklist(page) {
  const view = readView();
  const body = h("tbody");
  const summary = h("p", { class: "quiet", "aria-live": "polite" });
  const hint = h("p", { class: "notice", hidden: true }, `Triage is off: a study that nobody asked for stands under the state "${NOT_LOOKED_AT}".`);
  let shown = "";
  let [asked, answered] = [0, 0];
  let hasLoaded = false;   // before that a fault is the page's
  let isOrdered = true;    // by a column; else as the archive has it
  let next = null;   // where the next page begins; null where there is none

  function describeList(list) {
    if (list.total === undefined) {
      return `${list.cases.length} studies that were not looked at, in the order of the archive${list.next === null ? "" : "; the next page goes on"}`;
    }
    if (list.isCut) return `${list.cases.length} cases among the first ${PAGE_SIZE} patients that fit: there are more, narrow the search`;
    return `${list.total} cases, ${view.offset + Math.min(1, list.total)} to ${view.offset + list.cases.length}`;
  }

  function describeNothing(list) {
    if (view.search) return "No case of such a patient.";
    const isFiltered = FILTERS.some((name) => view[name]);
    const isArchive = list.total === undefined;
    if (list.next && isFiltered) return "No study of this part of the archive fits the filters.";
    if (list.next) return "All studies of this part of the archive were looked at.";
    if (isArchive && view.offset && !isFiltered) return "No more: all that follow were looked at.";
    if (isArchive && view.offset) return "No more: none that follows fits the filters.";
    if (isFiltered) return "No case fits the filters.";
    if (view.state === NOT_LOOKED_AT) return "Every study of the archive was looked at.";
    return view.state ? "No case fits the filters." : "No study yet: one shows here once it is in the archive.";
  }

  function show(list) {
    const text = JSON.stringify(list);
    if (text === shown) return;
    shown = text;
    replaceRows(body, list.cases.length ? list.cases.map(row) : [h("tr", {}, h("td", { colspan: COLUMNS.length }, describeNothing(list)))]);
    summary.textContent = describeList(list);
    next = list.next;
    isOrdered = list.total !== undefined;
    showOrder();
    keepOrder(view, list.cases.map((item) => item.study));
    back.disabled = view.offset === 0;
    on.disabled = next === null;
  }

  // An answer that comes after a later question counts no more, whichever of the two was about what, nor one for a page that was left.
  async function load() {
    keepView(view);
    const mine = ++asked;
    const isLate = () => mine !== asked || !page.isConnected;
    try {
      const list = await listCases({ ...view });
      if (isLate()) return;
      if (!list.cases.length && view.offset && list.total !== undefined) {   // its cases are of another page or another kind by now
        first();
        await load();
        return;
      }
      show(list);
    } catch (error) {
      if (isLate()) return;
      if (error.status === 400) sessionStorage.removeItem(placeOf("worklist"));   // kept by another release: it is not asked for again
      if (!hasLoaded) throw error;
      fail(error);
    } finally {
      if (mine === asked) answered = mine;
    }
  }

  // What is shown counts no more: the same list again must take the message away.
  const fail = (error) => { shown = ""; summary.textContent = error.message; };
  const reload = () => { shown = ""; return load(); };
  const first = () => Object.assign(view, { offset: 0, earlier: [] });
  function turn(step) {
    if (step < 0) view.offset = view.earlier.pop() ?? 0;
    else if (next === null) return null;   // pressed again before the page that was asked for is there
    else [view.earlier, view.offset, next] = [[...view.earlier, view.offset], next, null];
    return reload();
  }
  const back = h("button", { onclick: () => turn(-1) }, "Previous page");
  const on = h("button", { onclick: () => turn(1) }, "Next page");
  let typing = 0;
  const search = h("input", { type: "search", placeholder: "name or ID", value: view.search, oninput: () => {
    clearTimeout(typing);
    typing = setTimeout(() => { view.search = search.value.trim(); first(); reload(); }, TYPING_MS);
  } });
  const heads = COLUMNS.map(([title, order]) => h("th", { scope: "col" }, order ? h("button", { onclick: () => {
    view.descending = view.order === order ? !view.descending : true;
    view.order = order;
    first();
    showOrder();
    reload();
  } }, title) : title));
  const showOrder = () => COLUMNS.forEach(([, order], i) => {
    if (order) heads[i].setAttribute("aria-sort", !isOrdered || view.order !== order ? "none" : view.descending ? "descending" : "ascending");
  });
  showOrder();

  page.replaceChildren(
    h("h1", {}, "Cases"),
    h("form", { class: "filters", onsubmit: (event) => event.preventDefault() },
      field("Patient", search),
      field("State", select([["", "all"], ...[NEEDS_PERSON, ...STATES].map((s) => [s, s])], view.state,
                            (event) => { view.state = event.target.value; first(); reload(); })),
      field("Reviewed", select([["", "all"], ["true", "reviewed"], ["false", "not reviewed"]], view.reviewed,
                               (event) => { view.reviewed = event.target.value; first(); reload(); })),
      field("Mask", select([["", "all"], ["true", "by a person"], ["false", "none by a person"]], view.masked,
                           (event) => { view.masked = event.target.value; first(); reload(); })),
      field("Label", select([["", "all"], ["none", "none"], ["any", "any"], ["altered", "altered"], ["wild-type", "wild type"]], view.label,
                            (event) => { view.label = event.target.value; first(); reload(); })),
      back, on),
    hint, summary, h("table", {}, h("thead", {}, h("tr", {}, heads)), body));
  forgetPatients();
  await load();
  hasLoaded = true;
  get("status").then(({ triage }) => { hint.hidden = triage !== "off"; }, () => {});   // the list says it when the server is away
  const timer = setInterval(() => { if (answered === asked) load(); }, INTERVAL_MS);
  return () => { clearInterval(timer); clearTimeout(typing); };
}
