// The 3D view of a board: WebGL2, flat shading, nothing drawn but when something has changed.

import { Camera, HOME, listen } from "./camera.js";
import { readGlb } from "./glb.js";

const VERTEX = `#version 300 es
uniform mat4 matrix;
in vec3 position;
out vec3 place;
void main() { place = position; gl_Position = matrix * vec4(position, 1.0); }`;

// A face's normal comes from how its place changes across the screen: a board's file has none.  One lamp, over
// the shoulder of who looks, and a little gloss; colours are linear until the last lines.
const FRAGMENT = `#version 300 es
precision highp float;
uniform vec3 eye, lamp;
uniform vec4 colour;
in vec3 place;
out vec4 shown;
void main() {
  vec3 back = normalize(eye - place);
  vec3 normal = normalize(cross(dFdx(place), dFdy(place)));
  if (dot(normal, back) < 0.0) normal = -normal;
  float light = 0.38 + 0.72 * max(dot(normal, lamp), 0.0);
  float gloss = 0.12 * pow(max(dot(normal, normalize(lamp + back)), 0.0), 32.0);
  vec3 linear = clamp(colour.rgb * light + gloss, 0.0, 1.0);
  vec3 screen = mix(12.92 * linear, 1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, linear));
  shown = vec4(screen * colour.a, colour.a);
}`;

export class Viewer {
  // Draws into `canvas`; throws an Error with a sentence for people when the browser has no WebGL2.
  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { antialias: true });
    if (!this.gl) throw new Error("This browser shows no 3D: WebGL 2 is missing or switched off. The pictures show the same board.");
    this.meshes = [];
    this.camera = new Camera();
    this.resizing = new ResizeObserver(() => this.refresh());
    this.resizing.observe(canvas);
    listen(canvas, this.camera, () => this.refresh());
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => this.prepare());
  }

  // Show a GLB file; throws an Error that says what is wrong with it.
  show(buffer) {
    this.meshes = readGlb(buffer);
    const boxes = this.meshes.map((mesh) => boxOf(mesh.positions));
    const low = [0, 1, 2].map((k) => Math.min(...boxes.map((box) => box.low[k])));
    const high = [0, 1, 2].map((k) => Math.max(...boxes.map((box) => box.high[k])));
    this.meshes.forEach((mesh, number) => Object.assign(mesh, boxes[number]));
    this.camera.aim(low, high);
    this.meshes.sort((a, b) => b.colour[3] - a.colour[3]); // what is seen through is drawn over what is behind it
    this.prepare();
  }

  home() {
    this.camera.glide(HOME, () => this.refresh());
  }

  // Show the other side.
  turnOver() {
    const back = { turn: HOME.turn + Math.PI, tilt: -HOME.tilt };
    this.camera.glide(this.camera.tilt > 0 ? back : HOME, () => this.refresh());
  }

  closer(factor) {
    this.camera.closer(factor);
    this.refresh();
  }

  close() {
    this.resizing.disconnect();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  // Compile, and hand the meshes to the graphics processor; again when it has lost them.
  prepare() {
    const gl = this.gl;
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`The 3D view could not be prepared: ${gl.getProgramInfoLog(program)}`);
    }
    gl.useProgram(program);
    this.uniforms = Object.fromEntries(
      ["matrix", "eye", "lamp", "colour"].map((name) => [name, gl.getUniformLocation(program, name)]),
    );
    const position = gl.getAttribLocation(program, "position");
    for (const mesh of this.meshes) {
      mesh.array = gl.createVertexArray();
      gl.bindVertexArray(mesh.array);
      gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ARRAY_BUFFER, mesh.positions, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(position);
      gl.vertexAttribPointer(position, 3, gl.FLOAT, false, 0, 0);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, Uint32Array.from(mesh.indices), gl.STATIC_DRAW);
    }
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.refresh();
  }

  // Draw with the next frame, however often it is asked.
  refresh() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = undefined;
      if (this.uniforms && !this.gl.isContextLost()) this.draw();
    });
  }

  draw() {
    const { gl, canvas, uniforms } = this;
    const density = Math.min(2, devicePixelRatio);
    const width = Math.round(canvas.clientWidth * density), height = Math.round(canvas.clientHeight * density);
    if (!width || !height) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    this.seen = this.camera.look(width / height);
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix4fv(uniforms.matrix, false, this.seen.matrix);
    gl.uniform3fv(uniforms.eye, this.seen.eye);
    gl.uniform3fv(uniforms.lamp, this.seen.lamp);
    for (const mesh of this.meshes) {
      gl.uniform4fv(uniforms.colour, mesh.colour);
      gl.bindVertexArray(mesh.array);
      gl.drawElements(gl.TRIANGLES, mesh.indices.length, gl.UNSIGNED_INT, 0);
    }
    canvas.dispatchEvent(new CustomEvent("drawn"));
  }

  // The name of the nearest mesh whose box is under a point of the canvas (CSS pixels), or null.
  nameAt(x, y) {
    if (!this.seen) return null;
    const { eye, right, up, back, slope } = this.seen;
    const across = ((2 * x) / this.canvas.clientWidth - 1) * slope[0], above = (1 - (2 * y) / this.canvas.clientHeight) * slope[1];
    const ray = right.map((at, k) => at * across + up[k] * above - back[k]);
    let nearest = Infinity, name = null;
    for (const mesh of this.meshes) {
      const distance = enters(eye, ray, mesh.low, mesh.high);
      if (distance < nearest) [nearest, name] = [distance, mesh.name];
    }
    return name;
  }
}

function boxOf(positions) {
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  for (let at = 0; at < positions.length; at++) {
    low[at % 3] = Math.min(low[at % 3], positions[at]);
    high[at % 3] = Math.max(high[at % 3], positions[at]);
  }
  return { low, high };
}

// How far along a ray a box begins; Infinity when the ray misses it.
function enters(eye, ray, low, high) {
  let from = 0, to = Infinity;
  for (let k = 0; k < 3; k++) {
    const a = (low[k] - eye[k]) / ray[k], b = (high[k] - eye[k]) / ray[k];
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  }
  return from <= to ? from : Infinity;
}
