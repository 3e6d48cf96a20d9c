// A camera that circles a point, and the hands that move it: mouse, touch, keyboard.

import { multiply } from "./glb.js";

const FIELD = 0.5; // of view, radians
const STEEPEST = Math.PI / 2 - 0.001; // straight down has no "up"
const STEP = Math.PI / 24; // one press of an arrow key
const GLIDE_MS = 450;
const MARGIN = 0.9; // of the picture, that the board fills at first
export const HOME = { turn: 0.32, tilt: 0.86, zoom: 1, x: 0, y: 0 };

export class Camera {
  constructor() {
    Object.assign(this, HOME);
    this.aim([0, 0, 0], [1, 1, 1]);
  }

  // Look at a box from its lowest to its highest corner, in metres.
  aim(low, high) {
    this.middle = low.map((at, k) => (at + high[k]) / 2);
    this.half = low.map((at, k) => (high[k] - at) / 2);
    this.radius = Math.hypot(...this.half);
  }

  // How far away the box fills a picture of this shape, seen as at first.
  distance(slope) {
    const [right, up, back] = axes(HOME);
    const far = [0, 1, 2, 3, 4, 5, 6, 7].map((corner) => {
      const at = this.half.map((length, k) => ((corner >> k) & 1 ? length : -length));
      const [x, y] = [Math.abs(dot(right, at)) / slope[0], Math.abs(dot(up, at)) / slope[1]];
      return dot(back, at) + Math.max(x, y) / MARGIN;
    });
    return Math.max(...far);
  }

  // The matrix from metres to the screen, and where the eye is, for a picture of this shape.
  look(aspect) {
    const scale = 1 / Math.tan(FIELD / 2);
    const slope = [aspect / scale, 1 / scale];
    const distance = this.distance(slope) / this.zoom;
    const [right, up, back] = axes(this);
    const target = this.middle.map((at, k) => at - (right[k] * this.x + up[k] * this.y) * this.radius);
    const eye = target.map((at, k) => at + back[k] * distance);
    const view = [
      right[0], up[0], back[0], 0, right[1], up[1], back[1], 0, right[2], up[2], back[2], 0,
      -dot(right, eye), -dot(up, eye), -dot(back, eye), 1,
    ];
    const reach = this.radius * (1 + Math.hypot(this.x, this.y));
    const from = Math.max(distance - reach, distance / 100), to = distance + reach;
    const lens = [
      scale / aspect, 0, 0, 0, 0, scale, 0, 0, 0, 0, (from + to) / (from - to), -1, 0, 0, (2 * from * to) / (from - to), 0,
    ];
    const lamp = right.map((at, k) => -0.45 * at + 0.55 * up[k] + 0.7 * back[k]);
    return { matrix: multiply(lens, view), eye, lamp, right, up, back, slope };
  }

  orbit(turn, tilt) {
    this.turn += turn;
    this.tilt = Math.min(STEEPEST, Math.max(-STEEPEST, this.tilt + tilt));
  }

  closer(factor) {
    this.zoom = Math.min(20, Math.max(0.4, this.zoom * factor));
  }

  pan(x, y) {
    this.x = Math.min(1, Math.max(-1, this.x + x / this.zoom));
    this.y = Math.min(1, Math.max(-1, this.y + y / this.zoom));
  }

  // Go to another pose, in a moment or, for who wants no motion, at once; `changed` is called for each step.
  glide(pose, changed) {
    const from = { ...this }, began = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const target = { ...HOME, ...pose };
    this.gliding = target;
    const step = (now) => {
      if (this.gliding !== target) return; // a hand has taken over
      const share = still ? 1 : Math.min(1, Math.max(0, (now - began) / GLIDE_MS));
      const eased = share * share * (3 - 2 * share);
      for (const name of Object.keys(HOME)) this[name] = from[name] + (target[name] - from[name]) * eased;
      changed();
      if (share < 1) requestAnimationFrame(step);
    };
    if (still) step(began);
    else requestAnimationFrame(step);
  }
}

// Where right, up and backwards are for an eye that has gone round and up so far.
function axes({ turn, tilt }) {
  const [ct, st, cp, sp] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  return [[ct, 0, -st], [-st * sp, cp, -ct * sp], [st * cp, sp, ct * cp]];
}

function dot(a, b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

// Let a canvas' hands move the camera; `changed` is called after each move.
export function listen(canvas, camera, changed) {
  const held = new Map();
  const moved = (act) => {
    camera.gliding = null;
    act();
    changed();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => held.delete(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const size = Math.min(canvas.clientWidth, canvas.clientHeight);
    const dx = (event.clientX - before.clientX) / size, dy = (event.clientY - before.clientY) / size;
    const other = [...held.values()].find((touch) => touch.pointerId !== event.pointerId);
    held.set(event.pointerId, event);
    if (other) {
      const apart = (touch) => Math.hypot(touch.clientX - other.clientX, touch.clientY - other.clientY);
      moved(() => (camera.closer(apart(event) / Math.max(1, apart(before))), camera.pan(dx, -dy)));
    } else if (event.shiftKey || event.buttons !== 1) {
      moved(() => camera.pan(2 * dx, -2 * dy));
    } else {
      moved(() => camera.orbit(-3.5 * dx, 3.5 * dy));
    }
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (document.activeElement !== canvas) return; // the page scrolls on, until the view was clicked
      event.preventDefault();
      moved(() => camera.closer(Math.exp(-event.deltaY / (event.deltaMode ? 20 : 500))));
    },
    { passive: false },
  );
  const keys = {
    ArrowLeft: (pan) => (pan ? camera.pan(-0.1, 0) : camera.orbit(-STEP, 0)),
    ArrowRight: (pan) => (pan ? camera.pan(0.1, 0) : camera.orbit(STEP, 0)),
    ArrowUp: (pan) => (pan ? camera.pan(0, 0.1) : camera.orbit(0, STEP)),
    ArrowDown: (pan) => (pan ? camera.pan(0, -0.1) : camera.orbit(0, -STEP)),
    "+": () => camera.closer(1.2),
    "=": () => camera.closer(1.2),
    "-": () => camera.closer(1 / 1.2),
    Home: () => Object.assign(camera, HOME),
  };
  canvas.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moved(() => act(event.shiftKey));
  });
}
