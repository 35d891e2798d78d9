# Words that many pages use.
back = Back
save = Save
go-on = Go on
choose = Choose
you = you
somebody = somebody
some-unit = a unit
list-semicolon = ;{ " " }
sentence-gap = { " " }
record = Record
receipt = Receipt
receipt-download = Download the receipt
record-no = No. { $index }
place = { NUMBER($count, type: "ordinal") ->
    [one] { $count }st
    [two] { $count }nd
    [few] { $count }rd
   *[other] { $count }th
}
not-placed = Not placed
col-account = Account
col-amount = Amount
col-award = Award
col-balance = Balance
col-crew = Crew
col-entry = Entry
col-for = For
col-hash = Hash
col-lane = Lane
col-no = No.
col-paid = Paid
col-place = Place
col-proof = Proof
col-reason = Reason
col-score = Score
col-state = State
col-task = Task
col-to = To
col-versions = Handed in
col-what = What
col-when = When
fact-amount = Amount
fact-from = From
fact-to = To
fact-escrow = The escrow of “{ $title }”
field-name = Name
field-slug = Short name in the address
field-slug-hint = 2 to 32 small letters, digits or hyphens, starting with a letter. It can't be changed later.
field-purpose = Purpose
field-reason = Reason
field-reason-hint = Kept with the record; shown to the owners of the wallets and to auditors.
handle-hint = A handle such as ada, with or without @.
people-count = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
wallets-count = { $count ->
    [one] { $count } wallet
   *[other] { $count } wallets
}
versions-count = { $count ->
    [one] { $count } version
   *[other] { $count } versions
}
unit-percent = %
unit-points = points
unit-lanes = lanes
unit-entries = entries
unit-people = people
unit-hours = hours
done-draft = The draft is saved. Publish it when it is right.
done-published = The race is open: the bounty is in escrow and the rules are frozen.
done-deleted = The draft is gone.
done-cancelled = The task is called off and everything went back to the funders.
done-extended = The deadline is moved, for everybody.
done-boosted = Your tokens are in the escrow. Thank you.
done-template-deleted = The template is gone.
done-asked = Asked. Everybody reads it now.
done-question-answered = Answered. Everybody reads it now.
done-clarified = Made clear. Everybody reads it now.
done-entered = Your entry is in. It runs as soon as everybody named has agreed.
done-crew = The new crew is asked.
done-agreed = You have agreed to your share.
done-declined = You have declined. The captain is told.
done-withdrawn = The entry has left the race.
done-submitted = Handed in, and its digest is on the ledger.
done-ruled = The ruling is on record. Appeals are possible until the window closes.
done-appealed = Your appeal is on record.
done-answered = Your answer is on record.
done-sent = Sent.
done-issued = The tokens are issued.
done-allocated = The tokens are allocated.
done-programme = The programme is started.
done-granted = They can draw on the programme now.
done-revoked = They can't draw on the programme any more.
done-unit = The unit is founded, and you lead it.
done-member-added = Welcome to the unit.
done-member-removed = They have left the unit.
done-handed-over = The unit has a new lead.
done-renamed = Your name is changed.
done-role-granted = The role is granted.
done-role-revoked = The role is taken back.
done-key-enrolled = Your key is enrolled. This browser signs with it from now on.
done-key-revoked = The key is revoked.
