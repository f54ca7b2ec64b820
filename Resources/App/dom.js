// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Elements from code. Text is always set as text: whatever stands in a name, it is never markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "selected") element[name] = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child)))));
  return element;
}

export function say(text, isBad = false) {
  const line = h("p", { class: isBad ? "bad" : "" }, text);
  document.getElementById("message").append(line);
  setTimeout(() => line.remove(), isBad ? 12000 : 5000);
}

// The line of a page that looks every few seconds and finds no answer: said once however often it fails, and gone with the next
// answer. What was known stays to be read.
export function faultLine() {
  const line = h("p", { class: "notice", role: "status" });
  const tell = (text) => { if (line.textContent !== text) line.textContent = text; };
  return { line, fail: (error) => tell(`${error.message}. What stands here is as it was before.`), clear: () => tell("") };
}

// A description list of pairs; what is absent is left out.
export function facts(pairs) {
  return h("dl", {}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

export function badge(state) {
  return h("span", { class: `badge ${state}` }, state);
}

export function field(label, control) {
  return h("label", {}, label, control);
}

export function select(options, value, onchange) {
  return h("select", { onchange }, options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
}

// What is pressed is not pressed again before it is done. The focus, which a disabled button loses, comes back.
export async function whileDisabled(button, action) {
  const hadFocus = document.activeElement === button;
  button.disabled = true;
  try {
    await action();
  } finally {
    button.disabled = false;
    if (hadFocus && document.activeElement === document.body) button.focus();
  }
}

const linkOf = (row) => row?.querySelector("a")?.getAttribute("href");
const nameOf = (control) => control.getAttribute("aria-label") || control.getAttribute("href") || control.textContent;

// Other rows in a table that is looked at again and again. The focus goes on to what is called the same in the row of the same
// link, or to that link; where the row is gone to the table, never to another row's control.
export function replaceRows(body, rows) {
  const had = body.contains(document.activeElement) ? document.activeElement : null;
  const [link, name] = had ? [linkOf(had.closest("tr")), nameOf(had)] : [];
  body.replaceChildren(...rows);
  if (!had) return;
  const row = link ? [...body.rows].find((one) => linkOf(one) === link) : null;
  const controls = row ? [...row.querySelectorAll("a, button:enabled, input:enabled")] : [];
  const successor = controls.find((control) => nameOf(control) === name) || row?.querySelector("a") || body;
  if (successor === body) body.tabIndex = -1;
  successor.focus({ preventScroll: true });
}

// As in the SR: a network is never certain, so neither 0 nor 100 %.
export function percent(value) {
  if (value === null || value === undefined) return "";
  return value < 0.001 ? "< 0.1 %" : value > 0.999 ? "> 99.9 %" : `${(100 * value).toFixed(1)} %`;
}

// A figure of merit with its 95 % interval, as the engine gives it; null where there is none.
export function estimate(value) {
  return typeof value?.value === "number" ? `${value.value.toFixed(3)} (${value.low.toFixed(3)} to ${value.high.toFixed(3)})` : null;
}

// As reports print it: with the interval on the logit scale, which holds near 1; metrics of before have the other alone.
export function areaUnderCurve(metrics) {
  return estimate(metrics?.auroc_logit || metrics?.auroc);
}

// In the time of who looks, and as ISO 8601 has it: no country takes the day for the month.
export function time(text) {
  if (!text) return "";
  const at = new Date(text);
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
