// Files are sent with a bar that tells how far they are, and a way to stop. Without this the form sends them as
// any form does, and the same page follows.

import { taken } from "./drafts.js";

const words = document.getElementById("words").dataset;

const hasFiles = (form) =>
  form.enctype === "multipart/form-data" && [...form.querySelectorAll("input[type=file]")].some((field) => field.files.length > 0);

const tag = document.documentElement.lang;
const percent = new Intl.NumberFormat(tag, { style: "percent" });
function bytes(count) {
  const [unit, size] = count < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6];
  const digits = count < 1e5 ? 0 : 1;
  return new Intl.NumberFormat(tag, { style: "unit", unit, maximumFractionDigits: digits }).format(count / size);
}

// What is seen moves all the time; what is read out is said now and then.
class Gauge {
  constructor(form, stop) {
    const make = (kind, more) => Object.assign(document.createElement(kind), more);
    this.form = form;
    this.box = make("div", { className: "upload" });
    this.bar = make("progress", { max: 1, value: 0 });
    this.bar.setAttribute("aria-label", words.bar);
    this.seen = make("span", { className: "num" });
    this.seen.setAttribute("aria-hidden", "true");
    this.said = make("span", { className: "hidden" });
    this.said.setAttribute("role", "status");
    this.stop = make("button", { type: "button", className: "small", textContent: words.cancel });
    this.stop.addEventListener("click", stop);
    this.box.append(this.bar, this.seen, this.stop, this.said);
    form.querySelector("[data-upload-told]")?.remove();
    form.querySelector(".actions").before(this.box);
    this.quarter = -1;
    this.buttons = [...form.querySelectorAll(".actions button")];
    for (const button of this.buttons) button.disabled = true;
    this.stop.focus();
  }

  at(done, all) {
    const part = all ? done / all : 0;
    this.bar.value = part;
    const of = words.sending.replace("{done}", bytes(done)).replace("{all}", bytes(all));
    const text = `${percent.format(Math.floor(part * 100) / 100)} · ${of}`;
    this.seen.textContent = text;
    if (Math.floor(part * 4) > this.quarter) {
      this.quarter = Math.floor(part * 4);
      this.said.textContent = text;
    }
  }

  // All of it is there: what follows can't be stopped any more.
  through() {
    this.bar.value = 1;
    this.seen.textContent = words.arrived;
    this.said.textContent = words.arrived;
    this.stop.disabled = true;
  }

  end(text) {
    this.box.remove();
    for (const button of this.buttons) button.disabled = false;
    delete this.form.dataset.sent;
    const told = Object.assign(document.createElement("p"), { className: "notice bad", textContent: text, tabIndex: -1 });
    told.dataset.uploadTold = "";
    told.setAttribute("role", "alert");
    this.form.querySelector(".actions").before(told);
    told.focus();
  }
}

// The page that the server answered with, its errors in the place where they belong; files stay chosen.
function show(form, page) {
  const chosen = [...form.querySelectorAll("input[type=file]")];
  document.querySelector("main").replaceWith(document.importNode(page.querySelector("main"), true));
  for (const field of chosen) document.querySelector(`main input[type=file][name="${CSS.escape(field.name)}"]`)?.replaceWith(field);
  document.title = page.title;
  document.dispatchEvent(new CustomEvent("saima:again"));
  document.getElementById("errors")?.focus();
}

function answered(form, gauge, request) {
  const next = request.getResponseHeader("x-then");
  if (request.status === 204 && next) {
    taken(form);
    location.assign(next);
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  if (request.status === 422 && page.querySelector("main #errors")) {
    show(form, page);
    return;
  }
  const why = [page.querySelector("main h1"), page.querySelector("main .lead, main p")].map((piece) => piece?.textContent.trim()).filter(Boolean);
  gauge.end(why.join(". ") || words.broken);
}

// Sends a form, by a script if it has files.
export function send(form) {
  if (!hasFiles(form)) {
    form.submit();
    return;
  }
  const request = new XMLHttpRequest();
  const gauge = new Gauge(form, () => request.abort());
  request.upload.addEventListener("progress", (event) => gauge.at(event.loaded, event.total));
  request.upload.addEventListener("load", () => gauge.through());
  request.addEventListener("load", () => answered(form, gauge, request));
  request.addEventListener("error", () => gauge.end(words.broken));
  request.addEventListener("abort", () => gauge.end(words.cancelled));
  request.open("POST", form.action);
  request.setRequestHeader("x-then", "tell");
  request.send(new FormData(form));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  // Who signs the form first sends it afterwards.
  if (event.defaultPrevented || event.submitter?.name || !hasFiles(form)) return;
  event.preventDefault();
  send(form);
});
