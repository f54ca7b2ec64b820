// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The masks of a case: to be shown, drawn, corrected and stored.

import { guard } from "./access.js";
import { get, sendBytes } from "./api.js";
import { h, say } from "./dom.js";
import { Editor } from "./editor.js";
import { layerControl, outlineControl } from "./layers.js";
import { Mask } from "./volume.js";

const COLOURS = { model: [255, 120, 40], human: [60, 170, 255] };
const NAMES = { model: "Model's mask", human: "Human mask" };
const PLANTED = "Planted mask (phantom)";
const SAVE = "Save the mask";
const WITHDRAW = "Withdraw the mask";
const DISCARD = "Discard";
const uidOf = (mask) => mask?.sop_instance_uid || null;
const nameOf = (control) => control.getAttribute("aria-label") || (control.closest("label") || control).textContent;
const isUnanswered = (error) => error.status === 0 || error.status >= 500;
const nameOfCreator = (mask) => (mask.creator ? ` (${mask.creator.replaceAll("^", " ")})` : "");

export class Masking {
  // `view`: of the case; its `masks` are kept at what was seen last. `reader`: {get(), keep()} of the name of who draws.
  // `onSaved()`: the mask in the study is another one.
  constructor(study, viewer, view, reader, onSaved) {
    Object.assign(this, { study, viewer, view, reader, onSaved });
    this.layers = {};
    this.current = null;          // Editor
    this.isFromModel = false;     // what is edited began as the model's mask, or as a phantom's planted one
    this.isOther = false;         // what is edited took the place of the stored mask on the screen, and of nothing else so far
    this.isSaving = false;        // or withdrawing, or discarding
    this.isDiscarding = false;
    this.lost = null;             // {mask, creator, type}: what was sent and not answered: it may stand in the study
    this.list = h("div");
    this.agreement = h("p", { class: "quiet agreement" });
    this.tools = h("div");
    this.note = h("div", { role: "alert" });
  }

  async load() {
    for (const kind of Object.keys(COLOURS)) {
      if (this.isShowable(kind)) this.layers[kind] = this.viewer.addLayer(await this.viewer.volume.mask(kind), COLOURS[kind], 0.4);
    }
    this.showLayers();
    this.showTools();
    return h("div", {}, this.list, this.agreement, guard("putMask", h("div", {}, this.tools, this.note)));
  }

  get isDirty() {
    return Boolean(this.current?.isChanged);
  }

  // Whether what is shown as the human mask is another one than the study's: a review refers to that one.
  get isUnsaved() {
    return this.isDirty || this.isOther;
  }

  // Whether the study has a mask that a person made, wherever it lies.
  get isDrawn() {
    const { human } = this.view.masks;
    return Boolean(uidOf(human)) && !human.synthetic;
  }

  // Whether the study has such a mask that lies on the images as they are now.
  isShowable(kind) {
    const mask = this.view.masks[kind];
    return Boolean(mask) && !mask.fault;
  }

  // What is drawn here is a person's, also where a phantom's planted mask was before.
  nameOf(kind) {
    return kind === "human" && !this.current && this.view.masks.human?.synthetic ? PLANTED : NAMES[kind];
  }

  // The focus stays with the control of the same name.
  showLayers() {
    const had = this.list.contains(document.activeElement) ? nameOf(document.activeElement) : null;
    const faulty = Object.entries(this.view.masks).filter(([, mask]) => mask?.fault);
    this.list.replaceChildren(
      ...Object.entries(this.layers).map(([kind, layer]) => layerControl(this.viewer, this.nameOf(kind), layer)),
      ...(Object.keys(this.layers).length ? [outlineControl(this.viewer)] : []),
      ...faulty.map(([kind, mask]) => h("div", { class: "notice" },
        h("p", {}, `${mask.synthetic ? PLANTED : NAMES[kind]} is not shown: it cannot be laid on these images. ` +
          (kind === "human" ? "A new mask that is saved takes its place." : "Compute anew to have one that does.")),
        h("details", {}, h("summary", {}, "Reason"), h("p", {}, mask.fault)))));
    if (had) [...this.list.querySelectorAll("input, summary")].find((control) => nameOf(control) === had)?.focus();
    this.showAgreement();
  }

