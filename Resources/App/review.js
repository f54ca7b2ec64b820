// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The review panel: a reader agrees with the model's result, corrects it, rejects it or stays uncertain. What is typed stays
// in the tab until it is stored, whatever happens. Who reads is remembered for the user who is signed in, and for this tab alone
// where nobody has to sign in: the next one at a shared workstation is another.

import { guard, isDenied, signedIn } from "./access.js";
import { getIfThere, send } from "./api.js";
import { badge, facts, field, h, say, select, time } from "./dom.js";

const PERSON = ["reviewer", "organisation"];
const STATUSES = [["", "as the model has it (the mask is corrected)"], ["altered", "altered"], ["wild-type", "wild type"]];

const placeOf = (name) => [signedIn() ? localStorage : sessionStorage, `h3k27m-${name}-${signedIn() || ""}`];
const draftOf = (study) => `h3k27m-review-${study}-${signedIn() || ""}`;

function remembered(name) {
  const [storage, key] = placeOf(name);
  return storage.getItem(key) || "";
}

// The fields that say who reads: one for the review and for the mask.
function makeReader() {
  const fields = Object.fromEntries(PERSON.map((name) => [name, h("input", {
    value: remembered(name), maxlength: 64, required: true, autocomplete: name === "reviewer" ? "name" : "organization" })]));
  const keep = () => {
    for (const name of PERSON) {
      const [storage, key] = placeOf(name);
      storage.setItem(key, fields[name].value.trim());
    }
  };
  return { fields, keep, get: () => fields.reviewer.value.trim() };
}

function readDraft(study) {
  try {
    return JSON.parse(sessionStorage.getItem(draftOf(study))) || {};
  } catch {
    return {};
  }
}

// SOPInstanceUID of the model's report in the study; empty: there is none.
const reportOf = (item) => item?.report_instance_uid || "";

// Who made what is known of a case: [kind, words] for each of the model, a person, and a reader of the model's result.
export function origins(item) {
  const found = [];
  if (item.state === "done") found.push(["ai", "AI"]);
  const isDrawn = item.human_mask && !item.human_mask.synthetic;
  const says = [isDrawn ? "mask" : null, item.label && !item.label.synthetic ? "label" : null, item.review && !item.review.of ? "reading" : null];
  if (says.some(Boolean)) found.push(["human", `human: ${says.filter(Boolean).join(", ")}`]);
  if (item.review?.of) {
    const isEarlier = item.review.of !== reportOf(item);
    found.push([isEarlier ? "earlier" : "reviewed", `reviewed: ${item.review.decision}${isEarlier ? " (an earlier result)" : ""}`]);
  }
  return found;
}

export function originBadges(item) {
  return origins(item).map(([kind, words]) => h("span", { class: `badge origin ${kind}` }, words));
}

function describe(review, result) {
  if (!review) return h("p", { class: "quiet" }, "Nobody has reviewed this case.");
  const isOfAnother = (review.of || "") !== result;
  return h("div", {}, facts([
    ["Decision", h("span", {}, badge(review.decision))], ["Status", review.status], ["Reason", review.reason],
    ["By", `${review.reviewer.replaceAll("^", " ")}, ${review.organisation}`], ["When", time(review.reviewed)]]),
  isOfAnother ? h("p", { class: "notice" }, review.of ? "This review is of another result than the one shown here."
                                                      : "This review was made without the model's result.") : null);
}

// The decisions that are possible: a verdict needs a result.
function decisionsFor(result) {
  const all = [["accepted", "Accept"], ["rejected", "Reject"], ["corrected", "Correct"], ["uncertain", "Mark uncertain"]];
  return result ? all : all.slice(2);
}

// `seen`: {result, review}, and `mask`: {seen, isUnsaved()}: what the server holds against what is there when the review is
// stored. `once(action)`: does nothing while it is being stored. `onStored(review)`, `onConflict(error)`; after a conflict the
// form stays as it is.
function makeForm(study, seen, { mask, reader, note, once, onStored, onConflict }) {
  const draft = readDraft(study);
  if (draft.result !== seen.result) draft.decision = draft.status = undefined;   // a verdict on another result
  const keep = () => sessionStorage.setItem(draftOf(study), JSON.stringify(
    { result: seen.result, decision: form.elements.decision.value, status: status.value, reason: reason.value }));
  const status = select(STATUSES, draft.status ?? "");
  const reason = h("input", { value: draft.reason ?? "", maxlength: 1024 });
  const { reviewer, organisation } = reader.fields;
  const statusField = field("Status in its place", status);
  const reasonField = field("Reason", reason);
  const choices = decisionsFor(seen.result).map(([value, text]) => h("label", { class: "choice" },
    h("input", { type: "radio", name: "decision", value, required: true, checked: draft.decision === value }), text));

  function adapt() {
    const decision = form.elements.decision.value;
    statusField.hidden = decision !== "corrected";
    reason.required = decision === "rejected" || decision === "uncertain";
    keep();
  }

  async function save() {
    if (mask.isUnsaved()) {
      say("The mask that is shown here is not saved. Save or discard it first: a review refers to the mask that is in the study", true);
      return;
    }
    const decision = form.elements.decision.value;
    reader.keep();
    const body = { decision, reason: reason.value, reviewer: reviewer.value, organisation: organisation.value,
                   result: seen.result, mask: mask.seen, replaces: seen.review?.sop_instance_uid || "" };
    if (decision === "corrected" && status.value) body.status = status.value;
    try {
      const review = await send("POST", `cases/${study}/review`, body);
      sessionStorage.removeItem(draftOf(study));
      onStored(review);
      say("The review is stored in the study, as a verified DICOM SR");
    } catch (error) {
      if (error.status === 409 && "review" in error.body) onConflict(error);
      else say(error.message, true);
    }
  }

  const form = h("form", { class: "review", onsubmit: (event) => { event.preventDefault(); once(save); }, oninput: adapt },
                 h("fieldset", {}, h("legend", {}, "Decision"), choices), statusField, reasonField,
                 h("div", { class: "row" }, field("Name of the reader", reviewer), field("Organisation", organisation)),
                 signedIn() ? h("p", { class: "quiet" }, `Signed in as ${signedIn()}. The name stands in the review and in a mask that is drawn here.`)
                            : h("p", { class: "quiet" }, "The name stands in the review and in a mask that is drawn here."),
                 note, h("button", { class: "main", type: "submit" }, "Store the review"));
  adapt();
  return guard("addReview", form);
}

