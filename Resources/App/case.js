// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One case: the stack with its layers, what the model says and why, and what a person says of it.

import { guard } from "./access.js";
import { ORTHANC, get, orthanc, send, sendBytes } from "./api.js";
import { badge, facts, field, h, percent, say, time } from "./dom.js";
import { deliveriesPanel } from "./deliveries.js";
import { Editor } from "./editor.js";
import { labelPanel } from "./label.js";
import { remembered, reviewPanel } from "./review.js";
import { fetchSaliency } from "./saliency.js";
import { Mask, Volume } from "./volume.js";
import { Viewer } from "./viewer.js";

const MODEL_COLOUR = [255, 120, 40];
const HUMAN_COLOUR = [60, 170, 255];

function describeSpread(members) {
  if (!members?.length) return null;
  return `${members.length} networks, each by itself: ${percent(Math.min(...members))} to ${percent(Math.max(...members))}`;
}

function describeTypicality(typicality) {
  if (!typicality) return null;
  // The share counts the study itself.
  const others = Math.max(Math.round(typicality.share * (typicality.patients + 1)) - 1, 0);
  return `${others} of ${typicality.patients} patients look at least as unusual to the model`;
}

function describeResult(item) {
  const prediction = item.result?.prediction;
  if (!prediction) return h("p", {}, item.reason || "No result yet.");
  return h("div", {}, facts([
    ["H3 K27M", prediction.status], ["P(altered)", percent(prediction.probability_altered)],
    ["Spread", describeSpread(prediction.member_probabilities)], ["Threshold", percent(prediction.threshold)], ["Why not", prediction.reason],
    ["Typicality", describeTypicality(prediction.typicality)],
    ["Volume", item.volume_mm3 ? `${(item.volume_mm3 / 1000).toFixed(1)} ml` : "no tumour found"],
    ["Model", item.result.model ? `${item.result.model.name} (version ${item.result.model.version})` : null],
    ["Finished", time(item.finished)]]),
  h("p", { class: "notice" }, "Research use only: no basis for a decision about a patient."));
}

function describeRouting(item) {
  return (item.routing || []).map((series) => h("details", {},
    h("summary", {}, series.accepted ? "taken: " : "not taken: ",
      series.criteria?.find((c) => c.name === "description")?.seen || series.series || series.series_instance_uid || "series"),
    h("ul", { class: "reasons" }, (series.reasons?.length ? series.reasons : ["all criteria passed"]).map((reason) => h("li", {}, reason)))));
}

function layerControl(viewer, name, layer) {
  return h("div", { class: "row" },
           h("label", {}, h("span", {}, `${name} mask`), h("input", { type: "checkbox", checked: true, onchange: (event) => {
             layer.isShown = event.target.checked; viewer.draw();
           } })),
           field("Opacity", h("input", { type: "range", min: 0, max: 100, value: layer.opacity * 100, "aria-label": `Opacity of the ${name} mask`,
                                         oninput: (event) => { layer.opacity = event.target.value / 100; viewer.draw(); } })));
}

// Off until it is asked for: the reader looks at the image first. It is fetched then.
function saliencyControl(viewer, result) {
  let layer = null;
  const opacity = h("input", { type: "range", min: 0, max: 100, value: 100, "aria-label": "Opacity of the saliency",
                               oninput: () => { if (layer) { layer.opacity = opacity.value / 100; viewer.draw(); } } });
  const toggle = async (event) => {
    const isOn = event.target.checked;
    try {
      layer ??= viewer.addPictures(await fetchSaliency(result, viewer.volume), opacity.value / 100);
    } catch (error) {
      event.target.checked = false;
      say(error.message, true);
      return;
    }
    layer.isShown = isOn;
    if (isOn && !layer.pictures.has(viewer.index)) viewer.show(result.saliency_slices[0]);
    viewer.draw();
  };
  return h("div", { class: "saliency" },
           h("div", { class: "row" }, h("label", {}, h("span", {}, "Saliency"), h("input", { type: "checkbox", onchange: toggle })),
             field("Opacity", opacity)),
           h("div", { class: "heat", role: "img", "aria-label": "Colours from blue, little, to red, most in this study" }),
           h("p", { class: "quiet" }, `Where the network looked, not where the tumour is (Grad-CAM for ${result.prediction.status}). ` +
             `Blue: little, red: the most in this study, whatever that is worth. On slice ${result.saliency_slices.map((i) => i + 1).join(", ")} only. ` +
             "Research use only."));
}

