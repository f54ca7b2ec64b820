// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The dashboard: one page for each part, chosen by what stands behind the # of the address.

import { isDenied, loadAccess } from "./access.js";
import { showAudit } from "./audit.js";
import { showCase } from "./case.js";
import { showComparison } from "./compare.js";
import { showModels } from "./models.js";
import { showQueue } from "./queue.js";
import { showRun, showRuns } from "./runs.js";
import { showStatus } from "./status.js";
import { showWorklist } from "./worklist.js";
import { h } from "./dom.js";

const PAGES = [
  [/^#\/cases$/, showWorklist], [/^#\/case\/([0-9a-f-]+)$/, showCase], [/^#\/queue$/, showQueue], [/^#\/runs$/, showRuns],
  [/^#\/runs\/compare\/([A-Za-z0-9-]+)\/([A-Za-z0-9-]+)$/, showComparison],
  [/^#\/run\/([A-Za-z0-9-]+)$/, showRun], [/^#\/models$/, showModels], [/^#\/status$/, showStatus],
  [/^#\/audit$/, showAudit],
];

const NAME = document.title;
const UNSAVED = "A mask or a label of this case is not saved. Leave it all the same? What was drawn or typed is lost.";

let shown = { address: null, place: -1, leave: () => {}, isDirty: () => false };
let turn = 0;   // of the last page that was asked for: one that comes late is not shown any more
let isKnown = false;   // who is here

async function showUser() {
  if (isKnown) return;
  try {
    const { user, role } = await loadAccess();
    isKnown = true;
    document.getElementById("user").textContent = user ? `${user}, ${role}` : role;
    document.getElementById("audit").hidden = isDenied("listAudit");
  } catch { /* the page says why the server does not answer, and the next one asks again */ }
}

function showFault(body, error) {
  body.replaceChildren(h("h1", {}, "This cannot be shown"), h("p", {}, error.message),
                       h("p", {}, h("button", { type: "button", onclick: show }, "Try again")),
                       h("p", {}, h("a", { href: "#/cases" }, "Back to the cases")));
}

function markLink(address) {
  for (const link of document.querySelectorAll("header nav a")) {
    const isHere = address.startsWith(link.getAttribute("href").replace(/s$/, ""));
    if (isHere) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
}

// A page fills an element of its own, so that one that comes late writes nowhere. It returns what is to be done when it is
// left (timers, keys), or {leave, isDirty, title}.
async function open(body, address) {
  for (const [pattern, fill] of PAGES) {
    const match = pattern.exec(address);
    if (!match) continue;
    const made = (await fill(body, ...match.slice(1))) || {};
    return typeof made === "function" ? { leave: made } : made;
  }
  body.replaceChildren(h("h1", {}, "There is no such page"), h("p", {}, h("a", { href: "#/cases" }, "To the cases")));
  return {};
}

// Entries of the browser's history are numbered in their order: a page that is not left is gone back to, whichever way one came
// from it. A number that is not there yet is of an entry after the one that is shown.
function placeHere() {
  return history.state?.place ?? shown.place + 1;
}

async function show() {
  const mine = ++turn;
  const address = location.hash || "#/cases";
  const page = document.getElementById("page");
  const body = h("div", {}, h("p", {}, "Loading ..."));
  shown.leave();
  const place = placeHere();
  history.replaceState({ place }, "");
  shown = { address: location.hash, place, leave: () => {}, isDirty: () => false };
  page.replaceChildren(body);
  document.title = NAME;
  markLink(address);
  await showUser();
  if (mine !== turn) return;
  let made = {};
  try {
    made = await open(body, address);
  } catch (error) {
    showFault(body, error);
  }
  if (mine !== turn) {
    made.leave?.();
    return;
  }
  Object.assign(shown, made);
  document.title = `${made.title || body.querySelector("h1")?.textContent || ""} - ${NAME}`;
  if (!page.contains(document.activeElement)) page.focus({ preventScroll: true });
}

function leaveFor() {
  if (location.hash === shown.address) return;
  if (shown.isDirty() && !confirm(UNSAVED)) {
    history.go(shown.place - placeHere());   // its address comes back, and no other entry is lost
    return;
  }
  show();
}

// Another entry of the same address, or one whose number a link to the page that is shown has taken away.
addEventListener("popstate", () => {
  if (location.hash !== shown.address) return;
  if (history.state) shown.place = history.state.place;
  else history.replaceState({ place: shown.place }, "");
});
addEventListener("hashchange", leaveFor);
// A page asks to be shown anew.
document.getElementById("page").addEventListener("reload", () => { if (!shown.isDirty() || confirm(UNSAVED)) show(); });
show();
