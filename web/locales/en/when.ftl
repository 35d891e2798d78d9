# Distances in time.
when-just-now = just now
when-in-moments = in less than a minute
when-in-minutes = { $count ->
    [one] in { $count } minute
   *[other] in { $count } minutes
}
when-minutes-ago = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
when-in-hours = { $count ->
    [one] in { $count } hour
   *[other] in { $count } hours
}
when-hours-ago = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
when-in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}
when-days-ago = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
when-in-months = { $count ->
    [one] in { $count } month
   *[other] in { $count } months
}
when-months-ago = { $count ->
    [one] { $count } month ago
   *[other] { $count } months ago
}
when-in-years = { $count ->
    [one] in { $count } year
   *[other] in { $count } years
}
when-years-ago = { $count ->
    [one] { $count } year ago
   *[other] { $count } years ago
}
duration-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
duration-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
duration-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