  // Of the masks as they are shown, strokes that are not saved among them; over the whole volume.
  showAgreement() {
    const { model, human } = this.layers;
    const dice = model && human?.mask.countVoxels() ? model.mask.diceWith(human.mask) : null;   // nothing is drawn yet: no verdict
    const other = this.nameOf("human") === PLANTED ? "planted" : "human";
    this.agreement.textContent = dice === null ? ""
      : `Dice of the model's and the ${other} mask: ${dice.toFixed(3)}${this.isUnsaved ? ", as drawn here" : ""}`;
  }

  start(from, isFromModel) {
    this.note.replaceChildren();
    this.lost = null;
    const mask = from ? from.copy() : new Mask(this.viewer.volume);
    if (this.layers.human) this.layers.human.mask = mask; else this.layers.human = this.viewer.addLayer(mask, COLOURS.human, 0.5);
    this.layers.human.isShown = true;   // what is drawn is seen
    this.layers.human.opacity ||= 0.5;
    this.isFromModel = isFromModel;
    this.isOther = from ? from === this.layers.model?.mask : Boolean(this.view.masks.human);
    this.current = new Editor(this.viewer, this.layers.human, () => this.showAgreement());
    this.current.isOn = true;
    this.viewer.show(this.viewer.index);
    this.showLayers();
    this.showTools();
  }

  // Back to what is in the study. While that is fetched nothing is drawn: it would go, or be part of the stored mask.
  async discard() {
    const editor = this.current;
    if (editor.isDrawing || (this.isDirty && !confirm("Discard what was drawn and is not saved?"))) return;
    const { isOn } = editor;
    editor.isOn = false;
    this.isDiscarding = true;
    await this.whileSaving(DISCARD, async () => {
      try {
        await this.showStored();
        this.note.replaceChildren();
      } catch (error) {
        editor.isOn = isOn;
        say(error.message, true);
      }
      this.isDiscarding = false;
    });
  }

  // The human mask of `view`, in the place of whatever is shown as that.
  async showStored() {
    const stored = this.isShowable("human") ? await this.viewer.volume.mask("human") : null;
    const { human } = this.layers;
    if (stored && human) {
      human.mask = stored;
    } else if (stored) {
      this.layers.human = this.viewer.addLayer(stored, COLOURS.human, 0.4);
    } else if (human) {
      this.viewer.removeLayer(human);
      delete this.layers.human;
    }
    this.current = this.lost = null;
    this.isOther = false;
    this.viewer.show(this.viewer.index);
    this.showLayers();
    this.showTools();
  }

  // A mask that came of the model's, or of a phantom, stays so, whoever edits it further.
  editStored() {
    const { algorithm_type: type, synthetic } = this.view.masks.human || {};
    this.start(this.layers.human.mask, synthetic || (type ? type !== "MANUAL" : this.isFromModel));
  }

  // What another has done meanwhile is told once; to save then is to mean it.
  tellConflict(masks) {
    this.view.masks = masks;
    this.current.saved = null;   // it stands nowhere, though it may have no stroke
    this.showLayers();
    const { human } = masks;
    this.note.replaceChildren(h("p", { class: "notice" }, human
      ? `Another person has saved a mask of this case meanwhile${nameOfCreator(human)}. ` +
        "Yours is still here, unsaved: save it again to put it in place of that one, or discard it to see that one."
      : "Another person has saved a change meanwhile: the mask of this case is withdrawn. Yours is still here, unsaved: save it again " +
        "to store it all the same, or discard it."));
    this.onSaved();
  }

