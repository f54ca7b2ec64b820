// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is known of the patient's tumour, which is what networks learn from.

import { guard } from "./access.js";
import { orthanc, send, sendBytes } from "./api.js";
import { field, h, say, select, whileDisabled } from "./dom.js";

const CHOOSE = ["", "choose"];   // nothing is claimed that nobody has said

// The fields by their keys; the words in brackets are those of REST and CSV.
const NAMES = { genotype: "Genotype", assay: "Assay", gene: "Gene", site: "Hospital (site)", pre_operative: "Before surgery (pre-operative)",
                split: "Part of data sets (split)", reason: "Reason for leaving it out", annotator: "Labelled by (annotator)",
                reviser: "Checked by (reviser)" };

// `label`: of the study, or null. Returns the form, `isDirty()`: whether what was typed is not stored, and
// `suggest(review, status)`: fills in what a review stands for. A reading proves no genotype, so whoever has reviewed says which
// assay did, and stores it.
export function labelPanel(study, label) {
  // The SR of the label that was seen, empty where there was none: the server holds it against what is there when one is
  // stored.
  const uidOf = (one) => (one ? one.sop_instance_uid ?? one.stored?.sop_instance_uid : "");
  let seen = uidOf(label);
  const see = (one) => { seen = uidOf(one); withdrawal.hidden = !seen; };
  let typed = 0;    // changes by hand
  let stored = 0;   // how many of them stand in the study
  const value = (name, byDefault) => label?.[name] ?? byDefault;
  const controls = {
    genotype: select([CHOOSE, ["altered", "altered"], ["wild-type", "wild type"]], value("genotype", "")),
    assay: select([CHOOSE, ["pyrosequencing", "pyrosequencing"], ["ihc", "immunohistochemistry"], ["other", "other"]], value("assay", "")),
    gene: select([["", "not given"], ["H3F3A", "H3F3A"], ["HIST1H3B", "HIST1H3B"]], value("gene", "") || ""),
    site: h("input", { value: value("site", "") || "" }),
    pre_operative: select([CHOOSE, ["true", "yes"], ["false", "no"]], String(value("pre_operative", ""))),
    split: select([CHOOSE, ["development", "development: to learn from"], ["external", "external: to measure by"],
                   ["excluded", "excluded: neither"]], value("split", "")),
    reason: select([["", "none"], ...["prior-surgery", "radiation", "chemotherapy", "missing-sequence", "artefact", "other"].map((r) => [r, r.replace("-", " ")])],
                   value("reason", "") || ""),
    annotator: h("input", { value: value("annotator", "") || "" }),
    reviser: h("input", { value: value("reviser", "") || "" }),
  };
  for (const name of ["genotype", "assay", "pre_operative", "split"]) controls[name].required = true;
  // A gene is what pyrosequencing names, a reason what excludes: elsewhere neither can be chosen, and none stays chosen.
  const adapt = () => {
    controls.gene.disabled = controls.assay.value !== "pyrosequencing";
    controls.reason.disabled = controls.split.value !== "excluded";
    for (const control of [controls.gene, controls.reason]) if (control.disabled) control.value = "";
  };
  adapt();
  const save = async (event) => {
    event.preventDefault();
    const body = {};
    for (const [name, control] of Object.entries(controls)) if (control.value !== "") body[name] = control.value;
    body.pre_operative = body.pre_operative === "true";
    body.replaces = seen;
    const sent = typed;   // what is typed while it is on its way is not in it
    try {
      const answer = await send("PUT", `cases/${study}/label`, body);
      see(answer);
      stored = sent;
      note.textContent = "";
      say(answer.changed ? "The label is stored in the study, as a DICOM SR" : "The label stands as it was");
    } catch (error) {
      if (error.status === 409 && "label" in error.body) tellConflict(error.body.label); else say(error.message, true);
    }
  };
  const withdraw = async () => {
    try {
      await sendBytes("DELETE", `cases/${study}/label`, null, { "H3K27M-Replaces": seen });
      see(null);
      for (const control of Object.values(controls)) control.value = "";
      adapt();
      stored = typed;
      note.textContent = "";
      controls.genotype.focus();
      say("The label is withdrawn from the study");
    } catch (error) {
      if (error.status === 404) await tellAbsence();
      else if (error.status === 409 && "label" in error.body) tellConflict(error.body.label);
      else say(error.message, true);
    }
  };
  const withdrawal = h("button", { type: "button", hidden: !seen, onclick: () => {
    if (confirm("Withdraw the label of this case? It is removed from the study, and this form is emptied.")) whileDisabled(withdrawal, withdraw);
  } }, "Withdraw the label");
  // Told once; to store it then, or to withdraw what is there, is to mean it.
  const tellConflict = (now) => {
    see(now);
    note.textContent = (now ? `Another label was stored meanwhile: ${now.genotype} by ${now.assay}, says ${now.annotator}.`
                            : "The label was withdrawn meanwhile.") + " The form is unchanged: store it to say it after all.";
  };
  // 404 is said of a label that is gone, and of a study.
  const tellAbsence = async () => {
    const isStudyGone = await orthanc(`studies/${study}`).then(() => false, (error) => error.status === 404);
    if (isStudyGone) say("This study is not in the archive any more, and its label with it", true); else tellConflict(null);
  };
  const note = h("p", { class: "notice", role: "status" });
  const suggest = (review, status) => {
    if (!status || status === controls.genotype.value) return;
    const before = controls.genotype.value;
    controls.genotype.value = status;
    controls.assay.value = "";   // what showed the other one does not show this one
    adapt();
    if (!controls.annotator.value) controls.annotator.value = review.reviewer.replaceAll("^", " ");
    if (!controls.site.value) controls.site.value = review.organisation;
    note.textContent = `The review says ${status}${before ? `, the label so far ${before}` : ""}. If an assay has shown it, say which, and ` +
      "store it as the label: then it counts for training.";
  };
  const form = h("form", { onsubmit: save, oninput: () => { typed++; adapt(); } }, note,
                 h("div", { class: "row" }, Object.entries(controls).map(([name, control]) => field(NAMES[name], control))),
                 h("div", { class: "row" }, h("button", { class: "main", type: "submit" }, "Store the label"), guard("withdrawLabel", withdrawal)));
  return { form: guard("putLabel", form), suggest, isDirty: () => typed !== stored };
}
