# Tasks: the list, the page, writing one.
tasks-title = Tasks
tasks-lead = What is wanted, what it pays, and how it stands.
tasks-all = All
tasks-open = Open challenges
tasks-mine = Posted by me
tasks-riding = I ride
tasks-judging = I judge
tasks-search = Words in the title
tasks-state = State
tasks-any-state = Any
tasks-order = Order
tasks-find = Show
tasks-found = { $count ->
    [one] { $count } task
   *[other] { $count } tasks
}
tasks-empty-title = No task here
tasks-empty-text = Nothing fits what you asked for. Change the words or the state, or look at all tasks.
order-newest = Newest first
order-closing = Closing soon
order-bounty = Largest bounty
state-draft = Draft
state-open = Racing
state-judging = Being judged
state-provisional = Ruled, provisional
state-settled = Paid
state-cancelled = Called off
state-expired = Expired
task-open-challenge = Open challenge
task-closes = closes
task-jump = On this page
task-closed = closed
task-new = Post a task
task-edit = Change the draft
task-posted-by = Posted by
task-brief = What is wanted
task-criteria = What must hold
task-race = The race
task-ruling = The ruling
task-appeals = Appeals
task-paid = What was paid
task-rules = The rules
task-bounty = Bounty
task-aside = Bounty and proof
task-own = You ride in
task-actions = What you can do
task-sign-in = Sign in to take part
task-funders = Who put it up
task-trail = { $count ->
    [one] { $count } record on the ledger
   *[other] { $count } records on the ledger
}
race-empty-title = All lanes are free
race-empty-text = Nobody has entered yet.
track-label = The lanes of the race
track-by-time = How far each lane has come: when it last handed in, between the start and the deadline. The clock shows now. The table has the same.
track-by-board = How far each lane has come: its public figure on the board, between the last one's and the leader's, who stands at the clock. The table has the same.
track-by-score = Each lane ends at its score on the last leg, out of 100; lanes that were closed stand at their post. The table has the same.
track-by-place = The lanes in the order in which they came in; lanes that were closed stand at their post. The table has the same.
track-phase-draft = Not open yet
track-phase-gates = In the gates: crews form, work is taken from the start on
track-phase-running = The race is on
track-phase-frozen = The race is on, and the track stands still for rivals
track-phase-judging = The clock has stopped; the judges have the work
track-phase-photo = Photo finish: ruled, and not final before appeals are over
track-phase-settled = The race is over and paid
track-phase-over = The race was called off
track-frozen-since = Others are shown as they stood at
track-waiting = { $count ->
    [one] { $count } entry waits for a lane
   *[other] { $count } entries wait for a lane
}
track-beyond = { $count ->
    [one] { $count } more lane is in the table.
   *[other] { $count } more lanes are in the table.
}
track-fell-here = { $count ->
    [one] { $count } lane closed here
   *[other] { $count } lanes closed here
}
track-told-lanes = { $count ->
    [one] { $count } lane is in the race.
   *[other] { $count } lanes are in the race.
}
track-told-leads = In the lead: { $names }.
track-told-won = In first place: { $names }.
track-way = { $percent }%
track-gate = In the gate
track-fell = Closed at “{ $post }”
track-returned = Returned unread
track-dead-heat = { $place } =
track-figure = { $figure }
picture-left = { $time } left
feed-open = Open challenges
feed-this = This list as a feed
replay-open = Watch the race again
replay-title = The race, step by step
replay-lead = Each step is on record. Move the slider, or follow the steps.
replay-step = Step
replay-show = Show
replay-before = Step before
replay-after = Step after
replay-steps = Steps
step-opened = The race opened
step-entered = “{ $entry }” entered
step-version = “{ $entry }” handed in a version
step-cut = Stage { $stage } was cut
step-left = “{ $entry }” left the race
step-closed = The clock stopped
step-ruled = The race was ruled
col-way = On the track
outcomes-title = What each place is paid
outcomes-caption = If so many entries come in on places of their own, each gets this.
outcomes-placed = Come in
outcomes-entries = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
outcomes-or-more = { $count ->
    [one] { $count } entry or more
   *[other] { $count } entries or more
}
outcomes-refund = Back to funders
outcomes-start = No place
outcomes-scored = Scores decide: those in small print are examples, spread evenly down towards the mark.
crew-outcomes-title = What each of the crew gets
crew-outcomes-caption = By the shares of the crew, start prize included: look up how many come in, then your place.
crew-outcomes-whole = All together
ruling-earlier = Ruling no. { $count }, set aside
ruling-refund = Back to the funders:
paid-refund = Back to a funder
proof-title = Prize proof
proof-text = Check before you enter: the bounty is locked and the rules can't change.
proof-escrow = In escrow now
proof-source = From
proof-record = Frozen rules
proof-record-link = See the record
proof-digest = Their digest
clock-will-close = Will close
clock-closes = Closes
clock-closed = Closed
clock-opens = Opens
clock-stage = Stage ends
task-stages = Stages
stage-number = Stage { $count }
stage-final = The end
stage-coming = To come
stage-running = Running
stage-judging = Scores due
stage-done = Cut
stage-ends = Ends
stage-judged-until = Scores until
stage-mark = Who scores below { $mark } does not go on.
stage-keep =
    { $count ->
        [one] The best one goes on, and all that tie on the line.
       *[other] The best { $count } go on, and all that tie on the line.
    }
