// What somebody types into a long form stays in this browser until it is sent: a closed tab, a lost line or an
// ended session loses nothing. Passwords, files and hidden fields are never kept; what is kept is of one person
// and not shown to another.

const words = document.getElementById("words").dataset;
const PREFIX = "saima-draft:";
const SENT = "saima-sent";
const DAYS = 14;
const MOST_DRAFTS = 20;
const MOST_LETTERS = 200_000;
const UNKEPT = new Set(["hidden", "password", "file", "submit", "button", "reset", "image"]);
// Tokens are sent from short forms that spell everything out: nothing old is put into them.
const MONEY = /^\/(wallet|treasury)(\/|$)/;

const own = `${PREFIX}${words.person}:`;
const isOurs = (name) => name.startsWith(PREFIX);
const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

// Nothing of one person's stays when another comes, and nothing for ever.
function tidy() {
  const oldest = Date.now() - DAYS * 86_400_000;
  const kept = [];
  for (const name of Object.keys(localStorage).filter(isOurs)) {
    const at = parse(localStorage.getItem(name))?.at ?? 0;
    if (!name.startsWith(own) || at < oldest) localStorage.removeItem(name);
    else kept.push({ name, at });
  }
  kept.sort((one, other) => other.at - one.at);
  for (const { name } of kept.slice(MOST_DRAFTS - 1)) localStorage.removeItem(name);
}

const place = (form) => new URL(form.action).pathname;
const fields = (form) => [...form.elements].filter((field) => field.name && field.type && !UNKEPT.has(field.type) && field.type !== "fieldset");
const isBox = (field) => field.type === "radio" || field.type === "checkbox";

// Long enough to be worth it: something to write in, or many fields.
function isLong(form) {
  if (form.matches("[data-unkept]") || form.querySelector("[type=password]") || MONEY.test(place(form))) return false;
  const typed = fields(form).filter((field) => !isBox(field) && field.tagName !== "SELECT");
  return typed.some((field) => field.tagName === "TEXTAREA") || typed.length > 5;
}

const given = (field) => (isBox(field) ? field.checked : field.value);
const offered = (field) => {
  if (isBox(field)) return field.defaultChecked;
  if (field.tagName !== "SELECT") return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
};

// A name may stand more than once: it is counted.
function named(form) {
  const seen = new Map();
  return fields(form).map((field) => {
    const name = isBox(field) ? `${field.name}=${field.value}` : field.name;
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return [`${count}:${name}`, field];
  });
}

// What the server offered to begin with, in short: another offer means that the page has changed since. Times
// are left out, for they are offered by the clock.
function offer(form) {
  let hash = 5381;
  for (const [name, field] of named(form)) {
    if (isBox(field) || /^(date|time)/.test(field.type)) continue;
    for (const letter of `${name}\n${offered(field)}\n`) hash = (hash * 33 + letter.codePointAt(0)) | 0;
  }
  return hash;
}

const shown = new Map();
let unkept = false;
let leaving = false;

function write(name, text) {
  for (let round = 0; round < 3; round++) {
    try {
      localStorage.setItem(name, text);
      return true;
    } catch {
      const others = Object.keys(localStorage).filter((other) => isOurs(other) && other !== name);
      if (others.length === 0) return false;
      localStorage.removeItem(others[0]);
    }
  }
  return false;
}

function keep(form) {
  const draft = shown.get(form);
  if (!draft?.touched) return;
  const typed = named(form).filter(([, field]) => given(field) !== offered(field));
  if (typed.length === 0 && !draft.cameBack) {
    localStorage.removeItem(draft.name);
    unkept = false;
    return;
  }
  const values = Object.fromEntries((draft.cameBack ? named(form) : typed).map(([name, field]) => [name, given(field)]));
  const text = JSON.stringify({ at: Date.now(), offer: draft.offer, values });
  unkept = text.length > MOST_LETTERS || !write(draft.name, text);
  warn();
}

// Asked only where leaving would lose what can't be kept: files that were chosen, and what found no room.
function hold(event) {
  if (!leaving) event.preventDefault();
}
function warn() {
  const files = [...document.querySelectorAll("main form:not([data-unkept]) input[type=file]")].some((field) => field.files.length > 0);
  if (files || unkept) addEventListener("beforeunload", hold);
  else removeEventListener("beforeunload", hold);
}

