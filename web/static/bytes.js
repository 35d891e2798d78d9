// Bytes, hashes and signatures: what keys.js, sign.js and verify.js are made of. Nothing here trusts a server.

export const utf8 = (text) => new TextEncoder().encode(text);

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function unhex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error("not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

// Standard base64 with padding, in its one canonical spelling.
export function unbase64(text) {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  if (base64Long(bytes) !== text) throw new Error("not canonical base64");
  return bytes;
}

// In pieces: a call has only so many arguments.
function base64Long(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

export const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));

export async function verifies(publicKey, signature, message) {
  const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, signature, message);
}

// The corner of CBOR that records are written in (RFC 8949 §4.2.1): anything else is refused. Numbers come
// out as BigInt, byte strings as Uint8Array, maps as Map.
export function decode(bytes) {
  let at = 0;
  function head() {
    if (at >= bytes.length) throw new Error("the bytes end too early");
    const first = bytes[at++];
    const major = first >> 5;
    const short = first & 31;
    if (short < 24) return [major, BigInt(short)];
    if (short > 27) throw new Error("not the shortest definite form");
    const width = 1 << (short - 24);
    let value = 0n;
    for (const byte of take(width)) value = (value << 8n) | BigInt(byte);
    const least = [24n, 1n << 8n, 1n << 16n, 1n << 32n][short - 24];
    if (value < least) throw new Error("not the shortest form");
    return [major, value];
  }
  function take(length) {
    if (length > bytes.length - at) throw new Error("the bytes end too early");
    at += Number(length);
    return bytes.subarray(at - Number(length), at);
  }
  function item(depth) {
    if (depth > 8) throw new Error("nested too deeply");
    const [major, value] = head();
    if (major === 0) return value;
    if (major === 2) return take(value);
    if (major === 3) return new TextDecoder("utf-8", { fatal: true }).decode(take(value));
    if (value > BigInt(bytes.length)) throw new Error("the bytes end too early");
    if (major === 4) return Array.from({ length: Number(value) }, () => item(depth + 1));
    if (major !== 5) throw new Error("a type that records don't use");
    const map = new Map();
    let before = -1n;
    for (let pair = 0n; pair < value; pair++) {
      const key = item(depth + 1);
      if (typeof key !== "bigint" || key <= before) throw new Error("keys out of order");
      map.set(Number(key), item(depth + 1));
      before = key;
    }
    return map;
  }
  const whole = item(0);
  if (at !== bytes.length) throw new Error("bytes follow the end");
  return whole;
}
