// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a DICOM SR says, to be read in the page: its content as Orthanc gives it, as text.

import { orthanc } from "./api.js";
import { h } from "./dom.js";

const TEXT_VALUE = "0040-a160";   // Orthanc leaves out long values that nobody asks for

const meaningOf = (codes) => codes?.[0]?.CodeMeaning || "";

// 20261128093000.5+0100 -> 2026-11-28 09:30:00 +0100
function describeDate(text) {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:\.\d+)?([+-]\d{4})?$/.exec(text || "");
  if (!match) return text;
  const [, year, month, day, hour, minute, second, zone] = match;
  return [`${year}-${month}-${day}`, hour ? `${hour}:${minute}:${second || "00"}` : null, zone].filter(Boolean).join(" ");
}

function describeNumber(measured) {
  const unit = meaningOf(measured?.MeasurementUnitsCodeSequence);
  return measured ? `${measured.NumericValue}${unit && unit !== "no units" ? ` ${unit}` : ""}` : "not measured";
}

// Null of what holds no words: references to images, outlines, identifiers.
function valueOf(item) {
  switch (item.ValueType) {
    case "TEXT": return item.TextValue ?? "(too long to be shown here)";
    case "CODE": return meaningOf(item.ConceptCodeSequence);
    case "NUM": return describeNumber(item.MeasuredValueSequence?.[0]);
    case "PNAME": return item.PersonName?.replaceAll("^", " ");
    case "DATE": return describeDate(item.Date);
    case "DATETIME": return describeDate(item.DateTime);
    default: return null;
  }
}

// A line and those below it; null where there is nothing to read.
function describeItem(item) {
  const value = valueOf(item);
  const below = describeContent(item.ContentSequence);
  if (!value && !below) return null;
  return h("li", {}, h("strong", {}, meaningOf(item.ConceptNameCodeSequence) || "(without a name)"), value ? `: ${value}` : null, below);
}

function describeContent(items) {
  const lines = (items || []).map(describeItem).filter(Boolean);
  return lines.length ? h("ul", { class: "reasons" }, lines) : null;
}

// Opens to the text of the SR with this identifier of Orthanc's. It does not change, so it is asked for once.
export function reportReader(instance, name) {
  const place = h("div");
  const panel = h("details", {}, h("summary", {}, `Read the ${name}`), place);
  panel.addEventListener("toggle", async () => {
    if (!panel.open || place.querySelector("ul")) return;
    place.replaceChildren(h("p", { class: "quiet" }, "Loading ..."));
    try {
      const tags = await orthanc(`instances/${instance}/tags?simplify&ignore-length=${TEXT_VALUE}`);
      place.replaceChildren(h("p", {}, meaningOf(tags.ConceptNameCodeSequence)), describeContent(tags.ContentSequence) || h("p", {}, "It says nothing."));
    } catch (error) {
      place.replaceChildren(h("p", { class: "notice" }, error.message));
    }
  });
  return panel;
}
