// Signs what a form is about to do, with a key that this browser keeps. Without a key or a script the form
// works as well; the record then says that only the server attests it.

import { decode, hex, same, sha256, unhex } from "./bytes.js";
import { canSign, forget, held, keep, make, sign } from "./keys.js";
import { intentMessage } from "./log.js";
import { send } from "./upload.js";

// What the form would do, in bytes, as the server spells them: checked for whom and with what it is.
async function proposal(form, { act, person, origin }, key) {
  const fields = new FormData(form);
  const multipart = form.enctype === "multipart/form-data";
  if (multipart) await nameFiles(fields);
  fields.set("prepare", hex(key.publicKey));
  const body = multipart ? fields : new URLSearchParams(fields);
  const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/plain" } });
  if (answer.status === 422) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  const bytes = await answer.text();
  const intent = unhex(bytes);
  const says = decode(intent);
  const own = says.get(1) === act && hex(says.get(2)) === person.replaceAll("-", "") && same(says.get(3), key.publicKey);
  if (!own) throw new Error("the server proposed something else");
  return { bytes, signature: hex(await sign(key, intentMessage(origin, intent))) };
}

// Files are named by what they hash to, so that they travel once.
async function nameFiles(fields) {
  const files = fields.getAll("files").filter((file) => file.size > 0);
  fields.delete("files");
  for (const file of files) {
    const digest = await sha256(new Uint8Array(await file.arrayBuffer()));
    fields.append("digest", `${hex(digest)} ${file.size} ${file.name}`);
  }
}

function fill(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(input);
  }
}

const signed = ({ bytes, signature }) => ({ "signed.bytes": bytes, "signed.signature": signature });

// Takes over the sending of a form: signs it, then sends it as it is.
function takeOver(form, note, act) {
  let busy = false;
  form.addEventListener("submit", async (event) => {
    // A button with a name of its own only shows something: there is nothing to sign.
    if (event.submitter?.name) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    try {
      const values = await act();
      if (values) fill(form, values);
      // Nothing to sign: the server has something to say about the form.
      send(form);
    } catch (error) {
      busy = false;
      delete form.dataset.sent;
      note.textContent = `${note.dataset.failed} ${error.message}`;
      note.classList.add("bad");
      note.hidden = false;
    }
  });
}

async function signForms() {
  for (const note of document.querySelectorAll("[data-sign]")) {
    const form = note.closest("form");
    const { person, origin, sign: act } = note.dataset;
    const mine = await held(person);
    const key = mine.find((one) => note.dataset.keys.split(" ").includes(one.id));
    if (!key) continue;
    note.textContent = `${note.dataset.will} ${key.id}`;
    note.classList.add("good");
    takeOver(form, note, async () => {
      const made = await proposal(form, { act, person, origin }, key);
      return made && signed(made);
    });
  }
}

async function enrolForm() {
  const form = document.querySelector("form[data-enrol]");
  if (!form) return;
  const note = form.querySelector("[data-note]");
  if (!(await canSign())) {
    note.textContent = note.dataset.cannot;
    note.hidden = false;
    return;
  }
  note.hidden = true;
  const { person, origin } = form.dataset;
  takeOver(form, note, async () => {
    const key = await make(person);
    const made = await proposal(form, { act: "enrolKey", person, origin }, key);
    if (!made) return null;
    await keep(key);
    return { public: hex(key.publicKey), ...signed(made) };
  });
  const mine = await held(person);
  for (const row of document.querySelectorAll("[data-key]")) {
    if (!mine.some((key) => key.id === row.dataset.key)) continue;
    if (row.dataset.revoked) await forget(row.dataset.key);
    else row.querySelector("[data-here]").hidden = false;
  }
}

// A form that a script put in place of the one that was sent.
document.addEventListener("saima:again", () => signForms());

try {
  await enrolForm();
  await signForms();
} catch (error) {
  // A browser that keeps nothing (a private window, say) signs nothing.
  console.info("keys are not available:", error.message);
}
