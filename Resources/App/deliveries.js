// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where the result of a case was sent on to, and how that went.

import { guard } from "./access.js";
import { get, send } from "./api.js";
import { badge, h, say, time } from "./dom.js";

export function deliveriesPanel(study, item) {
  const list = h("div");
  const show = (deliveries) => list.replaceChildren(...deliveries.map((one) => h("div", {},
    h("p", {}, badge(one.state), " ", one.target || `rule ${one.rule} (not configured here)`,
      one.awaits_confirmation ? ", to be confirmed" : "", ` (attempts: ${one.attempts}`, one.delivered ? `, ${time(one.delivered)}` : "", ")"),
    one.reason ? h("p", {}, one.reason) : null,
    one.state === "failed" ? h("p", {}, `Next attempt: ${time(one.next_attempt)}`) : null,
    one.state === "sending" ? null : guard("retryDelivery", h("button", { "aria-label": `Send again by rule ${one.rule}`, onclick: async () => {
      try {
        await send("POST", `deliveries/${one.id}/retry`);
        show((await get(`cases/${study}`)).deliveries);
        say("It will be sent at once");
      } catch (error) { say(error.message, true); }
    } }, ["failed", "dead"].includes(one.state) ? "Retry" : "Send again")))));
  if (!item?.deliveries?.length) return null;   // nothing is sent on: no section
  show(item.deliveries);
  return h("section", {}, h("h2", {}, "Sent on"), list);
}
