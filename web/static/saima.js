// Small comforts that no page needs: the reader's time zone, and forms that are kind.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? String(-new Date().getTimezoneOffset());
const known = document.cookie.split("; ").find((pair) => pair.startsWith("zone="));
if (known !== `zone=${zone}`) {
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
}

// Forms that came back with errors: lead the eye and the keyboard there.
document.getElementById("errors")?.focus();

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

// "/" and Ctrl+K lead to the search, unless somebody is writing.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
  const palette = event.key === "k" && (event.ctrlKey || event.metaKey);
  if (!slash && !palette) return;
  event.preventDefault();
  const box = document.querySelector("main [role=search] input[name=q]");
  if (box) box.focus();
  else document.querySelector("a[data-find]")?.click();
});
