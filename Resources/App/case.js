// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One case: the stack with its layers, what the model says and why, and what a person says of it.

import { guard } from "./access.js";
import { ORTHANC, get, getIfThere, orthanc, orthancFind, send } from "./api.js";
import { badge, h, say } from "./dom.js";
import { deliveriesPanel } from "./deliveries.js";
import { describeResult, linkObjects, nameOfSeries } from "./findings.js";
import { historyPanel } from "./history.js";
import { labelPanel } from "./label.js";
import { saliencyControl } from "./layers.js";
import { Masking } from "./masking.js";
import { neighboursPanel } from "./neighbours.js";
import { describePatient } from "./patient.js";
import { reportReader } from "./report.js";
import { reviewPanel } from "./review.js";
import { seriesPanel } from "./series.js";
import { steer } from "./steering.js";
import { Volume } from "./volume.js";
import { Viewer } from "./viewer.js";

const INTERVAL_MS = 3000;
const PRESENCE_MS = 10000;
const isWaiting = (item) => ["queued", "running"].includes(item?.state);

// The study in the web viewer that the configuration names, its SEG in front; null where none is named.
async function viewerAddress(study, item) {
  const { viewer } = await get("status");
  if (!viewer) return null;
  let series = item?.result?.series_instance_uid;
  if (item?.result?.segmentation) {
    try {
      series = (await orthanc(`instances/${item.result.segmentation}/series`)).MainDicomTags.SeriesInstanceUID;
    } catch { /* deleted meanwhile */ }
  }
  const address = new URL(viewer.replaceAll("{StudyInstanceUID}", study.MainDicomTags.StudyInstanceUID)
    .replaceAll("{SeriesInstanceUID}", series || ""), ORTHANC);
  for (const [name, value] of [...address.searchParams]) if (!value) address.searchParams.delete(name);
  return address.href;
}

// Null where the study was not looked at: the page is a labelling tool all the same.
const findCase = (study) => getIfThere(`cases/${study}`);

// What the model says, and whether that is still so. What is shown stays until the reader asks for the newer result: what
// one is writing about must not change under the hand. `onState(state)`: of the last computation, as it goes on.
// `follow()` of what it returns looks on at one that was asked for elsewhere.
function resultPanel(study, item, onState) {
  const news = h("div", { role: "status" });
  let timer = 0;
  let asked = 0;
  let waiting = 0;   // questions whose answer has not come
  const reload = h("button", { onclick: () => news.dispatchEvent(new CustomEvent("reload", { bubbles: true })) }, "Show what it came to");

  function tell(words, ...more) {
    if (news.textContent.startsWith(words)) return;
    news.replaceChildren(h("p", { class: "notice" }, words), ...more);
  }
  async function look() {
    const mine = ++asked;
    let now;
    let fault;
    waiting++;
    try {
      now = await findCase(study);
    } catch (error) {
      fault = error.message;
    }
    waiting--;
    if (mine !== asked) return;   // what was asked later counts
    if (fault) {
      tell(fault);
      return;
    }
    if (!now) {   // a computation that is watched is known, so the study is gone
      stop();
      tell("This study is not in the archive any more.", reload);
      return;
    }
    onState(now.state);
    if (isWaiting(now)) {
      tell(item?.result ? "It is being computed anew; what stands here is the earlier result." : "It is being computed.");
    } else {
      stop();
      tell(`The computation has ended: ${now.state}.`, reload);
    }
  }
  const stop = () => { clearInterval(timer); timer = 0; };
  const leave = () => { clearInterval(timer); timer = -1; };   // nothing begins any more
  const watch = () => { timer ||= setInterval(() => { if (!waiting) look(); }, INTERVAL_MS); };
  if (isWaiting(item)) watch();
  const follow = () => { watch(); return look(); };
  const again = async () => {
    try {
      await send("POST", `cases/${study}/triage`, { priority: "urgent", force: true });
      say("Queued: it is computed anew");
      await follow();
    } catch (error) { say(error.message, true); }
  };
  return { leave, follow, section: h("section", {}, h("h2", {}, "Model"), news,
                                     item ? describeResult(item) : h("p", {}, "This study was not looked at."),
                                     guard("triageCase", h("button", { onclick: again }, "Compute anew"))) };
}

// The objects that stand in the study, and their SRs to be read here. Returns {section, showReview(review), showMask(mask)}, which
// tell of those that are there by now.
function linksPanel(study, item, viewerUrl) {
  const link = (path, text) => h("a", { href: new URL(path, ORTHANC).href }, text);
  const section = h("section");
  const files = h("span");
  let [mask, review] = [item?.human_mask, null];
  let asked = 0;
  function showFiles() {
    const all = [[mask?.synthetic ? "Planted SEG" : "Human SEG", mask?.segmentation], ["Review SR", review?.instance]];
    files.replaceChildren(...all.filter(([, id]) => id).flatMap(([name, id]) => [" ", link(`instances/${id}/file`, name)]));
  }
  // As the view of the case has it: without Orthanc's identifier.
  async function showMask(shown) {
    const mine = ++asked;
    const uid = shown?.sop_instance_uid || null;
    if (uid && uid === mask?.segmentation_instance_uid) return;
    mask = null;
    showFiles();
    let found = [];
    try {
      if (uid) found = await orthancFind({ Level: "Instance", Query: { SOPInstanceUID: uid } });
    } catch { /* no link */ }
    if (mine !== asked || !found.length) return;
    mask = { segmentation: found[0], segmentation_instance_uid: uid, synthetic: shown.synthetic };
    showFiles();
  }
  function showReview(made) {
    review = made;
    showFiles();
    const reports = [[item?.result?.report, "model's SR"], [review?.instance, "review's SR"]];
    section.replaceChildren(h("h2", {}, "Elsewhere"), h("p", {}, link(`app/explorer.html#study?uuid=${study}`, "Orthanc Explorer"),
                              viewerUrl ? [" ", link(viewerUrl, "Web viewer")] : null, linkObjects(item?.result), files),
                            ...reports.filter(([id]) => id).map(([id, name]) => reportReader(id, name)));
  }
  showReview(item?.review);
  return { section, showReview, showMask };
}

