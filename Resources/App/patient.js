// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who a study is of. Two patients may bear one name, so the birth date and the ID stand beside it, everywhere the same way.

import { orthanc } from "./api.js";
import { h } from "./dom.js";

const MAX_NAMES = 500;
const names = new Map();    // study -> patient, as Orthanc's index has it; while a list is open, and not without limit
const waiting = new Map();  // study -> promise of that: rows of one study ask once

const date = (text) => (/^\d{8}$/.test(text || "") ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : text);

// `study`: as Orthanc's route studies/{id} answers.
export function describePatient(study) {
  const patient = study.PatientMainDicomTags;
  const parts = [(patient.PatientName || "(no name)").replaceAll("^", " "),
                 patient.PatientBirthDate ? `born ${date(patient.PatientBirthDate)}` : null,
                 patient.PatientID ? `ID ${patient.PatientID}` : null,
                 study.MainDicomTags.StudyDate ? `study of ${date(study.MainDicomTags.StudyDate)}` : null];
  return parts.filter(Boolean).join(", ");
}

async function ask(study) {
  try {
    const name = describePatient(await orthanc(`studies/${study}`));
    names.set(study, name);
    if (names.size > MAX_NAMES) names.delete(names.keys().next().value);
    return name;
  } catch (error) {
    return error.status === 404 ? "(deleted)" : "(name not known)";   // asked for again with the next list
  } finally {
    waiting.delete(study);
  }
}

function nameOf(study) {
  if (!waiting.has(study)) waiting.set(study, ask(study));
  return waiting.get(study);
}

// The way to a case, for a row of a list: the patient, once Orthanc has said who it is.
export function patientLink(study) {
  const link = h("a", { href: `#/case/${study}` }, names.get(study) || "...");
  if (!names.has(study)) nameOf(study).then((name) => { link.textContent = name; });
  return link;
}

// What a list begins with: patients may have been corrected since the last one.
export const forgetPatients = () => names.clear();
