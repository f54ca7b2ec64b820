// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where the result of a case was sent on to, and how that goes.

import { guard } from "./access.js";
import { get, send } from "./api.js";
import { badge, h, say, time } from "./dom.js";

const INTERVAL_MS = 5000;
const goesOn = (one) => ["waiting", "sending", "failed"].includes(one.state) || one.awaits_confirmation;

// The section, empty where nothing is sent on, which follows what goes on; and `leave()`.
export function deliveriesPanel(study, item) {
  const section = h("section");
  let timer = 0;
  let asked = 0;

  function row(one) {
    const retry = async () => {
      try {
        await send("POST", `deliveries/${one.id}/retry`);
        await look();
        say("It will be sent at once");
      } catch (error) { say(error.message, true); }
    };
    return h("div", {},
      h("p", {}, badge(one.state), " ", one.target || `rule ${one.rule} (not configured here)`,
        one.awaits_confirmation ? ", to be confirmed" : "", ` (attempts: ${one.attempts}`, one.delivered ? `, ${time(one.delivered)}` : "", ")"),
      one.reason ? h("p", {}, one.reason) : null,
      one.state === "failed" ? h("p", {}, `Next attempt: ${time(one.next_attempt)}`) : null,
      one.state === "sending" ? null : guard("retryDelivery", h("button", { "aria-label": `Send again by rule ${one.rule}`, onclick: retry },
                                                                ["failed", "dead"].includes(one.state) ? "Retry" : "Send again")));
  }
  let shown = "";
  function show(deliveries) {
    const text = JSON.stringify(deliveries);
    if (text !== shown) {   // else what has the focus keeps it
      shown = text;
      section.replaceChildren(...(deliveries.length ? [h("h2", {}, "Sent on"), ...deliveries.map(row)] : []));
    }
    clearTimeout(timer);
    if (timer !== null && deliveries.some(goesOn)) timer = setTimeout(() => look().catch(() => show(deliveries)), INTERVAL_MS);
  }
  async function look() {
    const mine = ++asked;
    const { deliveries } = await get(`cases/${study}`);
    if (mine === asked) show(deliveries);
  }
  show(item?.deliveries || []);
  return { section, leave: () => { clearTimeout(timer); timer = null; } };
}
