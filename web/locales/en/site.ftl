# What stands on every page.
brand = 赛马 Saima
site-title = Race for the task
site-description = Post a task with a bounty, let several teams race for it, and let published rules move the tokens. Every step is on a signed ledger that anyone can check.
skip = Skip to the content
nav-label = Main
nav-menu = Menu
nav-tasks = Tasks
nav-work = My work
nav-wallet = Wallet
nav-units = Units
nav-programmes = Programmes
nav-treasury = Treasury
nav-people = People
nav-ledger = Ledger
sign-in = Sign in
sign-out = Sign out
theme-auto = as the system has it
theme-light = light
theme-dark = dark
theme-switch = Colours: change to { $theme }
crumbs-label = You are here
pager-label = Pages
pager-previous = Previous
pager-next = Next
pager-total = { $count ->
    [one] { $count } in all
   *[other] { $count } in all
}
toast-undo = Undo
toast-away = Put this message away
dialog-close = Close
sure-title = Are you sure?
sure-webhook = This address will be told nothing any more.
sure-erasure = The texts and names will be gone for good. Nobody can bring them back.
sure-programme = { $name } won't be able to draw on the programme any more.
sure-template = The template “{ $name }” will be gone for everybody who sees it.
sure-unit = { $name } will leave the unit, and won't see its wallet any more.
sure-lead = { $name } will lead the unit instead of you.
sure-back = Leave it as it is
shortcuts-open = Keyboard
shortcuts-title = Shortcuts
shortcuts-search = Search
shortcuts-help = These shortcuts
shortcuts-close = Close what is open
shortcuts-move = From field to field, and from link to link
shortcuts-single = Single keys work as shortcuts
foot-promise = The whole bounty is locked before anyone enters, and every movement is on a signed record.
foot-check = Check the ledger yourself
foot-zone = Times are shown in { $zone }
lanes = { $count ->
    [one] { $count } lane
   *[other] { $count } lanes
}
done-preferences = Saved.
