# Entries, crews and submissions.
entry-lane = Lane { $lane }
entry-entered = Entered
entry-forming = Forming
entry-running = Running
entry-finished = Finished
entry-withdrawn = Withdrawn
entry-cut = Closed at a stage
work-rule-stage = Score the stage
entry-asked = You are asked to ride in this crew.
entry-asked-text = Look at your share, then agree or decline. Shares change later only when all agree again.
entry-agree = Agree
entry-decline = Decline
entry-outcome = How it came out
entry-submissions = Handed in
crew-asked = Asked
crew-agreed = Agreed
crew-declined = Declined
crew-title = Change the crew
enter-title = Enter the race
enter-lead = For { $bounty }. Name everybody who rides, with the share that each takes of what you win.
enter-entry = Your entry
enter-name = Name of the entry
enter-name-hint = Shown on your lane. Left empty, it is your own name or the unit's.
enter-crew = The crew
enter-crew-hint = { $count ->
    [one] { $count } person rides, yourself. All shares sum to 100%.
   *[other] At most { $count } people, yourself included. All shares sum to 100%. Each must agree before the entry runs.
}
enter-mate = Handle, no. { $number }
enter-share = Share in %
enter-preview = Show what each would get
withdraw-title = Leave the race?
withdraw-lead = The lane closes and the entry can't come back.
act-withdraw = Leave the race
submit-title = Hand in a version
submit-lead = As many versions as you like until the clock stops; the last one counts. It stays sealed to all but your crew until then, and its digest goes on the ledger at once.
submit-body = Text
submit-body-hint = Markdown.
submit-links = Links
submit-links-hint = One a line, with https:// in front.
submit-files = Files
submit-limits = At most { $count } files of { $size } each.
submit-button = Hand in
submissions-empty-title = Nothing handed in yet
submissions-empty-text = Versions show up here with their time and digest.
submission-version = Version { $count }
submission-record = Deposited on the ledger
submission-sealed = Sealed until the clock stops. The digest below is already on the ledger, so nobody can swap it.
submission-kept = For its crew, the judges and the poster. Its digest below is on the ledger, so nobody can swap it.
work-lead = What waits for you, the next deadline first.
work-todo = To do
work-waiting = Waiting for others
work-empty-title = Nothing waits for you
work-empty-text = A good moment to look for a race.
work-due = Due
work-since = Waiting for
work-owner = Their step:
work-agree = Agree to your share, or decline
work-revise = Somebody declined: propose another crew
work-submit = Hand in a version
work-rule = Rule the race
work-appeal = The ruling is provisional: appeal if it is wrong
work-answer = Answer an appeal
work-question = Answer a question
work-publish = Publish your draft
work-await-ruling = A ruling is due
work-await-settlement = The appeal window is open

# The evidence checklist
rule-evidence = Every version must bring
evidence-told = { $title } ({ $kind })
evidence-words = in words
evidence-link = a link
evidence-file = a file
evidence-file-any = any file
evidence-file-named = a file named { $pattern }
evidence-title = What { $number }
evidence-kind = How
evidence-pattern = File name, as *.pdf
evidence-needed = Needed for this race.
group-evidence = Evidence
group-evidence-hint = What every version must bring along, so that nobody has to read what can't be checked. Nothing passes without it. Leave rows empty that you don't need; in a file name * stands for anything.

# Returned unread
returned-title = Returned unread:
returned-text = It qualifies for nothing. Its crew can appeal once there is a ruling.
return-title = Return it unread, because …
return-text = One press sends it back, on the record. You can take it back until there is a ruling.
return-note = Add a word
return-note-hint = For its crew and everybody who sees the task.
return-off-task = Not about the task
return-no-evidence = No evidence
return-same-work = Another lane's work
return-no-effort = No effort
return-unusable = Can't be opened
act-take-back = Judge it after all
done-returned = Returned unread. Its crew was told.
done-taken-back = The entry is judged with the others.

# The same artefact in several lanes
same-title = The same in several lanes.
same-text = That may be fair, if all built on one public source. Look before you rule.
same-file = The same file
same-link = The same link
same-text-whole = The same text
