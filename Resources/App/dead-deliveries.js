// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Results that did not reach their receiver: given up until a person retries, or to be tried again. Nothing where all arrive.

import { guard } from "./access.js";
import { get, send } from "./api.js";
import { badge, h, replaceRows, say, time } from "./dom.js";

const INTERVAL_MS = 5000;
const PAGE_SIZE = 50;
const COLUMNS = ["Study", "State", "To", "Attempts", "Reason", "Since", "Next attempt", "Do"];

// The element, which is looked at again and again, and `leave()`. `isToldAlready()`: whether the page says that nothing comes.
export function undeliveredPanel(isToldAlready) {
  const body = h("tbody");
  const summary = h("p", { class: "quiet", "aria-live": "polite" });
  const section = h("section", { "aria-label": "Not delivered" }, h("h2", {}, "Not delivered"), summary,
                    h("table", {}, h("thead", {}, h("tr", {}, COLUMNS.map((title) => h("th", { scope: "col" }, title)))), body));
  const fault = h("p", { class: "notice", role: "status" });
  const host = h("div", {}, fault);
  let shown = "";
  let asked = 0;
  let timer = 0;

  const retry = (one) => async () => {
    try {
      await send("POST", `deliveries/${one.id}/retry`);
      say("It will be sent at once");
      await look();
    } catch (error) { say(error.message, true); }
  };
  const row = (one) => h("tr", {},
    h("td", {}, h("a", { href: `#/case/${one.study}` }, one.study)), h("td", {}, badge(one.state)),
    h("td", {}, one.target || `rule ${one.rule} (not configured here)`), h("td", {}, one.attempts), h("td", {}, one.reason || ""),
    h("td", {}, time(one.updated)), h("td", {}, time(one.next_attempt)),
    h("td", {}, guard("retryDelivery", h("button", { type: "button", "aria-label": `Retry by rule ${one.rule}`, onclick: retry(one) }, "Retry"))));

  function show(dead, failed) {
    const deliveries = [...dead.deliveries, ...failed.deliveries];
    const hadFocus = section.contains(document.activeElement);
    replaceRows(body, deliveries.map(row));
    summary.textContent = `${dead.total} given up, ${failed.total} to be tried again` +
      (dead.total + failed.total > deliveries.length ? `; the newest ${PAGE_SIZE} of each are listed` : "");
    if (!deliveries.length) section.remove(); else if (!section.isConnected) host.append(section);
    // What was retried is gone with its button, and a keyboard goes on from the page.
    if (hadFocus && !section.isConnected) document.getElementById("page").focus({ preventScroll: true });
  }

  async function look() {
    const mine = ++asked;
    const [dead, failed] = await Promise.all(["dead", "failed"].map((state) => get(`deliveries?state=${state}&limit=${PAGE_SIZE}`)));
    const text = JSON.stringify([dead, failed]);
    if (mine !== asked || text === shown) return;
    shown = text;
    show(dead, failed);
  }

  // One line says it once, however long the server is away.
  const tell = (text) => { if (fault.textContent !== text) fault.textContent = text; };
  async function follow() {
    try {
      await look();
      tell("");
    } catch (error) { tell(isToldAlready() ? "" : `What was not delivered cannot be told. ${error.message}`); }
    if (timer !== null) timer = setTimeout(follow, INTERVAL_MS);
  }
  follow();
  return { host, leave: () => { clearTimeout(timer); timer = null; } };
}
