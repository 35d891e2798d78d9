# The design system on one page.
style-title = Components
style-lead = Everything that pages are put together from, in both languages and both schemes.
style-letters = Letters and colours
style-buttons = Buttons
style-states = States and ways
style-told = What is told
style-figures = Figures
style-sheets = Sheets
style-fields = Fields
style-ways = Ways
style-lanes = The track
style-before = Before the page
style-plots = Plots
style-going = Going up
