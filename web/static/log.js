// The transparency log, as anyone checks it: RFC 9162 trees, C2SP signed notes, checkpoints and proof files.

import { base64, join, same, sha256, unbase64, utf8, verifies } from "./bytes.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (record) => sha256(LEAF, record);
const nodeHash = (left, right) => sha256(NODE, left, right);

// The hashes reached on the way from a leaf to the root (RFC 9162 §2.1.3.2); the last is the root.
export async function climb(index, size, leaf, proof) {
  if (index >= size) throw new Error("the index lies beyond the log");
  let [node, last, reached] = [index, size - 1n, leaf];
  const steps = [];
  for (const beside of proof) {
    if (last === 0n) throw new Error("the proof is too long");
    const left = (node & 1n) === 1n || node === last;
    reached = left ? await nodeHash(beside, reached) : await nodeHash(reached, beside);
    steps.push({ beside, left, reached });
    if (left) {
      while ((node & 1n) === 0n && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    }
    node >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw new Error("the proof is too short");
  return steps;
}

// Whether the log of `size` records begins with that of `from` (RFC 9162 §2.1.4.2).
export async function isConsistent(from, size, oldRoot, newRoot, proof) {
  if (from > size || from === 0n) return false;
  if (from === size) return proof.length === 0 && same(oldRoot, newRoot);
  const path = (from & (from - 1n)) === 0n ? [oldRoot, ...proof] : [...proof];
  if (path.length === 0) return false;
  let [node, last] = [from - 1n, size - 1n];
  while ((node & 1n) === 1n) {
    node >>= 1n;
    last >>= 1n;
  }
  let [old, young] = [path[0], path[0]];
  for (const beside of path.slice(1)) {
    if (last === 0n) return false;
    if ((node & 1n) === 1n || node === last) {
      old = await nodeHash(beside, old);
      young = await nodeHash(beside, young);
      while ((node & 1n) === 0n && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      young = await nodeHash(young, beside);
    }
    node >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(old, oldRoot) && same(young, newRoot);
}

// A verifier key: `name+<8 hex>+<base64>`; base64 may hold plus signs itself.
export async function readKey(text) {
  const parts = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
  if (!parts) throw new Error("not a verifier key");
  const [, name, id] = parts;
  const bytes = unbase64(parts[3]);
  if (bytes.length !== 33 || bytes[0] !== 1) throw new Error("not an Ed25519 key");
  const hash = await sha256(utf8(`${name}\n`), bytes);
  if (Array.from(hash.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("") !== id) {
    throw new Error("the id does not match the key");
  }
  return { text, name, id: hash.slice(0, 4), key: bytes.slice(1) };
}

// A signed note is split at its last empty line.
export function readNote(note) {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) throw new Error("not a signed note");
  const lines = note.slice(end + 2, -1).split("\n");
  const signatures = lines.map((line) => {
    const parts = /^\u2014 (\S+) ([A-Za-z0-9+/=]+)$/.exec(line);
    if (!parts) throw new Error("a signature line is malformed");
    const blob = unbase64(parts[2]);
    return { name: parts[1], id: blob.slice(0, 4), signature: blob.slice(4) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

// Whether the key signed the note; a line under its name and id that fails refuses the note.
export async function signedBy(note, key) {
  const own = note.signatures.filter((line) => line.name === key.name && same(line.id, key.id));
  for (const line of own) {
    if (!(await verifies(key.key, line.signature, utf8(note.text)))) throw new Error("a known key's signature fails");
  }
  return own.length > 0;
}

export function readCheckpoint(text) {
  const [origin, size, root, ...rest] = text.split("\n");
  if (!origin || !/^(0|[1-9][0-9]{0,18})$/.test(size ?? "") || rest.at(-1) !== "") throw new Error("not a checkpoint");
  const hash = unbase64(root);
  if (hash.length !== 32) throw new Error("not a checkpoint");
  return { origin, size: BigInt(size), root: hash };
}

// A `.tlog-proof` file: the record and what is disclosed with it, its place, its path, the checkpoint.
export function readProof(file) {
  const end = file.indexOf("\n\n");
  const lines = file.slice(0, end).split("\n");
  if (end < 0 || lines[0] !== "c2sp.org/tlog-proof@v1") throw new Error("not a proof file");
  const field = (line, name) => {
    if (!line?.startsWith(`${name} `)) throw new Error(`the proof file has no ${name}`);
    return line.slice(name.length + 1);
  };
  const index = field(lines[2], "index");
  if (!/^(0|[1-9][0-9]{0,18})$/.test(index)) throw new Error("the index is malformed");
  return {
    extra: unbase64(field(lines[1], "extra")),
    index: BigInt(index),
    path: lines.slice(3).map(unbase64),
    checkpoint: file.slice(end + 2),
  };
}

export const commitment = (label, salt, data) => sha256(utf8("saima-commit/v1"), LEAF, utf8(label), LEAF, salt, data);

// What a person signs: good for one log, whatever epoch it is in.
export const intentMessage = (origin, bytes) =>
  join(utf8(`saima-intent/v1\n${origin.replace(/\/epoch-[0-9]+$/, "")}\n`), bytes);

export const keyName = async (publicKey) => (await sha256(utf8("saima-key/v1"), LEAF, publicKey)).slice(0, 8);

export const hashText = (hash) => base64(hash);
