// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What happened to a case: what models said of it, and what people did. Asked for when it is opened, so that it is as of then.

import { get } from "./api.js";
import { badge, h, percent, time } from "./dom.js";

const REQUESTS = { triageCase: "computation asked for", chooseSeries: "series chosen by hand",
                   withdrawSeries: "automatic choice of the series again", putMask: "mask stored", postMask: "mask stored", withdrawMask: "mask withdrawn",
                   retryDelivery: "sending on asked for again" };
const ENDS = { received: "came by DICOM", removed: "was removed from the archive", withdrawn: "withdrawn" };

function describeComputation({ state, attempt, details }) {
  const words = state === "done" && details ? [details.status, percent(details.probability_altered),
    details.model ? `by ${details.model} (version ${details.version})` : null].filter(Boolean).join(", ") : details;
  return [badge(state), " ", words || "", attempt > 1 ? ` (attempt ${attempt})` : ""];
}

function describeReport({ action, details }) {
  const [name, end] = action.split("-");
  const content = name === "label" ? [details?.genotype, details?.assay && `by ${details.assay}`, details?.split] : [details?.decision, details?.status, details?.reason];
  return `${name} ${ENDS[end] || "stored"}: ${content.filter(Boolean).join(", ")}`;
}

const DRAWN = { MANUAL: "drawn by hand", SEMIAUTOMATIC: "drawn with a program's help" };

function describeMask({ action, details }) {
  const origin = details?.synthetic ? "planted in a phantom" : DRAWN[details?.algorithm_type];
  return `mask ${ENDS[action.split("-")[1]]}${origin ? `: ${origin}` : ""}`;
}

const SENT = { delivered: "sent on to ", confirmed: "kept, as is confirmed by " };

function describeDelivery({ state, details }) {
  const target = details.target || `rule ${details.rule} (not configured here)`;
  return SENT[state] ? SENT[state] + target : [badge(state), ` not delivered, given up: ${target}`, details.reason ? `, ${details.reason}` : ""];
}

function describe(entry) {
  if (entry.action === "computed") return describeComputation(entry);
  if (entry.action === "delivery") return describeDelivery(entry);
  if (entry.action.startsWith("mask-")) return describeMask(entry);
  return REQUESTS[entry.action] || describeReport(entry);
}

const row = (entry) => h("li", {}, h("span", { class: "quiet" }, time(entry.at)), h("div", {}, describe(entry), entry.by ? `, ${entry.by.replaceAll("^", " ")}` : ""));

export function historyPanel(study) {
  const list = h("ol", { class: "history", reversed: true });
  const panel = h("details", {}, h("summary", {}, "What happened to this case"), list);
  panel.addEventListener("toggle", async () => {
    if (!panel.open) return;
    try {
      const { entries } = await get(`cases/${study}/history`);
      list.replaceChildren(...(entries.length ? entries.map(row) : [h("li", {}, "Nothing is recorded.")]));
    } catch (error) {
      list.replaceChildren(h("li", { class: "notice" }, error.message));
    }
  });
  return h("section", {}, h("h2", {}, "History"), panel);
}