// The control of the saliency, whose slices are told by their index in the stack: null where there is none, and a word in
// its place where the images are others by now. A result of before the stack was noted is known by its series alone.
function saliencyPanel(viewer, view, result) {
  if (!result?.saliency || result.series !== view.series) return null;
  if (!result.stack || result.stack === view.stack) return saliencyControl(viewer, result);
  return h("p", { class: "notice" }, "The saliency is not shown: it was computed of other images than these. Compute anew to have it.");
}

// The stack with its masks; null where the study has none that can be shown, and the host says why. `linkMask(mask)`: the study's
// is another one than was known.
async function showStack(host, study, item, section, review, linkMask) {
  let view;
  try {
    view = await get(`cases/${study}/view`);
  } catch (error) {
    host.replaceChildren(h("p", { class: "note" }, error.message));
    return null;
  }
  section.append(h("p", { class: "quiet" }, `Images: ${nameOfSeries(item || {}, view)}`));
  const viewer = new Viewer(host, new Volume(study, view));
  try {
    const onSaved = () => { review.showMask(view.masks.human); linkMask(view.masks.human); };
    const masking = new Masking(study, viewer, view, review.reader, onSaved);
    section.append(await masking.load());
    section.append(...[saliencyPanel(viewer, view, item?.result)].filter(Boolean));
    steer(host, viewer, masking);
    viewer.move();
    viewer.show(view.masks.model?.largest_slice ?? view.masks.human?.largest_slice ?? Math.floor(view.slices / 2));
    review.showMask(view.masks.human);
    if (view.masks.human) linkMask(view.masks.human);   // else there may be one of another series
    return { viewer, masking };
  } catch (error) {
    viewer.close();
    throw error;
  }
}

// Whoever only looks at a case learns that its study was deleted, too. Returns {line, leave}.
function watchPresence(study) {
  const line = h("div", { role: "alert" });
  const timer = setInterval(async () => {
    try {
      await orthanc(`studies/${study}`);
    } catch (error) {
      if (error.status !== 404) return;   // a server that is away comes back
      clearInterval(timer);
      line.replaceChildren(h("p", { class: "notice" }, "This study was deleted from the archive. What stands here is what was known of it; ",
                             "nothing can be stored any more. ", h("a", { href: "#/cases" }, "Back to the cases")));
    }
  }, PRESENCE_MS);
  return { line, leave: () => clearInterval(timer) };
}

export async function showCase(page, study) {
  const tags = await orthanc(`studies/${study}`);
  const item = await findCase(study);
  const host = h("div", { class: "viewer", tabindex: 0, role: "application", "aria-label":
    "Slices: arrow keys scroll, + and - zoom, [ and ] narrow and widen the window, comma and full stop move its level, 0 resets" },
                 h("canvas"), h("div", { class: "note" }));
  const side = h("aside");
  const state = h("span", {}, item ? badge(item.state) : null);
  page.replaceChildren(h("h1", {}, describePatient(tags), " ", state), neighboursPanel(study, host), h("div", { class: "case" }, host, side));

  const viewerUrl = await viewerAddress(tags, item);
  const label = labelPanel(study, item ? item.label : await getIfThere(`cases/${study}/label`));
  let stack = null;   // {viewer, masking} once it is shown
  let isLeft = false;
  const links = linksPanel(study, item, viewerUrl);
  const review = reviewPanel(study, item, links.showReview, label.suggest, () => Boolean(stack?.masking.isUnsaved));
  const result = resultPanel(study, item, (now) => state.replaceChildren(badge(now)));
  const masks = h("section", {}, h("h2", {}, "Masks"));
  const deliveries = deliveriesPanel(study, item);
  side.replaceChildren(result.section, review.section, masks, h("section", {}, h("h2", {}, "What is known of the patient"), label.form),
                       seriesPanel(study, item, result.follow), links.section, deliveries.section,
                       historyPanel(study));

  // What is typed beside the images does not wait for them, and does not go with them.
  async function fillStack() {
    try {
      stack = await showStack(host, study, item, masks, review, links.showMask);
      if (!stack) review.showNoImages();
    } catch (error) {
      host.replaceChildren(h("p", { class: "note" }, `The images cannot be shown. ${error.message}`));
      review.showFault();
    }
    if (isLeft) stack?.viewer.close();
    // The keys go to the stack, unless the reader has begun elsewhere meanwhile.
    else if ([document.body, document.getElementById("page")].includes(document.activeElement)) host.focus({ preventScroll: true });
  }
  const isDirty = () => Boolean(stack?.masking.isDirty) || label.isDirty();
  const warn = (event) => { if (isDirty()) event.preventDefault(); };
  addEventListener("beforeunload", warn);
  const presence = watchPresence(study);
  page.firstElementChild.after(presence.line);
  fillStack();
  return { title: "Case", isDirty, leave: () => {
    isLeft = true;
    presence.leave();
    result.leave();
    deliveries.leave();
    stack?.viewer.close();
    removeEventListener("beforeunload", warn);
  } };
}