// Pointer and keys of the stack. Returns what undoes it.
function steer(host, viewer, editor) {
  let drag = null;
  const isDrawing = () => editor.current && editor.current.isOn;
  const onDown = (event) => {
    host.setPointerCapture(event.pointerId);
    drag = { x: event.clientX, y: event.clientY, window: viewer.window && { ...viewer.window }, shift: [...viewer.shift] };
    if (isDrawing() && event.button === 0) {
      drag.draws = true;
      editor.current.begin();
      editor.current.stroke(viewer.voxelAt(event));
    }
  };
  const onMove = (event) => {
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (drag.draws) {
      editor.current.stroke(viewer.voxelAt(event));
    } else if (event.buttons === 1 && !event.shiftKey && drag.window) {
      viewer.window = { centre: drag.window.centre + dy * drag.window.width / 400, width: Math.max(1, drag.window.width * Math.exp(dx / 300)) };
      viewer.paintImage();
      viewer.draw();
    } else {
      viewer.shift = [drag.shift[0] + dx, drag.shift[1] + dy];
      viewer.move();
    }
  };
  const onUp = () => { drag = null; };
  const onWheel = (event) => {
    event.preventDefault();
    if (event.ctrlKey) {
      viewer.zoom = Math.min(20, Math.max(0.5, viewer.zoom * Math.exp(-event.deltaY / 300)));
      viewer.move();
    } else {
      viewer.show(viewer.index + Math.sign(event.deltaY));
    }
  };
  const onKey = (event) => {
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -viewer.volume.slices, End: viewer.volume.slices };
    if (event.key in steps) viewer.show(viewer.index + steps[event.key]);
    else if (event.key === "+" || event.key === "-") { viewer.zoom *= event.key === "+" ? 1.25 : 0.8; viewer.move(); }
    else if (event.key === "0") { viewer.zoom = 1; viewer.shift = [0, 0]; viewer.window = null; viewer.move(); viewer.show(viewer.index); }
    else if ((event.ctrlKey || event.metaKey) && event.key === "z" && editor.current) editor.current.undo();
    else return;
    event.preventDefault();
  };
  host.addEventListener("pointerdown", onDown);
  host.addEventListener("pointermove", onMove);
  host.addEventListener("pointerup", onUp);
  host.addEventListener("wheel", onWheel, { passive: false });
  host.addEventListener("keydown", onKey);
}

function editControls(study, viewer, editor, volume, layers, view) {
  const start = (from) => {
    const mask = from ? from.copy() : new Mask(volume);
    if (layers.human) layers.human.mask = mask; else layers.human = viewer.addLayer(mask, HUMAN_COLOUR, 0.5);
    editor.current = new Editor(viewer, layers.human);
    editor.current.isOn = true;
    viewer.show(viewer.index);
    render();
  };
  const save = async () => {
    if (!layers.human.mask.countVoxels()) { say("The mask is empty: there is nothing to save", true); return; }
    try {
      // Who saves over a mask that another has saved meanwhile would lose that one.
      const now = await get(`cases/${study}/view`);
      if ((now.masks.human?.sop_instance_uid || null) !== (view.masks.human?.sop_instance_uid || null)) {
        say("Another person has saved a mask of this case meanwhile: reload the page to see it. Yours is still here, unsaved.", true);
        return;
      }
      const creator = document.getElementById("reviewer").value.trim();
      const headers = { "Content-Type": "application/x-nifti", "H3K27M-Series": view.series,
                        "H3K27M-Algorithm-Type": layers.isFromModel ? "SEMIAUTOMATIC" : "MANUAL" };
      if (layers.isFromModel) headers["H3K27M-Algorithm-Name"] = "Orthanc-H3K27M, corrected";
      if (creator) headers["H3K27M-Creator"] = encodeURIComponent(creator);
      await sendBytes("PUT", `cases/${study}/mask`, layers.human.mask.toNifti(), headers);
      Object.assign(view, await get(`cases/${study}/view`));
      editor.current.isChanged = false;
      editor.onSaved();
      say("The mask is stored in the study, as a DICOM SEG");
    } catch (error) {
      say(error.message, true);
    }
  };
  const box = h("div");
  const tool = (text, value) => h("button", { "aria-pressed": String(editor.current.isOn && editor.current.value === value), onclick: () => {
    const again = editor.current.isOn && editor.current.value === value;
    editor.current.isOn = !again;
    editor.current.value = value;
    render();
  } }, text);
  function render() {
    box.replaceChildren(...(!editor.current ? [
      h("div", { class: "row" },
        layers.model ? h("button", { onclick: () => { layers.isFromModel = true; start(layers.model.mask); } }, "Correct the model's mask") : null,
        layers.human ? h("button", { onclick: () => start(layers.human.mask) }, "Edit this mask") : null,
        h("button", { onclick: () => { layers.isFromModel = false; start(null); } }, "Draw a new mask")),
    ] : [
      h("div", { class: "row" }, tool("Brush", 1), tool("Eraser", 0),
        field("Size", h("input", { type: "range", min: 1, max: 30, value: editor.current.radius, "aria-label": "Size of the brush, in voxels",
                                   oninput: (event) => { editor.current.radius = Number(event.target.value); } })),
        h("button", { onclick: () => editor.current.undo() }, "Undo"),
        h("button", { class: "main", onclick: save }, "Save the mask")),
    ]));
  }
  render();
  return box;
}

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

