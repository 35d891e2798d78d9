// Small comforts that no page needs: the reader's time zone, and forms that are kind.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? String(-new Date().getTimezoneOffset());
const known = document.cookie.split("; ").find((pair) => pair.startsWith("zone="));
if (known !== `zone=${zone}`) {
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
}

// Forms that came back with errors: lead the eye and the keyboard there.
document.getElementById("errors")?.focus();

// What was done is said once more to those who listen: a live region speaks only of what changes. It goes by itself
// when there was time to read it, not while it is pointed at, and never while it holds a way back.
for (const toast of document.querySelectorAll("main > [data-toast]")) {
  const words = toast.querySelector("p");
  const text = words.textContent;
  words.textContent = "";
  requestAnimationFrame(() => { words.textContent = text; });
  let left = Math.max(8000, text.length * 120);
  const clock = toast.querySelector("form") ? 0 : setInterval(() => {
    if (document.hidden || toast.matches(":hover, :focus-within")) return;
    left -= 500;
    if (left <= 0) away();
  }, 500);
  const away = () => {
    clearInterval(clock);
    toast.remove();
  };
  toast.querySelector("[data-away]").addEventListener("click", away);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) away();
  });
}

// What stands before the page: opened by a button that names it, closed by its own, or by Esc.
document.addEventListener("click", (event) => {
  const opens = event.target.closest?.("[data-opens]");
  if (opens) document.getElementById(opens.dataset.opens)?.showModal();
  if (event.target.closest?.("[data-close]")) event.target.closest("dialog").close();
});

// What is not easily taken back is asked about first. The words are those of the button, so nothing is fetched.
const sure = document.getElementById("sure");
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.dataset.sure || !sure) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  sure.querySelector("[data-question]").textContent = button.dataset.sure;
  const yes = sure.querySelector("[data-yes]");
  yes.textContent = button.textContent;
  yes.onclick = () => {
    sure.close();
    delete button.dataset.sure;
    button.form.requestSubmit(button);
  };
  sure.showModal();
});

// A double click must not send a form twice; the server would see to it, this saves the wait.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// "/" and Ctrl+K lead to the search, and "?" tells of this, unless somebody is writing or wants no single keys.
const single = document.querySelector("[data-single]");
if (single) {
  single.checked = !document.cookie.split("; ").includes("single=off");
  single.addEventListener("change", () => {
    document.cookie = `single=${single.checked ? "on" : "off"}; path=/; max-age=31536000; samesite=lax`;
  });
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const plain = single?.checked !== false && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
  const palette = event.key === "k" && (event.ctrlKey || event.metaKey);
  const help = event.key === "?" && plain;
  if (!(event.key === "/" && plain) && !palette && !help) return;
  if (document.querySelector("dialog[open]")) return;
  event.preventDefault();
  if (help) {
    document.getElementById("shortcuts")?.showModal();
    return;
  }
  const box = document.querySelector("main [role=search] input[name=q]");
  if (box) box.focus();
  else document.querySelector("a[data-find]")?.click();
});

// What only some pages need is loaded by those.
const words = document.getElementById("words");
if (words?.dataset.person) import("./drafts.js");
if (document.querySelector("main input[type=file]")) import("./upload.js");
if (document.querySelector("[data-copy]")) import("./copy.js");
