// A button beside what people carry elsewhere: digests, ids, keys, addresses, command lines. It stands where
// `data-copy` stands: what is copied is the attribute, or what can be read there; a path becomes a whole address.

const words = document.getElementById("words").dataset;
const said = Object.assign(document.createElement("p"), { className: "hidden" });
said.setAttribute("role", "status");

const ICON = "M8.5 8.5V5.5a1.5 1.5 0 0 1 1.5-1.5h8.5A1.5 1.5 0 0 1 20 5.5V14a1.5 1.5 0 0 1-1.5 1.5h-3M5.5 8.5H14a1.5 1.5 0 0 1 1.5 1.5v8.5A1.5 1.5 0 0 1 14 20H5.5A1.5 1.5 0 0 1 4 18.5V10a1.5 1.5 0 0 1 1.5-1.5z";

function icon() {
  const [picture, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  for (const [name, value] of [["viewBox", "0 0 24 24"], ["width", "18"], ["height", "18"], ["aria-hidden", "true"]]) picture.setAttribute(name, value);
  path.setAttribute("class", "stroke");
  path.setAttribute("d", ICON);
  picture.append(path);
  return picture;
}

function value(place) {
  const given = place.dataset.copy;
  if (/^[/#?]/.test(given)) return new URL(given, location.href).href;
  return given || place.textContent.trim();
}

// Enough to tell one button from the next.
const begin = (text) => (text.length > 24 ? `${text.slice(0, 24)}…` : text);

// What it is called where it stands: the term before it, or its beginning.
function name(place) {
  const term = place.closest("dd")?.previousElementSibling;
  return place.dataset.copyName ?? (term?.tagName === "DT" ? term.textContent.trim() : begin(value(place)));
}

// Where the clipboard can't be had, it is at least marked, ready for the reader's own hand.
function mark(place) {
  getSelection().selectAllChildren(place);
}

async function copy(place, button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(value(place));
  } catch {
    mark(place);
    done = false;
  }
  button.dataset.copied = done ? "yes" : "no";
  const told = done ? words.copied : words.marked;
  button.lastChild.textContent = told;
  // Said anew each time, for the same words twice are said once.
  said.textContent = "";
  setTimeout(() => {
    said.textContent = told;
  }, 50);
  setTimeout(() => {
    delete button.dataset.copied;
    button.lastChild.textContent = "";
  }, 2_500);
}

export function offer(within) {
  for (const place of within.querySelectorAll("[data-copy]")) {
    if (place.nextElementSibling?.classList.contains("copy")) continue;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "copy quiet" });
    button.setAttribute("aria-label", `${words.copyIt} ${name(place)}`);
    button.title = words.copyIt;
    const told = document.createElement("span");
    told.setAttribute("aria-hidden", "true");
    told.textContent = "";
    button.append(icon(), told);
    button.addEventListener("click", () => copy(place, button));
    place.after(button);
  }
}

document.body.append(said);
offer(document);
document.addEventListener("saima:again", () => offer(document.querySelector("main")));
