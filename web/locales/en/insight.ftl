# Insight, plots, the flow of funds.
nav-insight = Insight
insight-lead = What bounties brought and what races cost, over the last twelve months, in calendar months by UTC.
insight-empty-title = Nothing to tell yet
insight-empty-text = Once a race has ended, its bounty, its result and its time stand here.
insight-money = Bounties against results
insight-money-unit = { $code }, by month
insight-money-source = From the rulings that count and the stages that paid; what was not paid went back to the funders. Races count in the month in which they ended.
insight-month = Month
insight-ended = Races ended
insight-bounty = Bounties
insight-paid = Paid
insight-parts = Parts bought
insight-returned = Returned
insight-entries = Entries that ran
insight-overdue = Overdue decisions
insight-results = What each bounty brought
insight-results-unit = Best score, against the bounty in { $code }
insight-results-source = { $count ->
    [one] The newest settled race; it leads to its page. Without scores it stands in the table only.
   *[other] The newest { $count } settled races; each leads to its page. Those without scores stand in the table only.
 }
insight-ruled = Ruled
insight-placed = Placed
insight-best = Best score
insight-duration = Time to result
insight-durations = Time to result
insight-durations-unit = Days from publishing to the end, on average
insight-durations-source = Of the races that ended in that month.
insight-days = Days
insight-lanes = Lanes
insight-lanes-unit = Races, by how many entries ran
insight-lanes-source = Of the races settled in these months. The table has the mean of their best scores.
insight-lane-count = Lanes
insight-races = Races
insight-best-mean = Best score, mean
insight-silence = Silence
insight-silence-unit = Decisions that were overdue, by month
insight-silence-source = As often as the clock had to remind, to pass a decision on, or to decide by the rules.
profit-title = Profit and loss
profit-earned = Earned
profit-invested = Put into bounties
profit-profit = Profit
profit-granted = Allocated
profit-transfers = Transfers
profit-change = Change of the balance
profit-source = From the postings of the wallet, by calendar month in UTC. What came back from a bounty is not a cost.
plot-table = The same as a table
flow-title = Flow of funds: { $name }
flow-heading = Flow of funds
flow-lead = From issue to use: each place leads to its records. What came back to a funder never left.
flow-programme = Programme
flow-at = As of
flow-show = Show
flow-unit = { $code }, at the end of { $day }
flow-source = From the postings of the budget and of the escrows that it funded.
flow-empty-title = Nothing has flowed yet
flow-empty-text = Once the treasury has allocated tokens to the programme, their way stands here.
flow-treasury = Treasury
flow-others = Other funders
flow-persons = Persons' wallets
flow-units = Units' wallets
flow-locked = Still in escrow
flow-left = Left in the budget
flow-rest = { $count ->
    [one] 1 more task
   *[other] { $count } more tasks
 }
flow-from = From
flow-to = To