stage-gate =
    { $count ->
        [one] If nobody meets the mark, the race stops here and what is left goes back.
       *[other] If fewer than { $count } meet the mark, the race stops here and what is left goes back.
    }
stage-no-cut = Nobody is closed here.
stage-pot = It pays, at once:
stage-outcomes = What you get if you are cut here
stage-by-clock = By the clock, from the scores that there were
stage-stopped = The race stopped here: too few met the mark.
stage-then = Then
stage-cut = Closed
stage-on = Goes on
stage-rule-title = Score the stage
stage-rule-lead = A score from 0 to 100 for each lane that handed in during the stage. The cut and what it pays follow at once and can't be taken back.
stage-rule-empty = No lane handed in during this stage.
act-rule-stage = Score the stage
done-stage = The stage is cut.
group-stages = Stages and start
group-stages-text = Elimination raises effort where results are noisy (Fu, Lu 2012), and stage pay is fair to the lanes that are closed. Leave the stages empty for a race in one piece.
field-stage-name = Name
field-stage-name-hint = Such as: paper design.
field-stage-ends = Ends
field-stage-ends-hint = What comes at this instant belongs to the next stage. Nobody enters once a stage has ended.
field-stage-judge = Time for the scores
field-stage-judge-hint = Counted from the end. After that the clock cuts by the scores that there are; silence closes no lane that handed in.
field-stage-keep = Go on at most
field-stage-keep-hint = Who ties on the line goes on too. Empty: no cut by place.
field-stage-mark = Mark
field-stage-mark-hint = Lanes below get no prize of the stage and do not go on.
field-stage-gate = Stop-loss gate
field-stage-gate-hint = If fewer lanes meet the mark, the race stops and what is left goes back.
field-stage-pot = Set aside of the bounty
field-stage-pot-hint = Paid at the cut, at once. What all stages leave is for the end.
field-stage-prizes = Prizes in percent
field-stage-prizes-hint = Of what is set aside, best place first: 40, 30, 20, 10.
field-opens = Work is taken from
field-opens-hint = Crews form before. Empty: as soon as it is published.
field-freeze = Board frozen before each end
field-freeze-hint = Nobody sees how the others stand in the last hours. Empty: never.
clock-ruling-due = Ruling due
task-passed = Nobody ruled in time, so the decision has passed to { $names }.
ruling-by-clock = By the clock: nobody ruled in time, so the default of the rules was executed
appeal-by-clock = Nobody answered in time: the ruling stands, as the rules say.
clock-appeals = Appeals until
clock-settled = Paid
clock-cancelled = Called off
clock-expired = Expired
clock-server = Server's clock
rule-plan = Prizes
rule-plan-winner = The first place takes all.
rule-plan-threshold = { $count ->
    [one] The first entry that meets the mark is paid
   *[other] Each of the first { $count } entries that meet the mark is paid
}
rule-plan-points = All of it is shared by the points above the mark. Who is at the mark exactly is placed and gets nothing.
rule-plan-score = All of it is shared by the scores.
rule-plan-cap = No entry gets more than { $cap } of it.
rule-start = Start prize
rule-start-each = Each entry that has handed in and stays in the race gets { $each }, whatever its place.
rule-start-pool = { $pool } of the bounty is set aside for this; if it is too little for all, they share it equally, and what is left of it goes back. The other prizes come from the rest of the bounty.
rule-mark = Mark
rule-mark-text = Only scores of { $mark } or more count.
rule-dead-heat = Dead heat
rule-dead-heat-split = Tied entries pool their prizes and share them equally.
rule-dead-heat-earliest = Of tied entries, the one that handed in earlier comes first.
rule-unreached = Prizes nobody reached
rule-unreached-refund = go back to the funders.
rule-unreached-share = go to those who are placed, in proportion.
rule-judging = Who rules
rule-judging-poster = The poster, { $name }
rule-judging-judges = Any one of { $names }
rule-entry = Who may enter
rule-entry-open = Everybody, from outside too.
rule-entry-internal = Members of the organisation.
rule-lanes-most = { $count ->
    [one] At most { $count } lane.
   *[other] At most { $count } lanes.
}
rule-lanes-any = Any number of lanes.
rule-crew-most = { $count ->
    [one] Crews of { $count } person.
   *[other] Crews of up to { $count } people.
}
rule-appeal = Appeals
rule-appeal-text = Within { $time } after the ruling; payment follows.
rule-appeal-none = None: the ruling is paid at once.
rule-silence = If nobody decides
rule-silence-none = There is no deadline for the ruling.
rule-silence-first = Who judges is reminded { $time } after the stop.
rule-silence-ruling = The ruling is due within { $time }.
rule-silence-deputies = After that { $names } decide, within { $time }.
rule-silence-default = If still nobody decides, the clock does: { $what }
rule-silence-appeals = If nobody answers an appeal
rule-silence-appeal = An answer is due within { $time }; after that the deputies may give it, and at last the ruling stands.
silence-pay-by-scores = It pays by the scores that there are, and equally where there are none.
silence-share-equally = All that handed in share the pot equally.
silence-refund = The pot goes back to the funders.
task-form-lead = Each field says why its default is what it is. Nothing is published yet, and you can look at every outcome first.
task-preview = What these rules would pay
task-preview-text = The table comes from the same function that will settle the race.
task-preview-button = Show every outcome
task-save-draft = Save the draft
task-save-hint = A draft is seen by you alone. Publishing is the next step, and asks again with the numbers.
group-what = What
group-bounty = Bounty
group-prizes = Prizes
group-plan-fields = Numbers of the other plans
group-prizes-more = Dead heats, unreached prizes, start prizes, a pot that grows
group-race = Race and judging
field-title = Title
field-title-hint = One line that says the result, not the way to it.
field-brief = What is wanted, and why
field-brief-hint = Markdown. Say what is known, what was tried, and where to find more.
field-criteria = What must hold
field-criteria-hint = A list that a judge can check. It keeps rulings from being a matter of taste.
field-visibility = Who may see it and enter
field-visibility-hint = Outsiders bring ways that nobody inside thought of, and see no more than this one race.
field-closes = The clock stops
field-closes-hint = One instant for all, in the zone shown beside the field, whatever the season. Later you can move it back for everybody, never forward.
field-bounty = Bounty
field-bounty-hint = All of it moves into escrow when you publish.
field-source = Where it comes from
field-source-hint = A programme that you may draw on, a unit that you lead, or your own wallet.
field-plan = How the bounty becomes prizes
field-plan-hint = Several prizes keep more teams trying; winner takes all is the most unequal, so choose it only on purpose. A threshold pays everybody who is good enough; by score pays each better answer more.
field-prizes = Prizes, best place first
field-prizes-hint = Such as 60, 25, 15: percent of the bounty, or amounts. Only for ranked prizes.
field-places = How many are paid
field-places-hint = Only for a threshold: the first so many that meet the mark, 1 to 100.
field-prize = What each of them is paid
field-prize-hint = Only for a threshold. All of them together are at most the bounty.
field-cap = Most for one entry
field-cap-hint = Only by score. A cap keeps one far ahead from taking nearly everything. Empty means no cap.
field-mark = Least score that counts
field-mark-hint = From 0 to 100. Leave it empty for none. With a mark, prizes that nobody deserves are not paid. A threshold needs one; by score it is the zero from which points are counted.
field-dead-heat-hint = Sharing is the rule of racing. “Earliest first” turns a race for quality into a dash.
field-unreached-hint = By default what nobody reached goes back to where it came from.
field-start-each = Start prize
field-start-each-hint = What each entry gets for handing in, whatever its place. It pays for part of the work of those who lose, so that more dare to enter. Empty means none.
field-start-pool = Set aside for start prizes
field-start-pool-hint = Part of the bounty: the prizes come from the rest. Start prize times the lanes you expect is enough; what is left goes back.
field-judging-hint = Judges from outside the competing units mark more evenly than those near the work.
field-judges = Judges
field-judges-hint = Handles with commas between, at most 20. Any one of them can rule; none of them can enter.
field-lanes = Most lanes
field-lanes-hint = 2–3 where the way is known, 4–6 where it is open: more rivals lower effort, yet raise the best result where nobody knows the way. Empty means no limit.
field-crew = Most people in a crew
field-crew-hint = Shares are agreed by everybody before the crew runs, then frozen.
field-appeal = Time for appeals
field-appeal-hint = 72 hours let a crew read the reasons and answer. Nothing is paid before they are over.
group-silence = If nobody decides
group-silence-text = Waiting for ever is the commonest complaint on platforms like this one. These rules bind you too.
field-silence = Deadlines for the ruling
field-silence-hint = While a ruling of yours is overdue you can't publish another task.
field-silence-on = The ruling has a deadline, and the clock acts when nobody does
field-silence-off = None: whoever judges may take any time
field-first-answer = Reminder after
field-first-answer-hint = Counted from the stop. 168 hours are five working days, as HackerOne and Colony practise it.
field-ruling-due = Ruling within
field-ruling-due-hint = Counted from the stop, or from an appeal that was granted. 336 hours are ten working days.
field-deputies = Deputies
field-deputies-hint = Handles with commas between them. They decide when the ruling is overdue. Nobody: the clock acts at once.
field-deputy-time = Time for the deputies
field-deputy-time-hint = Counted from when the decision passes to them.
field-default = What the clock does at last
field-default-hint = Provisional like any ruling: crews can still appeal.
field-appeal-answer = Answer to an appeal within
field-appeal-answer-hint = After that the deputies may answer; where nobody does, the ruling stands.
plan-shares = Ranked, in percent of the bounty
plan-amounts = Ranked, in fixed amounts
plan-winner = Winner takes all
plan-threshold = Threshold: the same for each of the first that meet the mark
plan-proportional = By score: shared by the points above the mark
judging-poster = I rule myself
judging-judges = Judges that I name
source-person = My own wallet
source-programme = Programme { $name } ({ $balance } left)
source-unit = Unit { $name }
act-publish = Publish
act-enter = Enter the race
act-rule = Rule the race
act-edit = Change the draft
act-boost = Add to the bounty
act-extend = Move the deadline
act-cancel = Call it off
act-delete = Delete the draft
publish-title = Publish this task?
publish-lead = The bounty moves into escrow and the rules freeze. Afterwards you can add money or time, and take neither away.
delete-title = Delete this draft?
delete-lead = Nobody else has seen it, and it can't be brought back.
cancel-title = Call this task off?
cancel-lead = While nobody has handed in anything, everything in escrow goes back to the funders. The reason is shown to every entrant.
cancel-back = Goes back
cancel-funders = Funders
cancel-lanes = Lanes
cancel-reason = Reason
cancel-reason-hint = Kept on record.
extend-title = Move the deadline
extend-lead = For everybody, and only to a later time.
extend-old = Deadline now
extend-new = New deadline
extend-sure = Everybody in the race gets the new deadline. It can't be moved forward again.
boost-title = Add to the bounty
boost-lead = It joins the escrow and the prizes rise. If the race comes to nothing, you get your part back.
boost-sure = This moves at once and can't be taken back.
rule-title = Rule the race
rule-lead = Give each lane that handed in a place, or none, and say why. The same place twice is a dead heat. The prizes follow from the rules.
rule-needs-scores = These rules decide by scores: give one to every lane that you place.
rule-by-score = The points above the mark are what is paid, so lanes on one place need the same score.
rule-look = Open the entry to read what it handed in.
rule-reason-hint = What it does well and what it lacks: the crew reads this.
rule-summary = On the whole
rule-summary-hint = Markdown. Shown to everybody who sees the race.
appeal-open = Waits for an answer
appeal-upheld = Upheld: judged again
appeal-rejected = Rejected
appeal-title = Appeal against the ruling
appeal-offer = You think the ruling is wrong? Say why, while there is time.
appeal-lead = Somebody who did not rule reads it and answers. Nothing is paid while it is open.
appeal-grounds = Grounds
appeal-grounds-hint = Which fact is wrong, which rule was not kept?
appeal-send = Send the appeal
appeal-answer = Answer the appeal
appeal-answer-lead = If it is upheld, the race is judged again. If not, the ruling stands.
appeal-verdict = Verdict
appeal-verdict-hint = Decide on the grounds, not on who wrote them.
appeal-uphold = Uphold it: judge again
appeal-reject = Reject it: the ruling stands
appeal-answer-text = Your answer
appeal-answer-hint = Answer each ground. Everybody who sees the race reads it.