function put(form, values) {
  let changed = false;
  for (const [name, field] of named(form)) {
    if (!(name in values) || given(field) === values[name]) continue;
    if (isBox(field)) field.checked = values[name] === true;
    else field.value = String(values[name]);
    for (let fold = field.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
    changed = true;
  }
  return changed;
}

const button = (text, act) => {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: text });
  made.addEventListener("click", act);
  return made;
};

function tell(form, saved, name, put_in) {
  const line = Object.assign(document.createElement("div"), { className: "notice draft-line" });
  line.dataset.draft = put_in ? "restored" : "offered";
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  line.append(said);
  const at = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format(saved.at);
  const say = (text) => {
    said.textContent = text.replace("{at}", at);
  };
  const actions = Object.assign(document.createElement("p"), { className: "row" });
  const discard = button(words.discard, () => {
    localStorage.removeItem(name);
    if (put_in) form.reset();
    line.remove();
    (form.querySelector("textarea, input:not([type=hidden])") ?? form).focus();
  });
  if (!put_in) {
    const restore = button(words.restore, () => {
      put(form, saved.values);
      put_in = true;
      shown.get(form).touched = true;
      line.dataset.draft = "restored";
      restore.remove();
      say(words.restored);
      discard.focus();
    });
    actions.append(restore);
  }
  actions.append(discard);
  line.append(actions);
  form.prepend(line);
  // What appears together with its region is not read out.
  requestAnimationFrame(() => say(put_in ? words.restored : words.changed));
}

function begin(form, pending) {
  const cameBack = pending?.place === place(form) || form.querySelector("#errors") !== null;
  const name = pending?.place === place(form) ? pending.name : `${own}${place(form)}${location.search}`;
  const saved = parse(localStorage.getItem(name));
  // What comes back was offered by the page that it was typed on.
  const first = (cameBack && saved?.offer) || offer(form);
  shown.set(form, { name, offer: first, cameBack, touched: cameBack });
  if (cameBack) {
    keep(form);
    return;
  }
  if (!saved?.values) return;
  const same = saved.offer === shown.get(form).offer;
  if (same ? put(form, saved.values) : true) {
    shown.get(form).touched = same;
    tell(form, saved, name, same);
  } else {
    localStorage.removeItem(name);
  }
}

// Where a form led: to another page when it was taken, back to itself when it was not.
function arrived() {
  const pending = parse(sessionStorage.getItem(SENT));
  sessionStorage.removeItem(SENT);
  const way = performance.getEntriesByType("navigation")[0];
  if (!pending || !way?.redirectCount || location.pathname === "/sign-in") return pending;
  localStorage.removeItem(pending.name);
  return null;
}

// Sent by a script, and taken.
export function taken(form) {
  leaving = true;
  const draft = shown.get(form);
  if (draft) localStorage.removeItem(draft.name);
  shown.delete(form);
}

function start(pending) {
  shown.clear();
  for (const form of document.querySelectorAll("main form[method=post]")) if (isLong(form)) begin(form, pending);
}

function listen() {
  let timer = 0;
  const changed = (event) => {
    const form = event.target.form;
    if (event.target.type === "file") warn();
    if (!shown.has(form)) return;
    shown.get(form).touched = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 300, form);
  };
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (new URL(form.action).pathname === "/sign-out") {
      for (const name of Object.keys(localStorage).filter(isOurs)) localStorage.removeItem(name);
      shown.clear();
      return;
    }
    leaving = true;
    setTimeout(() => {
      leaving = false;
    }, 5_000);
    if (!shown.has(form)) return;
    keep(form);
    sessionStorage.setItem(SENT, JSON.stringify({ name: shown.get(form).name, place: place(form) }));
  });
  // Who goes elsewhere instead has not sent it.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("a[href]")) sessionStorage.removeItem(SENT);
  });
  addEventListener("pagehide", () => {
    for (const form of shown.keys()) keep(form);
  });
  // Back on a page that the browser kept as it was: what was sent from it is sent.
  addEventListener("pageshow", (event) => event.persisted && start(arrived()));
  // A form that a script put in place of the one that was sent.
  document.addEventListener("saima:again", () => start(arrived()));
}

// A visitor has nothing to lose; a browser that keeps nothing (a private window, say) keeps nothing here either.
if (words.person) {
  try {
    tidy();
    start(arrived());
    listen();
  } catch (error) {
    console.info("drafts are not kept:", error.message);
  }
}
