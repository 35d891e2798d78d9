# The front page.
front-title = Let the best idea win, and see it paid.
front-lead = Post a task with a bounty. Several teams race for it, side by side. When the race is over, the published rules move the tokens, and anyone concerned can check every step.
front-see = See open challenges
front-challenges = Open challenges of { $house }
front-all = All tasks
front-none-title = No open challenge at this moment
front-none-text = Look again soon, or sign in to see what runs inside.
front-how = How it works
front-how-post = A bounty is locked
front-how-post-text = The whole prize goes into escrow before anyone enters. Nobody can lower it.
front-how-run = Teams race
front-how-run-text = Each entry has its lane. What it hands in stays sealed until the clock stops.
front-how-rule = Judges rule, with reasons
front-how-rule-text = Places and scores are provisional until the time for appeals is over.
front-how-pay = The rules pay
front-how-pay-text = The escrow empties into wallets, share by share, with a receipt that verifies without us.
front-paid = Paid lately
demo-cast = Try it out as
demo-cast-text = This is a demo: everybody here has something to do.
front-stake = To be won now
front-running = { $count ->
    [one] in { $count } open challenge
   *[other] in { $count } open challenges
}
front-paid-ever = Paid to crews
front-settled = { $count ->
    [one] in { $count } challenge that was settled
   *[other] in { $count } challenges that were settled
}

# Searching.
search-title = Search
search-lead = Tasks, people, units and programmes by their names; records by their number.
search-label = Words or a record's number
search-people = People
search-empty-title = Nothing found
search-empty-text = Try fewer words, or a part of one. What you may not see is not found either.
search-open = Search (press /)