# Questions and answers
task-questions = Questions and answers
task-questions-text = Everybody reads each question and each answer at the same moment. Nobody is told who asked.
question-asked = Asked
question-clarified = Made clear
question-waits = Waits for an answer.
ask-title = Ask about the race
ask-lead = Everybody who sees the task reads your question at once, and nobody is told that it is yours. It stays on the record, so ask nothing that gives your own work away.
ask-question = Question
act-ask = Ask a question
answer-title = Answer a question
answer-lead = Everybody reads the answer at once, and it stays as it is. What is to be added later you can make clear.
answer-text = Answer
act-answer = Answer
clarify-title = Make something clear
clarify-lead = Everybody reads it at once, and it stays on the record. The frozen rules don't change by it.
clarify-text = What shall be clear
act-clarify = Make something clear

# Templates
templates-title = Templates
templates-lead = Rules of a race under a name, to begin a task with. A task that was begun with one is its own: changing one never touches the other.
template-begin = Begin with a template
template-name = Name
template-runs = Runs { $time }.
template-by = Saved by { $name }
template-keep = Keep this as a template
template-keep-text = Brief, criteria, rules and how long it runs are kept; title, bounty and where it comes from are not.
template-shared = For all members
template-kept = Kept as a template. The task itself is not saved yet.
act-keep-template = Keep as a template
act-delete-template = Delete
act-begin-with = Post another like this
template-several = Several prizes
template-several-why = For most races. 60, 25 and 15% keep more teams trying than one prize (Moldovanu and Sela, 2001).
template-stages = Three stages
template-stages-why = For long tasks: six go on after the idea, three after the prototype. Elimination raises effort where results are noisy (Fu and Lu, 2012).
template-first = First to do it
template-first-why = Order-grabbing: one prize, and of equals the earliest wins. Only where speed is the aim.
template-open = Open challenge
template-open-why = For outsiders too, with five prizes and a mark. Where the way is uncertain, more rivals raise the best result (Boudreau, Lacetera and Lakhani, 2011).
template-score = Paid by score
template-score-why = Everybody above the mark is paid by how good the work is, nobody more than half.
