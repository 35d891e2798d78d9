# Votes: rules, the ballot, what came of it.
judging-vote = A vote, once the works are open
group-vote = Voting
group-vote-hint = Only where a vote decides. Who rides, who belongs to a unit that rides, and you yourself never vote; rivals mark each other down.
field-voters = Who may vote
field-voters-hint = People who will live with the result judge it best. The fewer may vote, the more each vote can be asked for.
voters-everyone = Everybody who may see the race
voters-members = Members of the organisation
voters-units = People of the units named below
field-voter-units = Units of voters
field-voter-units-hint = The short names of units, with commas between. Only where units vote.
field-credits = Voice credits
field-credits-hint = Empty: one person, one vote. Otherwise each has so many credits and 3 votes cost 9, so that people can say how much they care, and shouting is dear. 25 or 99 are usual.
unit-credits = credits
field-vote-time = Time to vote after the stop
field-vote-time-hint = Three days let people look at every work.
rule-vote-text = A vote, for { $time } after the clock has stopped.
rule-voters-everyone = Everybody who is signed in and may see the race can vote.
rule-voters-members = Members of the organisation can vote.
rule-voters-units = People of { $names } can vote.
rule-vote-rivals = Who rides or was asked to, who belongs to a unit that rides, and the poster never vote.
rule-ballot = The ballot
rule-ballot-one = One person, one vote.
rule-ballot-quadratic = { $count ->
    [one] { $count } voice credit each; so many votes for an entry cost their square: 3 votes cost 9.
   *[other] { $count } voice credits each; so many votes for an entry cost their square: 3 votes cost 9.
}
rule-vote-secret = It can be changed until the vote closes, and nobody sees a tally before. Then all ballots are on the ledger without names.
vote-heading = The vote
vote-title = Vote on this race
vote-lead = Look at every work first. Your ballot is shown to nobody, and you can change it until the vote closes.
vote-until = Until
vote-for = For which entry
vote-none = None of them
vote-cost = So many votes cost their square: 1, 4, 9, 16, 25 …
vote-open = Closes
vote-to-come = People vote from
vote-over = Being counted, since
vote-counted = Counted after
vote-ballots = { $count ->
    [one] { $count } ballot so far.
   *[other] { $count } ballots so far.
}
vote-own = You have voted.
act-vote = Vote
act-vote-change = Change your ballot
col-votes = Votes
done-voted = Your ballot is kept.
work-vote = Vote on the works
