# Small kindnesses: drafts, uploads, copying.
draft-restored = Restored what you typed at { $at }. It was not sent yet.
draft-changed = You typed something here at { $at } that was not sent, and this page has changed since.
draft-restore = Restore it
draft-discard = Discard it
copy = Copy
copied = Copied
copy-marked = Marked: copy it with your keyboard
permalink = Permanent link
upload-bar = How much has been sent
upload-sending = Sent: { $done } of { $all }
upload-arrived = Everything has been sent. The server is looking at it…
upload-cancel = Stop sending
upload-cancelled = Stopped. Nothing was handed in; your files are still chosen.
upload-broken = The connection broke. Try again: what is sent twice counts once.
