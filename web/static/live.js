// A race that moves while it is looked at. Without this a reload shows the same.

const piece = document.querySelector("[data-live]");
const status = document.querySelector("[data-live-told]");
let stream = null;
let timer = 0;

// Makes `old` like `fresh` and keeps what is the same, so that horses run instead of jumping, and whoever reads
// stays where they are.
function become(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(document.importNode(fresh, true));
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const was = [...old.childNodes];
  const is = [...fresh.childNodes];
  is.forEach((child, at) => (was[at] ? become(was[at], child) : old.append(document.importNode(child, true))));
  was.slice(is.length).forEach((child) => child.remove());
}

async function refresh() {
  const answer = await fetch(piece.dataset.track, { headers: { accept: "text/html" }, cache: "no-cache" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(`<div>${await answer.text()}</div>`, "text/html");
  const before = piece.querySelector("desc")?.textContent;
  const open = page.body.firstElementChild;
  for (const name of piece.getAttributeNames()) open.setAttribute(name, piece.getAttribute(name));
  become(piece, open);
  const now = piece.querySelector("desc")?.textContent;
  if (status && now && now !== before) status.textContent = now;
  tick();
}

// The clock's hand goes on between two changes.
function tick() {
  const [from, to, gate, finish] = (piece.querySelector("svg[data-clock]")?.dataset.clock ?? "").split(" ").map(Number);
  const hand = document.getElementById("t-clock");
  if (!hand || !finish) return;
  const gone = Math.min(Math.max((Date.now() - from) / Math.max(to - from, 1), 0), 1);
  hand.setAttribute("x", `${((gate + (finish - gate) * gone) / 10).toFixed(2)}%`);
}

function later(milliseconds, act) {
  clearTimeout(timer);
  timer = setTimeout(act, milliseconds);
}

// Where the stream can't be had, the race is asked for now and then, and after a while the stream again.
function poll(rounds) {
  later(20_000 + Math.random() * 20_000, async () => {
    await refresh();
    if (rounds > 0) poll(rounds - 1);
    else listen();
  });
}

function listen() {
  stream?.close();
  stream = new EventSource(piece.dataset.live);
  // All who watch hear it at the same moment: they don't all ask at once.
  stream.addEventListener("race", (event) => later(Math.random() * Number(event.data), refresh));
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) poll(5);
  });
}

function rest() {
  clearTimeout(timer);
  stream?.close();
  stream = null;
}

if (piece) {
  // A browser has few connections to one house: a page that nobody looks at gives its own back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      rest();
    } else {
      refresh();
      listen();
    }
  });
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", (event) => event.persisted && (refresh(), listen()));
  if (!document.hidden) listen();
  tick();
  setInterval(tick, 10_000);
}

// A race that is over, run once more by the slider.
const replay = document.querySelector("[data-replay]");
if (replay) {
  const slider = replay.elements.step;
  let asked = 0;
  slider.addEventListener("input", async () => {
    const mine = ++asked;
    await new Promise((done) => setTimeout(done, 60));
    if (mine !== asked) return;
    const url = `${replay.getAttribute("action")}?step=${slider.value}`;
    const answer = await fetch(url, { headers: { accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    become(document.getElementById("replayed"), page.getElementById("replayed"));
    history.replaceState(null, "", url);
  });
}
