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

let leave = () => {};

async function show() {
  const address = location.hash || "#/cases";
  const page = document.getElementById("page");
  leave();
  leave = () => {};
  page.replaceChildren(h("p", {}, "Loading ..."));
  for (const link of document.querySelectorAll("header nav a")) {
    const isHere = address.startsWith(link.getAttribute("href").replace(/s$/, ""));
    if (isHere) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  for (const [pattern, open] of PAGES) {
    const match = pattern.exec(address);
    if (!match) continue;
    try {
      // A page returns what is to be done when it is left: timers, keys.
      leave = (await open(page, ...match.slice(1))) || (() => {});
    } catch (error) {
      page.replaceChildren(h("h1", {}, "This cannot be shown"), h("p", {}, error.message),
                           h("p", {}, h("a", { href: "#/cases" }, "Back to the cases")));
    }
    if (!page.contains(document.activeElement)) page.focus({ preventScroll: true });
    return;
  }
  page.replaceChildren(h("h1", {}, "There is no such page"), h("p", {}, h("a", { href: "#/cases" }, "To the cases")));
}

async function start() {
  try {
    const { user, role } = await loadAccess();
    document.getElementById("user").textContent = user ? `${user}, ${role}` : role;
    document.getElementById("audit").hidden = isDenied("listAudit");
  } catch { /* the first page says why the server does not answer */ }
  await show();
}

addEventListener("hashchange", show);
start();
