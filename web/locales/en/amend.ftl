# Amending the rules of a race that is open, by consent.
amend-title = Amend the rules
amend-lead = Rules are frozen while a race runs. Change what must be changed, look at the difference, and propose it: it takes effect when everybody who rides agrees or leaves.
amend-group = Why, and until when
amend-rules-of = Every captain answers for their crew. It takes effect as soon as all have answered. Nobody's silence changes the rules for them: if one entry has not answered in time, the amendment falls and everything stays as it was. Whoever leaves does so when it takes effect, with the start prize where there is one, and can't come back to this race; if it falls, they have not left.
amend-reason = Why
amend-reason-hint = For everybody who sees the race, at most 2,000 characters.
amend-answer-by = Answers until
amend-answer-by-hint = A day from now at least, and before the stage or the race ends. Empty: three days, or less where that ends before.
amend-preview-button = Look at the difference
amend-difference = What changes
amend-asked = { $count ->
    [0] Nobody rides: it takes effect at once.
    [one] { $count } entry is asked.
   *[other] { $count } entries are asked.
}
amend-answered = { $count ->
    [0] None has answered.
    [one] { $count } has answered.
   *[other] { $count } have answered.
}
amend-outstanding = No answer yet from:
amend-start = Whoever leaves is paid, for the whole crew:
amend-freeze = Board frozen before each end for
amend-col-rule = Rule
amend-col-before = Until now
amend-col-after = From then on
amend-col-where = Where
amend-table-before = What each place is paid until now
amend-table-after = What each place would be paid
amend-frozen = Each difference, as it is frozen
amend-frozen-hint = By the names of the frozen rules: amounts in minor units, marks in hundredths, shares in basis points.
amend-how = How it is decided
amend-aside = Where the amendment stands
amend-ended = Decided
amend-says-nothing = Your entry has not answered.
amend-says-consent = Your entry agrees. Until it is decided you can change that.
amend-says-leave = Your entry leaves when it takes effect. Until it is decided you can change that.
amend-captain-answers = Your captain answers for the crew. If you don't agree with them, you can leave the crew.
amend-leave-title = Leave the race on this amendment
amend-leave-lead = When the amendment takes effect your entry is out of the race for good, and the start prize is paid to your crew at once, if the race has one. If it falls, nothing happens. If yours is the last answer that is missing, that is now.
amend-withdraw-title = Take the amendment back
amend-withdraw-lead = The rules stay as they are, and all answers are forgotten.
amend-enter-title = The rules are to be amended
amend-enter-read = Read what changes
amend-enter-accept = I have read it and ride under either: the rules as they are, and these if everybody agrees.
amendment-title = Amendment of the rules
amendment-open-badge = Answers due
amendment-in-force = In force
amendment-fallen = Fallen
amendment-withdrawn = Taken back
task-amendments = Versions of the rules
rules-version = Rules, version { $count }
rule-departed = Paid to those who left
stage-named = Stage { $number }: { $name }
stage-ends-judged = Ends { $ends }, scores until { $judged }.
stage-pays = Pays { $pot } at once: { $plan }
diff-gone = Gone:
diff-new = New:
act-amend-ask = Amend the rules
act-amend = Propose this
act-amend-consent = Agree
act-amend-leave = Leave the race
act-amend-withdraw = Take it back
done-amend-proposed = Proposed: every captain is told.
done-amend-consent = Your answer is on record.
done-amend-leave = Your answer is on record.
done-amend-withdrawn = Taken back: the rules stay as they are.
entry-left = Left on an amendment
work-amendment = Answer the amendment of the rules
work-await-amendment = The amendment waits for answers