// The status that a review stands for: what the reader puts in place, or the model's that was accepted; null where neither.
function statusOf(review, item) {
  if (review.decision === "corrected") return review.status;
  const model = item?.result?.prediction?.status;
  return review.decision === "accepted" && ["altered", "wild-type"].includes(model) ? model : null;
}

// `item`: the case, or null where the study was not looked at. `onSeen(review)`: called with the one that is in the study, null where
// none is, each time that it is shown. `onReviewed(review, status)`: called once a review is stored, with the status that it stands
// for, or null. `isUnsaved()`: whether a mask is drawn that does not stand in the study. Returns
// the section, which fills itself, and `showMask(mask)`: tells it of the mask in the study that is shown now, which a person drew
// or a phantom came with, null when there is none; `showNoImages()`: tells it that nothing is; `showFault()`: that nothing could
// be; `reader`: {get(), keep()} of the reader's name.
export function reviewPanel(study, item, onSeen, onReviewed, isUnsaved) {
  const current = h("div", { role: "status" });
  const conflict = h("div", { role: "alert" });
  const body = h("div");
  const note = h("p", { class: "quiet" }, "The images are still loading: the review can be stored once they are shown.");
  const reader = makeReader();
  // `seen`: SOPInstanceUID of the person's mask that is shown, empty where there is none, null as long as nobody can have
  // seen whether there is one.
  const mask = { seen: null, isUnsaved };

  let isSending = false;

  // A review attests the mask, so it is not stored before that is shown; and a second click must not contradict the first one.
  const allow = () => {
    for (const button of body.querySelectorAll("button")) button.disabled = isSending || mask.seen === null || isDenied("addReview");
  };
  // The focus, which a disabled button and a form that gives way to the next one lose, comes back.
  async function once(action) {
    if (isSending) return;
    const hadFocus = body.contains(document.activeElement);
    isSending = true;
    allow();
    try {
      await action();
    } finally {
      isSending = false;
      allow();
      if (hadFocus && document.activeElement === document.body) body.querySelector("button")?.focus();
    }
  }
  const tellMask = (seen, words) => { mask.seen = seen; note.textContent = words; allow(); };

  function show(seen) {
    const onStored = (review) => { show({ ...seen, review }); onReviewed(review, statusOf(review, item)); };
    const onConflict = (error) => {
      const isSame = error.body.result === seen.result && error.body.mask === mask.seen;
      seen.review = error.body.review;   // now it has been seen; another result or mask must be looked at first
      current.replaceChildren(describe(seen.review, seen.result));
      onSeen(seen.review);
      conflict.replaceChildren(h("p", { class: "notice" }, error.message), h("p", {}, isSame
        ? "What is there now is shown above. What you typed is still here: store it again to say it after all."
        : seen.result && !error.body.result ? "An object of the result was removed from the study. Compute anew; what you typed is kept."
          : "Load the page again to see the result and the mask that are there now. What you typed is kept."));
    };
    current.replaceChildren(describe(seen.review, seen.result));
    onSeen(seen.review);
    conflict.replaceChildren();
    body.replaceChildren(makeForm(study, seen, { mask, reader, note, once, onStored, onConflict }));
    allow();
  }

  const result = reportOf(item);
  const found = item ? Promise.resolve(item.review)
                     : getIfThere(`cases/${study}/review`);
  found.then((review) => show({ result, review }), (error) => { current.replaceChildren(h("p", { class: "notice" }, error.message)); });
  return {
    section: h("section", { "aria-label": "Review" }, h("h2", {}, "Review"), current, conflict, body),
    reader,
    showMask: (shown) => {
      if (!shown || shown.synthetic) {
        tellMask("", `No human mask${shown ? ", the one here is planted in a phantom" : ""}: to correct needs a status, or a mask that is saved first.`);
      } else if (shown.fault) {
        tellMask(null, "The human mask does not lie on these images: save a new one in its place before you store a review.");
      } else {
        tellMask(shown.sop_instance_uid, `The review refers to the human mask${shown.creator ? ` of ${shown.creator.replaceAll("^", " ")}` : ""}.`);
      }
    },
    showFault: () => tellMask(null, "The images and masks could not be loaded: load the page again before you store a review."),
    showNoImages: () => tellMask("", "No images are shown, so the review refers to no mask: to correct needs a status."),
  };
}
