// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Pointer, wheel and keys of the stack. While a stroke is drawn nothing scrolls, and nothing is drawn into a slice or a layer
// that is not there to be seen.

import { h } from "./dom.js";

const KEY_ZOOM = 1.25;
const NOTCH_PX = 100;    // of the wheel to the next slice: about a mouse's notch
const PAUSE_MS = 200;    // after which a turn of the wheel begins anew
const LINES = 3;         // of a notch, where the browser counts in them
const KEY_WINDOW = { "[": { width: 1 / 1.15 }, "]": { width: 1.15 }, ",": { shift: -0.05 }, ".": { shift: 0.05 } };   // of the width

// Turns of the wheel as slices to go on by. A trackpad sends many small ones, which are added up, also where a slow finger pauses
// between them; a notch of a mouse is a slice of its own also where browser and screen make it less or more than NOTCH_PX.
function makeWheel() {
  let sum = 0;    // notches since the turn began, of small turns
  let gone = 0;   // slices
  let last = 0;
  return (event) => {
    const notch = [NOTCH_PX, LINES, 1][event.deltaMode];   // asked first: Firefox counts in pixels for who reads deltaY before it
    const turn = event.deltaY / notch;
    if (event.timeStamp - last > PAUSE_MS) [sum, gone] = [(sum - gone) * turn > 0 ? sum - gone : 0, 0];
    if (turn * sum < 0) sum = gone = 0;
    last = event.timeStamp;
    if (Math.abs(turn) >= 0.5) {
      sum = gone = 0;
      return Math.sign(turn) * Math.max(1, Math.round(Math.abs(turn)));
    }
    sum += turn;
    const step = Math.sign(sum) * Math.round(Math.abs(sum)) - gone;
    gone += step;
    return step;
  };
}

// `editing`: {current: Editor or null}, whose brush is in the hand while its `isOn`.
export function steer(host, viewer, editing) {
  let drag = null;
  const turnWheel = makeWheel();
  let pointer = null;   // {clientX, clientY}: where the mouse or the pen is over the stack
  const ring = h("div", { class: "ring", hidden: true });
  host.append(ring);
  const isDrawing = () => Boolean(drag?.editor);
  const isOnBar = (event) => viewer.bar.element.contains(event.target);
  const mayDraw = () => Boolean(editing.current?.isOn) && editing.current.isSeen;
  // What the brush would reach. A finger hides it.
  const showRing = () => {
    ring.hidden = !pointer || !mayDraw();
    host.classList.toggle("drawing", !ring.hidden);
    if (ring.hidden) return;
    const [x, y] = viewer.inHost(pointer);
    const across = `${editing.current.size * viewer.place().width / viewer.volume.columns}px`;
    Object.assign(ring.style, { width: across, height: across, transform: `translate(${x}px, ${y}px) translate(-50%, -50%)` });
  };
  const changeWindow = ({ width = 1, shift = 0 }) => {
    if (viewer.window) viewer.setWindow(viewer.window.centre + shift * viewer.window.width, viewer.window.width * width);
  };

  const onDown = (event) => {
    if (drag || isOnBar(event)) return;   // a second finger, or another control
    const wantsToDraw = mayDraw() && event.button === 0 && !event.shiftKey;
    if (wantsToDraw && viewer.isWaiting) return;
    host.setPointerCapture(event.pointerId);
    drag = { pointer: event.pointerId, x: event.clientX, y: event.clientY, window: viewer.window && { ...viewer.window }, shift: [...viewer.shift] };
    if (wantsToDraw) {
      drag.editor = editing.current;
      viewer.isHeld = true;
      drag.editor.begin();
      drag.editor.stroke(viewer.voxelAt(event));
    }
  };
  const onMove = (event) => {
    pointer = event.pointerType === "touch" || isOnBar(event) ? null : event;
    showRing();
    if (drag?.pointer !== event.pointerId) return;
    if (!event.buttons) {   // let go where nobody told, as over a menu
      onEnd(event);
      return;
    }
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (drag.editor) {
      drag.editor.stroke(viewer.voxelAt(event));
    } else if (event.buttons === 1 && !event.shiftKey && drag.window) {
      viewer.setWindow(drag.window.centre + dy * drag.window.width / 400, drag.window.width * Math.exp(dx / 300));
    } else {
      viewer.shift = [drag.shift[0] + dx, drag.shift[1] + dy];
      viewer.move();
    }
  };
  const onEnd = (event) => {
    if (drag?.pointer !== event.pointerId) return;
    drag.editor?.end();
    viewer.isHeld = false;
    drag = null;
  };
  const onWheel = (event) => {
    if (isOnBar(event)) return;
    event.preventDefault();
    if (isDrawing()) return;
    if (event.ctrlKey) {
      viewer.zoomBy(Math.exp(-event.deltaY / 300), event);
      showRing();
      return;
    }
    const step = turnWheel(event);
    if (step) viewer.show(viewer.index + step);
  };
  const onKey = (event) => {
    if (isOnBar(event) && event.target !== viewer.bar.slider && event.key !== "?") return;   // the slider moves as the stack does
    if (event.ctrlKey || event.metaKey) {   // the browser's own, its zoom among them
      const key = event.key.toLowerCase();
      if (!["y", "z"].includes(key) || !editing.current) return;
      if (key === "z" && !event.shiftKey) editing.current.undo(); else editing.current.redo();
      event.preventDefault();
      return;
    }
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -viewer.volume.slices, End: viewer.volume.slices };
    const isMine = event.key in steps || ["+", "-", "0", "?"].includes(event.key) || event.key in KEY_WINDOW;
    if (!isMine) return;
    event.preventDefault();
    if (isDrawing()) return;
    if (event.key in steps) viewer.show(viewer.index + steps[event.key]);
    else if (event.key in KEY_WINDOW) changeWindow(KEY_WINDOW[event.key]);
    else if (event.key === "?") viewer.bar.toggleHelp();
    else if (event.key === "+") viewer.zoomBy(KEY_ZOOM);
    else if (event.key === "-") viewer.zoomBy(1 / KEY_ZOOM);
    else viewer.reset();
    showRing();
  };
  host.addEventListener("pointerdown", onDown);
  host.addEventListener("pointermove", onMove);
  host.addEventListener("pointerup", onEnd);
  host.addEventListener("pointercancel", onEnd);
  host.addEventListener("pointerleave", () => { pointer = null; showRing(); });
  host.addEventListener("contextmenu", (event) => { if (!isOnBar(event)) event.preventDefault(); });   // the right button moves the slice
  host.addEventListener("wheel", onWheel, { passive: false });
  host.addEventListener("keydown", onKey);
}
