// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who a study is of. Two patients may bear one name, so the birth date and the ID stand beside it, everywhere the same way.

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
