// Reads glTF 2.0 binary (GLB), as much of it as a board needs: nodes, meshes, triangles and base colours.

const MAGIC = 0x46546c67, JSON_CHUNK = 0x4e4f534a, BINARY_CHUNK = 0x004e4942;
const TRIANGLES = 4;
const WIDTHS = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4 };
const ARRAYS = {
  5120: Int8Array, 5121: Uint8Array, 5122: Int16Array, 5123: Uint16Array, 5125: Uint32Array, 5126: Float32Array,
};
const READERS = {
  5120: "getInt8", 5121: "getUint8", 5122: "getInt16", 5123: "getUint16", 5125: "getUint32", 5126: "getFloat32",
};

// Every mesh of the scene where it stands: [{name, colour: [r, g, b, a], positions, indices}], lengths in metres.
// Throws an Error that says what is wrong with the file.
export function readGlb(buffer) {
  const file = new DataView(buffer);
  if (buffer.byteLength < 28 || file.getUint32(0, true) !== MAGIC || file.getUint32(4, true) !== 2) {
    throw new Error("this is no glTF 2.0 file");
  }
  const chunks = new Map();
  for (let at = 12; at + 8 <= buffer.byteLength; ) {
    const length = file.getUint32(at, true);
    if (at + 8 + length > buffer.byteLength) throw new Error("the file is cut short");
    chunks.set(file.getUint32(at + 4, true), new DataView(buffer, at + 8, length));
    at += 8 + length;
  }
  const gltf = JSON.parse(new TextDecoder().decode(chunks.get(JSON_CHUNK)));
  const found = [];
  for (const root of gltf.scenes[gltf.scene ?? 0].nodes) visit(gltf, root, IDENTITY, chunks.get(BINARY_CHUNK), found, 0);
  return found;
}

function visit(gltf, number, above, data, found, depth) {
  if (depth > 32) throw new Error("its nodes are nested too deep");
  const node = gltf.nodes[number];
  const place = multiply(above, placeOf(node));
  const mesh = gltf.meshes?.[node.mesh];
  for (const primitive of mesh?.primitives ?? []) {
    if ((primitive.mode ?? TRIANGLES) !== TRIANGLES) continue;
    const positions = moved(values(gltf, primitive.attributes.POSITION, data), place);
    const indices = primitive.indices === undefined ? counted(positions.length / 3) : values(gltf, primitive.indices, data);
    const surface = gltf.materials?.[primitive.material]?.pbrMetallicRoughness;
    found.push({ name: mesh.name ?? node.name ?? "", colour: surface?.baseColorFactor ?? [1, 1, 1, 1], positions, indices });
  }
  for (const child of node.children ?? []) visit(gltf, child, place, data, found, depth + 1);
}

// The numbers of an accessor, one after another; its view may be interleaved with others.
function values(gltf, number, data) {
  const accessor = gltf.accessors[number];
  const view = gltf.bufferViews[accessor.bufferView];
  const width = WIDTHS[accessor.type], Numbers = ARRAYS[accessor.componentType];
  const stride = view.byteStride ?? width * Numbers.BYTES_PER_ELEMENT;
  const start = (view.byteOffset ?? 0) + (accessor.byteOffset ?? 0);
  const read = READERS[accessor.componentType];
  const out = new Numbers(accessor.count * width);
  for (let item = 0; item < accessor.count; item++) {
    for (let part = 0; part < width; part++) {
      out[item * width + part] = data[read](start + item * stride + part * Numbers.BYTES_PER_ELEMENT, true);
    }
  }
  return out;
}

function counted(length) {
  return Uint32Array.from({ length }, (_, number) => number);
}

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]; // by columns, as glTF and WebGL have it

function placeOf(node) {
  if (node.matrix) return node.matrix;
  const [x, y, z, w] = node.rotation ?? [0, 0, 0, 1];
  const [a, b, c] = node.scale ?? [1, 1, 1];
  return [
    (1 - 2 * (y * y + z * z)) * a, 2 * (x * y + z * w) * a, 2 * (x * z - y * w) * a, 0,
    2 * (x * y - z * w) * b, (1 - 2 * (x * x + z * z)) * b, 2 * (y * z + x * w) * b, 0,
    2 * (x * z + y * w) * c, 2 * (y * z - x * w) * c, (1 - 2 * (x * x + y * y)) * c, 0,
    ...(node.translation ?? [0, 0, 0]), 1,
  ];
}

// The product of two matrices, by columns.
export function multiply(a, b) {
  const out = new Array(16).fill(0);
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      for (let k = 0; k < 4; k++) out[column * 4 + row] += a[k * 4 + row] * b[column * 4 + k];
    }
  }
  return out;
}

function moved(points, m) {
  const out = new Float32Array(points.length);
  for (let at = 0; at < points.length; at += 3) {
    const [x, y, z] = points.subarray(at, at + 3);
    for (let row = 0; row < 3; row++) out[at + row] = m[row] * x + m[4 + row] * y + m[8 + row] * z + m[12 + row];
  }
  return out;
}
