// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which series of a study was read and why the others were not; and a person's word against that.

import { isDenied, signedIn } from "./access.js";
import { send, sendBytes } from "./api.js";
import { h, say, whileDisabled } from "./dom.js";
import { describeRouting, nameOfSeries } from "./findings.js";

// What no choice helps is not offered; of what was not looked at yet the server judges.
const canBeRead = (series) => !(series.criteria || []).some(({ passed, binding }) => binding && !passed);

// `item`: the case, or null where the study was not looked at. `onQueued()`: called once another series is to be read.
export function seriesPanel(study, item, onQueued) {
  const body = h("div", { tabindex: -1 });
  let choice = item?.series_choice ?? null;

  async function change(button, request, words, chosen) {
    await whileDisabled(button, async () => {
      try {
        await request();
      } catch (error) {
        say(error.message, true);
        return;
      }
      choice = chosen;
      show();
      body.focus({ preventScroll: true });   // the button is gone
      say(words);
      await onQueued();
    });
  }
  function chooser(series, name) {
    if (isDenied("chooseSeries") || series.series === (choice ?? item.result)?.series || !canBeRead(series)) return null;
    const button = h("button", { "aria-label": `Read this series instead: ${name}`, onclick: () => {
      if (confirm(`Read the series ${name} instead? The study is computed anew, and the result says that you chose the series.`)) {
        change(button, () => send("PUT", `cases/${study}/series`, { series: series.series }), "Queued: this series is read",
               { series: series.series, by: signedIn() });
      }
    } }, "Read this series instead");
    return button;
  }
  function describeChoice() {
    if (!choice) return null;
    const button = h("button", { onclick: () => {
      if (confirm("Go back to the automatic choice of the series? The study is computed anew.")) {
        change(button, () => sendBytes("DELETE", `cases/${study}/series`, null, {}), "Queued: the automatic choice rules again", null);
      }
    } }, "Back to the automatic choice");
    return h("div", {}, h("p", {}, `Chosen by hand${choice.by ? ` by ${choice.by}` : ""}: ${nameOfSeries(item, choice)}`),
             isDenied("withdrawSeries") ? null : button);
  }
  const show = () => body.replaceChildren(...[describeChoice(), ...describeRouting(item, chooser)].filter(Boolean));
  if (item) show();
  return h("section", {}, h("h2", {}, "Series"), body);
}