export async function showCase(page, study) {
  const tags = await orthanc(`studies/${study}`);
  let item = null;
  try {
    item = await get(`cases/${study}`);
  } catch (error) {
    if (error.status !== 404) throw error;   // not looked at: the page is a labelling tool all the same
  }
  const title = `${tags.PatientMainDicomTags.PatientName || "(no name)"} ${tags.MainDicomTags.StudyDate || ""}`.replaceAll("^", " ");
  const host = h("div", { class: "viewer", tabindex: 0, role: "application", "aria-label": "Slices: arrow keys scroll, + and - zoom, 0 resets" },
                 h("canvas"), h("div", { class: "note" }));
  const side = h("aside");
  page.replaceChildren(h("h1", {}, title, " ", item ? badge(item.state) : null), h("div", { class: "case" }, host, side));

  const link = (path, text) => h("a", { href: new URL(path, ORTHANC).href }, text);
  const viewerUrl = await viewerAddress(tags, item);
  const label = labelPanel(study, item?.label);
  const review = reviewPanel(study, item, label.suggest);
  const sections = {
    result: h("section", {}, h("h2", {}, "Model"), item ? describeResult(item) : h("p", {}, "This study was not looked at."),
              guard("triageCase", h("button", { onclick: async () => {
                try {
                  await send("POST", `cases/${study}/triage`, { priority: "urgent", force: true });
                  say("Queued: it is computed anew");
                } catch (error) { say(error.message, true); }
              } }, "Compute anew"))),
    review: review.section,
    masks: h("section", {}, h("h2", {}, "Masks")),
    label: h("section", {}, h("h2", {}, "What is known of the patient"), field("Reviewer", h("input", { id: "reviewer", autocomplete: "name", value: remembered("reviewer") })),
             label.form),
    routing: h("section", {}, h("h2", {}, "Series"), item ? describeRouting(item) : null),
    links: h("section", {}, h("h2", {}, "Elsewhere"), h("p", {}, link(`app/explorer.html#study?uuid=${study}`, "Orthanc Explorer"),
             viewerUrl ? [" ", link(viewerUrl, "Web viewer")] : null,
             item?.result?.segmentation ? [" ", link(`instances/${item.result.segmentation}/file`, "SEG")] : null,
             item?.result?.saliency ? [" ", link(`instances/${item.result.saliency}/file`, "Saliency")] : null,
             item?.result?.report ? [" ", link(`instances/${item.result.report}/file`, "SR")] : null)),
  };
  const deliveries = deliveriesPanel(study, item);
  side.replaceChildren(...Object.values(sections), ...(deliveries ? [deliveries] : []));

  let view;
  try {
    view = await get(`cases/${study}/view`);
  } catch (error) {
    host.replaceChildren(h("p", { class: "note" }, error.message));
    return () => {};
  }
  const volume = new Volume(study, view);
  const viewer = new Viewer(host, volume);
  const layers = {};
  const editor = { current: null, onSaved: () => review.showMask(view.masks.human) };
  editor.onSaved();
  for (const [kind, colour] of [["model", MODEL_COLOUR], ["human", HUMAN_COLOUR]]) {
    if (view.masks[kind]) {
      layers[kind] = viewer.addLayer(await volume.mask(kind), colour, 0.4);
      sections.masks.append(layerControl(viewer, kind === "model" ? "Model's" : "Human", layers[kind]));
    }
  }
  if (item?.result?.saliency && item.result.series === view.series) sections.masks.append(saliencyControl(viewer, item.result));
  sections.masks.append(guard("putMask", editControls(study, viewer, editor, volume, layers, view)));
  steer(host, viewer, editor);
  viewer.move();
  viewer.show(view.masks.model?.largest_slice ?? view.masks.human?.largest_slice ?? Math.floor(view.slices / 2));
  host.focus({ preventScroll: true });
  const warn = (event) => { if (editor.current?.isChanged) event.preventDefault(); };
  addEventListener("beforeunload", warn);
  return () => { viewer.close(); removeEventListener("beforeunload", warn); };
}
