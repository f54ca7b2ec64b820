// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { get, orthanc } from "./api.js";
import { badge, facts, h, time } from "./dom.js";

const INTERVAL_MS = 3000;
const describeWait = (seconds) => (typeof seconds === "number" ? `in ${Math.ceil(seconds)} s` : null);
const mebibytes = (bytes) => (bytes ? `${Math.round(bytes / 1048576)} MiB` : null);

export async function showStatus(page) {
  const body = h("div");
  const answer = h("p", { class: "quiet" });
  const fault = h("p", { class: "notice", role: "status" });
  let last = null;   // when the server answered last
  // Of Orthanc's own; it does not change while the page is open. Null where it is not told.
  const system = await orthanc("system").catch(() => null);
  async function load() {
    const status = await get("status");
    const engine = status.engine;
    last = new Date().toISOString();
    answer.textContent = `As of ${time(last)}`;
    fault.textContent = "";
    body.replaceChildren(
      h("section", {}, h("h2", {}, "Plugin"), facts([["Version", status.version], ["Orthanc", system?.Version], ["Triage", status.triage], ["Work store", status.work_store],
        ["Deliveries given up", status.deliveries?.dead || null], ["Deliveries to be tried again", status.deliveries?.failed || null],
        ["Backfill", status.backfill_pending ? `${status.backfill_pending} studies` : null],
        ...Object.entries(status.queue).map(([state, count]) => [state, count])])),
      h("section", {}, h("h2", {}, "Engine ", badge(engine.state)), facts([["Model", engine.model?.name], ["Device", engine.device], ["Precision", engine.precision],
        ["Threads", engine.threads], ["Memory", mebibytes(engine.rss_bytes)], ["Peak", mebibytes(engine.peak_rss_bytes)],
        ["Version", engine.engine_version], ["LibTorch", engine.libtorch_version], ["CUDA", engine.cuda_version],
        ["Starts", engine.starts], ["Failures in a row", engine.failures_in_a_row || null], ["Next start", describeWait(engine.next_start_seconds)],
        ["Last error", engine.last_error]])));
  }
  // What was known stays to be read, and says how old it is.
  const fail = (error) => { fault.textContent = `${error.message}. What stands here is as of ${time(last)}.`; };
  page.replaceChildren(h("h1", {}, "Status"), fault, answer, body);
  await load();
  const timer = setInterval(() => load().catch(fail), INTERVAL_MS);
  return () => clearInterval(timer);
}
