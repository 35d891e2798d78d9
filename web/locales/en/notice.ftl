# What people are told of, by mail.
notices-title = My notices
notices-lead = What concerns you comes by e-mail: questions, deadlines, rulings, tokens, and what touches your safety.
notices-mode = When
notices-mode-hint = A change holds for what waits already.
notices-at-once = Each at once
notices-daily = All of a day together, at 8:00 UTC
notices-never = Not at all
notices-language = Language
done-notices = Saved: this is how you will be told.
unsubscribe-title = No more mail
unsubscribe-lead = Press the button, and no notices will be mailed to you any more. What waits for you still stands under “My work”.
unsubscribe-button = Send me no more mail
unsubscribe-done = Done. You will get no more notices by mail; sign in to choose otherwise.
mail-digest = { $count ->
    [one] 1 notice
   *[other] { $count } notices
 }
mail-foot = Sent by { $house }.
    Choose how you are told: { $choose }
    No more mail: { $stop }
notice-some-task = a task
notice-task-published = “{ $task }” was published, and it concerns you.
notice-task-extended = The deadline of “{ $task }” was moved to { $until }.
notice-vote-opened = The works for “{ $task }” are open: you can vote on them.
notice-task-closed = The race for “{ $task }” is over: your ruling is due.
notice-task-cancelled = “{ $task }” was called off.
notice-task-expired = “{ $task }” ended without a submission.
notice-task-settled = “{ $task }” is settled.
notice-crew-asked = { $who } asks you to ride in a crew for “{ $task }”.
notice-crew-agreed = { $who } agreed to ride in your crew for “{ $task }”.
notice-crew-declined = { $who } declined to ride in your crew for “{ $task }”.
notice-submission-received = { $who } handed in for your crew in “{ $task }”.
notice-race-ruled = There is a ruling on “{ $task }”.
notice-question-asked = Somebody asks about “{ $task }”.
notice-question-answered = A question about “{ $task }” was answered.
notice-task-clarified = Something was made clear about “{ $task }”.
notice-entry-returned = Your entry in “{ $task }” was returned unread.
notice-entry-taken-back = Your entry in “{ $task }” is judged after all.
notice-stage-ended = A stage of “{ $task }” has ended. Its scores are due by { $until }.
notice-stage-passed = Your entry goes on in “{ $task }” after a stage.
notice-entry-cut = Your entry was closed at the cut of a stage of “{ $task }”.
notice-race-stopped = “{ $task }” stopped at the gate of a stage; what was left went back to the funders.
notice-ruling-due = The ruling on “{ $task }” has not come yet. It is due by { $until }.
notice-decision-passed = A decision on “{ $task }” was overdue and has passed on to the deputies.
notice-race-defaulted = Nobody ruled “{ $task }” in time: the clock has executed what its rules say then. Appeals are possible.
notice-appeal-stands = Nobody answered the appeal on “{ $task }” in time: the ruling stands.
notice-feedback-asked = A crew in “{ $task }” asks what you think of its work.
notice-feedback-given = There is feedback for your crew in “{ $task }”.
notice-judge-wanted = A lane of “{ $task }” has no judge left: another must be named.
notice-judge-named = One more judge was named for “{ $task }”.
notice-appeal-filed = An appeal in “{ $task }” waits for your answer.
notice-appeal-upheld = An appeal in “{ $task }” was granted: the race is judged again.
notice-appeal-rejected = The appeal in “{ $task }” was turned down.
notice-payout-received = { $amount } were paid for “{ $task }”.
notice-refund-received = { $amount } came back from “{ $task }”.
notice-tokens-received = { $who } sent { $amount }.
notice-invitation-accepted = { $who } has come by your invitation.
notice-role-granted = { $who } granted you a role: { $role }.
notice-role-revoked = { $who } took a role back from you: { $role }.
notice-unit-joined = { $who } took you into { $group }.
notice-unit-led = You lead { $group } from now on.
notice-programme-granted = You can draw on { $group } from now on.
notice-key-enrolled = A key was enrolled in your name. If that was not you, revoke it and change your password.
notice-key-revoked = A key of yours was revoked.
notice-erasure-asked = An erasure waits for somebody's approval.

# Webhooks
webhooks-title = Webhooks
webhooks-lead = Other programs can be told what happens here, by Standard Webhooks: each message is signed, carries ids and no texts, and is tried again for three days.
webhooks-told = Told
webhooks-empty = No address yet.
webhooks-add = Tell another address
webhooks-add-button = Add
webhook-title = A webhook
webhook-url = Address
webhook-url-hint = It starts with https:// and lies in the open internet.
webhook-secret = The secret that signs:
webhook-secret-text = Copy it now. It is not shown again.
webhook-active = Active
webhook-failing = Failing
webhook-disabled = Ended
webhook-rotate = New secret
webhook-disable = End it
deliveries-title = Deliveries
deliveries-empty = Nothing was sent yet.
delivery-waiting = Waiting
delivery-delivered = Delivered
delivery-failed = Given up
delivery-tries = { $count ->
    [one] 1 attempt
   *[other] { $count } attempts
 }
delivery-next = next
delivery-again = Send again
done-webhook-disabled = The address is told nothing any more.
done-redelivered = It is sent once more.
notice-amendment-proposed = The rules of “{ $task }” are to be amended. Your captain answers until { $until }; silence changes nothing.
notice-amendment-answered = { $who } answered the amendment of “{ $task }” for your crew.
notice-amendment-in-force = The rules of “{ $task }” are amended: a new version is in force.
notice-amendment-fell = The amendment of “{ $task }” fell: the rules stay as they were.
notice-amendment-withdrawn = The amendment of “{ $task }” was taken back: the rules stay as they were.
