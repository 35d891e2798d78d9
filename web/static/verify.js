// Verifies a record in the reader's own browser: hash, path, signature, texts, and that the log has only
// grown since this browser saw it last. What is checked comes from the receipt; what is told stands beside it.

import { decode, hex, same, sha256, unbase64, unhex, utf8, verifies } from "./bytes.js";
import {
  climb, commitment, hashText, intentMessage, isConsistent, keyName, leafHash, readCheckpoint, readKey, readNote,
  readProof, signedBy,
} from "./log.js";

const section = document.querySelector("[data-verify]");
// A receipt that the reader brings, instead of that of the record on this page.
const brought = document.querySelector("form[data-receipt]");
const stored = (name) => JSON.parse(localStorage.getItem(name) ?? "null");
const store = (name, value) => localStorage.setItem(name, JSON.stringify(value));

// A thing that can't be checked here is not a thing that failed.
class Unchecked extends Error {}

function tell(step, state, values = {}, why = "") {
  const item = section.querySelector(`[data-step="${step}"]`);
  item.hidden = false;
  item.dataset.state = state;
  item.querySelector("[data-told]").textContent = section.dataset[state];
  item.querySelector("[data-why]").textContent = why;
  for (const [name, value] of Object.entries(values)) {
    const place = item.querySelector(`[data-value="${name}"]`);
    if (Array.isArray(value)) {
      place.replaceChildren(...value.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    } else {
      place.textContent = value;
    }
  }
}

async function step(name, check) {
  try {
    tell(name, "good", await check());
    return true;
  } catch (error) {
    const unchecked = error instanceof Unchecked || error.name === "NotSupportedError";
    tell(name, unchecked ? "odd" : "bad", error.values ?? {}, error.message);
    return unchecked ? null : false;
  }
}

function refuse(message, values) {
  throw Object.assign(new Error(message), { values });
}

// The bytes as they stand on this page.
function shownBytes() {
  const cells = document.querySelectorAll("[data-bytes]");
  return unhex(Array.from(cells, (cell) => cell.textContent.replace(/\s/g, "")).join(""));
}

// The keys that this browser believes for the log: pinned at the first visit; a further one is believed once
// it signs the same checkpoint as one that was believed before.
async function believed(origin, note) {
  const name = `saima-key:${origin}`;
  const typed = brought?.elements.key.value.trim();
  const offered = [...section.dataset.keys.split(" "), typed].filter(Boolean);
  const pins = stored(name);
  if (brought && !pins && !offered.some((key) => key.startsWith(`${origin}+`))) {
    refuse(section.dataset.foreign.replace("{origin}", origin));
  }
  if (!pins) {
    if (offered.length === 0) throw new Unchecked(section.dataset.keyless);
    const keys = await Promise.all(offered.map(readKey));
    const signing = [];
    for (const key of keys) if (key.name === origin && (await signedBy(note, key))) signing.push(key.text);
    if (signing.length === 0) refuse("no key that this page offers has signed the checkpoint");
    store(name, { keys: signing, since: new Date().toISOString() });
    return { keys: signing, fresh: true };
  }
  for (const text of pins.keys) {
    if (await signedBy(note, await readKey(text))) {
      const more = [];
      for (const offer of offered.filter((offer) => !pins.keys.includes(offer))) {
        const key = await readKey(offer);
        if (key.name === origin && (await signedBy(note, key))) more.push(offer);
      }
      if (more.length > 0) store(name, { ...pins, keys: [...pins.keys, ...more] });
      return { keys: [text], fresh: false, since: pins.since };
    }
  }
  refuse(section.dataset.otherKey, { key: pins.keys.join(" ") });
}

async function checkTexts(record, disclosures) {
  const committed = (record.get(6) ?? []).map(hex);
  for (const [label, salt, data] of disclosures) {
    const found = hex(await commitment(label, salt, data));
    if (!committed.includes(found)) refuse(`the record does not commit to “${label}”`);
  }
  for (const shown of document.querySelectorAll("[data-text]")) {
    const told = disclosures.some(([label, , data]) =>
      label === shown.dataset.text && same(data, utf8(shown.textContent)));
    if (!told) refuse(`the text shown as “${shown.dataset.text}” is not the one that was committed to`);
  }
  return { texts: String(disclosures.length) };
}

async function checkSeen(now) {
  const ours = section.dataset.keys.split(" ").some((key) => key.startsWith(`${now.origin}+`));
  if (brought && !ours) throw new Unchecked(section.dataset.elsewhere);
  const name = `saima-seen:${now.origin}`;
  const before = stored(name);
  const found = { size: now.size.toString(), root: hashText(now.root), at: new Date().toISOString() };
  if (!before) {
    store(name, found);
    return { before: "–", now: found.size };
  }
  const seen = { size: BigInt(before.size), root: unbase64(before.root) };
  const [small, large] = seen.size <= now.size ? [seen, now] : [now, seen];
  const proof = await consistency(small.size, large.size);
  const values = { before: `${before.size} (${before.at})`, now: found.size };
  if (!(await isConsistent(small.size, large.size, small.root, large.root, proof))) {
    refuse(section.dataset.forked, values);
  }
  if (seen.size < now.size) store(name, found);
  return values;
}

async function consistency(from, to) {
  if (from === to) return [];
  const query = "query ($from: Long!, $to: Long!) { log { consistency(from: $from, to: $to) } }";
  const body = JSON.stringify({ query, variables: { from: Number(from), to: Number(to) } });
  let answer;
  try {
    answer = await fetch(section.dataset.graphql, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body,
    });
  } catch {
    throw new Unchecked(section.dataset.unreachable);
  }
  const hashes = (await answer.json()).data?.log?.consistency;
  // A log that can't prove that it grew is as bad as one that proves it didn't.
  if (!Array.isArray(hashes)) refuse(section.dataset.forked);
  return hashes.map(unhex);
}

