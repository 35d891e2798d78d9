# Forms in general.
form-errors = { $count ->
    [one] One thing needs to be mended:
   *[other] { $count } things need to be mended:
}
