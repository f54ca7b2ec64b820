// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The plugin's REST routes, and the few of Orthanc's own that a page needs. Paths are relative, so that the dashboard works
// behind any reverse proxy.

const PLUGIN = new URL("..", new URL(".", document.baseURI.split("#")[0].replace(/\/app$/, "/app/")));
export const ORTHANC = new URL("..", PLUGIN);

export class RequestError extends Error {
  constructor(status, text, body = {}) {
    super(text);
    this.status = status;
    this.body = body;   // what the server answered as JSON
  }
}

async function request(base, path, options = {}) {
  let answer;
  try {
    answer = await fetch(new URL(path, base), { credentials: "same-origin", ...options });
  } catch {
    throw new RequestError(0, "The server does not answer");
  }
  if (!answer.ok) {
    const body = await answer.json().catch(() => ({}));   // no JSON: the status is all there is
    throw new RequestError(answer.status, body.Details || body.Message || `${answer.status} ${answer.statusText}`, body);
  }
  return answer;
}

// Path -> why it was refused. Roles change with a restart of Orthanc alone, and each refusal is written down in the audit: a
// page that looks every few seconds does not ask again until the dashboard is loaded anew.
const refusals = new Map();

export async function get(path) {
  if (refusals.has(path)) throw refusals.get(path);
  try {
    return await (await request(PLUGIN, path)).json();
  } catch (error) {
    if (error.status === 403) refusals.set(path, error);
    throw error;
  }
}

// Null where there is none.
export const getIfThere = (path) => get(path).catch((error) => {
  if (error.status !== 404) throw error;
  return null;
});

export const getBytes = async (path) => (await request(PLUGIN, path)).arrayBuffer();

// A part of a text that grows: {text, next}, next being the offset to go on from.
export async function getTextFrom(path, offset) {
  const answer = await request(PLUGIN, `${path}?offset=${offset}`);
  const text = await answer.text();
  const next = Number(answer.headers.get("X-Next-Offset"));
  return { text, next: Number.isSafeInteger(next) ? next : offset };
}

export const send = async (method, path, body) => (await request(PLUGIN, path, {
  method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}),
})).json();

export const sendBytes = async (method, path, bytes, headers) =>
  (await request(PLUGIN, path, { method, headers, body: bytes })).json();

// A file as the body, with the share that is sent: fetch() does not tell it.
export const upload = (path, file, type, onProgress) => new Promise((resolve, reject) => {
  const sender = new XMLHttpRequest();
  sender.open("POST", new URL(path, PLUGIN));
  sender.setRequestHeader("Content-Type", type);
  sender.responseType = "json";
  sender.upload.addEventListener("progress", (event) => onProgress(event.lengthComputable ? event.loaded / event.total : 0));
  sender.addEventListener("error", () => reject(new RequestError(0, "The server does not answer")));
  sender.addEventListener("load", () => {
    if (sender.status >= 200 && sender.status < 300) resolve(sender.response);
    else reject(new RequestError(sender.status, sender.response?.Details || `${sender.status} ${sender.statusText}`));
  });
  sender.send(file);
});

export const orthanc = async (path) => (await request(ORTHANC, path)).json();
export const orthancBlob = async (path) => (await request(ORTHANC, path)).blob();
export const orthancFind = async (query) => (await request(ORTHANC, "tools/find", {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(query),
})).json();

export const url = (path) => new URL(path, PLUGIN).href;