async function checkPerson(origin, record, disclosures) {
  const [id, algorithm, hash, signature] = record.get(5);
  const signed = disclosures.find(([label]) => label === "intent");
  if (!signed) throw new Unchecked(section.dataset.sealed);
  const message = intentMessage(origin, signed[2]);
  const intent = decode(signed[2]);
  const values = { signer: hex(id) };
  if (algorithm !== 1n || !same(hash, await sha256(message))) refuse("the record names another message", values);
  if (!same(id, await keyName(intent.get(3)))) refuse("the record names another key", values);
  if (!(await verifies(intent.get(3), signature, message))) refuse("the signature does not hold", values);
  return values;
}

async function fetched() {
  const answer = await fetch(section.dataset.receipt, { headers: { accept: "text/plain" }, cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

async function given() {
  const file = brought.elements.receipt.files[0];
  if (file) return file.text();
  const text = brought.elements.text.value.trim();
  if (!text) throw new Error(section.dataset.nothing);
  return `${text}\n`;
}

// What the record says: told only once everything that was checked holds.
function says(record, index, disclosures) {
  const place = section.querySelector("[data-says]");
  const put = (name, value) => {
    const said = place.querySelector(`[data-said="${name}"]`);
    if (!Array.isArray(value)) {
      said.textContent = value;
      return;
    }
    said.replaceChildren(...value.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    // Where nothing moved, nothing is said of it.
    const row = said.closest("dd");
    for (const part of [row, row.previousElementSibling]) part.hidden = value.length === 0;
  };
  const scale = Number(section.dataset.scale);
  const amount = (minor) => {
    const digits = minor.toString().padStart(scale + 1, "0");
    const whole = BigInt(digits.slice(0, digits.length - scale)).toLocaleString(document.documentElement.lang);
    return scale ? `${whole}.${digits.slice(-scale)}` : whole;
  };
  const line = ([account, , side, minor]) => `${side === 1n ? "+" : "\u2212"}${amount(minor)} ${section.dataset.code} · ${hex(account)}`;
  const kind = place.querySelector("[data-said=kind]");
  kind.textContent = section.querySelector(`[data-kind="${record.get(1)}"]`)?.textContent ?? String(record.get(1));
  kind.href = `${section.dataset.record}${hex(record.get(2))}`;
  const at = new Date(Number(record.get(3) / 1000n));
  put("at", `${at.toLocaleString(document.documentElement.lang)} (${at.toISOString()})`);
  put("index", index.toString());
  put("moves", (record.get(4) ?? []).map(line));
  const readable = disclosures.filter(([label]) => label !== "intent");
  put("texts", readable.map(([label, , data]) => `${label}: ${new TextDecoder().decode(data)}`));
  place.hidden = false;
}

function clean() {
  for (const item of section.querySelectorAll("[data-step]")) item.hidden = true;
  const told = section.querySelector("[data-says]");
  if (told) told.hidden = true;
}

async function verify() {
  section.dataset.verdict = "running";
  const verdict = section.querySelector("[data-sum]");
  verdict.textContent = section.dataset.running;
  clean();
  let receipt;
  try {
    receipt = readProof(await (brought ? given() : fetched()));
  } catch (error) {
    section.dataset.verdict = "bad";
    verdict.textContent = `${brought ? section.dataset.unreadable : section.dataset.failed} ${error.message}`;
    return;
  }
  const extra = decode(receipt.extra);
  const bytes = extra.get(0);
  const disclosures = extra.get(1) ?? [];
  const note = readNote(receipt.checkpoint);
  const checkpoint = readCheckpoint(note.text);
  let leaf;
  const outcomes = [
    await step("leaf", async () => {
      const shown = brought ? bytes : shownBytes();
      leaf = await leafHash(shown);
      if (!same(shown, bytes)) refuse("the bytes on this page are not those of the receipt", { leaf: hex(leaf) });
      return { leaf: hex(leaf), length: String(shown.length) };
    }),
    await step("path", async () => {
      const steps = await climb(receipt.index, checkpoint.size, leaf, receipt.path);
      const root = steps.at(-1)?.reached ?? leaf;
      const path = steps.map(({ beside, left, reached }) =>
        left ? `${hex(beside)} ‖ … = ${hex(reached)}` : `… ‖ ${hex(beside)} = ${hex(reached)}`);
      const values = { path, root: hex(root), signed: hex(checkpoint.root) };
      if (!same(root, checkpoint.root)) refuse("the path leads to another root than the one signed", values);
      return values;
    }),
    await step("signature", async () => {
      const { keys, fresh, since } = await believed(checkpoint.origin, note);
      const when = fresh ? section.dataset.pinned : `${section.dataset.known} ${since}`;
      return { origin: checkpoint.origin, size: checkpoint.size.toString(), key: keys.join(" "), when };
    }),
  ];
  const record = decode(bytes);
  // A checkpoint that nobody believed says nothing about what was seen before.
  if (outcomes[2]) outcomes.push(await step("seen", () => checkSeen(checkpoint)));
  outcomes.push(await step("texts", () => checkTexts(record, disclosures)));
  if (record.has(5)) outcomes.push(await step("person", () => checkPerson(checkpoint.origin, record, disclosures)));
  const bad = outcomes.includes(false);
  section.dataset.verdict = bad ? "bad" : "good";
  verdict.textContent = bad ? section.dataset.failed : section.dataset.holds;
  if (brought && !bad) says(record, receipt.index, disclosures);
  if (bad) section.scrollIntoView({ block: "start" });
}

async function run() {
  try {
    await verify();
  } catch (error) {
    section.dataset.verdict = "bad";
    section.querySelector("[data-sum]").textContent = `${section.dataset.failed} ${error.message}`;
  }
}

function bring() {
  const check = () => {
    section.hidden = false;
    // What the server made of another one is not told beside it.
    document.querySelector("section.verify:not([data-verify])")?.remove();
    run();
  };
  brought.addEventListener("submit", (event) => {
    event.preventDefault();
    setTimeout(() => delete brought.dataset.sent);
    check();
  });
  brought.elements.receipt.addEventListener("change", (event) => event.target.files.length > 0 && check());
  brought.addEventListener("dragover", (event) => {
    event.preventDefault();
    brought.dataset.over = "yes";
  });
  brought.addEventListener("dragleave", () => delete brought.dataset.over);
  brought.addEventListener("drop", (event) => {
    event.preventDefault();
    delete brought.dataset.over;
    if (event.dataTransfer.files.length === 0) return;
    brought.elements.receipt.files = event.dataTransfer.files;
    check();
  });
}

if (section && globalThis.crypto?.subtle) {
  if (brought) {
    bring();
  } else {
    section.hidden = false;
    section.querySelector("button").addEventListener("click", run);
    run();
  }
}
