// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the user may do. The server decides; a page only spares the user what would be refused, and says why.

import { get } from "./api.js";
import { h } from "./dom.js";

let access = { user: null, role: "none", denied: {} };

export async function loadAccess() {
  access = await get("access");
  return access;
}

// Who is signed in; null where nobody has to.
export const signedIn = () => access.user;

export const isDenied = (operation) => operation in access.denied;

// `operation`: an operationId of openapi.json. Returns the element: as it is, or switched off with the reason.
export function guard(operation, element) {
  if (!isDenied(operation)) return element;
  const why = `This needs the role ${access.denied[operation]}, yours is ${access.role}.`;
  for (const control of [element, ...element.querySelectorAll("button, input, select, textarea")]) {
    if ("disabled" in control) Object.assign(control, { disabled: true, title: why });
  }
  if (element.matches("a")) {
    element.removeAttribute("href");
    element.setAttribute("aria-disabled", "true");
    element.title = why;
  } else if (!element.matches("button")) {
    element.append(h("p", { class: "quiet denied" }, why));
  }
  return element;
}