  // It stays to be read, and what was drawn does not go with the page.
  tellFault(error) {
    const keep = () => {
      const address = URL.createObjectURL(new Blob([this.current.layer.mask.toNifti()], { type: "application/x-nifti" }));
      h("a", { href: address, download: `mask-${this.view.series}.nii` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60000);
    };
    const state = this.lost && isUnanswered(error) ? "It is not known whether the mask is saved: save it again." : "The mask is not saved.";
    this.note.replaceChildren(h("div", { class: "notice" }, h("p", {}, `${state} ${error.message}`),
                                h("button", { onclick: keep }, "Keep it as a file (NIfTI)")));
  }

  headers({ creator, type }) {
    const headers = { "Content-Type": "application/x-nifti", "H3K27M-Series": this.view.series,
                      "H3K27M-Replaces": uidOf(this.view.masks.human) || "none", "H3K27M-Algorithm-Type": type };
    if (this.isFromModel) headers["H3K27M-Algorithm-Name"] = "Orthanc-H3K27M, corrected";
    if (creator) headers["H3K27M-Creator"] = encodeURIComponent(creator);
    return headers;
  }

  // Whether a mask in the study is the one that was sent from here and not answered.
  async wasSentHere(mask) {
    const { lost } = this;
    if (!lost || !mask || mask.fault || mask.creator !== lost.creator || mask.algorithm_type !== lost.type) return false;
    return (await this.viewer.volume.mask("human")).equals(lost.mask);
  }

  // The masks in the study, when they are not those that were seen or sent from here; null when they are. The server decides
  // when the mask is stored; this spares sending it in vain.
  async findConflict() {
    const now = await get(`cases/${this.study}/view`);
    if (now.series === this.view.series && now.stack !== this.view.stack) {
      throw new Error("The images of this series are others than those that the mask was drawn on: load the page again to see them");
    }
    if (now.series !== this.view.series || uidOf(now.masks.human) === uidOf(this.view.masks.human)) return null;
    if (!await this.wasSentHere(now.masks.human)) return now.masks;
    this.view.masks = now.masks;
    this.onSaved();
    return null;
  }

  async store(editor) {
    const conflict = await this.findConflict();
    if (conflict) {
      this.tellConflict(conflict);
      return;
    }
    const { state } = editor;   // strokes while it is on its way are not in it
    const sent = { mask: editor.layer.mask.copy(), creator: this.reader.get(), type: this.isFromModel ? "SEMIAUTOMATIC" : "MANUAL" };
    let stored;
    try {
      stored = await sendBytes("PUT", `cases/${this.study}/mask`, sent.mask.toNifti(), this.headers(sent));
    } catch (error) {
      if (isUnanswered(error)) this.lost = sent;
      const seen = uidOf(this.view.masks.human);
      const meanwhile = error.status === 409 ? await this.findConflict() : null;
      if (meanwhile) {
        this.tellConflict(meanwhile);
      } else if (uidOf(this.view.masks.human) !== seen) {   // what stood in the way came from here, late
        await this.store(editor);
      } else {
        throw error;
      }
      return;
    }
    this.lost = null;
    editor.saved = state;
    this.isOther = false;
    this.reader.keep();
    this.note.replaceChildren();
    say("The mask is stored in the study, as a DICOM SEG");
    const { segmentation_instance_uid: uid, creator, algorithm_type: type } = stored;
    this.view.masks.human = { sop_instance_uid: uid, creator, algorithm_type: type };
    this.showLayers();
    this.onSaved();
  }

  async save() {
    if (!this.current.layer.mask.countVoxels()) {
      say(`The mask is empty: there is nothing to save${this.isDrawn ? ". To take the stored one away, discard this one, then withdraw that" : ""}`, true);
      return;
    }
    await this.whileSaving(SAVE, async () => {
      try {
        await this.store(this.current);
      } catch (error) {
        this.tellFault(error);
      }
    });
  }

  // The focus, which the button of that name loses meanwhile, comes back to it, or where it is gone to the first one.
  async whileSaving(name, action) {
    const had = this.tools.contains(document.activeElement);
    this.isSaving = true;
    this.showTools();
    await action();
    this.isSaving = false;
    this.showTools();
    if (had && document.activeElement === document.body) this.focusTool(name);
  }

  // While something is saved nothing else takes the focus of a button that waits for it.
  focusTool(name) {
    const tools = [...this.tools.querySelectorAll("button:enabled, input:enabled")];
    (tools.find((tool) => nameOf(tool) === name) || (this.isSaving ? null : tools[0]))?.focus();
  }

  // Where another mask is there by now nothing goes: that one is shown, and can be withdrawn then.
  async withdrawStored() {
    let words = "";
    let masks;
    try {
      await sendBytes("DELETE", `cases/${this.study}/mask`, null, { "H3K27M-Series": this.view.series, "H3K27M-Replaces": uidOf(this.view.masks.human) });
      ({ masks } = await get(`cases/${this.study}/view`));
      if (masks.human) words = `The mask is withdrawn. The one that was there before${nameOfCreator(masks.human)}, which a review names, is in force again.`;
    } catch (error) {
      const meanwhile = [404, 409].includes(error.status) ? await this.findConflict() : null;
      if (!meanwhile) throw error;
      masks = meanwhile;
      words = masks.human ? `Another person has saved a mask of this case meanwhile${nameOfCreator(masks.human)}: it is here now. Nothing was withdrawn.`
                          : "Another person has withdrawn the mask of this case meanwhile.";
    }
    this.view.masks = masks;
    await this.showStored();
    this.onSaved();
    this.note.replaceChildren(...(words ? [h("p", { class: "notice" }, words)] : []));
    if (!words) say("The mask is withdrawn from the study");
  }

  async withdraw() {
    if (!confirm("Withdraw the human mask of this case? It is removed from the study, unless a review names it.")) return;
    await this.whileSaving(WITHDRAW, async () => {
      try {
        await this.withdrawStored();
      } catch (error) { say(error.message, true); }
    });
  }

  tool(text, value) {
    const editor = this.current;
    const isInHand = editor.isOn && editor.value === value;
    return h("button", { "aria-pressed": String(isInHand), disabled: this.isDiscarding, onclick: () => {
      editor.isOn = !isInHand;
      editor.value = value;
      this.showTools();
    } }, text);
  }

  sizeControl(editor) {
    const words = () => (editor.size === 1 ? "Size: 1 voxel" : `Size: ${editor.size} voxels across`);
    const name = h("span", {}, words());
    return h("label", {}, name, h("input", { type: "range", min: 1, max: 60, value: editor.size, "aria-label": "Size of the brush, in voxels across",
                                             oninput: (event) => { editor.size = Number(event.target.value); name.textContent = words(); } }));
  }

  showTools() {
    const { layers, current: editor } = this;
    const focused = this.tools.contains(document.activeElement) ? document.activeElement : null;
    this.tools.replaceChildren(h("div", { class: "row" }, !editor ? [
      layers.model ? h("button", { disabled: this.isSaving, onclick: () => this.start(layers.model.mask, true) }, "Correct the model's mask") : null,
      layers.human ? h("button", { disabled: this.isSaving, onclick: () => this.editStored() }, "Edit this mask") : null,
      h("button", { disabled: this.isSaving, onclick: () => this.start(null, false) }, "Draw a new mask"),
      this.isDrawn ? guard("withdrawMask", h("button", { disabled: this.isSaving, onclick: () => this.withdraw() }, WITHDRAW)) : null,
    ] : [
      this.tool("Brush", 1), this.tool("Eraser", 0),
      this.sizeControl(editor),
      h("button", { onclick: () => editor.undo() }, "Undo"), h("button", { onclick: () => editor.redo() }, "Redo"),
      h("button", { onclick: () => editor.clearSlice() }, "Clear this slice"),
      h("button", { class: "main", disabled: this.isSaving, onclick: () => this.save() }, this.isSaving && !this.isDiscarding ? "Saving ..." : SAVE),
      h("button", { disabled: this.isSaving, onclick: () => this.discard() }, DISCARD),
    ]));
    if (focused) this.focusTool(nameOf(focused));
  }
}
