// The reader's own keys: made by this browser, kept by it, and never to be taken out of it.

import { hex } from "./bytes.js";
import { keyName } from "./log.js";

const STORE = "keys";

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("saima", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(mode, act) {
  const base = await open();
  try {
    return await new Promise((resolve, reject) => {
      const asked = act(base.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  } finally {
    base.close();
  }
}

// Whether this browser can sign at all: Ed25519 in WebCrypto, on a page that came safely.
export async function canSign() {
  if (!globalThis.isSecureContext || !globalThis.indexedDB || !crypto.subtle) return false;
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}

// A new key of this person's. Its private half can be used, never read, not even by this page.
export async function make(person) {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { id: hex(await keyName(publicKey)), person, publicKey, privateKey: pair.privateKey };
}

export const keep = (key) => within("readwrite", (store) => store.put(key));

export const forget = (id) => within("readwrite", (store) => store.delete(id));

// The keys of this person that this browser holds.
export async function held(person) {
  const all = await within("readonly", (store) => store.getAll());
  return all.filter((key) => key.person === person);
}

export const sign = async (key, message) =>
  new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, message));
