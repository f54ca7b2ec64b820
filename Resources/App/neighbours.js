// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The case before and the one after, in the order of the worklist that one came from: as it was shown there, so that what a
// reader has done with a case meanwhile moves no other one, and on over its pages.

import { h, say, whileDisabled } from "./dom.js";
import { keepOrder, keepView, listCases, readOrder } from "./worklist.js";

const MAX_PAGES = 20;   // where nearly all of the archive was looked at, pages may be empty
const KEYS = { n: 1, p: -1 };

let wanted = null;   // {found, order}: the case that the reader has asked for, and may yet decline to leave the present one for

// Where the reader has got to: who goes back to the worklist finds this page. The pages before stay known, since the browser's own
// way leads back to their cases.
function turnTo(order, { others, ...left }) {
  const kept = [left, ...others].filter(({ view, studies }) => view && String(studies) !== String(order.studies)).slice(0, MAX_PAGES);
  keepOrder(order.view, order.studies, kept);
  keepView(order.view);
}

// The page of the list that has the study; null where one did not come from a list that has it.
function findOrder(study) {
  const last = readOrder();
  if (last.studies.includes(study)) return last;
  const order = wanted?.found === study ? wanted.order : last.others.find(({ studies }) => studies.includes(study));
  if (!order) return null;
  turnTo(order, last);
  return readOrder();
}

// Cases that have left the list since, reviewed for instance, let others move up: what follows the last one that was on the page
// is next, on the same page or on one after it.
async function findAfter({ view, studies }) {
  let at = view;
  for (let i = 0; i < MAX_PAGES; i++) {
    const list = await listCases(at);
    const now = list.cases.map((item) => item.study);
    const found = now[now.findLastIndex((study) => studies.includes(study)) + 1];
    if (found) return { found, order: { view: at, studies: now } };
    if (list.next === null) return null;
    at = { ...at, offset: list.next, earlier: [...at.earlier, at.offset] };
  }
  return null;
}

async function findBefore({ view, studies }) {
  let at = view;
  for (let i = 0; i < MAX_PAGES && at.earlier.length; i++) {
    at = { ...at, offset: at.earlier.at(-1), earlier: at.earlier.slice(0, -1) };
    const now = (await listCases(at)).cases.map((item) => item.study);
    const found = now.filter((study) => !studies.includes(study)).at(-1);   // those may have moved to its top as well
    if (found) return { found, order: { view: at, studies: now } };
  }
  return null;
}

// {found, order}: the case, and the page of the list that has it; null where there is none.
async function findNeighbour(order, study, step) {
  const found = order.studies[order.studies.indexOf(study) + step];
  if (found) return { found, order };
  return step > 0 ? findAfter(order) : findBefore(order);
}

// The two buttons, and the keys n and p while `host` has the focus; hidden where one did not come from a list that has the case.
export function neighboursPanel(study, host) {
  const order = findOrder(study);
  wanted = null;
  const panel = h("nav", { class: order ? "row" : null, "aria-label": "Cases of the list", hidden: !order });
  const go = (step, button) => whileDisabled(button, async () => {
    try {
      const next = await findNeighbour(order, study, step);
      if (!panel.isConnected) return;   // the reader has gone elsewhere meanwhile
      wanted = next;
      if (next) location.hash = `#/case/${next.found}`;
      else say(step > 0 ? "This is the last case of the list." : "This is the first case of the list.");
    } catch (error) { say(error.message, true); }
  });
  const make = (step, key, text) => {
    const button = h("button", { type: "button", "aria-keyshortcuts": key, title: `${key}, while the images have the focus`,
                                 onclick: () => go(step, button) }, text);
    return button;
  };
  const buttons = { [-1]: make(-1, "p", "Previous case"), 1: make(1, "n", "Next case") };
  panel.append(buttons[-1], buttons[1]);
  host.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!step || panel.hidden || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!buttons[step].disabled) go(step, buttons[step]);
  });
  return panel;
}
